"""Request JSON from a server, again and again, within one limit of time and bytes."""

import json
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from shoemon.config.kinds import Secret
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.net.addresses import shown
from shoemon.net.download import Fetched, Limits, fetch
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.files import parse_json

LIMITS = Limits(total_s=600.0)
"""A history of 10,000 runs is some hundred pages. What takes longer fails, and is tried again later."""

_SHORTEST_SECRET = 16
"""Bytes. Something shorter may be part of other data, and masking it could lose a run."""


def key_and_place(setting: Secret, base: Path) -> tuple[str, str]:
    """Return a key for a server, and where it comes from, for messages. Raises SourceError if it is unavailable."""
    try:
        secret = setting.reveal(base).strip()
    except ShoemonError as error:
        raise SourceError(str(error), retryable=False) from None
    return secret, f"environment variable {setting.env}" if setting.env else str(setting.file)


class Api:
    """The requests of one pull to one server. Several threads may use it at once.

    `sign` returns the headers of a request with its credentials, `credentials` describes them for messages. `renew` is
    called once if the server refuses them with status 401; then the request is repeated. A request of another thread
    that was refused meanwhile is repeated with the renewed headers.
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
        """Return the JSON at `path` below the base address. Raises SourceError; AnswerError has the status."""
        with self.fetch(path, **query).body as body:
            return self._json(path, body)

    def fetch(self, path: str, **query: object) -> Fetched:
        """Return the whole answer, as `get`; the caller closes its body."""
        signed = self._sign()
        try:
            return self._request(path, query, signed)
        except AnswerError as error:
            if error.status != 401 or self._renew is None:
                raise
            refusal = error
        return self._request(path, query, self._signed_again(signed, self._renew, refusal))

    def _signed_again(
        self, refused: Mapping[str, str], renew: Callable[[], None], refusal: AnswerError
    ) -> Mapping[str, str]:
        """Return other headers than those `refused`. Raises `refusal` if they are already renewed."""
        with self._lock:
            if not self._renewed:
                self._renewed = True
                renew()
                return self._sign()
            signed = self._sign()
        if signed == refused:
            raise refusal
        return signed

    def _request(self, path: str, query: Mapping[str, object], signed: Mapping[str, str]) -> Fetched:
        encoded = urlencode({name: value for name, value in query.items() if value is not None})
        url = f"{self._base}/{path.lstrip('/')}{'?' if encoded else ''}{encoded}"
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
            return parse_json(self._masked(body.read()))
        except (ValueError, RecursionError):
            raise SourceError(f"{shown(self._base)}/{path.lstrip('/')} did not answer with JSON") from None

    def _masked(self, content: bytes) -> bytes:
        """Replace credentials that the server repeats in `content` by asterisks: records are stored."""
        for secret in self._sent:
            content = content.replace(secret, b"*" * len(secret))
        return content


@contextmanager
def as_source_errors() -> Iterator[None]:
    """Raise SourceError, which may be retried, for failures of state.db and of its locks."""
    try:
        yield
    except SourceError:
        raise
    except ShoemonError as error:
        raise SourceError(str(error)) from None


def object_in(answer: bytes) -> dict[str, Any]:
    """Return the JSON object in an error's answer; an empty one if it is something else."""
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _secrets_in(headers: Mapping[str, str]) -> frozenset[bytes]:
    kind, _, sent = headers.get("Authorization", "").partition(" ")
    plain = b64decode(sent).partition(b":")[2] if kind == "Basic" else b""
    return frozenset(secret for secret in (sent.encode(), plain) if len(secret) >= _SHORTEST_SECRET)
