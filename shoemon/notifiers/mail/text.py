"""What an alert says in a mail, as plain text: cleaned lines, the pages, and why it was sent. Pure.

Titles, bodies and links hold names from exports, so they are hostile until cleaned.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from shoemon.model.alert import Alert
from shoemon.model.units import write_distance
from shoemon.notifiers.mail.figures import Life, UnfitError, read_life
from shoemon.words.commands import command

FOOTER = (
    "You get this from your own shoemon, because `notify` in its shoemon.yaml names this address. Change that to stop "
    "or move its mails"
)
MOST_LINKS = 50
_PAUSED = ("stale", "unassigned", "hard_share", "longest", "return_plan", "weekly")
"""Kinds that can be snoozed, as they are about no single pair."""

_BREAKS = re.compile("\r\n|[\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of everything after them; in a subject that includes the client's own text."""
_BAR = 30
"""Characters of a whole life."""


def lines_of(text: str) -> list[str]:
    """The lines of `text` without control characters; half surrogates, which cannot be written, become U+FFFD."""
    return ["".join(_shown(character) for character in line) for line in _BREAKS.split(text)]


def header_line(text: str) -> str:
    """`text` as one line that cannot break, turn or encode its way out of a header."""
    line = _TURNS.sub("", " ".join(lines_of(text)))
    return re.sub(r"=(?=\?)", "= ", line).strip()


def plain_text(alert: Alert) -> str:
    """The text part: the life as a bar, the body, the pages, and the way to stop them."""
    titles = {header_line(str(member.get("title", ""))): member for member in members(alert)}
    body = []
    for line in lines_of(alert.body):
        body.append(line)
        if (member := titles.pop(line.strip(), None)) is not None:
            body += ["", *_bar(member)] if _bar(member) else []
    parts = [_bar(alert.data), body, [f"{text}: {url}" for text, url in links(alert)]]
    told = "\n\n".join("\n".join(part) for part in parts if part)
    pause = pause_of(alert)
    return f"{told}\n\n-- \n{FOOTER}; for a pause:\n    {pause}\n" if pause else f"{told}\n\n-- \n{FOOTER}.\n"


def pause_of(alert: Alert) -> str | None:
    """The command that lets nothing more be told of what `alert` is about, if there is one."""
    subject = alert.shoe or (alert.kind if alert.kind in _PAUSED else None)
    return command("alerts", "snooze", header_line(subject), anywhere=True) if subject else None


def members(alert: Alert) -> list[Mapping[str, Any]]:
    """The alerts that are told together in one of kind `several`."""
    told = alert.data.get("alerts") if alert.kind == "several" else None
    listed = told if isinstance(told, Sequence) and not isinstance(told, str) else ()
    return [member for member in listed if isinstance(member, Mapping)]


def links(alert: Alert) -> list[tuple[str, str]]:
    """Words and addresses of the pages about `alert`; what is no plain http or https address is left out."""
    given = alert.data.get("links")
    listed = given if isinstance(given, Sequence) and not isinstance(given, str) else ()
    found = []
    for link in listed:
        text, url = (link.get("text"), link.get("url")) if isinstance(link, Mapping) else (None, None)
        if isinstance(text, str) and isinstance(url, str) and leads_somewhere(url):
            found.append((header_line(text)[:200] or "Open", url))
    return list(dict.fromkeys(found))[:MOST_LINKS]


def _bar(data: Mapping[str, Any]) -> list[str]:
    """`[##########################----] 88% of 640 km`, with what is beyond the life behind a `|`."""
    try:
        life = read_life(data)
    except UnfitError:
        return []
    return [f"{_drawn(life)} {life.fraction:.0%} of {write_distance(life.life_m, life.unit, 0)}"]


def _drawn(life: Life) -> str:
    used = int(life.fraction * _BAR + 1e-9)
    beyond = min(used - _BAR, _BAR)
    return f"[{'#' * _BAR}|{'#' * beyond}]" if beyond > 0 else f"[{'#' * used}{'-' * (_BAR - used)}]"


def leads_somewhere(url: str) -> bool:
    """Whether `url` is a plain http or https address, which may become a link."""
    if len(url) > 2000 or not url.isascii() or re.search(r"[\x00-\x20\x7f\"'<>\\^`{|}]", url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    kind = unicodedata.category(character)
    return "" if kind == "Cc" else "\ufffd" if kind == "Cs" else character
