"""From one record of an export to an Activity, with the checks that hold for every export."""

import datetime as dt
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypedDict, Unpack

from shoemon.model import Activity, ActivityId, Problem
from shoemon.sources.distances import check_distance
from shoemon.sports import sport_of

_FIRST_YEAR, _LAST_YEAR = 1950, 2100
_to_json = json.JSONEncoder(ensure_ascii=False, default=str).encode


class Moment(NamedTuple):
    """When an activity began: the fields of those names of an Activity."""

    started_at: str
    local_date: str
    utc_offset_s: int | None = None
    zone_assumed: bool = False


def moment_utc(start: dt.datetime, zone: dt.tzinfo) -> Moment:
    """A moment known in UTC, or with an offset of its own; `zone` is where the runner was, or is."""
    utc = (start if start.tzinfo else start.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    local = utc.astimezone(zone)
    return _moment(utc, local.utcoffset() or dt.timedelta())


def moment_with_offset(start: dt.datetime) -> Moment:
    """A moment with the runner's own offset, such as 2024-05-01T08:30:00+02:00. Raises ValueError if it has none."""
    offset = start.utcoffset()
    if offset is None:
        raise ValueError(f"the time {start.isoformat()} has no offset")
    return _moment(start.astimezone(dt.UTC), offset)


def moment_local(start: dt.datetime, zone: dt.tzinfo, *, zone_assumed: bool = True) -> Moment:
    """A moment by the clock on the wrist; `zone` is the runner's own where the export does not say (`zone_assumed`)."""
    local = start.replace(tzinfo=zone)
    moment = _moment(local.astimezone(dt.UTC), local.utcoffset() or dt.timedelta())
    return moment._replace(local_date=start.isoformat()[:10], zone_assumed=zone_assumed)


def _moment(utc: dt.datetime, offset: dt.timedelta) -> Moment:
    if not _FIRST_YEAR <= utc.year <= _LAST_YEAR:
        raise ValueError(f"the start is in the year {utc.year}")
    local = utc.replace(tzinfo=None) + offset
    return Moment(f"{utc.isoformat()[:19]}Z", local.isoformat()[:10], round(offset.total_seconds()))


class Known(TypedDict, total=False):
    """What an export may know beside: the fields of those names of an Activity."""

    sport: str
    """Where the export's own word does not tell it."""
    name: str | None
    moving_s: float | None
    elapsed_s: float | None
    elevation_m: float | None
    gear_raw: str | None
    gear_name: str | None
    indoor: bool | None
    unpaved_m: float | None
    surface_raw: str | None
    start_lat: float | None
    start_lon: float | None
    track: str | None


def make_activity(
    source: str,
    native_id: str,
    moment: Moment,
    sport_raw: str,
    distance_m: float,
    raw: Mapping[str, Any] | str,
    **known: Unpack[Known],
) -> Activity:
    """The Activity of one record. `raw` is the record as it came.

    Raises ValueError, in words for the runner, for what cannot be: no id, a distance beyond reason. A figure beside
    (a time, a height, a place) that cannot be is left out.
    """
    if not native_id.strip():
        raise ValueError("it has no id")
    sport = known.get("sport") or sport_of(sport_raw)
    moving_s, elapsed_s = _figure(known.get("moving_s")), _figure(known.get("elapsed_s"))
    gear_name = _text(known.get("gear_name"))
    gear_raw = _text(known.get("gear_raw")) or gear_name
    metres = check_distance(float(distance_m), sport, max(elapsed_s or 0.0, moving_s or 0.0))
    name, place = _text(known.get("name")) or "", _place(known.get("start_lat"), known.get("start_lon"))
    return Activity._make((
        ActivityId(f"{source}:{native_id}"), source, native_id, *moment[:3], sport, sport_raw, name, metres, moving_s,
        elapsed_s, _figure(known.get("elevation_m")), gear_raw, gear_name, known.get("indoor"),
        _figure(known.get("unpaved_m")), _text(known.get("surface_raw")), *place, known.get("track"),
        raw if isinstance(raw, str) else _to_json(raw), moment.zone_assumed,
    ))  # fmt: skip


Row = tuple[str, Any]
"""Where a record stands (`file:row`, a member, a page), and the record."""


def read_records(rows: Iterable[Row], read: Callable[[Any], Activity | None]) -> Iterator[Activity | Problem]:
    """Each of `rows` as the Activity that `read` makes of it, or as the Problem that says why it cannot be read.

    `read` returns None for what is no activity, and raises ValueError in words for what cannot be understood. A record
    that stands twice counts once; one that stands there again with something else in it is a Problem.
    """
    seen: dict[str, tuple[str, int]] = {}
    for place, record in rows:
        try:
            activity = read(record)
        except (ValueError, OverflowError) as error:
            yield Problem(place, str(error), _raw(record))
            continue
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            what = f"it has no {error}" if isinstance(error, KeyError) else f"it is not built as expected ({error})"
            yield Problem(place, what, _raw(record))
            continue
        if activity is None:
            continue
        content = hash(activity.raw)  # not the record itself: an export may hold more than memory does
        before = seen.setdefault(activity.native_id, (place, content))
        if before == (place, content):
            yield activity
        elif before[1] != content:
            message = f"activity {activity.native_id} stands in {before[0]} already, differently"
            yield Problem(place, message, activity.raw[:2000])


def _raw(record: Any) -> str:
    return (record if isinstance(record, str) else _to_json(record))[:2000]


def _text(value: str | None) -> str | None:
    return value.strip() or None if value else None


def _figure(value: float | None) -> float | None:
    return value if value is not None and 0 <= value < math.inf else None


def _place(lat: float | None, lon: float | None) -> tuple[float, float] | tuple[None, None]:
    if lat is None or lon is None or not (abs(lat) <= 90 and abs(lon) <= 180):
        return None, None
    return lat, lon
