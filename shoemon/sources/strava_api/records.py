"""Make an Activity of a record of Strava's list (SummaryActivity of its API reference)."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shoemon.decide.which_shoe import float32_key
from shoemon.model.activity import Activity, Problem
from shoemon.model.sports import INDOOR_SPORTS, sport_of
from shoemon.sources.kit.activities import Moment, Row, make_activity, moment_utc, moment_with_offset, read_records
from shoemon.sources.kit.fields import needed_number_at, needed_text_at, number_at, text_at, time_at

_MOST_OFFSET_S = 15 * 3600


def read(
    rows: Iterable[Row], source: str, zone: dt.tzinfo, names: Mapping[str, str | None]
) -> Iterator[Activity | Problem]:
    """Yield the activities of `rows`. `zone` is the runner's, `names` are those of shoes by their id at Strava."""
    return read_records(rows, lambda record: _activity(record, source, zone, names))


def _activity(record: Mapping[str, Any], source: str, zone: dt.tzinfo, names: Mapping[str, str | None]) -> Activity:
    id = needed_text_at(record, "id")
    if re.fullmatch(r"\d{1,19}", id, re.ASCII) is None:
        raise ValueError(f"the id {id[:60]!r} is not a number")
    sport_raw = text_at(record, "sport_type") or needed_text_at(record, "type")
    lat, lon = _start(record)
    gear = text_at(record, "gear_id")
    if gear is not None and gear.startswith("b"):
        gear = None  # a bike
    return make_activity(
        source,
        id,
        _moment(record, zone),
        sport_raw,
        needed_number_at(record, "distance"),
        record,
        name=text_at(record, "name"),
        moving_s=number_at(record, "moving_time"),
        elapsed_s=number_at(record, "elapsed_time"),
        elevation_m=number_at(record, "total_elevation_gain"),
        gear_raw=float32_key(gear) or gear if gear else None,  # as in the bulk export
        gear_name=names.get(gear) if gear else None,
        indoor=_indoor(record, sport_raw, lat),
        start_lat=lat,
        start_lon=lon,
    )


def _moment(record: Mapping[str, Any], zone: dt.tzinfo) -> Moment:
    """Return the start. `start_date` is UTC. `start_date_local` also ends in Z, but is local."""
    start = time_at(record, "start_date")
    if start.tzinfo is None:
        start = start.replace(tzinfo=dt.UTC)
    offset_s = number_at(record, "utc_offset")
    if offset_s is None and text_at(record, "start_date_local") is not None:
        offset_s = (time_at(record, "start_date_local").replace(tzinfo=dt.UTC) - start).total_seconds()
    if offset_s is None or abs(offset_s) > _MOST_OFFSET_S:
        return moment_utc(start, zone)
    return moment_with_offset(start.astimezone(dt.timezone(dt.timedelta(seconds=round(offset_s)))))


def _indoor(record: Mapping[str, Any], sport_raw: str, lat: float | None) -> bool | None:
    """Read `trainer`, which is set for treadmills. Without it, a run without a place may have been typed in."""
    if record.get("trainer") is True or sport_of(sport_raw) in INDOOR_SPORTS:
        return True
    return False if lat is not None else None


def _start(record: Mapping[str, Any]) -> tuple[float, float] | tuple[None, None]:
    place = record.get("start_latlng")
    if not (isinstance(place, list) and len(place) == 2):
        return None, None
    lat, lon = place
    is_place = all(isinstance(degrees, int | float) and not isinstance(degrees, bool) for degrees in place)
    return (float(lat), float(lon)) if is_place and abs(lat) <= 90 and abs(lon) <= 180 else (None, None)
