"""The login of one source in use: signs requests, and is renewed by one process at a time when it runs out.

A renewal that is cut off may cost the login: the server has handed out a new key and takes the old one no more, and the
new one was lost on the way. That a renewal has begun is therefore written down first, so that it can be told later.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from shoemon.model.clock import iso
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.sources import Context
from shoemon.sources.kit.oauth import App, is_bound, token_in, tokens_of
from shoemon.sources.kit.oauth.asking import AppError, RefusedError, asked_for
from shoemon.store.tokens import Token, Tokens

_BEGUN = "renewal_begun_at"
"""Stands with a token while a new one is asked for, and after that as long as nobody knows how it ended."""


class Access:
    """Gives the headers that prove the runner's leave. Raises SourceError; where only another login can help, it is not
    retryable and says how to log in."""

    def __init__(self, app: App, context: Context) -> None:
        self._app, self._context = app, context
        self._token: Token | None = None

    @property
    def credentials(self) -> str:
        """In words, what is sent to prove who asks."""
        return f"the login of {self._app.source}"

    def sign(self) -> Mapping[str, str]:
        """The headers of the next request. Renews the login if it is about to run out."""
        if self._token is None:
            with _of_this_source():
                self._token = self._sound(self._tokens().read())
        renew_at = self._token.get("renew_at")
        if isinstance(renew_at, int | float) and self._now() >= renew_at:
            self.renew()
        return {"Authorization": f"Bearer {self._token['access_token']}"}

    def renew(self) -> None:
        """Takes a new token in place of the one used last: that of somebody who was quicker, or one of the server's."""
        used = self._token
        with _of_this_source(), self._tokens().renewing() as kept:
            sound = self._sound(kept)
            if used is not None and sound["access_token"] == used["access_token"]:
                sound = self._renewed(sound)
            self._token = sound

    def _renewed(self, kept: Token) -> Token:
        tokens, app = self._tokens(), self._app
        if not kept.get("refresh_token"):
            raise SourceError(f"the login at {app.server} has run out; log in again: {app.remedy}", retryable=False)
        begun = kept.get(_BEGUN)
        tokens.write({**kept, _BEGUN: begun or iso(self._context.clock())})
        form = {"grant_type": "refresh_token", "refresh_token": kept["refresh_token"]}
        try:
            answer = asked_for(app, self._context.base, form)
            token = token_in(answer, app, self._now(), kept)
        except (RefusedError, AppError) as error:
            tokens.write(kept)  # nothing was handed out
            raise self._in_words(error, begun) from None
        except ValueError as error:
            raise SourceError(f"{app.server} answered a renewal of the login in a way not known: {error}") from None
        tokens.write(token)
        return token

    def _in_words(self, error: SourceError, begun: str | None) -> SourceError:
        app = self._app
        if isinstance(error, AppError):
            return error
        why = (
            f"the login was interrupted: {app.server} was asked at {begun} for a new token, and its answer was lost"
            if begun
            else f"{app.server} does not take the login any more: it was withdrawn, or has run out"
        )
        return SourceError(f"{why}; log in again: {app.remedy}", retryable=False)

    def _sound(self, kept: Token | None) -> Token:
        app = self._app
        if kept is None or not kept.get("access_token"):
            raise SourceError(f"it is not logged in at {app.server}; log in: {app.remedy}", retryable=False)
        if not is_bound(kept, app):
            raise SourceError(
                f"the login is for another client_id or address than shoemon.yaml has; log in again: {app.remedy}",
                retryable=False,
            )
        return kept

    def _tokens(self) -> Tokens:
        tokens = tokens_of(self._app, self._context)
        if tokens is None:
            raise SourceError(f"it is not logged in at {self._app.server}; log in: {self._app.remedy}", retryable=False)
        return tokens

    def _now(self) -> float:
        return self._context.clock().timestamp()


@contextmanager
def _of_this_source() -> Iterator[None]:
    """That state.db cannot be used, or another process renews for too long, is this source's failure, and may pass."""
    try:
        yield
    except SourceError:
        raise
    except ShoemonError as error:
        raise SourceError(str(error)) from None
