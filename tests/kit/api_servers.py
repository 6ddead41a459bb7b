"""A web interface that really listens on this machine, and answers as the test tells it to."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit


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
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def paths(self) -> list[str]:
        """The paths that were asked for, in their order."""
        return [asked.path for asked in self.asked]

    def close(self) -> None:
        self._closed.set()
        self._http.shutdown()
        self._http.server_close()

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

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._take("GET", b"")

            def do_POST(self) -> None:
                self._take("POST", self.rfile.read(int(self.headers.get("content-length", 0))))

            def _take(self, method: str, body: bytes) -> None:
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                form = dict(parse_qsl(body.decode("utf-8", "replace")))
                answer = server.take(Asked(method, parts.path, dict(parse_qsl(parts.query)), headers, form))
                content = answer.content
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self._send(content if answer.cut is None else content[: answer.cut], answer.drip)
                self.close_connection = True

            def _send(self, content: bytes, drip: float) -> None:
                try:
                    if not drip:
                        self.wfile.write(content)
                        return
                    for index in range(len(content)):
                        self.wfile.write(content[index : index + 1])
                        self.wfile.flush()
                        if server.pause(drip):
                            return
                except OSError:  # the other side hung up
                    pass

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[Server]:
    """A Server that listens while the block runs."""
    server = Server(answer)
    try:
        yield server
    finally:
        server.close()
