"""A requests session that talks to the host it was told to and to no other.

By default requests follows redirects with most headers (only `Authorization` is taken off, measured on 2.34.2), obeys
proxies and netrc of the environment, keeps cookies, and waits for ever on a host that drips. This one does none of it.
It is for one exchange; callers still pass `allow_redirects=False` and a time-out, and proxies where they want them.
"""

import logging
import socket
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from shoemon.net.addresses import LinkLocalError, is_refused, peer_of
from shoemon.net.deadline import Deadline


def guarded_session(deadline: Deadline) -> requests.Session:
    """A session whose connections `deadline` cuts, and which sends nothing to link-local addresses
    (LinkLocalError)."""
    # urllib3 writes the path and query of every request at DEBUG, and they may hold a token
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    session = requests.Session()
    session.trust_env = False
    session.headers.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(deadline))
    return session


class _Adapter(HTTPAdapter):
    def __init__(self, deadline: Deadline) -> None:
        self._direct, self._by_proxy = _pools(deadline, is_proxy=False), _pools(deadline, is_proxy=True)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **settings: Any) -> None:
        super().init_poolmanager(*arguments, **settings)
        self.poolmanager.pool_classes_by_scheme = self._direct

    def proxy_manager_for(self, *arguments: Any, **settings: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **settings)
        manager.pool_classes_by_scheme = self._by_proxy
        return manager


def _pools(deadline: Deadline, *, is_proxy: bool) -> dict[str, Any]:
    pools = {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}
    return {scheme: _watched(pool, deadline, is_proxy=is_proxy) for scheme, pool in pools.items()}


def _watched(pool: Any, deadline: Deadline, *, is_proxy: bool) -> Any:
    """`pool` with connections that are looked at before the first byte is sent over them, TLS included.

    Where a proxy of the runner's stands is the runner's affair.

    The class is made here because urllib3 has no other way to hand a value of ours to a connection.
    """

    class Connection(pool.ConnectionCls):  # type: ignore[misc] # chosen at run time
        def _new_conn(self) -> socket.socket:
            connection: socket.socket = super()._new_conn()
            deadline.watch(connection)
            peer = None if is_proxy else peer_of(connection)
            if peer is not None and is_refused(peer):
                connection.close()
                raise LinkLocalError(f"its name leads to the link-local address {peer}; shoemon does not talk to those")
            return connection

    class Pool(pool):  # type: ignore[misc] # chosen at run time
        ConnectionCls = Connection

    return Pool


def causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and everything behind it, outermost first; requests and urllib3 hand causes on as arguments too."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [*each.args, each.__cause__, each.__context__, getattr(each, "reason", None)]
