"""A server that gives logins by OAuth 2.0 and takes them back, really listening on this machine, and the browser of a
runner who gives leave there."""

import base64
import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import urlopen

import pytest
from kit.api_servers import Answer, Asked, Server, pauses_of, serving
from kit.homes import Home
from kit.web_sources import Account, Place

from shoemon.config.registry import SOURCES
from shoemon.sources.kit import api
from shoemon.sources.kit.oauth import access, token_in
from shoemon.store.tokens import Tokens

SECRET = "s3cret-of-the-app"
CLIENT = "4711"
REFUSED = {
    "message": "Bad Request",
    "errors": [{"resource": "RefreshToken", "field": "refresh_token", "code": "invalid"}],
}


class Logins:
    """What the server remembers. Each renewal brings new tokens, and (but for `grace`) ends those it was asked with.

    `api` answers who shows a token that is good. `renewed` is called when new tokens are made, before they are sent.
    """

    def __init__(self, api: Callable[[Asked], Answer], *, grace: bool = False, lasts_s: float | None = 21600) -> None:
        self.api, self.grace, self.lasts_s = api, grace, lasts_s
        self.codes: dict[str, dict[str, str]] = {}
        self.access: set[str] = set()
        self.renewing: set[str] = set()
        self.made: list[str] = []
        """Every secret that was ever handed out."""
        self.renewals = 0
        self.at_once, self.most_at_once = 0, 0
        self.renewed: Callable[[], None] = lambda: None
        self.extra: dict[str, Any] = {}
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Answer:
        if asked.path.endswith("/token"):
            return self._token(asked.form)
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.access:
            told = {"errors": [{"resource": "Athlete", "field": "access_token", "code": "invalid"}]}
            return Answer({"message": "Authorization Error", **told}, 401)
        return self.api(asked)

    def log_in(self) -> dict[str, Any]:
        """New tokens."""
        access, renewing = f"access-{secrets.token_hex(8)}", f"renewing-{secrets.token_hex(8)}"
        self.access.add(access)
        self.renewing.add(renewing)
        self.made += [access, renewing]
        lasts = {} if self.lasts_s is None else {"expires_in": self.lasts_s}
        return {"token_type": "Bearer", "access_token": access, "refresh_token": renewing, **lasts, **self.extra}

    def end_access(self) -> None:
        """Takes no token any more that was given until now; they can be renewed."""
        self.access.clear()

    def leave(self, address: str, scope: str | None = None, error: str = "") -> str:
        """What the runner's browser is sent to once leave is given (or not: `error`) at `address`."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["client_id"] == CLIENT and asked["response_type"] == "code"
        if error:
            told = {"error": error}
        else:
            code = f"code-{secrets.token_hex(8)}"
            self.codes[code] = asked
            self.made.append(code)
            told = {"code": code, **({} if scope is None else {"scope": scope})}
        return f"{asked['redirect_uri']}?{urlencode({**told, 'state': asked['state']})}"

    def _token(self, form: dict[str, str]) -> Answer:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return Answer({"error": "invalid_client"}, 401)
        if form.get("grant_type") == "authorization_code":
            return self._exchanged(form)
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return self._renewed(form)
        finally:
            with self._lock:
                self.at_once -= 1

    def _exchanged(self, form: dict[str, str]) -> Answer:
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return Answer({"error": "invalid_grant"}, 400)
        if "code_challenge" in asked:
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
                return Answer({"error": "invalid_grant"}, 400)
        return Answer(self.log_in())

    def _renewed(self, form: dict[str, str]) -> Answer:
        with self._lock:
            if form.get("refresh_token") not in self.renewing:
                return Answer(REFUSED, 400)
            self.renewals += 1
            if not self.grace:
                self.renewing.discard(form["refresh_token"])
            answer = Answer(self.log_in())
        self.renewed()
        return answer


@contextmanager
def login_server(api: Callable[[Asked], Answer], **settings: Any) -> Iterator[tuple[Server, Logins]]:
    """A server that listens while the block runs, and what it remembers."""
    logins = Logins(api, **settings)
    with serving(logins.answer) as server:
        yield server, logins


class Runner:
    """Somebody at a terminal. What is `typed` is answered, line by line; every address that is shown is given to
    `browser`, which opens what it returns."""

    def __init__(
        self, browser: Callable[[str], str | None], *, paste: bool = False, typed: tuple[str, ...] = ()
    ) -> None:
        self.paste, self.can_answer = paste, paste or bool(typed)
        self.said: list[str] = []
        self.pages: list[tuple[int, str]] = []
        """Status and text of every page the browser was sent to."""
        self._browser, self._typed = browser, list(typed)
        self._sent = threading.Thread()

    def show(self, text: str) -> None:
        self.said.append(text)
        if text.startswith("http"):
            sent_to = self._browser(text)
            if sent_to is not None and self.paste:
                self._typed.append(sent_to)
            elif sent_to is not None:
                self._sent = threading.Thread(target=self._open, args=(sent_to,))
                self._sent.start()

    def ask(self, question: str) -> str:
        return self._typed.pop(0) if self._typed else ""

    def done(self) -> None:
        """Waits for the browser."""
        if self._sent.ident is not None:
            self._sent.join()

    def _open(self, address: str) -> None:
        try:
            with urlopen(address, timeout=300) as page:
                self.pages.append((page.status, page.read().decode()))
        except HTTPError as error:
            self.pages.append((error.code, error.read().decode()))


class LoggedIn(Place):
    """A place whose runner is logged in at that server."""

    def __init__(self, home: Home, server: Server, account: Any, main: str, logins: Logins) -> None:
        super().__init__(
            home, server, account, f"{main}, client_id: '{CLIENT}', client_secret: {{{{env: APP_SECRET}}}}"
        )
        self.logins = account.logins = logins
        self.log_in()

    def log_in(self) -> None:
        settings, now = self.home.config.sources[0], self.home.clock().timestamp()
        token = token_in(self.logins.log_in(), SOURCES.module_of(settings.type).app_of(settings), now)
        Tokens(self.home.config.state_database, settings.name).write(token)


class LoginAccount(Account):
    """What the runner has at such a server."""

    env, secret = "APP_SECRET", SECRET
    logins: Logins

    def secrets(self) -> list[str]:
        return self.logins.made


@contextmanager
def logged_in(
    directory: Path, monkeypatch: pytest.MonkeyPatch, account: Any, main: str, **settings: Any
) -> Iterator[LoggedIn]:
    """A home whose runner is logged in at the server that answers as `account` does; nothing is waited for."""
    monkeypatch.setenv("APP_SECRET", SECRET)
    pauses_of(monkeypatch, api, access)
    with login_server(account.answer, **settings) as (server, logins):
        yield LoggedIn(Home(directory / "home"), server, account, main, logins)
