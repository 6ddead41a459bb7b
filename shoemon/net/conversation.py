"""Talk to servers under one deadline: the one way in which shoemon sends anything over HTTP.

Link-local addresses are refused, redirects are not followed, an answer is read as it comes, and why there is none is
told in words that hold no secret.
"""

import logging
import math
import os
import re
import socket
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from shoemon import __version__
from shoemon.net.addresses import Address, LinkLocalError, is_refused, peer_of, refuse_link_local
from shoemon.net.deadline import Deadline
from shoemon.net.failure import Failed, by_error, too_late

T = TypeVar("T")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"(?![\t ])[\t\x20-\x7e\xa0-\xff]*(?<![\t ])")


def guarded_session(deadline: Deadline, refuses: Callable[[Address], bool] = is_refused) -> requests.Session:
    """A session whose connections `deadline` cuts, and which sends nothing to addresses that `refuses` names
    (LinkLocalError): it talks to the host it was told to and to no other.

    By default requests follows redirects with most headers (only `Authorization` is taken off, measured on 2.34.2),
    obeys proxies and netrc of the environment, keeps cookies, and waits for ever on a host that drips. This one does
    none of it. It is for one conversation, which still passes `allow_redirects=False`, a time-out, and proxies where it
    wants them.
    """
    # urllib3 writes the path and query of every request at DEBUG, and they may hold a token
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
        # where a proxy of the runner's stands is the runner's affair
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
    """`pool` with connections that are looked at before the first byte is sent over them, TLS included.

    The class is made here because urllib3 has no other way to hand a value of ours to a connection.
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


class Terms(NamedTuple):
    """Seconds for all, for a connection and between two bytes, and whom to trust.

    `environment`: use the proxies and certificates that the environment names; `ca_file`: trust these certificates in
    place of any others.
    """

    total_s: float
    connect_s: float = math.inf
    read_s: float = math.inf
    environment: bool = True
    ca_file: Path | None = None


def converse(talk: Callable[["Conversation"], T], terms: Terms, spent_s: float = 0.0) -> T:
    """Return what `talk` makes of a conversation. `spent_s` of the time are over already.

    Raises Failed, which carries nothing of what requests raised: that holds addresses and headers.
    """
    failed: Failed
    left_s = max(terms.total_s - spent_s, 0.0)
    with Deadline(left_s) as deadline, guarded_session(deadline) as session:
        try:
            return talk(Conversation(session, deadline, terms, left_s))
        except Failed as error:
            failed = error
        except (LinkLocalError, urllib3.exceptions.HTTPError, OSError, ValueError, LookupError) as error:
            # every error of requests is an OSError
            failed = too_late(terms.total_s) if deadline.passed else by_error(error, terms.connect_s, terms.read_s)
            failed.reached = deadline.passed or not isinstance(error, requests.ConnectionError | LinkLocalError)
    raise failed


class Conversation:
    """Requests that share a deadline."""

    def __init__(self, session: requests.Session, deadline: Deadline, terms: Terms, left_s: float) -> None:
        self._session, self._deadline, self._terms = session, deadline, terms
        # a second more than the deadline, so that it is the deadline that speaks
        self._timeout = (min(terms.connect_s, left_s + 1), min(terms.read_s, left_s + 1))

    def in_time(self) -> None:
        """Raises Failed when the time is over."""
        if self._deadline.passed:
            raise too_late(self._terms.total_s)

    def send(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | Mapping[str, str] | None = None
    ) -> requests.Response:
        """Send one request; the answer's body is not read yet, and is the caller's to close."""
        self.in_time()
        _check(headers)
        request = self._session.prepare_request(requests.Request(method, url, headers=dict(headers), data=data))
        asked = str(request.url)
        refuse_link_local(urlsplit(asked).hostname or "")
        proxies, certificates = {}, None
        if self._terms.environment:
            proxies = requests.utils.get_environ_proxies(asked)
            certificates = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        answer = self._session.send(
            request,
            stream=True,
            allow_redirects=False,
            timeout=self._timeout,
            proxies=proxies,
            verify=str(self._terms.ca_file) if self._terms.ca_file else certificates or True,
        )
        self.in_time()  # http.client takes headers that were cut off for whole ones
        return answer


def _check(headers: Mapping[str, str]) -> None:
    """Raises Failed for what requests would refuse with the value in its message."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise Failed(f"was not asked: the header {name!r} holds a character that cannot be sent", retryable=False)
