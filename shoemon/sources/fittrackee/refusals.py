"""Why a FitTrackee server refuses to tell something, in words, and what the runner can do.

Its answers by its own code: 401 `invalid_token`, 403 `insufficient_scope` (RFC 6750), 403 for a suspended account.
"""

import json

from shoemon.model.errors import SourceError
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.oauth import App


def in_words(error: AnswerError, app: App) -> SourceError:
    """`error` as the runner can understand it."""
    if error.status == 401:
        return SourceError(f"FitTrackee does not take the login any more; log in again: {app.remedy}", retryable=False)
    if error.status == 403 and _told(error.answer) == "insufficient_scope":
        return SourceError(
            f"the login at FitTrackee was given no leave for {app.scopes[0]}; give the app the scopes "
            f"{' and '.join(app.scopes)}, and log in again: {app.remedy}",
            retryable=False,
        )
    if error.status == 403:
        return SourceError("FitTrackee refuses it (status 403): the account may be suspended", retryable=False)
    return error


def _told(answer: bytes) -> str:
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    return str(told.get("error", "")) if isinstance(told, dict) else ""
