"""Download one answer of a server: whole or not at all, in bounded time and space, with no secret in any message."""

import io
import itertools
import random
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import IO, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

import requests

from shoemon.model.errors import SourceError
from shoemon.net.addresses import origin, shown
from shoemon.net.body import beginning, spooled
from shoemon.net.conversation import Conversation, Terms, converse
from shoemon.net.failure import AnswerError, Failed, by_status

T = TypeVar("T")


class Limits(NamedTuple):
    """Seconds and bytes a download may need. `total_s` is for all tries together, `size` after unpacking. `final`:
    statuses after which this server is not tried again, though that helps elsewhere."""

    connect_s: float = 10.0
    read_s: float = 30.0
    total_s: float = 300.0
    size: int = 256 * 2**20
    tries: int = 4
    redirects: int = 5
    final: frozenset[int] = frozenset()


class Fetched(NamedTuple):
    """A whole answer. The caller closes `body`; with `validators` the next request asks whether it changed."""

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
    """Return the answer of `url`. `headers` go to its own origin only; `credentials` tells the runner where they are
    set.

    Retries where that can help, with growing pauses or the one the server asks for. A `form` is posted, once: it may
    have been accepted though no answer came. Raises SourceError, whose text contains neither query nor header values
    (AnswerError where the server gave a reason).
    """
    job = _Job(url, headers or {}, validators or {}, limits, credentials, form)
    if form is not None:
        limits = limits._replace(tries=1)
    return tried(partial(_try, job), url, limits, sleep, clock)


def tried(
    talk: Callable[[Conversation], T],
    url: str,
    limits: Limits,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """Return what `talk` makes of a conversation with `url`, tried again where that can help. Raises SourceError as
    `fetch`."""
    terms = Terms(limits.total_s, limits.connect_s, limits.read_s)
    started = clock()
    for number in itertools.count():
        try:
            return converse(talk, terms, clock() - started)
        except Failed as failed:
            failure = failed
        # Many that failed together must not come back together.
        pause = max(failure.wait_s, 2.0**number * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        if not failure.again or number + 1 >= limits.tries or failure.status in limits.final:
            break
        if clock() - started + pause >= limits.total_s:
            failure.words += f" (its {limits.total_s:.0f} s are over before the next try)"
            break
        sleep(pause)
    if failure.status:
        raise AnswerError(f"{shown(url)} {failure.words}", failure)
    raise SourceError(f"{shown(url)} {failure.words}", retryable=failure.retryable)


def _try(job: _Job, conversation: Conversation) -> Fetched:
    url, headers = job.url, job.headers
    for _ in range(job.limits.redirects + 1):
        with _send(job, conversation, url, headers) as response:
            if not response.is_redirect:
                return _answer(job, response, headers, conversation.in_time)
        if job.form is not None:
            raise Failed("redirects what is posted, which is not followed", retryable=False)
        url, headers = hop(url, response.headers["Location"], headers)
    raise Failed(f"redirects more than {job.limits.redirects} times")


def hop(url: str, location: str, headers: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """Return where a redirect leads, and the headers for it: none to another origin, and none ever after."""
    try:
        target = urljoin(url, location.encode("latin-1").decode("utf-8"))
        new, scheme = origin(target), urlsplit(target).scheme
    except ValueError:
        raise Failed("redirects to an invalid address") from None
    if scheme not in ("http", "https"):
        raise Failed("redirects to an address that is neither http nor https", retryable=False)
    if new == origin(url):
        return target, headers
    if headers and url.startswith("https:") and scheme == "http":
        raise Failed("redirects from https to http", retryable=False)
    return target, {}


def _send(job: _Job, conversation: Conversation, url: str, headers: Mapping[str, str]) -> requests.Response:
    sent = requests.structures.CaseInsensitiveDict[str]({"Accept": "*/*"})
    sent.update(headers)
    sent["Accept-Encoding"] = "gzip"
    if job.validators.get("etag"):
        sent["If-None-Match"] = job.validators["etag"]
    if job.validators.get("last_modified"):
        sent["If-Modified-Since"] = job.validators["last_modified"]
    return conversation.send("GET" if job.form is None else "POST", url, sent, job.form)


def _answer(job: _Job, response: requests.Response, headers: Mapping[str, str], in_time: Callable[[], None]) -> Fetched:
    if response.status_code == 304 and job.validators:
        return Fetched(True, io.BytesIO(), dict(job.validators))
    if response.status_code not in (200, 203):
        credentials = job.credentials if headers or not job.headers else "not sent to the address it redirects to"
        failed = by_status(response.status_code, response.headers, credentials)
        failed.status, failed.answer = response.status_code, beginning(response, in_time)
        failed.headers = {name.lower(): value for name, value in response.headers.items()}
        raise failed
    body = spooled(response, job.limits.size, in_time)
    known = {"etag": response.headers.get("ETag"), "last_modified": response.headers.get("Last-Modified")}
    validators = {name: value for name, value in known.items() if value}
    following = response.links.get("next", {}).get("url")
    return Fetched(False, body, validators, urljoin(response.url, following) if following else None)
