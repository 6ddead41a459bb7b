"""Refuse link-local addresses, where machines in a cloud get their keys; and shorten addresses to what may be shown.

The local network and loopback are allowed: ntfy, Home Assistant and mail servers live there, and only the owner of the
configuration names addresses.
"""

import contextlib
import ipaddress
import socket
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit


class LinkLocalError(Exception):
    """The host is, or leads to, an address that shoemon never contacts."""


Address = ipaddress.IPv4Address | ipaddress.IPv6Address

REFUSED = (
    ipaddress.ip_network("169.254.0.0/16"),  # link-local, RFC 3927; 169.254.169.254 answers with keys in most clouds
    ipaddress.ip_network("fe80::/10"),  # link-local, RFC 4291
    ipaddress.ip_network("fd00:ec2::254/128"),  # the same service of Amazon EC2 over IPv6
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


def literal(host: str) -> Address | None:
    """Return the address that `host` spells, None if it is a name.

    Reads every spelling that some resolver accepts: brackets, zone, closing dot, wide digits, and the decimal, octal,
    hexadecimal and short forms of inet_aton.
    """
    text = unicodedata.normalize("NFKC", host).strip().removeprefix("[").removesuffix("]")
    text = text.split("%")[0].rstrip(".")
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        pass
    try:
        # inet_aton forgives words after a space, so a text with one is no address
        return None if not text or " " in text else ipaddress.IPv4Address(socket.inet_aton(text))
    except (OSError, ValueError):  # ValueError: not ASCII, or a NUL
        return None


def is_refused(address: Address) -> bool:
    """Whether `address`, or the IPv4 address wrapped in it (mapped, compatible, 6to4, NAT64), is never contacted."""
    return any(
        each in network for each in _unwrapped(address) for network in REFUSED if each.version == network.version
    )


def refuse_link_local(host: str, look_up: Callable[..., Iterable[Any]] = socket.getaddrinfo) -> None:
    """Look `host` up and raise LinkLocalError if any of its addresses is link-local.

    Nothing is sent. A host without an address is no error here: connecting reports it better. A name may have another
    address a moment later, so callers also check the peer of the open connection (`peer_of`) with `is_refused`.
    """
    found = [literal(host)]
    if found == [None]:
        with contextlib.suppress(OSError, UnicodeError):
            found = [literal(str(place[0])) for *_, place in look_up(host, None, type=socket.SOCK_STREAM)]
    if any(address is not None and is_refused(address) for address in found):
        raise LinkLocalError(host)


def peer_of(connection: socket.socket) -> Address | None:
    """Return the address at the other end, None if it has none (a local socket) or is gone."""
    try:
        return literal(str(connection.getpeername()[0]))
    except OSError:
        return None


def _unwrapped(address: Address) -> list[Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    wrapped = [address.ipv4_mapped, address.sixtofour]
    if address in _NAT64 or address in _COMPATIBLE:
        wrapped.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *(inner for inner in wrapped if inner is not None)]


def server_of(url: str) -> str:
    """Return scheme, host and port: all that may be shown where the path can be a secret. Raises ValueError."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}"


def shown(url: str) -> str:
    """Return `url` without name, password, query and fragment, any of which can be a secret."""
    try:
        return server_of(url) + urlsplit(url).path
    except ValueError:
        return "the address"


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port: what headers are meant for. Raises ValueError."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or (443 if parts.scheme == "https" else 80)
