"""The letter an alert becomes: plain text and HTML, the same bytes however often it is sent. Pure.

Titles and bodies hold names from exports, so they are hostile until cleaned. The headers are shielded from more than
line breaks: the e-mail package decodes `=?utf-8?q?...?=` in what it is given, and writes a line break found inside as
one (measured on Python 3.11.7: such a subject adds a Bcc).
"""

import hashlib
import html
import itertools
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import quote

from shoemon.model import Alert

LONGEST_SUBJECT = 200
"""Characters. A longer line is one more reason to refuse a letter, and no client shows it."""

_LABELLED = re.compile(r"([^\W\d_][^:]{0,39}): +(\S.*)")
_BREAKS = re.compile("\r\n|[\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of everything after them; in a subject that includes the client's own text."""
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
@media (prefers-color-scheme: dark) {{
  .page {{ background: #16181b !important; color: #e8e6e3 !important; }}
  .label {{ color: #a9a59e !important; }}
}}
</style>
</head>
<body class="page" style="margin:0;padding:24px;background:#ffffff;color:#1f2328;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:560px;margin:0 auto">
<h1 dir="auto" style="font-size:20px;line-height:1.3;margin:0 0 16px">{title}</h1>
{content}
</div>
</body>
</html>
"""
_TABLE = '<table role="presentation" style="border-collapse:collapse;margin:0 0 16px">'
_ROW = (
    '<tr><td class="label" style="padding:2px 16px 2px 0;vertical-align:top;color:#5d646c">{}</td>'
    '<td dir="auto" style="padding:2px 0">{}</td></tr>'
)


def compose(alert: Alert, created_at: str, notifier: str, sender: str, to: Sequence[str]) -> EmailMessage:
    """The letter about `alert`. `created_at` is ISO 8601 (UTC if it names no zone); addresses are `local@domain`."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one_line(alert.title)[:LONGEST_SUBJECT] or "shoemon"
    message["From"] = _address(sender, "shoemon")
    message["To"] = [_address(each) for each in to]
    message["Date"] = _date(created_at)
    message["Message-ID"] = message_id(alert.id, notifier, sender)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps holiday answers away
    message["X-Shoemon-Alert"] = one_line(alert.id)
    # quoted-printable also where 8 bits would do: not every server takes them, and smtplib does not ask
    message.set_content("\n".join(_lines(alert.body)), cte="quoted-printable")
    message.add_alternative(html_page(alert.title, alert.body), subtype="html", cte="quoted-printable")
    mark = hashlib.sha256(f"{alert.id}\n{alert.body}".encode("utf-8", "replace")).hexdigest()
    message.set_boundary(f"=_{mark[:32]}")  # the package's own is random, and retries are to be the same bytes
    return message


def message_id(alert_id: str, notifier: str, sender: str) -> str:
    """The Message-ID: the same for the same alert, another for another, whatever characters the id is made of."""
    safe = quote(alert_id, safe="", errors="replace").replace(".", "%2E")
    if len(safe) > 128:  # a header line has an end
        safe = hashlib.sha256(alert_id.encode("utf-8", "replace")).hexdigest()
    return f"<{safe}.{notifier}@{sender.rpartition('@')[2]}>"


def html_page(title: str, body: str) -> str:
    """The HTML part. Blank lines part paragraphs; two or more `Label: value` lines in a row become a table."""
    blocks = [
        list(block) for told, block in itertools.groupby(_lines(body), key=lambda line: line.strip() != "") if told
    ]
    content = "\n".join(part for block in blocks for part in _html_parts(block))
    return _PAGE.format(title=html.escape(one_line(title)), content=content)


def one_line(text: str) -> str:
    """`text` as one line that cannot break, turn or encode its way out of a header."""
    line = _TURNS.sub("", " ".join(_lines(text)))
    return re.sub(r"=(?=\?)", "= ", line).strip()


def _html_parts(block: Sequence[str]) -> list[str]:
    parts = []
    for labelled, group in itertools.groupby(block, key=lambda line: _LABELLED.fullmatch(line) is not None):
        lines = list(group)
        if labelled and len(lines) > 1:
            pairs = (line.split(":", 1) for line in lines)
            rows = "\n".join(_ROW.format(html.escape(label), html.escape(value.strip())) for label, value in pairs)
            parts.append(f"{_TABLE}\n{rows}\n</table>")
        else:
            text = "<br>\n".join(html.escape(line) for line in lines)
            parts.append(f'<p dir="auto" style="margin:0 0 16px">{text}</p>')
    return parts


def _lines(text: str) -> list[str]:
    """The lines of `text` without control characters; half surrogates, which cannot be written, become U+FFFD."""
    return ["".join(_shown(character) for character in line) for line in _BREAKS.split(text)]


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    kind = unicodedata.category(character)
    return "" if kind == "Cc" else "\ufffd" if kind == "Cs" else character


def _address(text: str, name: str = "") -> Address:
    local, _, domain = text.rpartition("@")
    return Address(name, local, domain)


def _date(created_at: str) -> str:
    moment = datetime.fromisoformat(created_at)
    return format_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
