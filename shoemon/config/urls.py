"""Addresses of servers, as settings."""

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Discriminator, Tag, WithJsonSchema

from shoemon.config.kinds import Secret
from shoemon.net.addresses import literal


def parts_of(value: str) -> SplitResult | None:
    """The parts of the address of a server; None if `value` is something else."""
    try:
        parts = urlsplit(value)
        is_valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and value.isprintable()
    except ValueError:
        return None
    return parts if is_valid and re.search(r"\s", value) is None else None


def _address(value: str) -> str:
    parts = parts_of(value)
    if parts is None or parts.username is not None or parts.fragment:
        raise ValueError("this is not the address of a server; write one such as https://example.org/api")
    return value


def _encrypted(value: str) -> str:
    host = urlsplit(_address(value)).hostname or ""
    spelt = literal(host)
    is_here = host == "localhost" or (spelt is not None and spelt.is_loopback)
    if value.startswith("http:") and not is_here:
        raise ValueError("your data would be sent unencrypted; write https (http is for this machine only)")
    return value


ServerUrl = Annotated[str, AfterValidator(_encrypted)]
"""A server that learns something private: by https, or on this machine."""
OwnServerUrl = Annotated[str, AfterValidator(_address)]
"""A server of the runner's own, which may be in the same house and have no https."""


def web_address(value: str) -> str:
    """`value`, checked. Raises ValueError without repeating it: an address may contain a password or a token."""
    value = value.strip()
    if parts_of(value) is None:
        raise ValueError("this is not a web address; write one such as https://example.org/hook")
    return value


def _link(value: str) -> str:
    if urlsplit(web_address(value)).username is not None:
        raise ValueError("a login must not be in this file; write the address without it")
    return value.strip()


Link = Annotated[
    str, AfterValidator(_link), WithJsonSchema({"type": "string", "pattern": r"^\s*https?://[^\s/?#@]+([/?#]\S*)?\s*$"})
]
"""An address to open in a browser, which everybody who sees the page may know."""

TEXT = Tag("text")
ELSEWHERE = Annotated[Secret, Tag("secret")]
TEXT_OR_SECRET = Discriminator(lambda value: "secret" if isinstance(value, dict | Secret) else "text")
"""Of a setting that may be written out or be a secret."""
Url = Annotated[Annotated[str, AfterValidator(web_address), TEXT] | ELSEWHERE, TEXT_OR_SECRET]
"""An address that is a secret itself, or contains one."""
