"""Signed texts that stand for a right until a day: to give one run a pair, or to send one form. Pure.

A ticket names its last day and nothing else; what it is for and about must be known to whoever looks at it.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from datetime import date

ASSIGN, FORM = "assign", "form"
"""What tickets are for: giving a run a pair, and sending the form of a page that was shown."""
ASSIGN_DAYS, FORM_DAYS = 30, 1
"""How long after its day one is good: the link of a mail for some weeks, a page that was left open overnight."""
_SIGNED = 16
"""Bytes of the signature that are kept: 128 bits cannot be guessed."""


def make(key: bytes, purpose: str, subject: str, until: date) -> str:
    """A ticket for `purpose` about `subject` (the id of a run), good until the end of day `until`: 31 characters that
    need no escaping in an address."""
    day = f"{until:%Y%m%d}"
    said = b"".join(b"%d:%s" % (len(part), part) for part in (_bytes(purpose), day.encode(), _bytes(subject)))
    signature = hmac.digest(key, said, "sha256")[:_SIGNED]
    return f"{day}-{urlsafe_b64encode(signature).decode().rstrip('=')}"


def good(key: bytes, purpose: str, subject: str, ticket: str, today: date) -> bool:
    """Whether `ticket` was made with `key` for this, and its last day has not passed. False for anything else."""
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)-[\w-]+", ticket, re.ASCII)
    try:
        until = date(*map(int, found.groups())) if found else date.min
    except ValueError:
        return False
    # Compared in any case, in a time that does not tell how much of it is right.
    is_ours = hmac.compare_digest(_bytes(make(key, purpose, subject, until)), _bytes(ticket))
    return is_ours and today <= until


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
