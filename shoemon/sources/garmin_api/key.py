"""The key of Garmin's Personal API, and the token it is exchanged for.

By Garmin's own client (garmin-connect-personal-api-python 1.0.0, 2026): the key is posted, the answer is a JWT as plain
text, which holds for a day and is exchanged anew before it ends. Keys end too, after 30 days to a year.
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
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.net.addresses import shown
from shoemon.net.download import Limits, fetch
from shoemon.sources.kit.fields import needed_number_at
from shoemon.store.tokens import Token, Tokens

_PATH = "/personalapitoken-service/personal-api/personal-api-key/token"
_LIMITS = Limits(total_s=60.0, size=2**16)
_LEAST_S, _MOST_S, _MARGIN_S = 3600.0, 86_400.0, 900.0
"""How long a token is taken to hold, whatever it says beside a clock that may be wrong here, and how long before its
end it is exchanged: longer than a pull takes."""
_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


class Key(NamedTuple):
    """The key, where the server stands, and in words where the key comes from."""

    secret: str
    base_url: str
    credentials: str

    @property
    def fingerprint(self) -> str:
        """Tells a token of this key from one of another; the key cannot be had from it."""
        return hashlib.sha256(f"{self.base_url}\0{self.secret}".encode()).hexdigest()


class KeyToken:
    """The token of a key: asked for when it is first needed, kept where `tokens` is given. Several threads may use it,
    and several processes; only one of them exchanges the key."""

    def __init__(self, key: Key, clock: Clock, tokens: Tokens | None) -> None:
        self._key, self._clock, self._tokens = key, clock, tokens
        self._held: Token | None = None
        self._lock = threading.Lock()

    def signing(self, accept: str) -> Callable[[], dict[str, str]]:
        """A function that gives the headers of a request for `accept`."""
        return lambda: {"Accept": accept, "Authorization": f"Bearer {self._current()}"}

    def renew(self) -> None:
        """Exchanges the key again, as the server has refused the token before its time."""
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
        """A token other than the `refused` one: what another process has kept meanwhile, or a new one."""
        try:
            with self._tokens.renewing() if self._tokens else nullcontext() as kept:
                if kept is not None and self._is_usable(kept) and kept != refused:
                    return kept
                token = self._ask()
                if self._tokens is not None:
                    self._tokens.write(token)
                return token
        except SourceError:
            raise
        except ShoemonError as error:  # state.db cannot be used, or is held by another process
            raise SourceError(str(error)) from None

    def _ask(self) -> Token:
        url = self._key.base_url.rstrip("/") + _PATH
        headers = {"Accept": "*/*", "Authorization": f"ApiKey {self._key.secret}"}
        with fetch(url, headers=headers, form={}, limits=_LIMITS, credentials=self._key.credentials).body as body:
            text = body.read().decode("ascii", "replace").strip()
        if _JWT.fullmatch(text) is None:
            raise SourceError(f"{shown(url)} answered with what is no token; try again later")
        now = self._clock().timestamp()
        return {"token": text, "until": _end(text, now), "key": self._key.fingerprint}


def _end(token: str, now: float) -> float:
    """When `token` ends, in seconds since 1970, by its own claim `exp` as far as that can be."""
    claims = token.split(".")[1]
    try:
        ends = needed_number_at(json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4))), "exp")
    except (ValueError, AttributeError, RecursionError):
        ends = now + _MOST_S
    return min(max(ends, now + _LEAST_S), now + _MOST_S)
