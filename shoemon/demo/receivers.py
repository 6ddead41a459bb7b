"""A mail server and a webhook receiver on this machine, which show the demo's alerts arriving.

Only as much of both as that needs, from the standard library, on 127.0.0.1 and a free port each.
"""

import base64
import email
import email.policy
import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

HERE = "127.0.0.1"
_LONGEST_BYTES = 1 << 20


class Arrival(NamedTuple):
    """A message that arrived: its channel, its subject, its text, and what the receiver found about it."""

    way: str
    title: str
    text: str
    verdict: str


class Receivers(NamedTuple):
    """Both receivers at work; `arrived` grows as messages come in, oldest first."""

    mail_port: int
    hook_port: int
    arrived: list[Arrival]


@contextmanager
def receivers(secret: str) -> Iterator[Receivers]:
    """Run both until the block ends. Webhooks must be signed with `secret` (`whsec_` and base64)."""
    arrived: list[Arrival] = []
    key = base64.b64decode(secret.removeprefix("whsec_"))

    class Mail(_Mail):
        inbox = arrived

    class Hook(_Hook):
        inbox, signing_key = arrived, key

    with ExitStack() as stack:
        mail = stack.enter_context(_MailServer((HERE, 0), Mail))
        hook = stack.enter_context(ThreadingHTTPServer((HERE, 0), Hook))
        for server in (mail, hook):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            stack.callback(server.shutdown)
        yield Receivers(mail.server_address[1], hook.server_address[1], arrived)


def signature_is_good(key: bytes, body: bytes, identity: str, sent_at: str, signatures: str) -> bool:
    """Whether one of `signatures` was made with `key` over this message (Standard Webhooks 1.0)."""
    digest = hmac.new(key, f"{identity}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    wanted = f"v1,{base64.b64encode(digest).decode()}"
    return any(hmac.compare_digest(wanted, given) for given in signatures.split())


class _MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


class _Mail(socketserver.StreamRequestHandler):
    """One conversation in SMTP (RFC 5321) that accepts every sender, recipient and mail."""

    inbox: list[Arrival]

    def handle(self) -> None:
        self._reply("220 the demo's mail server")
        while line := self.rfile.readline(2048):
            verb = line[:4].upper()
            if verb == b"DATA":
                self._reply("354 end with a dot on its own line")
                self._take()
            elif verb == b"QUIT":
                self._reply("221 goodbye")
                return
            elif verb in (b"EHLO", b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"):
                self._reply("250 ok")
            else:
                self._reply("502 not implemented")

    def _take(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline(_LONGEST_BYTES)) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        plain = message.get_body(("plain",))
        text = str(plain.get_content()) if plain is not None else ""
        text = "\n".join(text.splitlines())
        self.inbox.append(Arrival("e-mail", str(message["Subject"]), text, f"to {message['To']}"))
        self._reply("250 accepted")

    def _reply(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Hook(BaseHTTPRequestHandler):
    """Accept a message whose signature is good, and refuse any other."""

    inbox: list[Arrival]
    signing_key: bytes

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), _LONGEST_BYTES))
        named = (self.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
        good = signature_is_good(self.signing_key, body, *named)
        if good:
            data = json.loads(body)["data"]
            self.inbox.append(Arrival("webhook", str(data["title"]), str(data["body"]), "signature is good"))
        self.send_response(204 if good else 401)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the demo prints what arrived."""
