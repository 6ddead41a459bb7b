"""A requests session that contacts the host it is given and no other.

By default requests follows redirects with most headers (only `Authorization` is removed, measured on 2.34.2), uses
proxies and netrc of the environment, keeps cookies, and waits for ever on a host that drips. This one does none of it.
It is for one conversation, which still passes `allow_redirects=False`, a time-out, and proxies where it wants them.
"""

import logging
import socket
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from shoemon import __version__
from shoemon.net.addresses import Address, LinkLocalError, is_refused, peer_of
from shoemon.net.deadline import Deadline


def guarded_session(deadline: Deadline, refuses: Callable[[Address], bool] = is_refused) -> requests.Session:
    """Return a session whose connections `deadline` cuts, and which sends nothing to addresses that `refuses`: it
    raises LinkLocalError."""
    # urllib3 logs the path and query of every request at DEBUG, and they may contain a token
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    session = requests.Session()
    session.trust_env = False
    session.headers = CaseInsensitiveDict({"User-Agent": f"shoemon/{__version__}"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(deadline, refuses))
    return session


class _Adapter(HTTPAdapter):
    def __init__(self, deadline: Deadline, refuses: Callable[[Address], bool]) -> None:
        self._direct = _pools(deadline, refuses)
        # where their proxy is, is up to the runner
        self._by_proxy = _pools(deadline, lambda peer: False)  # noqa: ARG005 - whatever it is
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **settings: Any) -> None:
        super().init_poolmanager(*arguments, **settings)
        self.poolmanager.pool_classes_by_scheme = self._direct

    def proxy_manager_for(self, *arguments: Any, **settings: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **settings)
        manager.pool_classes_by_scheme = self._by_proxy
        return manager


def _pools(deadline: Deadline, refuses: Callable[[Address], bool]) -> dict[str, Any]:
    pools = {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}
    return {scheme: _watched(pool, deadline, refuses) for scheme, pool in pools.items()}


def _watched(pool: Any, deadline: Deadline, refuses: Callable[[Address], bool]) -> Any:
    """Return `pool` with connections that are checked before the first byte is sent over them, TLS included.

    The class is made here because urllib3 has no other way to pass a value of ours to a connection.
    """

    class Connection(pool.ConnectionCls):  # type: ignore[misc] # chosen at run time
        def _new_conn(self) -> socket.socket:
            connection: socket.socket = super()._new_conn()
            deadline.watch(connection)
            peer = peer_of(connection)
            if peer is not None and refuses(peer):
                connection.close()
                raise LinkLocalError(str(peer))
            return connection

    class Pool(pool):  # type: ignore[misc] # chosen at run time
        ConnectionCls = Connection

    return Pool
