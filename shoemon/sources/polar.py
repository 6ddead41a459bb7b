"""Source type `polar`: the training sessions of a Polar account, as Polar exports it (account.polar.com).

Each exercise of a session is an activity.

Exports up to version 2.6 (2025) write `duration: "PT3600.5S"`, `distance`, `timezoneOffset`, `sport: "RUNNING"`; since
then it is `durationMillis`, `distanceMeters`, `timezoneOffsetMinutes`, `sport: {"id": "1"}`. Polar documents neither:
known from programs that read real exports. `NaN` is written for what was not measured.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from math import nan
from pathlib import Path
from posixpath import basename
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from shoemon.model.activity import Activity, Problem
from shoemon.model.recording import Recording
from shoemon.sources.formats.points import Capacity, Points
from shoemon.sources.kit.activities import (
    Moment,
    Row,
    make_activity,
    moment_local,
    moment_with_offset,
    read_records,
)
from shoemon.sources.kit.fields import number_at, text_at, time_at
from shoemon.sources.kit.files import ExportFiles, begins
from shoemon.sources.kit.find_tracks import is_track
from shoemon.sources.kit.sport_names import SportWords
from shoemon.sources.kit.whole_export import MOST_JSON_BYTES, ExportContext, ExportSettings, Format, WholeExport, figure

_SESSION = re.compile(r"training-session[-_]\d{4}-.*\.json", re.IGNORECASE | re.DOTALL)
_BEGINS = re.compile(rb'\s*\{.*?"(?:startTime|exercises|exportVersion|identifier)"\s*:', re.DOTALL)


class Settings(ExportSettings):
    """An export of a Polar account (account.polar.com, Download your data)."""

    type: Literal["polar"] = Field("polar", description="Polar Flow's training sessions")
    path: str = Field(
        description="the zip as downloaded, its unpacked folder, or one training-session_...json of it; ~ and "
        "patterns such as ~/Downloads/polar-user-data-export*.zip (the newest match is read) are allowed",
        examples=["~/Downloads/polar-user-data-export.zip"],
    )


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read `path`, if it contains Polar's training sessions by name and beginning, and not
    more tracks in other files, which would remain unread."""
    return {"type": "polar", "path": str(path)} if begins(path, _is_session, _BEGINS.match, is_track) else None


def _is_session(name: str) -> bool:
    return _SESSION.fullmatch(basename(name)) is not None


def _records(files: ExportFiles, context: ExportContext) -> Iterator[Activity | Problem]:
    sports = SportWords(context.sport_map, names=NAMES, sports=SPORTS, others=OTHERS)
    return read_records(_rows(files), lambda exercise: read_exercise(exercise, context, sports), need_distance=True)


def _rows(files: ExportFiles) -> Iterator[Row]:
    for name, content in files.json_rows(MOST_JSON_BYTES):
        yield from exercises_in(content, name)


NAMES = {
    "1": "RUNNING", "2": "CYCLING", "3": "WALKING", "4": "JOGGING", "5": "MOUNTAIN_BIKING",
    "6": "CROSS-COUNTRY_SKIING", "7": "DOWNHILL_SKIING", "8": "ROWING", "9": "NORDIC_WALKING", "11": "HIKING",
    "15": "STRENGTH_TRAINING", "16": "OTHER_OUTDOOR", "17": "TREADMILL_RUNNING", "18": "INDOOR_CYCLING",
    "19": "ROAD_RUNNING", "22": "SNOWBOARDING", "23": "SWIMMING", "24": "XC_SKIING_FREESTYLE",
    "25": "XC_SKIING_CLASSIC", "27": "TRAIL_RUNNING", "33": "YOGA", "36": "TRACK_AND_FIELD_RUNNING",
    "38": "ROAD_BIKING", "68": "TRIATHLON", "69": "DUATHLON", "83": "OTHER_INDOOR", "84": "ORIENTEERING",
    "92": "ULTRARUNNING_RUNNING", "103": "POOL_SWIMMING", "105": "OPEN_WATER_SWIMMING", "116": "SNOWSHOE_TREKKING",
    "117": "INDOOR_ROWING", "118": "SPINNING",
}  # fmt: skip
"""Sports by number, as exports write them since 2025 and Polar Flow's settings list them (see the wiki of
pcolby/bipolar), in the words of AccessLink, which older exports use."""
OTHERS = frozenset(map(str, {*range(1, 143)} - {21, 26, 31, 37, *range(72, 83), 93, 97, 98, 99, 106}))
"""All numbers on that list. It has neither the legs of a triathlon nor sports added after 2017."""
SPORTS = {
    "ORIENTEERING": "trail-run", "TRACK_AND_FIELD_RUNNING": "track-run", "TRIATHLON_RUNNING": "run",
    "OFFROADTRIATHLON_RUNNING": "trail-run", "OFFROADDUATHLON_RUNNING": "trail-run", "GRAVEL": "ride",
    "XC_SKIING_FREESTYLE": "ski", "XC_SKIING_CLASSIC": "ski",
}  # fmt: skip
"""For words that need it, by AccessLink's list. Orienteering on skis and on bikes has other words."""
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_FILE = re.compile(
    rf"training-session[-_]\d{{4}}-\d\d-\d\d(?:T[\d:.-]+)?[-_](\d{{4,}}|{_UUID})-{_UUID}\.json", re.IGNORECASE
)
"""`training-session-2019-01-18-3142858899-10104cf7-....json`, since 2025 `training-session_2023-11-15T12-23-32_...`."""
_DURATION = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,7}(?:\.\d+)?)S)?")
_OF_EXERCISE = (
    "startTime", "stopTime", "duration", "durationMillis", "distance", "distanceMeters", "ascent", "ascentMeters",
    "latitude", "longitude", "sport",
)  # fmt: skip
_OF_SESSION = ("name", "timeZoneOffset", "timezoneOffset", "timezoneOffsetMinutes")
"""The fields that are stored. Heart rate and weight are private, and not needed."""
_MOST_EXERCISES = 100
_MOST_OFFSET = 18 * 60


