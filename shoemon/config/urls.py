"""Addresses of servers, as settings."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from shoemon.net.addresses import literal


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and value.isprintable()
    except ValueError:
        is_valid = False
    if not is_valid or " " in value or parts.username is not None or parts.fragment:
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
