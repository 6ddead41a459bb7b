"""Send requests under one deadline: the one way in which shoemon sends anything over HTTP.

Link-local addresses are refused, redirects are not followed, an answer is read as it comes, and no error contains a
secret.
"""

import math
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3

from shoemon.net.addresses import LinkLocalError, refuse_link_local
from shoemon.net.connections import guarded_session
from shoemon.net.deadline import Deadline
from shoemon.net.failure import Failed, by_error, too_late

T = TypeVar("T")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"(?![\t ])[\t\x20-\x7e\xa0-\xff]*(?<![\t ])")


class Terms(NamedTuple):
    """Seconds for all, for a connection and between two bytes, and whom to trust.

    `environment`: use the proxies and certificates of the environment; `ca_file`: trust only these certificates.
    """

    total_s: float
    connect_s: float = math.inf
    read_s: float = math.inf
    environment: bool = True
    ca_file: Path | None = None


def converse(talk: Callable[["Conversation"], T], terms: Terms, spent_s: float = 0.0) -> T:
    """Return what `talk` makes of a conversation. `spent_s` of the time are over already.

    Raises Failed, which carries nothing of what requests raised: that contains addresses and headers.
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
        # a second more than the deadline, so that the deadline ends it
        self._timeout = (min(terms.connect_s, left_s + 1), min(terms.read_s, left_s + 1))

    def in_time(self) -> None:
        if self._deadline.passed:
            raise too_late(self._terms.total_s)

    def send(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | Mapping[str, str] | None = None
    ) -> requests.Response:
        """Send one request; the answer's body is not read yet, and is the caller's to close."""
        self.in_time()
        _check(headers)
        request = self._session.prepare_request(requests.Request(method, url, headers=dict(headers), data=data))
        address = str(request.url)
        refuse_link_local(urlsplit(address).hostname or "")
        proxies, certificates = {}, None
        if self._terms.environment:
            proxies = requests.utils.get_environ_proxies(address)
            certificates = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        answer = self._session.send(
            request,
            stream=True,
            allow_redirects=False,
            timeout=self._timeout,
            proxies=proxies,
            verify=str(self._terms.ca_file) if self._terms.ca_file else certificates or True,
        )
        self.in_time()  # http.client accepts headers that were cut off
        return answer


def _check(headers: Mapping[str, str]) -> None:
    """Raise Failed for what requests would refuse with the value in its message."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise Failed(f"was not asked: header {name!r} contains a character that cannot be sent", retryable=False)
