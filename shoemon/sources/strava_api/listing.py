"""The list of all activities, page by page, until an empty one (Strava's API reference: `GET /athlete/activities`)."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from shoemon.model.errors import SourceError
from shoemon.net.download import Limits
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.api import Api
from shoemon.sources.kit.oauth import App

_PAID = (
    "Strava has switched the app off: since June 2026 its owner needs a paid subscription. Free are Strava's bulk "
    "export (type strava-export) and, for most watches, intervals.icu (type intervals-icu)"
)
_LIMITS = (("x-ratelimit-usage", "x-ratelimit-limit"), ("x-readratelimit-usage", "x-readratelimit-limit"))
"""Each holds two numbers, of this quarter of an hour and of this day (developers.strava.com/docs/rate-limits)."""
LIMITS = Limits(total_s=600.0, final=frozenset({429}))
"""Asking again at once what is too much only uses up the next quarter of an hour."""
PER_PAGE = 200
"""The most Strava gives."""
MOST_PAGES = 1000
KEPT = (
    "id", "name", "sport_type", "type", "start_date", "start_date_local", "timezone", "utc_offset", "distance",
    "moving_time", "elapsed_time", "total_elevation_gain", "trainer", "manual", "private", "commute", "workout_type",
    "gear_id", "device_name", "start_latlng", "external_id",
)  # fmt: skip
"""Of each record. The rest is the track as a line, which is not stored, and thumbs up, which would make it another one
each time somebody gives one."""


def listed(api: Api) -> list[Row]:
    """Every record with its place. Raises SourceError if a page cannot be had, for a part is never taken for all."""
    rows: list[Row] = []
    seen: set[object] = set()
    for page in range(1, MOST_PAGES + 1):
        added = _page(api, page)
        if not added:
            if page > 2 or len(rows) >= PER_PAGE:
                _check_unchanged(api, rows)
            return rows
        places = {place for place, _ in added}
        # One that slips to the next page while they are listed comes twice; a page full of them is the same page again.
        if len(added) >= PER_PAGE and places <= seen:
            raise SourceError(f"Strava answered page {page} of the activities with what it had listed before")
        seen |= places
        rows += added
    raise SourceError(
        f"Strava lists more than {MOST_PAGES * PER_PAGE:,} activities; they are not read", retryable=False
    )


def _page(api: Api, page: int) -> list[Row]:
    records = api.get("/athlete/activities", page=page, per_page=PER_PAGE)
    if not isinstance(records, list):
        raise SourceError(f"Strava answered page {page} of the activities with something else than a list")
    return [_row(record, f"page {page}:{number}") for number, record in enumerate(records, 1)]


def _check_unchanged(api: Api, rows: list[Row]) -> None:
    """Raises SourceError if the newest are others than when they began `rows`: one that is deleted meanwhile draws
    another from the page not yet read to the one before, and that would be missing though it is there."""
    newest = [place for place, _ in _page(api, 1)]
    if newest != [place for place, _ in rows[: len(newest)]]:
        raise SourceError("Strava's list of activities changed while it was read; it is tried again later")


def _row(record: Any, place: str) -> Row:
    if not isinstance(record, dict):
        return place, record
    kept = {key: record[key] for key in KEPT if key in record}
    id = record.get("id")
    return (f"activity {id}" if isinstance(id, int) and not isinstance(id, bool) else place), kept


def in_words(error: AnswerError, app: App, now: dt.datetime) -> SourceError:
    """`error` as the runner can understand it, with what to do; `now` is in UTC.

    The bodies are as programs have met them: `{"message": ..., "errors": [{"resource": ..., "field": ..., "code":
    ...}]}`.
    """
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
