"""Report the answers of mail servers in one line without secrets. Pure."""

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

from shoemon.model.text import header_line

RefusedRecipients = Mapping[str, tuple[int, bytes]]
"""Address to the server's code and words."""
LONGEST = 200
"""Characters."""
_LOGIN_WANTED = {530, 534, 535, 538}
"""SMTP codes about logging in (RFC 4954). Permanent for SMTP, but an edit of the settings mends them: tried again."""
_PIECE = 12
"""Characters of a ticket that no answer has by chance."""


class SmtpSecrets(NamedTuple):
    """Secrets that no report may repeat: the login in every form in which it is sent, and the tickets of the mail."""

    login: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()


def hush_of(username: str | None, password: str | None, tickets: Mapping[str, str]) -> SmtpSecrets:
    """The secrets of a mail."""
    if not password:
        return SmtpSecrets((), tuple(tickets.values()))
    plain = f"\0{username}\0{password}"
    encoded = (base64.b64encode(text.encode("utf-8", "replace")).decode() for text in (password, plain))
    return SmtpSecrets((password, *encoded), tuple(tickets.values()))


def can_help(code: int) -> bool:
    """Check whether trying again can help."""
    return code < 500 or code in _LOGIN_WANTED


def answer(code: int, text: Any, hush: SmtpSecrets) -> str:
    """Write code and words. A filter that refuses a mail may quote a link of it: then its words are left out."""
    line = header_line(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text))
    for secret in hush.login:
        line = line.replace(secret, "***")
    if _quotes(line, hush.tickets):
        return f"{code} (its words quote a link of the mail, and are left out)"
    return f"{code} {line[:LONGEST]}"


def answers(recipients: RefusedRecipients, hush: SmtpSecrets) -> str:
    """Write the answer for each recipient that was refused."""
    return "; ".join(f"{address} ({answer(code, text, hush)})" for address, (code, text) in sorted(recipients.items()))


def _quotes(line: str, tickets: tuple[str, ...]) -> bool:
    """Check whether `line` repeats a piece of a ticket, even broken into lines."""
    joined = "".join(line.split())
    pieces = (ticket[at : at + _PIECE] for ticket in tickets for at in range(len(ticket) - _PIECE + 1))
    return any(piece in joined for piece in pieces)
