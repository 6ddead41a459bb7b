"""A web interface that really listens on this machine, and answers as the test tells it to."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest
from kit.http_servers import listening, no_proxies

from shoemon.model.activity import Activity, Problem
from shoemon.net.download import fetch


class Asked(NamedTuple):
    """A request as it came in; names of headers in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


class Answer(NamedTuple):
    """What is answered. `cut`: the connection ends after so many bytes of the body, though all were announced. `drip`:
    byte after byte, with a pause of so many seconds, until the other side hangs up."""

    body: Any = None
    """Bytes as they are, anything else as JSON."""
    status: int = 200
    headers: Mapping[str, str] = {}
    cut: int | None = None
    drip: float = 0.0

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Server:
    """The server. `faults` are answered first, one for each request; then what `answer` says."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.faults: list[Answer] = []
        self.most_at_once = 0
        """The most requests that were being answered at one time."""
        self._now, self._lock, self._closed = 0, threading.Lock(), threading.Event()
        self.url = ""

    def paths(self) -> list[str]:
        """The paths that were asked for, in their order."""
        return [asked.path for asked in self.asked]

    def close(self) -> None:
        self._closed.set()

    def take(self, asked: Asked) -> Answer:
        """What to answer."""
        with self._lock:
            self.asked.append(asked)
            fault = self.faults.pop(0) if self.faults else None
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            return fault if fault is not None else self.answer(asked)
        finally:
            with self._lock:
                self._now -= 1

    def pause(self, seconds: float) -> bool:
        """Waits between two bytes; True when the server is closed meanwhile."""
        return self._closed.wait(seconds)

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        parts = urlsplit(request.path)
        headers = {name.lower(): value for name, value in request.headers.items()}
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        answer = self.take(Asked(request.command, parts.path, dict(parse_qsl(parts.query)), headers, form))
        content = answer.content
        request.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.close_connection = True
        with suppress(OSError):  # the other side hung up
            self._send(request, content if answer.cut is None else content[: answer.cut], answer.drip)

    def _send(self, request: BaseHTTPRequestHandler, content: bytes, drip: float) -> None:
        if not drip:
            request.wfile.write(content)
            return
        for index in range(len(content)):
            request.wfile.write(content[index : index + 1])
            request.wfile.flush()
            if self.pause(drip):
                return


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[Server]:
    """A Server that listens while the block runs."""
    server = Server(answer)
    with listening(server.handle) as server.url:
        try:
            yield server
        finally:
            server.close()


def pauses_of(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> list[float]:
    """The seconds that would be waited before something is asked again by `modules`; no proxy is asked."""
    waited: list[float] = []
    for module in modules:
        monkeypatch.setattr(module, "fetch", partial(fetch, sleep=waited.append))
    no_proxies(monkeypatch)
    return waited


def ids(found: list[Activity | Problem]) -> list[str]:
    return [each.native_id for each in found if isinstance(each, Activity)]


def fields_of(found: list[Activity | Problem], cases: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Of each activity the fields that its case expects; a track that is its own id as `own`."""
    fields = []
    for activity, (_, expected) in zip(found, cases, strict=True):
        assert isinstance(activity, Activity), activity
        own = activity._replace(track="own") if activity.track == activity.native_id else activity
        fields.append({name: getattr(own, name) for name in expected})
    return fields
