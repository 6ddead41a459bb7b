"""Listens on this machine for the browser that comes back from a server with the answer to a login."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_LONGEST_S = 10.0
_TAKEN = "shoemon has the answer. What came of it stands in the terminal; this page can be closed."
_NOT_TAKEN = "This is not the answer that shoemon waits for."


@contextmanager
def listening(port: int, take: Callable[[str], bool]) -> Iterator[None]:
    """While the block runs, `take` is told the address of every page a browser asks for; it says whether that was the
    answer. Raises OSError if the port is taken.

    Nothing of an address is shown or written down: it holds a code that is worth a login.
    """
    server = _Server(("127.0.0.1", port), _handler(take))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = not hasattr(socket, "SO_EXCLUSIVEADDRUSE")
    """On Windows two programs could then listen to one port."""

    def handle_error(self, *_: Any) -> None:
        """A browser that hung up is of no interest."""


def _handler(take: Callable[[str], bool]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _LONGEST_S

        def do_GET(self) -> None:
            taken = take(self.path)
            body = (_TAKEN if taken else _NOT_TAKEN).encode()
            self.send_response(200 if taken else 400)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Would write the code down."""

    return Handler
