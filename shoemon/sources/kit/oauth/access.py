"""Request tokens of a server, and use the login of one source: sign requests, and renew it by one process at a time.

An interrupted renewal may cost the login: the server has issued a new token and refuses the old one, and the new one
was lost on the way. So the beginning of a renewal is stored first, and the message can name it later.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shoemon.model.clock import iso
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.net.addresses import shown
from shoemon.net.download import Limits, fetch
from shoemon.net.failure import AnswerError
from shoemon.sources import Context
from shoemon.sources.kit.api import Api, as_source_errors, object_in
from shoemon.sources.kit.oauth import App, is_bound, token_in, tokens_of
from shoemon.store.tokens import Token, Tokens

LIMITS = Limits(total_s=60.0, size=2**20)
"""Shorter than other processes wait for the one that renews."""


class RefusedError(SourceError):
    """The server refuses the code or token. Trying again with the same one cannot help."""


def request_token(app: App, base: Path, form: Mapping[str, str]) -> dict[str, Any]:
    """Send `form` with the app's id and secret, and return the answer; relative paths start from `base`. Raises
    RefusedError if the server refuses the code or token in it, AppError if it refuses the app, and SourceError for any
    other failure: then the server may have issued a token or not."""
    try:
        secret = app.client_secret.reveal(base).strip()
    except ShoemonError as error:
        raise AppError(str(error), retryable=False) from None
    sent = {"client_id": app.client_id, "client_secret": secret, **form}
    try:
        with fetch(app.token_url, form=sent, limits=LIMITS, credentials="client_id and client_secret").body as body:
            answer = json.load(body)
    except AnswerError as error:
        raise _explained(app, error) from None
    except (ValueError, RecursionError):
        raise SourceError(f"{shown(app.token_url)} did not answer with JSON") from None
    if not isinstance(answer, dict):
        raise SourceError(f"{shown(app.token_url)} did not answer with a token")
    return answer


class AppError(SourceError):
    """The server refuses the app itself, or its secret is unavailable; the login remains valid."""


def _explained(app: App, error: AnswerError) -> SourceError:
    if error.status not in (400, 401):
        return error
    if _is_about_the_app(error.answer):
        return AppError(f"{app.server} does not know the app; check client_id and client_secret", retryable=False)
    return RefusedError(f"{app.server} refused the login (status {error.status})", retryable=False)


def _is_about_the_app(answer: bytes) -> bool:
    """Return whether the id or secret is refused: `invalid_client` by RFC 6749, and Strava's words
    `{"errors": [{"resource": "Application", "field": "client_id", "code": "invalid"}]}` (as programs have met them)."""
    fault = object_in(answer)
    errors = fault.get("errors")
    parts = [part for part in errors if isinstance(part, dict)] if isinstance(errors, list) else []
    return fault.get("error") == "invalid_client" or any(part.get("resource") == "Application" for part in parts)


_BEGUN = "renewal_begun_at"
"""Stored with a token while a new one is requested, and later as long as the outcome is unknown."""


class Access:
    """Signs requests with a login. Raises SourceError; if only another login can help, with the command."""

    def __init__(self, app: App, context: Context) -> None:
        self._app, self._context = app, context
        self._token: Token | None = None

    def api(self, limits: Limits, *, renews: bool = True) -> Api:
        """Return the requests of one pull. `renews`: renew the login if it is refused."""
        credentials, renew = f"the login of {self._app.source}", self.renew if renews else None
        return Api(self._app.api_url, self.sign, credentials, renew=renew, limits=limits)

    def sign(self) -> Mapping[str, str]:
        """Return the headers of the next request. Renews the login if it is about to expire."""
        if self._token is None:
            with as_source_errors():
                self._token = self._checked(self._tokens().read())
        renew_at = self._token.get("renew_at")
        if isinstance(renew_at, int | float) and self._now() >= renew_at:
            self.renew()
        return {"Authorization": f"Bearer {self._token['access_token']}"}

    def renew(self) -> None:
        """Replace the token used last: by that of another process which renewed it meanwhile, or by a new one."""
        used = self._token
        with as_source_errors(), self._tokens().renewing() as kept:
            token = self._checked(kept)
            if used is not None and token["access_token"] == used["access_token"]:
                token = self._renewed(token)
            self._token = token

    def _renewed(self, kept: Token) -> Token:
        tokens, app = self._tokens(), self._app
        if not kept.get("refresh_token"):
            raise SourceError(f"the login at {app.server} has expired; log in again: {app.remedy}", retryable=False)
        begun = kept.get(_BEGUN)
        tokens.write({**kept, _BEGUN: begun or iso(self._context.clock())})
        form = {"grant_type": "refresh_token", "refresh_token": kept["refresh_token"]}
        try:
            answer = request_token(app, self._context.base, form)
            token = token_in(answer, app, self._now(), kept)
        except (RefusedError, AppError) as error:
            tokens.write(kept)  # no new token was issued
            raise self._explained(error, begun) from None
        except ValueError as error:
            raise SourceError(f"{app.server} answered the renewal of the login in an unknown way: {error}") from None
        tokens.write(token)
        return token

    def _explained(self, error: SourceError, begun: str | None) -> SourceError:
        app = self._app
        if isinstance(error, AppError):
            return error
        why = (
            f"the renewal of the login at {begun} was interrupted, and the answer of {app.server} was lost"
            if begun
            else f"{app.server} no longer accepts the login: it was revoked, or has expired"
        )
        return SourceError(f"{why}; log in again: {app.remedy}", retryable=False)

    def _checked(self, kept: Token | None) -> Token:
        app = self._app
        if kept is None or not kept.get("access_token"):
            raise SourceError(f"not logged in at {app.server}; log in: {app.remedy}", retryable=False)
        if not is_bound(kept, app):
            raise SourceError(
                f"the login is for another client_id or address than in shoemon.yaml; log in again: {app.remedy}",
                retryable=False,
            )
        return kept

    def _tokens(self) -> Tokens:
        tokens = tokens_of(self._app, self._context)
        if tokens is None:
            raise SourceError(f"not logged in at {self._app.server}; log in: {self._app.remedy}", retryable=False)
        return tokens

    def _now(self) -> float:
        return self._context.clock().timestamp()
