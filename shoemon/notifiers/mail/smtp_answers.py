"""Report the answers of mail servers in one line without secrets. Pure."""

import base64
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from shoemon.model.text import header_line

RefusedRecipients = Mapping[str, tuple[int, bytes]]
"""Address to the server's code and words."""
LONGEST = 200
"""Characters."""
_LOGIN_WANTED = {530, 534, 535, 538}
"""SMTP codes about logging in (RFC 4954). Permanent for SMTP, but an edit of the settings mends them: tried again."""
_NO_PASSWORDS = (
    "it accepts no passwords any more, app passwords included, and shoemon has no OAuth: use another server (`host`) "
    "or another kind of notifier; in Microsoft 365 an administrator can allow authenticated SMTP for a mailbox"
)
_APP_WORDS = "an app password, made in the security settings of the account"
_CHECK_LOGIN = f"check `username` and `password`; Gmail, iCloud, Yahoo and others accept only {_APP_WORDS}"
_LOGIN_REMEDIES = {
    "5.7.139": _NO_PASSWORDS,
    "5.7.30": _NO_PASSWORDS,
    "5.7.9": f"as `password` it requires {_APP_WORDS}",
    "5.7.14": "log in once in a browser and confirm that it was you",
}
"""By enhanced status code (RFC 3463), as Microsoft (5.7.139, 5.7.30) and Google (5.7.9, 5.7.14) use it."""
_PIECE = 12
"""Characters of a ticket that no answer has by chance."""


class SmtpSecrets(NamedTuple):
    """What no report may repeat: the login in every form in which it is sent, the tickets of the mail, and addresses,
    because reports are stored where every reader of the pages sees them."""

    login: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


def hush_of(username: str | None, password: str | None, tickets: Mapping[str, str], *addresses: str) -> SmtpSecrets:
    named = {*addresses, *([username] if username and "@" in username else [])}
    texts = [password, f"\0{username}\0{password}"] if password else []
    encoded = [base64.b64encode(text.encode("utf-8", "replace")).decode() for text in texts]
    # An answer has it without its control characters, or in lines.
    parts = [part for part in re.split(r"[\x00-\x1f\x7f-\x9f]+", password or "") if len(part) > 2]
    login = (*texts[:1], *encoded, *parts)
    return SmtpSecrets(login, tuple(tickets.values()), tuple(sorted(named, key=len, reverse=True)))


def can_help(code: int) -> bool:
    return code < 500 or code in _LOGIN_WANTED


def answer(code: int, text: Any, hush: SmtpSecrets) -> str:
    """Write code and words. A filter that refuses a mail may quote a link of it: then its words are left out."""
    line = header_line(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text))
    for secret in hush.login:
        line = line.replace(secret, "***")
    for address in hush.addresses:
        line = re.sub(re.escape(address), "(address)", line, flags=re.IGNORECASE)
    if _quotes(line, hush.tickets):
        return f"{code} (its words quote a link of the mail, and are left out)"
    return f"{code} {line[:LONGEST]}"


def login_refused(code: int, text: Any, hush: SmtpSecrets) -> tuple[str, bool]:
    """Report a login that was refused: the answer with its remedy, and whether trying again can help."""
    reply = answer(code, text, hush)
    if code < 500:
        return f"{reply}; it will accept a login later", True
    enhanced = re.match(r"\d+[ -](\d\.\d+\.\d+)", reply)
    remedy = _LOGIN_REMEDIES.get(enhanced[1] if enhanced else "", _CHECK_LOGIN)
    return f"{reply}; {remedy}", remedy is not _NO_PASSWORDS


def answers(recipients: RefusedRecipients, hush: SmtpSecrets) -> str:
    """Write the answers to the recipients that were refused, each once, without who they are."""
    return "; ".join(dict.fromkeys(answer(code, text, hush) for code, text in recipients.values()))


def _quotes(line: str, tickets: tuple[str, ...]) -> bool:
    """Check whether `line` repeats a piece of a ticket, even broken into lines."""
    joined = "".join(line.split())
    pieces = (ticket[at : at + _PIECE] for ticket in tickets for at in range(len(ticket) - _PIECE + 1))
    return any(piece in joined for piece in pieces)
