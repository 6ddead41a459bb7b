"""The list of activities, page after page, so that nothing is left out though it changes meanwhile.

Pages of more than 45 are answered with status 500, that of the server's own size too (gcpapi-sync 0.1, tried there
against the server in October 2026).
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.model.sports import INDOOR_SPORTS, RUNS, sport_of
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.activities import Row, make_activity, moment_by_clocks, read_records
from shoemon.sources.kit.api import Api
from shoemon.sources.kit.fields import number_at, optional_time_at, text_at

_PATH = "/activitylist-service/activities/search/activities"
PAGE = 45
_OVERLAP = 5
"""Activities of a page that stand on the next one again: where none does, some were deleted in between, and others
would be passed over."""
MOST = 100_000
_OF_OTHERS = ("owner", "activityLike", "likedBy", "commentedBy", "numberOfActivity", "comments", "videoUrl")
"""What begins so is about accounts, pictures and applause; the addresses in it change with every answer."""


def listed(api: Api, since: str | None) -> list[Row]:
    """Every activity since a day, newest first, with its place in the list. Raises SourceError if the list cannot be
    had as a whole."""
    rows: list[Row] = []
    seen: set[str] = set()
    start = 0
    while True:
        page = _page(api, start, since)
        named = [_name(record) for record in page]
        if start and not seen.intersection(named):
            raise SourceError("Garmin's list of activities changed while it was read; it is read anew next time")
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
        if error.status == 204:  # nothing to be told
            return []
        raise
    if not isinstance(page, list):
        raise SourceError("Garmin answered with something else than a list of activities; try again later")
    return [_without_others(record) for record in page]


def _without_others(record: Any) -> Any:
    if not isinstance(record, dict):
        return record
    return {name: value for name, value in record.items() if value is not None and not name.startswith(_OF_OTHERS)}


def _name(record: Any) -> str:
    """What a record is known by on the next page: its number, as other things of it may have changed meanwhile."""
    id = record.get("activityId") if isinstance(record, dict) else None
    return str(id) if isinstance(id, str | int) else json.dumps(record, sort_keys=True)


def activities_in(rows: list[Row], source: str, zone: dt.tzinfo) -> Iterator[Activity | Problem]:
    """The activities of a list, and what cannot be read of it. Of a multisport activity the parts count, not the
    whole; where they are not listed, that is a Problem, as the runs among them are missing."""
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
        track=id if is_id(id) and not indoor and located is not False else None,
    )


def is_id(text: str) -> bool:
    """Whether `text` can be the number of an activity, and stand in an address."""
    return text.isascii() and text.isdecimal() and len(text) <= 20


def _without_parts(rows: Iterable[Row]) -> Iterator[Problem]:
    records = [(place, record) for place, record in rows if isinstance(record, dict)]
    parents = {text_at(record, "parentId") for _, record in records}
    for place, record in records:
        if record.get("isParent") is True and text_at(record, "activityId") not in parents:
            name = text_at(record, "activityName") or "a multisport activity"
            message = f"{name}: Garmin lists the whole without its parts, so that a run among them does not count"
            yield Problem(place, message, text_at(record, "activityId") or "")
