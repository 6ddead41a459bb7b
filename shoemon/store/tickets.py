"""Signed texts that grant a right until a day: to give one run a pair, or to send one form. Pure."""

from datetime import date
from typing import Any

ASSIGN, PAIR, FORM = "assign", "pair", "form"
"""The purposes of tickets: to give a run a pair, to do to a pair what one tap does, and to send the form of a page that
was shown."""
ASSIGN_DAYS, FORM_DAYS = 30, 1
"""How long after its day a ticket is valid: the link of a mail for some weeks, a page that was left open overnight."""


def make(key: bytes, purpose: str, subject: str, until: date) -> str:
    """Make a ticket for `purpose` about `subject` (the id of a run), valid until the end of day `until`. It needs no
    escaping in an address, and the same arguments give the same ticket."""
    return str(_signer(key, purpose).dumps([subject, until.isoformat()]))


def is_valid(key: bytes, purpose: str, subject: str, ticket: str, today: date) -> bool:
    """Check that `ticket` was made with `key` for this, and that its last day has not passed."""
    from itsdangerous import BadData

    try:
        signed, until = _signer(key, purpose).loads(ticket)
    except (BadData, UnicodeEncodeError):
        return False
    return bool(signed == subject and today.isoformat() <= until)


def _signer(key: bytes, purpose: str) -> Any:
    from itsdangerous import URLSafeSerializer

    return URLSafeSerializer(key, salt=f"shoemon.{purpose}")
