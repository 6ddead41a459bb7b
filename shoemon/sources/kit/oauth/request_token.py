"""Request tokens of a server, and tell apart what it refuses: the login, the app, or only this attempt."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shoemon.model.errors import ShoemonError, SourceError
from shoemon.net.addresses import shown
from shoemon.net.download import Limits, fetch
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.api import object_in
from shoemon.sources.kit.oauth import App

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
