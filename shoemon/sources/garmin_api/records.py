"""From Garmin's SummarizedActivity to an Activity: metres and seconds, two clocks, a type."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shoemon.model.activity import Activity, Problem
from shoemon.model.sports import INDOOR_SPORTS, RUNS, sport_of
from shoemon.sources.kit.activities import Row, make_activity, moment_by_clocks, read_records
from shoemon.sources.kit.fields import number_at, text_at, time_at


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
        moment_by_clocks(_clock(record, "startTimeGMT"), _clock(record, "startTimeLocal"), zone),
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


def _clock(record: Mapping[str, Any], key: str) -> dt.datetime | None:
    return time_at(record, key) if text_at(record, key) is not None else None


def _without_parts(rows: Iterable[Row]) -> Iterator[Problem]:
    records = [(place, record) for place, record in rows if isinstance(record, dict)]
    parents = {text_at(record, "parentId") for _, record in records}
    for place, record in records:
        if record.get("isParent") is True and text_at(record, "activityId") not in parents:
            name = text_at(record, "activityName") or "a multisport activity"
            message = f"{name}: Garmin lists the whole without its parts, so that a run among them does not count"
            yield Problem(place, message, text_at(record, "activityId") or "")
