"""What a training session of Polar Flow says: an activity for each of its exercises.

Exports up to version 2.6 (2025) write `duration: "PT3600.5S"`, `distance`, `timezoneOffset`, `sport: "RUNNING"`; since
then it is `durationMillis`, `distanceMeters`, `timezoneOffsetMinutes`, `sport: {"id": "1"}`. Polar documents neither:
known from what programs that read real exports expect. A `NaN` stands for what was not measured.
"""

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from math import nan
from posixpath import basename
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shoemon.model.recording import Recording
from shoemon.sources.formats.points import Points, Room
from shoemon.sources.kit.activities import Moment, Row, moment_local, moment_with_offset
from shoemon.sources.kit.fields import number_at, text_at, time_at
from shoemon.sources.kit.whole_export import figure

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
"""Sports by number, which exports since 2025 give, as Polar Flow's settings list them (kept in the wiki of
pcolby/bipolar), in the words of AccessLink, which older exports use."""
OTHERS = frozenset(map(str, {*range(1, 143)} - {21, 26, 31, 37, *range(72, 83), 93, 97, 98, 99, 106}))
"""All numbers on that list. It names neither the legs of a triathlon nor what came after 2017."""
SPORTS = {
    "ORIENTEERING": "trail-run", "TRACK_AND_FIELD_RUNNING": "track-run", "CROSS_COUNTRY_RUNNING": "run",
    "ULTRARUNNING_RUNNING": "run", "TRIATHLON_RUNNING": "run", "DUATHLON_RUNNING": "run",
    "OFFROADTRIATHLON_RUNNING": "trail-run", "OFFROADDUATHLON_RUNNING": "trail-run", "SNOWSHOE_TREKKING": "hike",
    "MOUNTAIN_BIKING": "ride", "ROAD_BIKING": "ride", "INDOOR_CYCLING": "ride", "SPINNING": "ride", "GRAVEL": "ride",
    "TRIATHLON_CYCLING": "ride", "DUATHLON_CYCLING": "ride", "OFFROADTRIATHLON_CYCLING": "ride",
    "OFFROADDUATHLON_CYCLING": "ride", "POOL_SWIMMING": "swim", "TRIATHLON_SWIMMING": "swim",
    "OFFROADTRIATHLON_SWIMMING": "swim", "XC_SKIING_FREESTYLE": "ski", "XC_SKIING_CLASSIC": "ski",
}  # fmt: skip
"""Where the words alone do not tell, by AccessLink's list. Orienteering on skis and on bikes has words of its own."""
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
"""All that is kept: what a session tells of heart and weight is nobody's business here."""
_MOST_EXERCISES = 100
_MOST_OFFSET = 18 * 60


class Route(NamedTuple):
    """The points as they stand in the file; `start` is that of points which count from it (exports since 2025)."""

    points: Sequence[Any] = ()
    start: str = ""


def route_of(exercise: Mapping[str, Any]) -> Route:
    """The route of `exercise`; one without points where it has none, or where it is built otherwise."""
    samples, routes = exercise.get("samples"), exercise.get("routes")
    for holder in (samples, exercise):
        if isinstance(holder, Mapping) and isinstance(points := holder.get("recordedRoute"), list):
            return Route(points)
    route = routes.get("route") if isinstance(routes, Mapping) else None
    if isinstance(route, Mapping) and isinstance(points := route.get("wayPoints"), list):
        return Route(points, str(route.get("startTime") or exercise.get("startTime") or ""))
    return Route()


def read_route(session: Any, number: int) -> Recording:
    """The recording of exercise `number` of a session. Times are those of the clock on the wrist, taken as UTC: only
    the spans between them matter. Raises what comes of a session that is built otherwise."""
    exercises = session.get("exercises") or [session]
    exercise = exercises[number - 1]
    route = route_of(exercise)
    began = clock_s(route.start) if route.start else nan
    points = Points(Room())
    for point in route.points:
        time = began + figure(point, "elapsedMillis") / 1000 if route.start else clock_s(point.get("dateTime"))
        points.add(time, figure(point, "latitude"), figure(point, "longitude"))
    trace, notes = points.trace(_pauses(exercise))
    return Recording(number=number, started_at=None, trace=trace, notes=notes)


def _pauses(exercise: Mapping[str, Any]) -> list[tuple[float, float]]:
    told = exercise.get("pauseTimes")
    spans = [(clock_s(pause.get("startTime")), clock_s(pause.get("endTime"))) for pause in told or ()]
    return sorted(span for span in spans if span[0] < span[1])


