"""Listen on this machine for the browser that returns from a server with the answer to a login."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_LONGEST_S = 10.0
_ACCEPTED = "shoemon has the answer. See the terminal for the result; you can close this page."
_REFUSED = "This is not the answer that shoemon waits for."


@contextmanager
def listening(port: int, accept: Callable[[str], bool]) -> Iterator[None]:
    """While the block runs, call `accept` with the address of every page that a browser requests; it returns whether
    that was the answer. Raises OSError if the port is in use. No address is shown or logged: it contains a code that
    gives a login."""
    server = _Server(("127.0.0.1", port), _handler(accept))
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
        """Ignore a browser that closed the connection."""


def _handler(accept: Callable[[str], bool]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _LONGEST_S

        def do_GET(self) -> None:
            accepted = accept(self.path)
            body = (_ACCEPTED if accepted else _REFUSED).encode()
            self.send_response(200 if accepted else 400)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Log nothing: the address contains the code."""

    return Handler
