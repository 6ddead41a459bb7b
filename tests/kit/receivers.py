"""Receivers of alerts that really listen: a web server and a mail server on this machine."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Hook:
    """A web server that takes webhooks; `status` is what it answers, `down` hangs up without an answer."""

    def __init__(self, delay_s: float = 0.0) -> None:
        self.ids: list[str] = []
        """The webhook-id of every post that was answered with 2xx, in their order."""
        self.bodies: list[dict[str, Any]] = []
        self.asked = 0
        self.status, self.down, self.delay_s = 200, False, delay_s
        self.on_post: Callable[[], None] = lambda: None
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.asked += 1
                hook.on_post()
                if hook.down:
                    self.close_connection = True
                    return
                if 200 <= hook.status < 300:
                    hook.ids.append(self.headers["webhook-id"])
                    hook.bodies.append(json.loads(body))
                if hook.delay_s:
                    time.sleep(hook.delay_s)
                self.send_response(hook.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.ids)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def hook(delay_s: float = 0.0) -> Iterator[Hook]:
    """A Hook that listens while the block runs."""
    receiver = Hook(delay_s)
    try:
        yield receiver
    finally:
        receiver.close()


class Mailroom:
    """What aiosmtpd hands mails to; `answer` is what every mail is answered with, or says that of its bytes."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        """Every mail that was handed over, taken or not."""
        self.ids: list[str] = []
        """The Message-ID of every mail that was taken."""
        self.subjects: list[str] = []
        self.answer: str | Callable[[bytes], str] = "250 taken"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.asked.append(envelope.content)
        answer = self.answer if isinstance(self.answer, str) else self.answer(envelope.content)
        if answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=default)
            self.ids.append(str(message["Message-ID"]))
            self.subjects.append(str(message["Subject"]))
        return answer


@contextmanager
def mail_server() -> Iterator[tuple[Mailroom, int]]:
    """A mail server on a free port while the block runs: what it got, and the port."""
    import socket

    from aiosmtpd.controller import Controller

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    room = Mailroom()
    controller = Controller(room, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield room, port
    finally:
        controller.stop()
