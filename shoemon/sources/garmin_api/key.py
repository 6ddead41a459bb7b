"""Exchange the key of Garmin's Personal API for a token.

As Garmin's own client does (garmin-connect-personal-api-python 1.0.0, 2026): the key is posted, the answer is a JWT as
plain text, which is valid for a day and is replaced before it expires. Keys expire too, after 30 days to a year.
"""

import hashlib
import json
import re
import threading
from base64 import urlsafe_b64decode
from collections.abc import Callable
from contextlib import nullcontext
from typing import NamedTuple

from shoemon.model.clock import Clock
from shoemon.model.errors import SourceError
from shoemon.net.addresses import shown
from shoemon.net.download import Limits, fetch
from shoemon.sources.kit.api import as_source_errors
from shoemon.sources.kit.fields import needed_number_at
from shoemon.store.tokens import Token, Tokens

_PATH = "/personalapitoken-service/personal-api/personal-api-key/token"
_LIMITS = Limits(total_s=60.0, size=2**16)
_LEAST_S, _MOST_S, _MARGIN_S = 3600.0, 86_400.0, 900.0
"""Limits of a token's validity, whatever it states, as the clock here may be wrong; and the time before its end when it
is replaced: longer than a pull takes."""
_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


class Key(NamedTuple):
    """The key, the server's address, and a description of the key's origin for messages."""

    secret: str
    base_url: str
    credentials: str

    @property
    def fingerprint(self) -> str:
        """Identifies the tokens of this key, without revealing it."""
        return hashlib.sha256(f"{self.base_url}\0{self.secret}".encode()).hexdigest()


class KeyToken:
    """The token of a key: requested when it is first needed, stored in `tokens`, if given. Several threads or processes
    may use it; only one of them exchanges the key."""

    def __init__(self, key: Key, clock: Clock, tokens: Tokens | None) -> None:
        self._key, self._clock, self._tokens = key, clock, tokens
        self._held: Token | None = None
        self._lock = threading.Lock()

    def signing(self, accept: str) -> Callable[[], dict[str, str]]:
        """Return a function that makes the headers of a request for `accept`."""
        return lambda: {"Accept": accept, "Authorization": f"Bearer {self._current()}"}

    def renew(self) -> None:
        """Exchange the key again, after the server has refused the token early."""
        with self._lock:
            self._held = self._exchanged(self._held)

    def _current(self) -> str:
        with self._lock:
            if not self._is_usable(self._held):
                self._held = self._exchanged(None)
            return str(self._held["token"] if self._held else "")

    def _is_usable(self, token: Token | None) -> bool:
        if token is None or token.get("key") != self._key.fingerprint:
            return False
        ends, left = token.get("until"), self._clock().timestamp()
        return isinstance(ends, int | float) and _MARGIN_S < ends - left <= _MOST_S

    def _exchanged(self, refused: Token | None) -> Token:
        """Return another token than the `refused` one: stored by another process meanwhile, or a new one."""
        with as_source_errors(), self._tokens.renewing() if self._tokens else nullcontext() as kept:
            if kept is not None and self._is_usable(kept) and kept != refused:
                return kept
            token = self._request()
            if self._tokens is not None:
                self._tokens.write(token)
            return token

    def _request(self) -> Token:
        url = self._key.base_url.rstrip("/") + _PATH
        headers = {"Accept": "*/*", "Authorization": f"ApiKey {self._key.secret}"}
        with fetch(url, headers=headers, form={}, limits=_LIMITS, credentials=self._key.credentials).body as body:
            text = body.read().decode("ascii", "replace").strip()
        if _JWT.fullmatch(text) is None:
            raise SourceError(f"{shown(url)} did not answer with a token; try again later")
        now = self._clock().timestamp()
        return {"token": text, "until": _end(text, now), "key": self._key.fingerprint}


def _end(token: str, now: float) -> float:
    """Return when `token` expires, in seconds since 1970: by its claim `exp`, within the limits."""
    claims = token.split(".")[1]
    try:
        ends = needed_number_at(json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4))), "exp")
    except (ValueError, AttributeError, RecursionError):
        ends = now + _MOST_S
    return min(max(ends, now + _LEAST_S), now + _MOST_S)
