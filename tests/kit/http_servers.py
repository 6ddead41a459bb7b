"""Web servers of a test, really listening on this machine: one that answers as it is told, and one that speaks bytes."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from kit.certificates import server_context


@contextlib.contextmanager
def listening(answer: Callable[[Any], None], certificate: Path | None = None) -> Iterator[str]:
    """The address of a server that has `answer` do with every request what it will, while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_POST = do_GET

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        server.socket = server_context(certificate).wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


HttpAnswer = Callable[[Any], None]


def says(body: bytes = b"a,b\n", status: int = 200, **headers: str) -> HttpAnswer:
    """An answer with that body, and no header but its length and these (`_` is `-`)."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response_only(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def dripping(head: bytes) -> HttpAnswer:
    """Sends `head` at once and then a byte every few hundredths of a second, for longer than any test lasts."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        with contextlib.suppress(OSError):  # the other side has gone, as it should
            request.wfile.write(head)
            for _ in range(500):
                request.wfile.write(b"x")
                request.wfile.flush()
                time.sleep(0.02)

    return answer


@dataclass
class AnsweringServer:
    """A server whose answers are given in turn (the last one again and again), and what it was asked."""

    url: str = ""
    answers: list[HttpAnswer] = field(default_factory=list)
    asked: list[BaseHTTPRequestHandler] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: Any = field(default_factory=threading.Lock)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0))).decode()
        with self.lock:
            self.asked.append(request)
            self.bodies.append(body)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.answers[min(len(self.asked), len(self.answers)) - 1](request)
        finally:
            with self.lock:
                self.at_once -= 1


@contextlib.contextmanager
def answering() -> Iterator[AnsweringServer]:
    server = AnsweringServer()
    with listening(server.answer) as server.url:
        yield server


Speak = Callable[[bytes, bytes], str]


@contextlib.contextmanager
def speaking() -> Iterator[Speak]:
    """Starts a server that says `first` at once and then `drop` every 50 ms (nothing if empty); gives its address."""
    over = threading.Event()
    threads: list[threading.Thread] = []
    server = socket.create_server(("127.0.0.1", 0))

    def start(first: bytes, drop: bytes) -> str:
        def run() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
            if over.is_set():
                return  # a test that failed before it called
            with connection, contextlib.suppress(OSError):
                connection.sendall(first)
                while not over.wait(0.05):
                    connection.sendall(drop)

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return f"http://127.0.0.1:{server.getsockname()[1]}"

    try:
        yield start
    finally:
        over.set()
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)  # ends a wait in accept()
        for thread in threads:
            thread.join()
        server.close()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for is asked for directly, whatever the environment says."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
