"""Describe where the present request comes from: this machine, a proxy, or a page of another site.

`plugins/shoemon_rights.py` notes it before Datasette sees the request, so that permissions can ask for it.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

FORWARDED = (
    "forwarded", "via", "x-forwarded", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-original", "x-envoy",
    "true-client-ip", "client-ip", "cf-", "fly-", "fastly-", "x-azure",
)  # fmt: skip
"""How the headers begin that a proxy adds."""
OTHER_SITES = ("cross-site", "same-site")
"""The values of Sec-Fetch-Site by which a browser marks a request that another site caused."""


@dataclass(frozen=True)
class Visit:
    """Where a request comes from."""

    here: bool = False
    """The browser runs on this machine and asked for this machine, not through a proxy."""
    forwarded: bool = False
    """A proxy passed it on."""
    foreign: bool = False
    """A page of another site caused it."""
    assistant: bool = False
    """A program asks by the Model Context Protocol."""
    accepted: str = ""
    """The languages of the browser (Accept-Language)."""


_present: ContextVar[Visit | None] = ContextVar("shoemon_visit", default=None)


def present() -> Visit:
    """The visit that is answered now; nobody's if there is none."""
    return _present.get() or Visit()


@contextmanager
def during(scope: Mapping[str, Any]) -> Iterator[None]:
    """Note the visit of a request; one that Datasette sends to itself belongs to the visit that made it do so."""
    token = _present.set(_present.get() or visit_of(scope))
    try:
        yield
    finally:
        _present.reset(token)


def visit_of(scope: Mapping[str, Any]) -> Visit:
    """Read from a request where it comes from.

    It must name this machine, too: a site whose name resolves to 127.0.0.1 (DNS rebinding) sends its readers' browsers
    here, but they ask for that name. A proxy on this machine connects for others; most proxies add a header, or use
    HTTP/1.0, which no browser does.
    """
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
    client, (host, _port) = str((scope.get("client") or ("",))[0]), place(f"//{headers.get('host', '')}") or ("", None)
    forwarded = any(name.startswith(FORWARDED) for name in headers)
    direct = not forwarded and scope.get("http_version") != "1.0"
    foreign = headers.get("sec-fetch-site", "").strip().lower() in OTHER_SITES
    is_here = direct and is_loopback(client) and is_loopback(host)
    asks = str(scope.get("path", "")).endswith("/-/mcp")
    return Visit(is_here, forwarded, foreign, asks, headers.get("accept-language", "")[:200])


def is_loopback(host: str) -> bool:
    """Check that a host can only be this machine."""
    address = address_of(host)
    return host == "localhost" if address is None else address.is_loopback


def address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a text is, that of IPv4 where one of IPv6 stands for it; None for names."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def place(address: str) -> tuple[str, int | None] | None:
    """Host and port of an address, the port only if it is not the default one; None if there is no host."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    usual = {"http": (80,), "https": (443,)}.get(parts.scheme, (80, 443))
    return (host, None if port in usual else port) if host else None
