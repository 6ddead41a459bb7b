"""Reads mails back from what a server received."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser


def read_mail(raw: bytes) -> EmailMessage:
    """The mail of these bytes."""
    message = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    """The text of its part of `kind` (plain or html), with plain line ends."""
    found = message.get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content()).replace("\r\n", "\n")