class Route(NamedTuple):
    """The points as in the file; `start` is that of points which count from it (exports since 2025)."""

    points: Sequence[Any] = ()
    start: str = ""


def route_of(exercise: Mapping[str, Any]) -> Route:
    """Return the route of `exercise`; one without points if it has none, or its structure is unknown."""
    samples, routes = exercise.get("samples"), exercise.get("routes")
    for holder in (samples, exercise):
        if isinstance(holder, Mapping) and isinstance(points := holder.get("recordedRoute"), list):
            return Route(points)
    route = routes.get("route") if isinstance(routes, Mapping) else None
    if isinstance(route, Mapping) and isinstance(points := route.get("wayPoints"), list):
        return Route(points, str(route.get("startTime") or exercise.get("startTime") or ""))
    return Route()


def read_route(session: Any, number: int) -> Recording:
    """Make the recording of exercise `number` of a session. Its times are local, treated as UTC: only their differences
    matter. May raise anything if the structure is unknown."""
    exercises = session.get("exercises") or [session]
    exercise = exercises[number - 1]
    route = route_of(exercise)
    began = clock_s(route.start) if route.start else nan
    points = Points(Capacity())
    for point in route.points:
        time = began + figure(point, "elapsedMillis") / 1000 if route.start else clock_s(point.get("dateTime"))
        points.add(time, figure(point, "latitude"), figure(point, "longitude"))
    trace, notes = points.trace(_pauses(exercise))
    return Recording(number=number, started_at=None, trace=trace, notes=notes)


def _pauses(exercise: Mapping[str, Any]) -> list[tuple[float, float]]:
    pauses = exercise.get("pauseTimes")
    spans = [(clock_s(pause.get("startTime")), clock_s(pause.get("endTime"))) for pause in pauses or ()]
    return sorted(span for span in spans if span[0] < span[1])


def clock_s(text: Any) -> float:
    """Return seconds since 1970 of a local time treated as UTC; nan for another text."""
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()
    except (TypeError, ValueError):
        return nan


class Exercise(NamedTuple):
    """One exercise, without its samples."""

    native_id: str
    track: str | None
    fields: Mapping[str, Any]
    """Its own fields, and those of its session that apply to it."""


def exercises_in(session: Any, file: str) -> Iterator[Row]:
    """Yield the exercises of the session in `file`, each with its place."""
    if not isinstance(session, Mapping):
        yield file, session if isinstance(session, ValueError) else ValueError("it is not a training session")
        return
    found = session.get("exercises")
    exercises = found if isinstance(found, list) and found else [session]
    if len(exercises) > _MOST_EXERCISES:
        yield file, ValueError(f"it has more than {_MOST_EXERCISES} exercises")
        return
    own_id = _id_of(session, exercises[0], file)
    for number, exercise in enumerate(exercises, 1):
        place = file if len(exercises) == 1 else f"{file}#{number}"
        if not isinstance(exercise, Mapping):
            yield place, ValueError("it is not an exercise")
            continue
        fields = _picked(session, _OF_SESSION if len(exercises) > 1 else (*_OF_SESSION, *_OF_EXERCISE))
        fields |= _picked(exercise, (*_OF_SESSION, *_OF_EXERCISE))
        native_id = own_id if len(exercises) == 1 else f"{own_id}-{number}"
        yield place, Exercise(native_id, place if len(route_of(exercise).points) > 1 else None, fields)


