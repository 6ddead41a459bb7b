"""Asks a server for tokens, and tells what it has against it: the login, the app, or nothing that will last."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shoemon.model.errors import ShoemonError, SourceError
from shoemon.net.addresses import shown
from shoemon.net.download import Limits, fetch
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.oauth import App

LIMITS = Limits(total_s=60.0, size=2**20)
"""Shorter than others wait for who renews."""


class RefusedError(SourceError):
    """The server takes what it was shown for worth nothing. Asking again with the same cannot help."""


def asked_for(app: App, base: Path, form: Mapping[str, str]) -> dict[str, Any]:
    """What the server answers to `form`, which the app's id and secret go with; relative paths start from `base`.

    Raises RefusedError where the code or token in it is refused, AppError where the app is, and SourceError for
    anything else that goes wrong: then nobody knows whether the server has done what it was asked.
    """
    try:
        secret = app.client_secret.reveal(base).strip()
    except ShoemonError as error:
        raise AppError(str(error), retryable=False) from None
    shown_to = {"client_id": app.client_id, "client_secret": secret, **form}
    try:
        with fetch(app.token_url, form=shown_to, limits=LIMITS, credentials="client_id and client_secret").body as body:
            answer = json.load(body)
    except AnswerError as error:
        raise _said(app, error) from None
    except (ValueError, RecursionError):
        raise SourceError(f"{shown(app.token_url)} answered with what is no JSON") from None
    if not isinstance(answer, dict):
        raise SourceError(f"{shown(app.token_url)} answered with something else than a token")
    return answer


class AppError(SourceError):
    """The app itself is refused, or its secret is not there; the login is as good as before."""


def _said(app: App, error: AnswerError) -> SourceError:
    if error.status not in (400, 401):
        return error
    if _is_about_the_app(error.answer):
        return AppError(f"{app.server} does not know the app; check client_id and client_secret", retryable=False)
    return RefusedError(f"{app.server} refused the login (status {error.status})", retryable=False)


def _is_about_the_app(answer: bytes) -> bool:
    """Whether it is the id or secret that is refused: `invalid_client` by RFC 6749, and Strava's words
    `{"errors": [{"resource": "Application", "field": "client_id", "code": "invalid"}]}` (as programs have met them)."""
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return False
    if not isinstance(told, dict):
        return False
    errors = told.get("errors")
    parts = [part for part in errors if isinstance(part, dict)] if isinstance(errors, list) else []
    return told.get("error") == "invalid_client" or any(part.get("resource") == "Application" for part in parts)
