"""What a mail server answered, as the runner is told: one line that repeats nothing of what was secret. Pure."""

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

from shoemon.model.text import header_line

RefusedRecipients = Mapping[str, tuple[int, bytes]]
"""Address to the server's code and words."""
LONGEST = 200
"""Characters."""
_LOGIN_WANTED = {530, 534, 535, 538}
"""SMTP codes about logging in (RFC 4954). Permanent for SMTP, but mended by an edit of the settings, so tried again."""
_PIECE = 12
"""Of so many characters of a ticket none can be told by chance."""


class SmtpSecrets(NamedTuple):
    """What no answer may repeat: the login in every form it is sent in, and the tickets of the mail."""

    login: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()


def hush_of(username: str | None, password: str | None, tickets: Mapping[str, str]) -> SmtpSecrets:
    """What must not be repeated of these."""
    if not password:
        return SmtpSecrets((), tuple(tickets.values()))
    plain = f"\0{username}\0{password}"
    encoded = (base64.b64encode(text.encode("utf-8", "replace")).decode() for text in (password, plain))
    return SmtpSecrets((password, *encoded), tuple(tickets.values()))


def can_help(code: int) -> bool:
    """Whether trying again can."""
    return code < 500 or code in _LOGIN_WANTED


def said(code: int, text: Any, hush: SmtpSecrets) -> str:
    """Code and words. A filter that refuses a mail may quote a link of it: then its words are left out."""
    line = header_line(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text))
    for secret in hush.login:
        line = line.replace(secret, "***")
    if _quotes(line, hush.tickets):
        return f"{code} (its words quote a link of the mail, and are left out)"
    return f"{code} {line[:LONGEST]}"


def answers(recipients: RefusedRecipients, hush: SmtpSecrets) -> str:
    """What was said of each recipient that was refused."""
    return "; ".join(f"{address} ({said(code, text, hush)})" for address, (code, text) in sorted(recipients.items()))


def _quotes(line: str, tickets: tuple[str, ...]) -> bool:
    """Whether `line` repeats a piece of a ticket, however it is broken into lines there."""
    joined = "".join(line.split())
    pieces = (ticket[at : at + _PIECE] for ticket in tickets for at in range(len(ticket) - _PIECE + 1))
    return any(piece in joined for piece in pieces)
