"""Why Strava refuses to tell something, in words, and what the runner can do.

The bodies are as programs have met them: `{"message": ..., "errors": [{"resource": ..., "field": ..., "code": ...}]}`.
"""

import datetime as dt
import json
from collections.abc import Mapping

from shoemon.model.errors import SourceError
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.oauth import App

_PAID = (
    "Strava has switched the app off: since June 2026 its owner needs a paid subscription. Free are Strava's bulk "
    "export (type strava-export) and, for most watches, intervals.icu (type intervals-icu)"
)
_LIMITS = (("x-ratelimit-usage", "x-ratelimit-limit"), ("x-readratelimit-usage", "x-readratelimit-limit"))
"""Each holds two numbers, of this quarter of an hour and of this day (developers.strava.com/docs/rate-limits)."""


def in_words(error: AnswerError, app: App, now: dt.datetime) -> SourceError:
    """`error` as the runner can understand it; `now` is in UTC."""
    faults = _faults(error.answer)
    lacking = next((field for _, field, _ in sorted(faults) if field.endswith("_permission")), None)
    if error.status == 402 or (error.status == 403 and ("application", "status", "inactive") in faults):
        return SourceError(_PAID, retryable=False)
    if error.status in (401, 403) and lacking is not None:
        scope = lacking.removesuffix("_permission")[:40]
        what = f"the login at Strava was given no leave for {scope}"
        return SourceError(f"{what}; log in again, and leave every box ticked: {app.remedy}", retryable=False)
    if error.status == 401:
        return SourceError(f"Strava does not take the login any more; log in again: {app.remedy}", retryable=False)
    if error.status == 429:
        return SourceError(f"Strava has been asked too often; it answers again from {_free_at(error, now)}")
    return error


def _faults(answer: bytes) -> set[tuple[str, str, str]]:
    """Resource, field and code of each fault that is told, in lower case."""
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return set()
    errors = told.get("errors") if isinstance(told, dict) else None
    parts = [part for part in errors if isinstance(part, dict)] if isinstance(errors, list) else []
    parts += [told] if isinstance(told, dict) else []
    return {tuple(str(part.get(key, "")).lower() for key in ("resource", "field", "code")) for part in parts}  # type: ignore[misc] # of three


def _free_at(error: AnswerError, now: dt.datetime) -> str:
    """When the limit that was reached begins anew: at the next quarter of an hour, or at midnight in UTC."""
    if error.wait_s:
        return f"{now + dt.timedelta(seconds=error.wait_s):%H:%M} UTC on"
    if any(_is_used_up(error.headers, usage, limit) for usage, limit in _LIMITS):
        return "midnight in UTC on: the requests of this day are used up"
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + dt.timedelta(minutes=15)
    return f"{quarter:%H:%M} UTC on"


def _is_used_up(headers: Mapping[str, str], usage: str, limit: str) -> bool:
    """Whether the requests of the day are used up."""
    try:
        _, used = headers.get(usage, "").split(",")
        _, allowed = headers.get(limit, "").split(",")
        return int(used) >= int(allowed)
    except ValueError:
        return False
