"""End a conversation over the network in time, however slowly the other side drips.

A socket's own time-out begins anew with every byte: a server that sends one byte in ten seconds blocks a job for ever.
"""

import contextlib
import socket
import threading
from types import TracebackType


class Deadline:
    """Cuts the watched connections when `seconds` have passed since it was entered; then `passed` is true.

    Reading from a cut connection gives its end or an OSError at once. Looking a name up is not watched.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def watch(self, connection: socket.socket) -> None:
        """Watch a plain connection, before TLS begins on it."""
        with self._lock:
            self._watched.append(connection.dup())  # a copy, because TLS takes the file from the socket it wraps
        if self.passed:
            self._cut()

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._timer.join()
        for connection in self._watched:
            connection.close()

    def _cut(self) -> None:
        with self._lock:
            self.passed = True
            for connection in self._watched:
                with contextlib.suppress(OSError):  # the other side was quicker
                    connection.shutdown(socket.SHUT_RDWR)
