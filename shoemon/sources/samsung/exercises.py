"""What a row of Samsung Health's exercises says."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shoemon.model.activity import Activity
from shoemon.sources.kit.activities import Moment, make_activity, moment_utc
from shoemon.sources.kit.fields import needed_text_at, number_at, text_at
from shoemon.sources.kit.sport_numbers import SportNumbers
from shoemon.sources.samsung.tables import Exercise

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d\d?):?([0-5]\d)")
_KEPT = (
    "datauuid", "start_time", "end_time", "time_offset", "update_time", "exercise_type", "exercise_custom_type",
    "title", "duration", "distance", "altitude_gain", "altitude_loss", "source_type", "pkg_name", "location_data",
)  # fmt: skip
"""All that is kept: what a row tells of heart, sweat and breath is nobody's business here."""
_MOST_OFFSET = dt.timedelta(hours=18)


class Sight(NamedTuple):
    """An exercise as it was understood."""

    activity: Activity
    app: str
    """The package that wrote it: other apps give their runs to Samsung Health, beside its own."""
    place: str


def read_exercise(row: Exercise, source: str, zone: ZoneInfo, sports: SportNumbers, track: str | None) -> Sight:
    """The exercise in `row`; `track` is where its points lie. Raises ValueError in words for what cannot be."""
    told = row.told
    number = needed_text_at(told, "exercise_type").removesuffix(".0")
    title = text_at(told, "title")
    sport = sports.sport(number)
    if number == "0" and title and sport == "other":
        sport = sports.sport(title)
    lasted_ms = number_at(told, "duration")
    activity = make_activity(
        source,
        needed_text_at(told, "datauuid"),
        _moment(told, zone),
        sports.name(number),
        number_at(told, "distance") or 0.0,
        {key: told[key] for key in _KEPT if key in told},
        sport=sport,
        name=title,
        moving_s=lasted_ms / 1000 if lasted_ms is not None else None,
        elapsed_s=_elapsed_s(told),
        elevation_m=number_at(told, "altitude_gain"),
        indoor=True if sport == "treadmill-run" else None,
        start_lat=number_at(told, "start_latitude"),
        start_lon=number_at(told, "start_longitude"),
        track=track,
    )
    sports.note(activity, number, row.place)
    return Sight(activity, told.get("pkg_name", ""), row.place)


def _moment(told: Mapping[str, str], zone: ZoneInfo) -> Moment:
    """The start is in UTC, with the offset of the runner's clock beside it."""
    return moment_utc(_utc(needed_text_at(told, "start_time")), _offset(told.get("time_offset", "")) or zone)


def _offset(text: str) -> dt.timezone | None:
    """`UTC+0900`, or milliseconds as Samsung's interface has it; None where it says nothing."""
    match = _OFFSET.fullmatch(text)
    if match:
        offset = dt.timedelta(hours=int(match[2]), minutes=int(match[3])) * (-1 if match[1] == "-" else 1)
    elif re.fullmatch(r"-?\d{1,9}", text):
        offset = dt.timedelta(milliseconds=int(text))
    else:
        return dt.UTC if text in ("UTC", "GMT") else None
    if abs(offset) > _MOST_OFFSET:
        raise ValueError(f"time_offset: no clock is off by {text}")
    return dt.timezone(offset)


def _utc(text: str) -> dt.datetime:
    """`2021-10-08 10:48:24.000`, or milliseconds since 1970."""
    try:
        if text.isdecimal():
            return dt.datetime.fromtimestamp(int(text) / 1000, dt.UTC)
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{text[:40]!r} is not a time as Samsung writes it") from None


def _elapsed_s(told: Mapping[str, str]) -> float | None:
    """Seconds from start to end; None where the end is not told: of one under way it is the start."""
    try:
        lasted = (_utc(told["end_time"]) - _utc(told["start_time"])).total_seconds()
    except (KeyError, ValueError):
        return None
    return lasted if lasted > 0 else None
