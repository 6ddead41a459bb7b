"""Times, distances and the like of a workout, as iOS has written them over the years."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from shoemon.model.units import METRES
from shoemon.sources.apple_health.workouts import Part, Workout
from shoemon.sources.kit.distances import ON_FOOT
from shoemon.sources.kit.fields import needed_text_at, number_at

DISTANCE_ON_FOOT = "DistanceWalkingRunning"
_UNITS = METRES | {"in": 0.0254}
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "hr": 3600.0, "d": 86400.0}
"""Units go by the names of HealthKit's HKUnit."""
_TIMES = ("%Y-%m-%d %H:%M:%S %z", "%Y%m%d%H%M%S%z", "%Y-%m-%d %H:%M:%S")
"""As exports have them since iOS 9, as iOS 8 wrote them, and as programs do that write an export anew."""
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")


def time_at(attributes: Mapping[str, str], key: str) -> dt.datetime:
    """The time at `key`, with its offset where it has one. Raises ValueError in words."""
    text = needed_text_at(attributes, key)
    for form in _TIMES:
        try:
            return dt.datetime.strptime(text, form)  # noqa: DTZ007 -- the caller knows the zone of one without
        except ValueError:
            continue
    raise ValueError(f"{key}: {text[:80]!r} is not a time")


def zone_of(part: Part) -> ZoneInfo | None:
    """The zone the runner was in, by `HKTimeZone`. Offsets are those of the phone when it wrote the export."""
    name = part.metadata.get("HKTimeZone")
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # no such zone, no name of one, a folder of zones
        return None


def distance_m(workout: Workout, sport: str) -> float | None:
    """How far it went, or None. Raises ValueError in words for what is no distance.

    Since iOS 16 it stands in `WorkoutStatistics` of the workout, and again in those of its activities (intervals, say);
    before that in `totalDistance`.
    """
    kinds = [DISTANCE_ON_FOOT] if sport in ON_FOOT else _distances_in(workout)
    whole = next(_sums_m(kinds, workout.whole), None)
    if whole is None:
        whole = _metres(workout.whole.attributes, "totalDistance", "totalDistanceUnit")
    if whole is not None:
        return whole
    parts = [metres for part in workout.activities for metres in _sums_m(kinds, part)]
    return sum(parts) if parts else None


def sum_m(part: Part, kind: str) -> float | None:
    """The distance that the statistics of `part` have under `kind`, or None. Raises ValueError in words."""
    return _metres(part.statistics.get(kind, {}), "sum", "unit")


def duration_s(part: Part) -> float | None:
    """Seconds without pauses; None if it does not say, or in no unit of time."""
    try:
        number = number_at(part.attributes, "duration")
    except ValueError:
        return None
    seconds = _SECONDS.get(part.attributes.get("durationUnit", ""))
    return None if number is None or seconds is None else number * seconds


def climbed_m(workout: Workout) -> float | None:
    """Metres up (`4200 cm`); where only its activities say, their sum."""
    said = [_amount_m(part.metadata.get("HKElevationAscended", "")) for part in (workout.whole, *workout.activities)]
    if said[0] is not None:
        return said[0]
    known = [metres for metres in said if metres is not None]
    return sum(known) if known else None


def indoors(workout: Workout) -> bool | None:
    """Whether it was indoors, by `HKIndoorWorkout`; where only its activities say, if they agree."""
    whole, *parts = [part.metadata.get("HKIndoorWorkout") for part in (workout.whole, *workout.activities)]
    flags = {whole} if whole is not None else set(parts)
    return {"1": True, "0": False}.get(flags.pop() or "") if len(flags) == 1 else None


def _distances_in(workout: Workout) -> list[str]:
    parts = (workout.whole, *workout.activities)
    return sorted({kind for part in parts for kind in part.statistics if kind.startswith("Distance")})


def _sums_m(kinds: list[str], part: Part) -> Iterator[float]:
    return (metres for kind in kinds if (metres := sum_m(part, kind)) is not None)


def _metres(values: Mapping[str, str], key: str, unit_key: str) -> float | None:
    number, unit = number_at(values, key), values.get(unit_key, "")
    if number is None:
        return None
    if unit not in _UNITS:
        raise ValueError(
            f"the unit {unit[:20]!r} of its distance is not known; correct it in the file, or leave it out"
        )
    return number * _UNITS[unit]


def _amount_m(text: str) -> float | None:
    match = _AMOUNT.fullmatch(text.strip())
    return float(match[1]) * _UNITS[match[2]] if match is not None and match[2] in _UNITS else None