def read_exercise(exercise: Exercise, context: ExportContext, sports: SportWords) -> Activity:
    fields, raw = exercise.fields, _sport_raw(exercise.fields)
    name, sport = sports.name(raw), sports.sport(raw)
    lat, lon = _place(fields)
    is_indoor = sport == "treadmill-run" or "TREADMILL" in name or "INDOOR" in name
    return make_activity(
        context.source,
        exercise.native_id,
        moment_of(fields, context.zone),
        name,
        _first_number(fields, "distanceMeters", "distance") or 0.0,
        fields,
        sport=sport,
        name=text_at(fields, "name"),
        moving_s=_moving_s(fields),
        elapsed_s=_elapsed_s(fields),
        elevation_m=_first_number(fields, "ascentMeters", "ascent"),
        indoor=True if is_indoor else False if exercise.track else None,
        start_lat=lat,
        start_lon=lon,
        track=exercise.track,
    )


def _sport_raw(fields: Mapping[str, Any]) -> str:
    sport = fields.get("sport")
    return text_at(sport, "id") or "" if isinstance(sport, Mapping) else text_at(fields, "sport") or ""


def moment_of(fields: Mapping[str, Any], zone: ZoneInfo) -> Moment:
    """Return the start: a local time with its offset, or else in the runner's `zone`."""
    start, offset_s = time_at(fields, "startTime"), offset_of(fields)
    if offset_s is None:
        return moment_local(start, zone)
    return moment_with_offset(start.replace(tzinfo=dt.timezone(dt.timedelta(seconds=offset_s))))


def offset_of(fields: Mapping[str, Any]) -> int | None:
    """Return the seconds between local time and UTC. Raises ValueError for an impossible offset."""
    for key in ("timezoneOffsetMinutes", "timezoneOffset", "timeZoneOffset"):
        minutes = number_at(fields, key)
        if minutes is not None:
            if abs(minutes) > _MOST_OFFSET:
                raise ValueError(f"{key}: an offset of {minutes:g} minutes is impossible")
            return round(minutes * 60)
    return None


def _first_number(fields: Mapping[str, Any], *keys: str) -> float | None:
    return next((number for key in keys if (number := number_at(fields, key)) is not None), None)


def _moving_s(fields: Mapping[str, Any]) -> float | None:
    """Return seconds, without pauses."""
    millis = number_at(fields, "durationMillis")
    if millis is not None:
        return millis / 1000
    match = _DURATION.fullmatch(text_at(fields, "duration") or "")
    if match is None:
        return None
    return sum(float(part or 0) * unit for part, unit in zip(match.groups(), (3600, 60, 1), strict=True))


def _elapsed_s(fields: Mapping[str, Any]) -> float | None:
    """Return the seconds from start to stop, with pauses; None without a stop after the start."""
    lasted = round(clock_s(fields.get("stopTime")) - clock_s(fields.get("startTime")), 3)
    return lasted if lasted > 0 else None


def _place(fields: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return the place of the start in degrees; 0, 0 is not a place."""
    lat, lon = number_at(fields, "latitude"), number_at(fields, "longitude")
    return (lat, lon) if lat or lon else (None, None)


def _id_of(session: Mapping[str, Any], exercise: Any, file: str) -> str:
    """Return Polar Flow's number of the session: from its newer exports, or the file's name; or else its start."""
    identifier = session.get("identifier")
    if isinstance(identifier, Mapping) and (id := text_at(identifier, "id")):
        return id
    if match := _FILE.fullmatch(basename(file)):
        return match[1]
    start = text_at(session, "startTime") or (text_at(exercise, "startTime") if isinstance(exercise, Mapping) else None)
    return re.sub(r"[^\dT]", "", start or "")[:15]


def _picked(record: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    values = ((key, record.get(key)) for key in keys)
    return {key: value for key, value in values if value not in (None, "") and str(value) != "nan"}


make = WholeExport.of(
    Format(
        remedy="correct `path`, or export again (account.polar.com, Download your data)",
        content="training sessions of Polar (training-session_...json)",
        is_wanted=_is_session,
        records=_records,
        recording=read_route,
    )
)
