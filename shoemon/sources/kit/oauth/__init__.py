"""Leave that a server gives by OAuth 2.0 (RFC 6749, code flow): asked for by `shoemon login`, renewed when it runs out.

A server hands out two keys: one that opens, for some hours, and one that renews, often for one time only. What it hands
out is on the disk before it is used.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from shoemon.config.kinds import Secret
from shoemon.sources import Context
from shoemon.store.tokens import Token, Tokens
from shoemon.words.commands import command

PORT = 8642
"""Where a browser on this machine brings the answer; a server that wants to know the address beforehand is told it."""


class App(NamedTuple):
    """What one source must say of itself at one server, and where."""

    source: str
    """Its name in shoemon.yaml."""
    server: str
    """What the server is called in messages: `Strava`."""
    api_url: str
    authorize_url: str
    token_url: str
    client_id: str
    client_secret: Secret
    scopes: tuple[str, ...]
    """What leave is asked for. Without the first there is no login; without another one something is missing."""
    port: int = PORT
    separator: str = " "
    """Between scopes in the address that is opened."""
    proves: bool = True
    """The server knows PKCE (RFC 7636): who brings the code proves that it was he who asked."""

    @property
    def redirect_uri(self) -> str:
        """Where the browser is sent with the answer."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def bond(self) -> dict[str, str]:
        """What a login is for: with other settings it is worth nothing, and must not be sent."""
        return {"client_id": self.client_id, "api_url": self.api_url, "token_url": self.token_url}

    @property
    def remedy(self) -> str:
        """What to do when there is no login, or it is worth nothing any more."""
        return command("login", self.source, anywhere=True)


def tokens_of(app: App, context: Context) -> Tokens | None:
    """Where the login of `app` is kept; None where nothing is."""
    return Tokens(context.state, app.source) if context.state is not None else None


def login_warnings(app: App, context: Context) -> Iterable[str]:
    """What `shoemon check` should say of the login of `app`. Makes no state.db where there is none."""
    tokens = tokens_of(app, context) if context.state is not None and context.state.exists() else None
    kept = tokens.read() if tokens is not None else None
    if kept is None or not kept.get("access_token"):
        yield f"not logged in: {app.remedy}"
    elif not is_bound(kept, app):
        yield f"the login is for another app or address: {app.remedy}"


def is_bound(kept: Token, app: App) -> bool:
    """Whether `kept` was given for the settings as they are now."""
    return kept.get("bond") == app.bond


def scopes_in(told: Any) -> frozenset[str]:
    """The scopes of an answer: a list, or a text with blanks (RFC 6749) or commas (Strava) between them."""
    if isinstance(told, list):
        return frozenset(str(scope) for scope in told)
    return frozenset(str(told or "").replace(",", " ").split())


def token_in(answer: Mapping[str, Any], app: App, now: float, before: Token | None = None) -> Token:
    """What is kept of a server's `answer`, which came at `now` (seconds since 1970). A server that hands out no new
    key for renewing goes by the one `before`. Raises ValueError if it is no answer to a login.
    """
    access, renewing = answer.get("access_token"), answer.get("refresh_token") or (before or {}).get("refresh_token")
    if not (_is_key(access) and (renewing is None or _is_key(renewing))):
        raise ValueError("no token stands in it")
    lasts_s = _number(answer.get("expires_in"))
    return {
        "bond": app.bond,
        "access_token": access,
        "refresh_token": renewing,
        # By how long it lasts, not until when: the clocks may differ.
        "renew_at": now + max(lasts_s - _EARLY_S, lasts_s * 0.8) if 0 < lasts_s < 1e9 else None,
        "scopes": sorted(scopes_in(answer.get("scope")) or (before or {}).get("scopes", ())),
        "account": _account(answer) or (before or {}).get("account"),
    }


_EARLY_S = 300.0
_LONGEST = 8192


def _account(answer: Mapping[str, Any]) -> str | None:
    """Whose login it is: Strava's answers tell `athlete`, with an id. None where nothing is told."""
    athlete = answer.get("athlete")
    id = athlete.get("id") if isinstance(athlete, dict) else None
    return str(id) if isinstance(id, int) and not isinstance(id, bool) else None


def _number(value: Any) -> float:
    """0 where it is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 else 0.0


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isascii() and value.isprintable()


class Conversation(Protocol):
    """The runner at a terminal, as `login` of a source module sees him: told something, and asked for a line."""

    paste: bool
    """The browser cannot reach this machine: the runner hands over by hand what it was told."""
    can_answer: bool
    """Whether anybody is there to be asked."""

    def say(self, text: str) -> None:
        """Shows a line."""

    def ask(self, question: str) -> str:
        """A line the runner types; blank once there is nobody any more. It may hold a secret, and is not kept."""
