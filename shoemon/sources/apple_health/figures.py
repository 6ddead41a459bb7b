"""Read times, distances and the like of a workout, as iOS has written them over the years."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from shoemon.model.sports import ON_FOOT
from shoemon.model.units import METRES
from shoemon.sources.apple_health.workouts import Workout, WorkoutPart
from shoemon.sources.kit.fields import needed_text_at, number_at

DISTANCE_ON_FOOT = "DistanceWalkingRunning"
_UNITS = METRES | {"in": 0.0254}
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "hr": 3600.0, "d": 86400.0}
"""By the names of units in HealthKit's HKUnit."""
_TIMES = ("%Y-%m-%d %H:%M:%S %z", "%Y%m%d%H%M%S%z", "%Y-%m-%d %H:%M:%S")
"""Of exports since iOS 9, of iOS 8, and of programs that rewrite an export."""
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")


def time_at(attributes: Mapping[str, str], key: str) -> dt.datetime:
    """Return the time at `key`, with its offset if it has one. Raises ValueError."""
    text = needed_text_at(attributes, key)
    for form in _TIMES:
        try:
            return dt.datetime.strptime(text, form)  # noqa: DTZ007 -- the caller adds a missing zone
        except ValueError:
            continue
    raise ValueError(f"{key}: {text[:80]!r} is not a time")


def zone_of(part: WorkoutPart) -> ZoneInfo | None:
    """Return the zone of the runner, from `HKTimeZone`. Offsets are those of the phone when it wrote the export."""
    name = part.metadata.get("HKTimeZone")
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # no such zone, no name of one, a folder of zones
        return None


def distance_m(workout: Workout, sport: str) -> float | None:
    """Return the distance, or None. Raises ValueError for another text. Since iOS 16 it is in `WorkoutStatistics` of
    the workout, and again in those of its activities (such as intervals); before that in `totalDistance`."""
    kinds = [DISTANCE_ON_FOOT] if sport in ON_FOOT else _distances_in(workout)
    whole = next(_sums_m(kinds, workout.whole), None)
    if whole is None:
        whole = _metres(workout.whole.attributes, "totalDistance", "totalDistanceUnit")
    if whole is not None:
        return whole
    parts = [metres for part in workout.activities for metres in _sums_m(kinds, part)]
    return sum(parts) if parts else None


def sum_m(part: WorkoutPart, kind: str) -> float | None:
    """Return the distance for `kind` in the statistics of `part`, or None. Raises ValueError."""
    return _metres(part.statistics.get(kind, {}), "sum", "unit")


def duration_s(part: WorkoutPart) -> float | None:
    """Return seconds without pauses; None without a duration or a unit of time."""
    try:
        number = number_at(part.attributes, "duration")
    except ValueError:
        return None
    seconds = _SECONDS.get(part.attributes.get("durationUnit", ""))
    return None if number is None or seconds is None else number * seconds


def climbed_m(workout: Workout) -> float | None:
    """Return metres up (`4200 cm`); if only its activities have them, their sum."""
    whole, *parts = [
        _amount_m(part.metadata.get("HKElevationAscended", "")) for part in (workout.whole, *workout.activities)
    ]
    known = [metres for metres in parts if metres is not None]
    return whole if whole is not None else sum(known) if known else None


def indoors(workout: Workout) -> bool | None:
    """Return whether it was indoors, from `HKIndoorWorkout`; if only its activities have it, and agree, from those."""
    whole, *parts = [part.metadata.get("HKIndoorWorkout") for part in (workout.whole, *workout.activities)]
    flags = {whole} if whole is not None else set(parts)
    return {"1": True, "0": False}.get(flags.pop() or "") if len(flags) == 1 else None


def _distances_in(workout: Workout) -> list[str]:
    parts = (workout.whole, *workout.activities)
    return sorted({kind for part in parts for kind in part.statistics if kind.startswith("Distance")})


def _sums_m(kinds: list[str], part: WorkoutPart) -> Iterator[float]:
    return (metres for kind in kinds if (metres := sum_m(part, kind)) is not None)


def _metres(values: Mapping[str, str], key: str, unit_key: str) -> float | None:
    number, unit = number_at(values, key), values.get(unit_key, "")
    if number is None:
        return None
    if unit not in _UNITS:
        raise ValueError(
            f"the unit {unit[:20]!r} of its distance is unknown; correct it in the file, or remove it there"
        )
    return number * _UNITS[unit]


def _amount_m(text: str) -> float | None:
    match = _AMOUNT.fullmatch(text.strip())
    return float(match[1]) * _UNITS[match[2]] if match is not None and match[2] in _UNITS else None
