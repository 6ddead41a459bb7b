"""Compose the mail about an alert: text and HTML, the same bytes however often it is sent. Pure.

Titles and bodies contain names from exports, so they are hostile until cleaned. In headers a line break is not the
only danger: the e-mail package decodes `=?utf-8?q?...?=`, and writes a line break inside as one (measured on Python
3.11.7: such a subject adds a Bcc).
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import quote

from shoemon.model.alert import Alert
from shoemon.model.text import header_line, one_line
from shoemon.notifiers.mail.html import html_page
from shoemon.notifiers.mail.tickets import page_with_ticket, tickets_of, with_tickets
from shoemon.words import sentences
from shoemon.words.blocks import AskedRun, Letter
from shoemon.words.commands import command
from shoemon.words.letter import letter_of
from shoemon.words.plain_text import link_lines, plain_text

LONGEST_SUBJECT = 200
"""Characters. Servers may refuse a mail for a longer line, and no client shows it."""
_PAUSED = ("stale", "unassigned", "hard_share", "soft_share", "longest", "return_plan", "weekly")
"""Kinds that can be muted as a whole, because they are about no single pair."""


def compose(alert: Alert, created_at: str, notifier: str, sender: str, to: Sequence[str]) -> EmailMessage:
    """Compose the mail about `alert`. `created_at` is ISO 8601 (UTC without a zone); addresses are `local@domain`."""
    letter = letter_of(alert)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = header_line(letter.title)[:LONGEST_SUBJECT] or "shoemon"
    message["From"] = _address(sender, "shoemon")
    message["To"] = [_address(each) for each in to]
    moment = datetime.fromisoformat(created_at)
    message["Date"] = format_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    message["Message-ID"] = message_id(alert.id, notifier, sender)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps holiday answers away
    message["X-Shoemon-Alert"] = header_line(alert.id)
    _fill(message, alert, letter)
    return message


def message_id(alert_id: str, notifier: str, sender: str) -> str:
    """The Message-ID: the same for the same alert, another for another, whatever characters the id has."""
    safe = quote(alert_id, safe="", errors="replace").replace(".", "%2E")
    if len(safe) > 128:  # a header line has an end
        safe = hashlib.sha256(alert_id.encode("utf-8", "replace")).hexdigest()
    return f"<{safe}.{notifier}@{sender.rpartition('@')[2]}>"


def _fill(message: EmailMessage, alert: Alert, letter: Letter) -> None:
    """Add the text, and the HTML. The boundary is not random, as the package's own would be."""
    until, made = tickets_of(alert)
    blocks = tuple(with_tickets(block, until, made) for block in letter.blocks)
    offered = {link.url for block in letter.blocks if isinstance(block, AskedRun) for link in block.choices}
    pages = [page_with_ticket(page, made) for page in letter.pages if page.url not in offered]
    subject = alert.shoe or (alert.kind if alert.kind in _PAUSED else None)
    pause = one_line(command("alerts", "snooze", subject, anywhere=True)) if subject else ""
    parts = [plain_text(blocks), "\n".join(link_lines(pages)), f"-- \n{sentences.WHY_THIS_MAIL}"]
    text = "\n\n".join(part for part in parts if part) + (
        f"\n{sentences.FOR_A_PAUSE}\n    {pause}\n" if pause else "\n"
    )
    # quoted-printable also where 8 bits would do: not every server takes them, and smtplib does not ask
    message.set_content(text, cte="quoted-printable")
    page = html_page(alert.kind, letter._replace(blocks=blocks), pages, pause)
    message.add_alternative(page, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{hashlib.sha256(f'{alert.id} {text}'.encode('utf-8', 'replace')).hexdigest()[:32]}")


def _address(text: str, name: str = "") -> Address:
    local, _, domain = text.rpartition("@")
    return Address(name, local, domain)
