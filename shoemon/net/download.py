"""Downloads one answer of a server: whole or not at all, in bounded time and space, with no secret in any message."""

import io
import os
import random
import re
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import IO, NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from shoemon import __version__
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.net.addresses import LinkLocalError, refuse_link_local
from shoemon.net.body import spooled
from shoemon.net.connections import guarded_session
from shoemon.net.deadline import Deadline
from shoemon.net.failure import AnswerError, Failed, by_error, by_status

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MOST_SAID = 2**16
_HEADER_VALUE = re.compile(r"(?![\t ])[\t\x20-\x7e\xa0-\xff]*(?<![\t ])")


class Limits(NamedTuple):
    """Seconds and bytes a download may take. `total_s` holds for all tries together, `size` after unpacking. `final`:
    statuses after which this server is not asked again, though that helps elsewhere."""

    connect_s: float = 10.0
    read_s: float = 30.0
    total_s: float = 300.0
    size: int = 256 * 2**20
    tries: int = 4
    redirects: int = 5
    final: frozenset[int] = frozenset()


class Fetched(NamedTuple):
    """A whole answer. `body` is the caller's to close; `validators` serve to ask whether it changed."""

    unchanged: bool
    body: IO[bytes]
    validators: dict[str, str]
    next: str | None = None
    """Address of the next page by the Link header."""


class _Job(NamedTuple):
    url: str
    headers: Mapping[str, str]
    validators: Mapping[str, str]
    limits: Limits
    credentials: str
    deadline: float
    clock: Callable[[], float]
    form: Mapping[str, str] | None


