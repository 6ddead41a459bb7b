"""Logins by OAuth 2.0 (RFC 6749, code flow): made by `shoemon login`, renewed when they expire.

A server issues two tokens: an access token for some hours, and a refresh token, often for one use only. Both are on the
disk before they are used.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from shoemon.config.kinds import Secret
from shoemon.sources import Context
from shoemon.store.tokens import Token, Tokens
from shoemon.words.commands import command

PORT = 8642
"""The browser brings the answer to this port of this machine. Some servers require the address beforehand."""


class App(NamedTuple):
    """The identity of one source at one server, and the server's addresses."""

    source: str
    """Its name in shoemon.yaml."""
    server: str
    """The server's name in messages: `Strava`."""
    api_url: str
    authorize_url: str
    token_url: str
    client_id: str
    client_secret: Secret
    scopes: tuple[str, ...]
    """The permissions that are requested. The first is required; without another one some data are missing."""
    port: int = PORT
    separator: str = " "
    """Between scopes in the address that is opened."""
    has_pkce: bool = True
    """The server supports PKCE (RFC 7636): the code is worthless without the verifier."""

    @property
    def redirect_uri(self) -> str:
        """The address to which the server sends the browser with the answer."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def binding(self) -> dict[str, str]:
        """The settings that a login belongs to; with others it is invalid, and must not be sent."""
        return {"client_id": self.client_id, "api_url": self.api_url, "token_url": self.token_url}

    @property
    def remedy(self) -> str:
        """The command that helps when there is no login, or it is no longer valid."""
        return command("login", self.source, anywhere=True)


def tokens_of(app: App, context: Context) -> Tokens | None:
    """Return the store for the login of `app`; None where nothing is stored."""
    return Tokens(context.state, app.source) if context.state is not None else None


def login_warnings(app: App, context: Context) -> Iterable[str]:
    """List what `shoemon check` should report about the login of `app`. Creates no state.db."""
    tokens = tokens_of(app, context) if context.state is not None and context.state.exists() else None
    kept = tokens.read() if tokens is not None else None
    if kept is None or not kept.get("access_token"):
        yield f"not logged in: {app.remedy}"
    elif not is_bound(kept, app):
        yield f"the login is for another app or address: {app.remedy}"


def is_bound(kept: Token, app: App) -> bool:
    """Return whether `kept` was issued for the settings as they are now."""
    return kept.get("bond") == app.binding


def scopes_in(value: Any) -> frozenset[str]:
    """Read the scopes of an answer: a list, or a text with blanks (RFC 6749) or commas (Strava) between them."""
    if isinstance(value, list):
        return frozenset(str(scope) for scope in value)
    return frozenset(str(value or "").replace(",", " ").split())


def token_in(answer: Mapping[str, Any], app: App, now: float, before: Token | None = None) -> Token:
    """Return what is stored of a server's `answer`, which came at `now` (seconds since 1970). Without a new refresh
    token the one `before` remains. Raises ValueError if it is not the answer to a login."""
    access, refresh = answer.get("access_token"), answer.get("refresh_token") or (before or {}).get("refresh_token")
    if not (_is_token(access) and (refresh is None or _is_token(refresh))):
        raise ValueError("it contains no token")
    lasts_s = _number(answer.get("expires_in"))
    return {
        "bond": app.binding,
        "access_token": access,
        "refresh_token": refresh,
        # By its duration, not by its end: the clocks may differ.
        "renew_at": now + max(lasts_s - _EARLY_S, lasts_s * 0.8) if 0 < lasts_s < 1e9 else None,
        "scopes": sorted(scopes_in(answer.get("scope")) or (before or {}).get("scopes", ())),
        "account": _account(answer) or (before or {}).get("account"),
    }


_EARLY_S = 300.0
_LONGEST = 8192


def _account(answer: Mapping[str, Any]) -> str | None:
    """Return whose login it is: Strava's answers contain `athlete`, with an id. None in other answers."""
    athlete = answer.get("athlete")
    id = athlete.get("id") if isinstance(athlete, dict) else None
    return str(id) if isinstance(id, int) and not isinstance(id, bool) else None


def _number(value: Any) -> float:
    """Return 0 for what is not a number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 else 0.0


def _is_token(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isascii() and value.isprintable()


class LoginDialog(Protocol):
    """The terminal of the runner who logs in, for `login` of a source module."""

    paste: bool
    """The browser cannot reach this machine: the runner pastes the address of its last page."""
    can_answer: bool
    """A runner is there to type an answer."""

    def show(self, text: str) -> None:
        """Show a line."""

    def ask(self, question: str) -> str:
        """Return a line that the runner types; blank at the end of the input. Do not store it: it may be secret."""
