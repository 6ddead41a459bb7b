"""What a row of Samsung Health's exercises says, and its points.

`jsons/com.samsung.shealth.exercise/<first letter>/<datauuid>.com.samsung.health.exercise.location_data.json` is a list
of points with `latitude`, `longitude` and `start_time` in milliseconds since 1970: known from SHealth2GPX and others.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from posixpath import basename
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shoemon.decide.same_run.compare import outline_of
from shoemon.decide.same_run.duplicates import Outline, find_duplicates
from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId
from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.points import Points, Room
from shoemon.sources.formats.values import at
from shoemon.sources.kit.activities import Moment, make_activity, moment_utc
from shoemon.sources.kit.apps import filled_in, refuse_crowded_days
from shoemon.sources.kit.distances import ON_FOOT
from shoemon.sources.kit.fields import needed_text_at, number_at, text_at
from shoemon.sources.kit.sport_numbers import SportNumbers
from shoemon.sources.kit.whole_export import figure
from shoemon.sources.samsung.tables import Exercise

_ENDING = ".location_data.json"
_BY_ID = "{}.com.samsung.health.exercise.location_data.json"
_OWN = "com.sec.android.app.shealth"
_MOST_A_DAY = 500
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
    if activity.distance_m and activity.sport == "other":
        sports.note(number, row.place)
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


def without_copies(sights: Sequence[Sight]) -> list[Sight]:
    """Each run once: as Samsung's own app has it, where it has it. What that leaves open, the copies fill in. Those of
    one app are never copies of each other, as those of one source never are.

    Raises SourceError if a day holds more than anybody does.
    """
    apps = sorted({sight.app for sight in sights}, key=lambda app: (app != _OWN, app))
    if len(apps) < 2:
        return list(sights)
    refuse_crowded_days((sight.activity for sight in sights), _MOST_A_DAY, "the export holds")
    outlines = [_outline(sight) for sight in sights if sight.activity.sport in ON_FOOT]
    of = find_duplicates(outlines, {app: place for place, app in enumerate(apps)}).of
    copies: dict[ActivityId, list[Sight]] = {}
    for sight in sights:
        if sight.activity.id in of:
            copies.setdefault(of[sight.activity.id], []).append(sight)
    return [
        sight._replace(activity=_filled(sight.activity, copies[sight.activity.id]))
        if sight.activity.id in copies
        else sight
        for sight in sights
        if sight.activity.id not in of
    ]


def _outline(sight: Sight) -> Outline:
    return outline_of(sight.activity)._replace(source=sight.app)


def _filled(best: Activity, copies: Sequence[Sight]) -> Activity:
    return filled_in(best, [copy.activity for copy in copies], [copy.app for copy in copies])


def is_points(name: str) -> bool:
    """Whether a file is called like the points of an exercise."""
    return name.lower().endswith(_ENDING) and ".exercise" in name.lower()


class PointFiles:
    """The files with points among `names`, by what exercises call them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_name = {basename(name): name for name in names if is_points(name)}

    def of(self, told: Mapping[str, str]) -> str | None:
        """The file with the points of the exercise that says `told`, if it is there."""
        said = basename(told.get("location_data", ""))
        called = (said, f"{said}.json", _BY_ID.format(told.get("datauuid", "")))
        return next((self._by_name[name] for name in called if name in self._by_name), None)


def read_points(held: Any, number: int) -> Recording:
    """The recording in a file of points. Raises what comes of one that is built otherwise."""
    if not isinstance(held, list):
        raise TrackError("it holds no list of points")
    points = Points(Room())
    for point in held:
        points.add(figure(point, "start_time") / 1000, figure(point, "latitude"), figure(point, "longitude"))
    trace, notes = points.trace()
    return Recording(number=number, started_at=at(trace.times[0]) if trace else None, trace=trace, notes=notes)
