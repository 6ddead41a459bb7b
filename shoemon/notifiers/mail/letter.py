"""The letter an alert becomes: text, HTML and pictures, the same bytes however often it is sent. Pure.

Titles and bodies hold names from exports, so they are hostile until cleaned. The headers are shielded from more than
line breaks: the e-mail package decodes `=?utf-8?q?...?=` in what it is given, and writes a line break found inside as
one (measured on Python 3.11.7: such a subject adds a Bcc).
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import quote

from shoemon.model.alert import Alert
from shoemon.notifiers.mail.canvas import Picture
from shoemon.notifiers.mail.html import html_page
from shoemon.notifiers.mail.pictures import pictures
from shoemon.notifiers.mail.runs import as_text
from shoemon.notifiers.mail.text import header_line, plain_text

LONGEST_SUBJECT = 200
"""Characters. A longer line is one more reason to refuse a letter, and no client shows it."""


def compose(alert: Alert, created_at: str, notifier: str, sender: str, to: Sequence[str]) -> EmailMessage:
    """The letter about `alert`. `created_at` is ISO 8601 (UTC if it names no zone); addresses are `local@domain`."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = header_line(alert.title)[:LONGEST_SUBJECT] or "shoemon"
    message["From"] = _address(sender, "shoemon")
    message["To"] = [_address(each) for each in to]
    message["Date"] = _date(created_at)
    message["Message-ID"] = message_id(alert.id, notifier, sender)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps holiday answers away
    message["X-Shoemon-Alert"] = header_line(alert.id)
    _fill(message, alert, sender)
    return message


def message_id(alert_id: str, notifier: str, sender: str) -> str:
    """The Message-ID: the same for the same alert, another for another, whatever characters the id is made of."""
    safe = quote(alert_id, safe="", errors="replace").replace(".", "%2E")
    if len(safe) > 128:  # a header line has an end
        safe = hashlib.sha256(alert_id.encode("utf-8", "replace")).hexdigest()
    return f"<{safe}.{notifier}@{sender.rpartition('@')[2]}>"


def _fill(message: EmailMessage, alert: Alert, sender: str) -> None:
    """Text, and beside it HTML with its pictures. Boundaries of the package's own are random; these are not."""
    mark = hashlib.sha256(f"{alert.id}\n{alert.body}".encode("utf-8", "replace")).hexdigest()[:32]
    drawn = pictures(alert)
    ids = {
        f"{picture.name}-{light}": f"{picture.name}-{light}.{mark}@{sender.rpartition('@')[2]}"
        for picture in drawn
        for light in ("light", "dark")
    }
    page = html_page(alert, drawn, {name: f"cid:{content_id}" for name, content_id in ids.items()})
    # quoted-printable also where 8 bits would do: not every server takes them, and smtplib does not ask
    message.set_content(plain_text(as_text(alert)), cte="quoted-printable")
    message.add_alternative(page, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{mark}")
    if drawn:
        *_, shown = message.iter_parts()
        for picture in drawn:
            _attach(shown, picture, ids)
        shown.set_boundary(f"=_pictures_{mark}")  # none begins like the other: not all programs read to the end


def _attach(shown: MIMEPart, picture: Picture, ids: dict[str, str]) -> None:
    for light, png in (("light", picture.light), ("dark", picture.dark)):
        name = f"{picture.name}-{light}"
        shown.add_related(
            png, maintype="image", subtype="png", cid=f"<{ids[name]}>", filename=f"{name}.png", disposition="inline"
        )


def _address(text: str, name: str = "") -> Address:
    local, _, domain = text.rpartition("@")
    return Address(name, local, domain)


def _date(created_at: str) -> str:
    moment = datetime.fromisoformat(created_at)
    return format_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
