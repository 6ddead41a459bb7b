"""Receivers of alerts that really listen: a web server and a mail server on this machine."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from kit.http_servers import listening


class Hook:
    """A web server that takes webhooks; `status` is what it answers, `down` hangs up without an answer."""

    def __init__(self, delay_s: float = 0.0) -> None:
        self.ids: list[str] = []
        """The webhook-id of every post that was answered with 2xx, in their order."""
        self.bodies: list[dict[str, Any]] = []
        self.tried: list[str] = []
        """The webhook-id of every post."""
        self.status, self.down, self.delay_s = 200, False, delay_s
        self.on_post: Callable[[], None] = lambda: None
        self.url = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["content-length"]))
        self.tried.append(request.headers["webhook-id"])
        self.on_post()
        if self.down:
            request.close_connection = True
            return
        if 200 <= self.status < 300:
            self.ids.append(request.headers["webhook-id"])
            self.bodies.append(json.loads(body))
        if self.delay_s:
            time.sleep(self.delay_s)
        request.send_response(self.status)
        request.send_header("content-length", "0")
        request.end_headers()

    @property
    def asked(self) -> int:
        return len(self.tried)

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.ids)


@contextmanager
def hook(delay_s: float = 0.0) -> Iterator[Hook]:
    """A Hook that listens while the block runs."""
    receiver = Hook(delay_s)
    with listening(receiver.answer) as url:
        receiver.url = f"{url}/hook"
        yield receiver


class Post(NamedTuple):
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Answers every request with `status`, `headers` and `content`, and keeps what arrived."""

    def __init__(self, status: int = 200, headers: Mapping[str, str] | None = None, content: bytes = b"ok") -> None:
        self.status, self.headers, self.content = status, headers or {}, content
        self.posts: list[Post] = []
        self.url = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.posts.append(Post(request.path, dict(request.headers.items()), body))
        request.send_response(self.status)
        for name, value in {"Content-Length": str(len(self.content)), **self.headers}.items():
            request.send_header(name, value)
        request.end_headers()
        with suppress(OSError):  # whoever reads 64 kB only hangs up before the end
            request.wfile.write(self.content)


Serve = Callable[..., Receiver]


@contextmanager
def receivers() -> Iterator[Serve]:
    """Starts receivers: `serve(503, {"Retry-After": "9"})`; they stop with the block."""
    with ExitStack() as running:

        def start(*arguments: Any, certificate: Path | None = None) -> Receiver:
            receiver = Receiver(*arguments)
            receiver.url = running.enter_context(listening(receiver.answer, certificate))
            return receiver

        yield start


class Mailroom:
    """What aiosmtpd hands mails to; `answer` is what every mail is answered with, or says that of its bytes; `refuses`
    maps recipients to what they are answered with."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        """Every mail that was handed over, taken or not."""
        self.ids: list[str] = []
        """The Message-ID of every mail that was taken."""
        self.subjects: list[str] = []
        self.answer: str | Callable[[bytes], str] = "250 taken"
        self.refuses: dict[str, str] = {}
        self.reached: list[str] = []
        """Every recipient of a mail that was taken."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address not in self.refuses:
            envelope.rcpt_tos.append(address)
        return self.refuses.get(address, "250 taken")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.asked.append(envelope.content)
        answer = self.answer if isinstance(self.answer, str) else self.answer(envelope.content)
        if answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=default)
            self.ids.append(str(message["Message-ID"]))
            self.subjects.append(str(message["Subject"]))
            self.reached += envelope.rcpt_tos
        return answer


class FreePort(Controller):
    """A mail server on a port that the system chose."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def taking_mails(room: Any, **options: Any) -> Iterator[int]:
    """The port of a server that hands mails to `room` while the block runs."""
    controller = FreePort(room, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def mail_server() -> Iterator[tuple[Mailroom, int]]:
    """A mail server while the block runs: what it got, and its port."""
    room = Mailroom()
    with taking_mails(room) as port:
        yield room, port