def clock_s(text: Any) -> float:
    """Seconds since 1970 by the clock on the wrist, taken as UTC; nan where it is no time."""
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()
    except (TypeError, ValueError):
        return nan


class Exercise(NamedTuple):
    """One exercise, light enough to be kept."""

    place: str
    native_id: str
    track: str | None
    told: Mapping[str, Any]
    """Its own fields, and those of its session that hold for it."""


def exercises_in(session: Any, file: str) -> Iterator[Row]:
    """The exercises of a session as it stands in `file`, each with its place."""
    if not isinstance(session, Mapping):
        yield file, ValueError("it is no training session")
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
            yield place, ValueError("it is no exercise")
            continue
        told = _picked(session, _OF_SESSION if len(exercises) > 1 else (*_OF_SESSION, *_OF_EXERCISE))
        told |= _picked(exercise, (*_OF_SESSION, *_OF_EXERCISE))
        native_id = own_id if len(exercises) == 1 else f"{own_id}-{number}"
        yield place, Exercise(place, native_id, place if len(route_of(exercise).points) > 1 else None, told)


def sport_said(told: Mapping[str, Any]) -> str:
    """The sport's name or number."""
    sport = told.get("sport")
    return text_at(sport, "id") or "" if isinstance(sport, Mapping) else text_at(told, "sport") or ""


def moment_of(told: Mapping[str, Any], zone: ZoneInfo) -> Moment:
    """When it began: the clock on the wrist, with the offset that stands beside it, or else in the runner's `zone`."""
    start, offset_s = time_at(told, "startTime"), offset_of(told)
    if offset_s is None:
        return moment_local(start, zone)
    return moment_with_offset(start.replace(tzinfo=dt.timezone(dt.timedelta(seconds=offset_s))))


def offset_of(told: Mapping[str, Any]) -> int | None:
    """Seconds between the clock on the wrist and UTC. Raises ValueError for what no clock is off by."""
    for key in ("timezoneOffsetMinutes", "timezoneOffset", "timeZoneOffset"):
        minutes = number_at(told, key)
        if minutes is not None:
            if abs(minutes) > _MOST_OFFSET:
                raise ValueError(f"{key}: no clock is {minutes:g} minutes off")
            return round(minutes * 60)
    return None


def distance_of(told: Mapping[str, Any]) -> float:
    """Metres; 0 where it does not say."""
    metres = number_at(told, "distanceMeters")
    return (number_at(told, "distance") if metres is None else metres) or 0.0


def climbed_m(told: Mapping[str, Any]) -> float | None:
    """Metres upwards."""
    metres = number_at(told, "ascentMeters")
    return number_at(told, "ascent") if metres is None else metres


def moving_s(told: Mapping[str, Any]) -> float | None:
    """Seconds, without pauses."""
    millis = number_at(told, "durationMillis")
    if millis is not None:
        return millis / 1000
    match = _DURATION.fullmatch(text_at(told, "duration") or "")
    return (
        sum(float(part or 0) * unit for part, unit in zip(match.groups(), (3600, 60, 1), strict=True))
        if match
        else None
    )


def elapsed_s(told: Mapping[str, Any]) -> float | None:
    """Seconds from start to stop, pauses and all; None where the stop is not told, or lies before the start."""
    lasted = round(clock_s(told.get("stopTime")) - clock_s(told.get("startTime")), 3)
    return lasted if lasted > 0 else None


def place_of(told: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Where it began in degrees; 0, 0 is nowhere."""
    lat, lon = number_at(told, "latitude"), number_at(told, "longitude")
    return (lat, lon) if lat or lon else (None, None)


def _id_of(session: Mapping[str, Any], exercise: Any, file: str) -> str:
    """The number that Polar Flow calls the session by: in its newer exports, and in the names of the files; or else
    its start."""
    identifier = session.get("identifier")
    if isinstance(identifier, Mapping) and (told := text_at(identifier, "id")):
        return told
    if match := _FILE.fullmatch(basename(file)):
        return match[1]
    start = text_at(session, "startTime") or (text_at(exercise, "startTime") if isinstance(exercise, Mapping) else None)
    return re.sub(r"[^\dT]", "", start or "")[:15]


def _picked(record: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    values = {key: record.get(key) for key in keys}
    return {
        key: value
        for key, value in values.items()
        if value is not None and value != "" and not (isinstance(value, float) and math.isnan(value))
    }


def is_indoors(name: str) -> bool:
    """Whether a sport is done indoors by its name."""
    return "TREADMILL" in name or "INDOOR" in name