def fetch(  # noqa: PLR0913 - a request has so many parts
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    validators: Mapping[str, str] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it cannot be changed
    credentials: str = "",
    form: Mapping[str, str] | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Fetched:
    """What `url` answers. `headers` go to its own origin only; `credentials` says in words where they are set.

    Tries again where that can help, with growing pauses or the one the server asks for. With `form` it is posted, once:
    what is posted may have been done though no answer came. Raises SourceError, whose text holds neither query nor
    header values (AnswerError where the server said what it has against it).
    """
    job = _Job(url, headers or {}, validators or {}, limits, credentials, clock() + limits.total_s, clock, form)
    failure = _header_fault(job.headers)
    tries = limits.tries if form is None else 1
    for number in range(tries if failure is None else 0):
        try:
            return _try(job)
        except Failed as failed:
            # Raised below, outside this block: what a SourceError carries along must not hold requests' own texts.
            failure = failed
        # A fleet that failed together shall not come back together.
        pause = max(failure.wait_s, 2.0**number * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        if not failure.again or number + 1 == tries or failure.status in limits.final:
            break
        if clock() + pause >= job.deadline:
            failure.words += f" (and the {limits.total_s:.0f} s for it are over before it can be asked again)"
            break
        sleep(pause)
    assert failure is not None  # noqa: S101 - limits.tries is at least 1
    if failure.status:
        raise AnswerError(f"{shown(url)} {failure.words}", failure)
    raise SourceError(f"{shown(url)} {failure.words}", retryable=failure.retryable)


def shown(url: str) -> str:
    """`url` as it may be shown: without name, password, query and fragment, any of which can be a secret."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the address"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}{parts.path}"


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: what headers are meant for."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or (443 if parts.scheme == "https" else 80)


def _header_fault(headers: Mapping[str, str]) -> Failed | None:
    """What requests would say with the value in its message."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            return Failed(f"was not asked: the header {name!r} holds a character that cannot be sent", retryable=False)
    return None


def _try(job: _Job) -> Fetched:
    """One try, with all its redirects. Raises Failed, without what it came from."""
    failed: Failed
    with ExitStack() as stack:
        deadline = stack.enter_context(Deadline(max(job.deadline - job.clock(), 0.0)))
        session = stack.enter_context(guarded_session(deadline))

        def in_time() -> None:
            if deadline.passed or job.clock() >= job.deadline:
                raise Failed(f"took longer than {job.limits.total_s:g} s")

        try:
            response, headers = _followed(job, session, in_time)
            return _answer(job, stack.enter_context(response), headers, in_time)
        except LinkLocalError:
            failed = Failed("leads to a link-local or metadata address, which is never asked", retryable=False)
        except Failed as error:
            failed = error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError) as error:
            failed = by_error(error, job.limits.connect_s, job.limits.read_s)
            if deadline.passed:
                failed = Failed(f"took longer than {job.limits.total_s:g} s")
        except ValueError:  # requests reads where an answer sends on to, and names what it cannot read
            failed = Failed("sends on to what is no address")
    raise failed


def _followed(
    job: _Job, session: requests.Session, in_time: Callable[[], None]
) -> tuple[requests.Response, Mapping[str, str]]:
    """The answer after all redirects, and the headers that were sent to where it came from."""
    url, headers = job.url, job.headers
    for _ in range(job.limits.redirects + 1):
        in_time()
        response = _get(job, session, url, headers)
        target = session.get_redirect_target(response)
        if target is None:
            return response, headers
        response.close()
        if job.form is not None:
            raise Failed("sends on what is posted, which is not followed", retryable=False)
        url, headers = _hop(url, urljoin(url, target), headers)
    raise Failed(f"sends on more than {job.limits.redirects} times")


def _hop(url: str, target: str, headers: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """Where a redirect leads, with the headers that may go there: none to another origin, and none ever again."""
    try:
        new, scheme = origin(target), urlsplit(target).scheme
    except ValueError:
        raise Failed("sends on to what is no address") from None
    if scheme not in ("http", "https"):
        raise Failed("sends on to an address that is neither http nor https", retryable=False)
    if new == origin(url):
        return target, headers
    if headers and url.startswith("https:") and scheme == "http":
        raise Failed("sends on from https to http", retryable=False)
    return target, {}


def _get(job: _Job, session: requests.Session, url: str, headers: Mapping[str, str]) -> requests.Response:
    asked = requests.structures.CaseInsensitiveDict[str]({"User-Agent": f"shoemon/{__version__}", "Accept": "*/*"})
    asked.update(headers)
    asked["Accept-Encoding"] = "gzip"
    if job.validators.get("etag"):
        asked["If-None-Match"] = job.validators["etag"]
    if job.validators.get("last_modified"):
        asked["If-Modified-Since"] = job.validators["last_modified"]
    method = "GET" if job.form is None else "POST"
    prepared = session.prepare_request(requests.Request(method, url, headers=dict(asked), data=job.form))
    prepared_url = prepared.url or ""
    _refuse_link_local(prepared_url)
    left = max(job.deadline - job.clock(), 0.001)
    return session.send(
        prepared,
        stream=True,
        allow_redirects=False,
        timeout=(min(job.limits.connect_s, left), min(job.limits.read_s, left)),
        proxies=requests.utils.get_environ_proxies(prepared_url),
        verify=os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True,
    )


def _refuse_link_local(url: str) -> None:
    """Raises LinkLocalError if the host of `url` leads there. That it has no address, connecting says better."""
    parts = urlsplit(url)
    try:
        refuse_link_local(parts.hostname or "", parts.port or 0)
    except LinkLocalError:
        raise
    except ShoemonError:
        return


def _answer(job: _Job, response: requests.Response, headers: Mapping[str, str], in_time: Callable[[], None]) -> Fetched:
    if response.status_code == 304 and job.validators:
        return Fetched(True, io.BytesIO(), dict(job.validators))
    if response.status_code not in (200, 203):
        credentials = job.credentials if headers or not job.headers else "they are not sent to where it sends on to"
        failed = by_status(response, credentials)
        failed.status, failed.answer = response.status_code, _beginning(response, in_time)
        failed.headers = {name.lower(): value for name, value in response.headers.items()}
        raise failed
    body = spooled(response, job.limits.size, in_time)
    told = {"etag": response.headers.get("ETag"), "last_modified": response.headers.get("Last-Modified")}
    validators = {name: value for name, value in told.items() if value}
    following = response.links.get("next", {}).get("url")
    return Fetched(False, body, validators, urljoin(response.url, following) if following else None)


def _beginning(response: requests.Response, in_time: Callable[[], None]) -> bytes:
    """What stands in an answer that is no success, if it is not long; how it broke off is of no interest."""
    try:
        with spooled(response, _MOST_SAID, in_time) as body:
            return body.read()
    except (Failed, requests.RequestException, urllib3.exceptions.HTTPError, OSError):
        return b""
