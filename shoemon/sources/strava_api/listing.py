"""List all activities, page by page, until an empty one (Strava's API reference: `GET /athlete/activities`)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from shoemon.model.errors import ReadAgainError, SourceError
from shoemon.net.download import Limits
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.api import Api, object_in
from shoemon.sources.kit.oauth import App

_PAID = (
    "Strava has disabled the app: since June 2026 its owner needs a paid subscription. Strava's bulk export (type "
    "strava-export) is free, and so is, for most watches, intervals.icu (type intervals-icu)"
)
_LIMITS = (("x-ratelimit-usage", "x-ratelimit-limit"), ("x-readratelimit-usage", "x-readratelimit-limit"))
"""Each contains two numbers, for this quarter of an hour and for this day (developers.strava.com/docs/rate-limits)."""
LIMITS = Limits(total_s=600.0, final=frozenset({429}))
"""Repeating a request at once after status 429 only uses up the next quarter of an hour."""
PER_PAGE = 200
"""The most Strava returns."""
MOST_PAGES = 1000
KEPT = (
    "id", "name", "sport_type", "type", "start_date", "start_date_local", "timezone", "utc_offset", "distance",
    "moving_time", "elapsed_time", "total_elevation_gain", "trainer", "manual", "private", "commute", "workout_type",
    "gear_id", "device_name", "start_latlng", "external_id",
)  # fmt: skip
"""The fields that are stored. The others are the track as a line, and likes, which change with every like."""


def listed(api: Api) -> list[Row]:
    """List every record with its place. Raises SourceError if a page fails: a part is never treated as the whole."""
    rows: list[Row] = []
    seen: set[object] = set()
    for page in range(1, MOST_PAGES + 1):
        added = _page(api, page)
        if not added:
            if page > 2 or len(rows) >= PER_PAGE:
                _check_unchanged(api, rows)
            return rows
        places = {place for place, _ in added}
        # A record that moves to the next page meanwhile comes twice; a page full of them is the same page again.
        if len(added) >= PER_PAGE and places <= seen:
            raise SourceError(f"Strava answered page {page} of the activities with those of earlier pages")
        seen |= places
        rows += added
    raise SourceError(
        f"Strava lists more than {MOST_PAGES * PER_PAGE:,} activities; they are not read", retryable=False
    )


def _page(api: Api, page: int) -> list[Row]:
    records = api.get("/athlete/activities", page=page, per_page=PER_PAGE)
    if not isinstance(records, list):
        raise SourceError(f"Strava did not answer page {page} of the activities with a list")
    return [_row(record, f"page {page}:{number}") for number, record in enumerate(records, 1)]


def _check_unchanged(api: Api, rows: list[Row]) -> None:
    """Raise SourceError if the newest differ from the first of `rows`: if one is deleted meanwhile, another moves to a
    page that was read already, and would be missed."""
    newest = [place for place, _ in _page(api, 1)]
    if newest != [place for place, _ in rows[: len(newest)]]:
        raise ReadAgainError("Strava's list of activities changed while it was read; the next sync reads it again")


def _row(record: Any, place: str) -> Row:
    if not isinstance(record, dict):
        return place, record
    kept = {key: record[key] for key in KEPT if key in record}
    id = record.get("id")
    return (f"activity {id}" if isinstance(id, int) and not isinstance(id, bool) else place), kept


def explained(error: AnswerError, app: App, now: dt.datetime) -> SourceError:
    """Return `error` with cause and remedy for the runner; `now` is in UTC. Bodies as programs have met them:
    `{"message": ..., "errors": [{"resource": ..., "field": ..., "code": ...}]}`."""
    faults = _faults(error.answer)
    lacking = next((field for _, field, _ in sorted(faults) if field.endswith("_permission")), None)
    if error.status == 402 or (error.status == 403 and ("application", "status", "inactive") in faults):
        return SourceError(_PAID, retryable=False)
    if error.status in (401, 403) and lacking is not None:
        scope = lacking.removesuffix("_permission")[:40]
        what = f"the login at Strava lacks the permission {scope}"
        return SourceError(f"{what}; log in again, and keep every box ticked: {app.remedy}", retryable=False)
    if error.status == 401:
        return SourceError(f"Strava no longer accepts the login; log in again: {app.remedy}", retryable=False)
    if error.status == 429:
        return SourceError(f"too many requests to Strava; it answers again from {_next_window(error, now)}")
    return error


def _faults(answer: bytes) -> set[tuple[str, str, str]]:
    """Return resource, field and code of each fault, in lower case."""
    body = object_in(answer)
    errors = body.get("errors")
    parts = [part for part in errors if isinstance(part, dict)] if isinstance(errors, list) else []
    fields = ("resource", "field", "code")
    return {tuple(str(part.get(key, "")).lower() for key in fields) for part in [*parts, body]}  # type: ignore[misc] # of three


def _next_window(error: AnswerError, now: dt.datetime) -> str:
    """Return when the limit is reset: at the next quarter of an hour, or at midnight in UTC."""
    if error.wait_s:
        return f"{now + dt.timedelta(seconds=error.wait_s):%H:%M} UTC on"
    if any(_is_used_up(error.headers, usage, limit) for usage, limit in _LIMITS):
        return "midnight in UTC on: the requests of this day are used up"
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + dt.timedelta(minutes=15)
    return f"{quarter:%H:%M} UTC on"


def _is_used_up(headers: Mapping[str, str], usage: str, limit: str) -> bool:
    """Return whether the requests of the day are used up."""
    try:
        _, used = headers.get(usage, "").split(",")
        _, allowed = headers.get(limit, "").split(",")
        return int(used) >= int(allowed)
    except ValueError:
        return False
