"""A requests session that talks to the host it was told to and to no other.

By default requests follows redirects with most headers (only `Authorization` is taken off, measured on 2.34.2), obeys
proxies and netrc of the environment, and waits for ever on a host that drips. This one does none of it. It is for one
exchange; callers still pass `allow_redirects=False` and a time-out.
"""

import logging
import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from shoemon.addresses import is_refused, peer_of
from shoemon.deadline import Deadline
from shoemon.model import ShoemonError


def guarded_session(deadline: Deadline) -> requests.Session:
    """A session whose connections `deadline` cuts, and which sends nothing to link-local addresses (ShoemonError)."""
    # urllib3 writes the path and query of every request at DEBUG, and they may hold a token
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    session = requests.Session()
    session.trust_env = False
    session.headers.clear()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(deadline))
    return session


class _Adapter(HTTPAdapter):
    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **settings: Any) -> None:
        super().init_poolmanager(*arguments, **settings)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _watched(HTTPConnectionPool, self._deadline),
            "https": _watched(HTTPSConnectionPool, self._deadline),
        }


def _watched(pool: Any, deadline: Deadline) -> Any:
    """`pool` with connections that are looked at before the first byte is sent over them, TLS included.

    The class is made here because urllib3 has no other way to hand a value of ours to a connection.
    """

    class Connection(pool.ConnectionCls):  # type: ignore[misc] # chosen at run time
        def _new_conn(self) -> socket.socket:
            connection: socket.socket = super()._new_conn()
            deadline.watch(connection)
            peer = peer_of(connection)
            if peer is not None and is_refused(peer):
                connection.close()
                raise ShoemonError(f"its name leads to the link-local address {peer}; shoemon does not talk to those")
            return connection

    class Pool(pool):  # type: ignore[misc] # chosen at run time
        ConnectionCls = Connection

    return Pool
