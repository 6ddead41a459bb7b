"""List the activities, page by page, without losing any while the list changes.

Pages of more than 45 get status 500, also with the server's default size (tried by gcpapi-sync 0.1 in October 2026).
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import ReadAgainError, SourceError
from shoemon.model.sports import INDOOR_SPORTS, RUNS, sport_of
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.activities import Row, make_activity, moment_by_clocks, read_records
from shoemon.sources.kit.api import Api
from shoemon.sources.kit.fields import is_id, number_at, optional_time_at, text_at

_PATH = "/activitylist-service/activities/search/activities"
PAGE = 45
_OVERLAP = 5
"""Activities of a page that the next one repeats. If it repeats none, some were deleted and others missed."""
MOST = 100_000
_OF_OTHERS = ("owner", "activityLike", "likedBy", "commentedBy", "numberOfActivity", "comments", "videoUrl")
"""Beginnings of fields about accounts, pictures and likes; the addresses in them change with every answer."""


def listed(api: Api, since: str | None) -> list[Row]:
    """List every activity since a day, newest first, with its place. Raises SourceError if any page fails."""
    rows: list[Row] = []
    seen: set[str] = set()
    start = 0
    while True:
        page = _page(api, start, since)
        named = [_name(record) for record in page]
        if start and not seen.intersection(named):
            raise ReadAgainError("Garmin's list of activities changed while it was read; the next sync reads it again")
        fresh = [index for index, name in enumerate(named) if name not in seen]
        rows += [(f"activity {start + index + 1}", page[index]) for index in fresh]
        seen.update(named)
        if not fresh:
            return rows
        if len(rows) > MOST:
            raise SourceError(f"Garmin lists more than {MOST:,} activities; set `since` to a later day")
        start = max(start + len(page) - _OVERLAP, 0)


def _page(api: Api, start: int, since: str | None) -> list[Any]:
    try:
        page = api.get(_PATH, start=start, limit=PAGE, excludeChildren="false", startDate=since)
    except AnswerError as error:
        if error.status == 204:  # no content
            return []
        raise
    if not isinstance(page, list):
        raise SourceError("Garmin did not answer with a list of activities; try again later")
    return [_without_others(record) for record in page]


def _without_others(record: Any) -> Any:
    if not isinstance(record, dict):
        return record
    return {name: value for name, value in record.items() if value is not None and not name.startswith(_OF_OTHERS)}


def _name(record: Any) -> str:
    """Return what identifies a record on the next page: its number, as its other fields may have changed meanwhile."""
    id = record.get("activityId") if isinstance(record, dict) else None
    return str(id) if isinstance(id, str | int) else json.dumps(record, sort_keys=True)


def activities_in(rows: list[Row], source: str, zone: dt.tzinfo) -> Iterator[Activity | Problem]:
    """Yield the activities and Problems of a list. Of a multisport activity the parts count, not the whole; if they are
    not listed, that is a Problem, as the runs among them are missing."""
    yield from read_records(rows, lambda record: _activity(record, source, zone))
    yield from _without_parts(rows)


def _activity(record: Mapping[str, Any], source: str, zone: dt.tzinfo) -> Activity | None:
    if record.get("isParent") is True:
        return None
    sport_raw = text_at(record.get("activityType") or {}, "typeKey") or ""
    sport = sport_of(sport_raw)
    distance_m = number_at(record, "distance")
    if distance_m is None:
        if sport in RUNS:
            raise ValueError("it has no distance")
        distance_m = 0.0
    id, located = text_at(record, "activityId") or "", record.get("hasPolyline")
    indoor = True if sport in INDOOR_SPORTS else False if located is True else None
    return make_activity(
        source,
        id,
        moment_by_clocks(optional_time_at(record, "startTimeGMT"), optional_time_at(record, "startTimeLocal"), zone),
        sport_raw,
        distance_m,
        record,
        name=text_at(record, "activityName"),
        moving_s=number_at(record, "movingDuration"),
        elapsed_s=number_at(record, "elapsedDuration") or number_at(record, "duration"),
        elevation_m=number_at(record, "elevationGain"),
        indoor=indoor,
        start_lat=number_at(record, "startLatitude"),
        start_lon=number_at(record, "startLongitude"),
        end_lat=number_at(record, "endLatitude"),
        end_lon=number_at(record, "endLongitude"),
        track=id if is_id(id) and not indoor and located is not False else None,
    )


def _without_parts(rows: Iterable[Row]) -> Iterator[Problem]:
    records = [(place, record) for place, record in rows if isinstance(record, dict)]
    parents = {text_at(record, "parentId") for _, record in records}
    for place, record in records:
        if record.get("isParent") is True and text_at(record, "activityId") not in parents:
            name = text_at(record, "activityName") or "a multisport activity"
            message = f"{name}: Garmin lists it without its parts, so a run among them does not count"
            yield Problem(place, message, text_at(record, "activityId") or "")
