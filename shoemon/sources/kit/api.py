"""Asks a web interface for JSON, again and again, within one bound of time and bytes."""

import json
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from shoemon.config.kinds import Secret
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.net.addresses import shown
from shoemon.net.download import Fetched, Limits, fetch
from shoemon.net.failure import AnswerError

LIMITS = Limits(total_s=600.0)
"""A history of 10,000 runs is some hundred pages; what is not done by then is told, and tried again later."""

_SHORTEST_SECRET = 16
"""Bytes. What is shorter may be a part of something else, and no run may be lost to that."""


def key_and_place(setting: Secret, base: Path) -> tuple[str, str]:
    """A key for a server, and in words where it stands. Raises SourceError if it cannot be had."""
    try:
        secret = setting.reveal(base).strip()
    except ShoemonError as error:
        raise SourceError(str(error), retryable=False) from None
    return secret, f"environment variable {setting.env}" if setting.env else str(setting.file)


class Api:
    """One server, asked for one pull. May be asked by several threads at once.

    `sign` gives the headers that prove who asks (asked for anew for each request), `credentials` says in words where
    they come from. `renew` is called once if the server refuses them with status 401, before it is asked again; a
    thread that was refused meanwhile asks again with what that brought.
    """

    def __init__(
        self,
        base_url: str,
        sign: Callable[[], Mapping[str, str]],
        credentials: str,
        *,
        renew: Callable[[], None] | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self._base, self._sign, self._credentials = base_url.rstrip("/"), sign, credentials
        self._renew, self._limits = renew, limits
        self._until, self._left = time.monotonic() + limits.total_s, limits.size
        self._renewed, self._lock = False, threading.Lock()
        self._sent = frozenset[bytes]()

    def get(self, path: str, **query: object) -> Any:
        """The JSON at `path` below the base address. Raises SourceError; AnswerError tells the status."""
        with self.fetch(path, **query).body as body:
            return self._json(path, body)

    def fetch(self, path: str, **query: object) -> Fetched:
        """As `get`, the whole answer; its body is the caller's to close."""
        signed = self._sign()
        try:
            return self._ask(path, query, signed)
        except AnswerError as error:
            if error.status != 401 or self._renew is None:
                raise
            refusal = error
        return self._ask(path, query, self._signed_anew(signed, self._renew, refusal))

    def _signed_anew(
        self, refused: Mapping[str, str], renew: Callable[[], None], refusal: AnswerError
    ) -> Mapping[str, str]:
        """Other headers than those that were `refused`. Raises `refusal` if these are what renewing has brought."""
        with self._lock:
            if not self._renewed:
                self._renewed = True
                renew()
                return self._sign()
            signed = self._sign()
        if signed == refused:
            raise refusal
        return signed

    def _ask(self, path: str, query: Mapping[str, object], signed: Mapping[str, str]) -> Fetched:
        wanted = urlencode({name: value for name, value in query.items() if value is not None})
        url = f"{self._base}/{path.lstrip('/')}{'?' if wanted else ''}{wanted}"
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise SourceError(f"{shown(self._base)} took longer than {self._limits.total_s:g} s in all")
        limits = self._limits._replace(total_s=round(left_s, 1) or 0.1, size=max(self._left, 0))
        fetched = fetch(url, headers=signed, limits=limits, credentials=self._credentials)
        with self._lock:
            self._sent |= _secrets_in(signed)
            self._left -= fetched.body.seek(0, 2)
        fetched.body.seek(0)
        return fetched

    def _json(self, path: str, body: IO[bytes]) -> Any:
        try:
            return json.loads(self._hushed(body.read()))
        except (ValueError, RecursionError):
            raise SourceError(f"{shown(self._base)}/{path.lstrip('/')} answered with what is no JSON") from None

    def _hushed(self, content: bytes) -> bytes:
        """`content` with asterisks for what was sent to prove who asks, should the server repeat it: all that a record
        holds can come to stand in the database."""
        for secret in self._sent:
            content = content.replace(secret, b"*" * len(secret))
        return content


def _secrets_in(headers: Mapping[str, str]) -> frozenset[bytes]:
    kind, _, sent = headers.get("Authorization", "").partition(" ")
    plain = b64decode(sent).partition(b":")[2] if kind == "Basic" else b""
    return frozenset(secret for secret in (sent.encode(), plain) if len(secret) >= _SHORTEST_SECRET)
