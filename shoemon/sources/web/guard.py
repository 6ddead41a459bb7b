"""What every connection of a download is held to: a deadline that nothing can stretch, and no metadata addresses."""

import ipaddress
import socket
import threading
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_METADATA = frozenset({ipaddress.ip_address("fd00:ec2::254")})


class Refused(Exception):
    """The address is one that no download may reach."""


class Guard:
    """Ends the connections made under it after `seconds`, even in the middle of a line that never ends.

    A time-out of a socket starts anew with every byte, so that a server can hold a reader for days; closing the
    connection from outside is what ends that.
    """

    def __init__(self, seconds: float) -> None:
        self.expired = False
        """Whether the connections were ended: what came last may be cut short without a sign of it."""
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(seconds, 0.0), self._expire)
        self._timer.daemon = True

    def __enter__(self) -> "Guard":
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for held in self._sockets:
                held.close()
            self._sockets.clear()

    def took(self, connected: socket.socket, *, is_proxy: bool) -> socket.socket:
        """Takes a new connection under guard. Raises Refused if it leads where none may, whatever its name."""
        if not is_proxy and is_metadata(str(connected.getpeername()[0])):
            connected.close()
            raise Refused
        with self._lock:
            # A duplicate, because TLS moves the original to another object.
            self._sockets.append(connected.dup())
        if self.expired:
            self._expire()
        return connected

    def _expire(self) -> None:
        self.expired = True
        with self._lock:
            for held in self._sockets:
                try:
                    held.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it is closed already


class GuardedAdapter(HTTPAdapter):
    """An HTTP adapter whose connections are under a Guard."""

    def __init__(self, guard: Guard) -> None:
        self._plain, self._proxied = _pools(guard, is_proxy=False), _pools(guard, is_proxy=True)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._plain

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._proxied
        return manager


def _pools(guard: Guard, *, is_proxy: bool) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return guard.took(super()._new_conn(), is_proxy=is_proxy)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return guard.took(super()._new_conn(), is_proxy=is_proxy)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def is_metadata(address: str) -> bool:
    """Whether an IP address is link-local or a cloud's metadata service, also as IPv6 that stands for IPv4."""
    try:
        parsed: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is None and parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        parsed = inner or parsed
    return parsed.is_link_local or parsed in _METADATA


def leads_to_metadata(url: str) -> bool:
    """Whether the host of `url`, in whatever spelling, resolves to an address `is_metadata` refuses."""
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname or "", parts.port or 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False  # connecting will say so in better words
    return any(is_metadata(str(entry[4][0])) for entry in found)
