"""Why a download failed, in words that hold no secret: nothing of what requests says is passed on."""

import re
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
import urllib3

from shoemon.model.errors import SourceError
from shoemon.net.connections import causes

_AGAIN = frozenset({408, 425, 429})


class Failed(Exception):
    """One try failed. `again`: another one may help; `wait_s`: not before so many seconds. `status`, `headers` and
    `answer` are what the server said (0: nothing)."""

    def __init__(self, words: str, *, again: bool = False, retryable: bool = True, wait_s: float = 0.0) -> None:
        super().__init__(words)
        self.words, self.again, self.retryable, self.wait_s = words, again, retryable, wait_s
        self.status, self.answer = 0, b""
        self.headers: Mapping[str, str] = {}


class AnswerError(SourceError):
    """A server answered with a status other than success. `answer` is the beginning of what it said, for telling one
    reason from another, and `headers` (names in lower case) what stood before it: they may hold a secret, and are never
    shown. `wait_s`: it asks to wait so long."""

    def __init__(self, message: str, failed: Failed) -> None:
        super().__init__(message, retryable=failed.retryable)
        self.status, self.answer, self.wait_s = failed.status, failed.answer, failed.wait_s
        self.headers = failed.headers


def by_error(error: Exception, connect_s: float, read_s: float) -> Failed:
    """What an exception of requests, urllib3 or a socket means."""
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return Failed("has a certificate that is not trusted, or does not speak TLS")
    if isinstance(error, requests.exceptions.ProxyError):
        return Failed("cannot be reached through the proxy the environment names", again=True)
    if isinstance(error, requests.ConnectTimeout):
        return Failed(f"took no connection within {connect_s:.0f} s", again=True)
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return Failed(f"sent nothing for {read_s:.0f} s", again=True)
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL | UnicodeError):
        return Failed("is not an address that can be asked", retryable=False)
    if isinstance(error, requests.ConnectionError | OSError):
        return Failed(f"cannot be reached{_reason(error)}", again=True)
    return Failed("broke off in the middle of its answer", again=True)


def _reason(error: BaseException) -> str:
    """What the operating system said, from however deep inside."""
    for cause in causes(error):
        if isinstance(cause, socket.gaierror):
            return ": no such host is known"
        if type(cause).__module__ == "builtins" and isinstance(cause, OSError) and cause.strerror:
            return f": {cause.strerror}"
    return ""


def by_status(response: requests.Response, credentials: str) -> Failed:
    """What a status other than success means. `credentials` says in words what was sent to prove who asks."""
    status = response.status_code
    if status in (401, 403, 407):
        sent = f" ({credentials})" if credentials else "; it wants some: set headers, or user and password"
        return Failed(f"refused the credentials{sent} with status {status}", retryable=False)
    if status in _AGAIN or status >= 500:
        wait_s = _retry_after(response)
        asked = f" and asks to wait {wait_s:.0f} s" if wait_s else ""
        return Failed(f"answered with status {status}{asked}", again=True, wait_s=wait_s)
    if status in (404, 410):
        return Failed(f"is not there (status {status}); check the address")
    return Failed(f"answered with status {status}", retryable=status < 400)


def _retry_after(response: requests.Response) -> float:
    """Seconds the server asks to wait, by number or by date; 0 where it does not say."""
    told = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", told):
        return float(told)
    try:
        until = parsedate_to_datetime(told)
        # The server's own clock, where it tells it: the one here may be wrong.
        now = parsedate_to_datetime(response.headers["Date"]) if "Date" in response.headers else datetime.now(UTC)
        return max((until - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0
