"""Report why a conversation failed, without any secret: no message of requests is passed on."""

import math
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any

from shoemon.model.errors import SourceError
from shoemon.net.addresses import LinkLocalError

_NONSENSE = "sent an answer that cannot be read"
_AGAIN = frozenset({408, 425, 429})


class Failed(Exception):
    """One try failed; `words` follow the name of the server. `again`: another one may help; `wait_s`: not before so
    many seconds; not `reached`: there was no connection. `status` (0: none), `headers` and `answer` are what it
    sent."""

    def __init__(self, words: str, *, again: bool = False, retryable: bool = True, wait_s: float = 0.0) -> None:
        super().__init__(words)
        self.words, self.again, self.retryable, self.wait_s = words, again, retryable, wait_s
        self.reached, self.status, self.answer = True, 0, b""
        self.headers: Mapping[str, str] = {}


class AnswerError(SourceError):
    """A server answered with a status other than success. Its `answer` and `headers` (names in lower case) tell one
    reason from another; they may contain a secret, and are never shown. `wait_s`: it asks to wait so long."""

    def __init__(self, message: str, failed: Failed) -> None:
        super().__init__(message, retryable=failed.retryable)
        self.status, self.answer, self.wait_s = failed.status, failed.answer, failed.wait_s
        self.headers = failed.headers


def too_late(total_s: float) -> Failed:
    return Failed(f"took longer than {total_s:g} s")


def by_error(error: Exception, connect_s: float, read_s: float) -> Failed:
    """Report an exception of requests, urllib3, a socket or ours."""
    import requests
    import urllib3

    if isinstance(error, LinkLocalError):
        return Failed("leads to a link-local or metadata address, which shoemon never contacts", retryable=False)
    if isinstance(error, requests.exceptions.ProxyError):
        return Failed("cannot be reached through the proxy that the environment sets", again=True)
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Failed(f"has a certificate that is not trusted: {cause.verify_message}")
        if isinstance(cause, ssl.SSLError):
            return Failed(f"did not complete TLS ({cause.reason})")
    if isinstance(error, requests.ConnectTimeout):
        return Failed(f"did not accept a connection within {connect_s:.0f} s", again=True)
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return Failed(f"sent nothing for {read_s:.0f} s", again=True)
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL | UnicodeError):
        return Failed("is not a valid address", retryable=False)
    if isinstance(error, urllib3.exceptions.HTTPError):
        return Failed("stopped in the middle of its answer", again=True)
    return Failed(_deepest(error) if isinstance(error, OSError) else _NONSENSE, again=True)


def _deepest(error: BaseException) -> str:
    """Return what the operating system reports, or that http.client could not read it, from however deep inside."""
    for cause in causes(error):
        if isinstance(cause, socket.gaierror):
            return "cannot be reached: unknown host"
        if type(cause).__module__ == "builtins" and isinstance(cause, OSError) and cause.strerror:
            return f"cannot be reached: {cause.strerror}"
        if isinstance(cause, HTTPException) and not isinstance(cause, ConnectionError):
            return _NONSENSE
    return "cannot be reached"


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and everything behind it, outermost first; requests and urllib3 pass causes as arguments too."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [*each.args, each.__cause__, each.__context__, getattr(each, "reason", None)]


def by_status(status: int, headers: Mapping[str, str], credentials: str = "") -> Failed:
    """Report a status other than success. `credentials` describes the login that was sent."""
    if status in (401, 403, 407):
        if not credentials:
            return Failed(f"requires a login (status {status}); set headers, or user and password", retryable=False)
        return Failed(f"refused the credentials ({credentials}) with status {status}", retryable=False)
    if status in _AGAIN or status >= 500:
        wait_s = retry_after_s(headers, time.time()) or 0.0
        asked = f" and asks to wait {wait_s:.0f} s" if wait_s else ""
        return Failed(f"answered with status {status}{asked}", again=True, wait_s=wait_s)
    if status in (404, 410):
        return Failed(f"was not found (status {status}); check the address")
    return Failed(f"answered with status {status}", retryable=status < 400)


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Return the seconds of a Retry-After, given as a number or a date (RFC 9110 section 10.2.3); None: unread.

    A date counts from the server's own clock where it sends it, since the one here (`now_s`, since 1970) may be wrong.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:20]), 1e9)
    try:
        return max(0.0, math.ceil(_moment(text) - (_moment(headers["Date"]) if "Date" in headers else now_s)))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _moment(text: str) -> float:
    moment = parsedate_to_datetime(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
