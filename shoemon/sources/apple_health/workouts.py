"""Read one workout of an export.xml, with the export's own names, and its times, distances and the like, as iOS has
written them over the years.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple
from xml.parsers import expat
from zoneinfo import ZoneInfo

from shoemon.model.sports import ON_FOOT
from shoemon.model.units import METRES
from shoemon.sources.formats.repair_xml import repaired
from shoemon.sources.kit.fields import number_at, optional_number_at, time_at

_DEEPEST = 16
"""A route's metadata is at depth 3."""
_MOST_ROUTES = 100
_MOST_ATTRIBUTES, _LONGEST = 64, 500
"""Of an element, and letters of each: the fields of all workouts are in memory at once."""
_VALUE = re.compile(rb'("[^"]*")')
_NAME_WITH_BLANKS = re.compile(rb"((?:.*<\w+)?\s+)([^<>=/\s]+(?:\s+[^<>=/\s]+)+)=", re.DOTALL)


class WorkoutPart(NamedTuple):
    """A workout, or one of its activities: intervals, or the sports of a triathlon."""

    attributes: dict[str, str]
    metadata: dict[str, str]
    statistics: dict[str, dict[str, str]]
    """Attributes (`sum`, `unit`) by quantity, without `HKQuantityTypeIdentifier`."""


class Workout(NamedTuple):
    """A workout, the activities in it, and the paths of its routes."""

    whole: WorkoutPart
    activities: list[WorkoutPart]
    routes: list[str]


def read_workout(xml: bytes) -> Workout:
    """Read the block `xml`. Raises ValueError if it is not XML, even after repair. The block is parsed alone, so it
    cannot declare entities; undeclared ones are errors."""
    try:
        return _WorkoutXml().read(xml)
    except expat.ExpatError as error:
        try:
            return _WorkoutXml().read(_repaired(xml))
        except expat.ExpatError:
            raise ValueError(f"it is not XML: {expat.ErrorString(error.code)}") from None


def _repaired(xml: bytes) -> bytes:
    """Repair known faults: characters that XML forbids (iOS 16), blanks in names of attributes (iOS 8)."""
    pieces = _VALUE.split(b"".join(repaired(xml)))
    for index in range(0, len(pieces), 2):
        if match := _NAME_WITH_BLANKS.fullmatch(pieces[index]):
            pieces[index] = match[1] + b"_".join(match[2].split()) + b"="
    return b"".join(pieces)


class _WorkoutXml:
    """Collects the elements of one block."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._read = Workout(WorkoutPart({}, {}, {}), [], [])
        self._parser = expat.ParserCreate("UTF-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def read(self, xml: bytes) -> Workout:
        """Parse a block. Raises ExpatError if it is not XML, ValueError if it is nested too deep."""
        self._parser.Parse(xml, True)
        return self._read

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        above = self._path[-1] if self._path else ""
        self._path.append(name)
        attributes = {key: value[:_LONGEST] for key, value in islice(attributes.items(), _MOST_ATTRIBUTES)}
        if len(self._path) > _DEEPEST:
            raise ValueError(f"it nests more than {_DEEPEST} elements")
        if not above:
            self._read.whole.attributes.update(attributes)
        elif name == "WorkoutActivity":
            self._read.activities.append(WorkoutPart(attributes, {}, {}))
        elif name == "FileReference" and len(self._read.routes) < _MOST_ROUTES:
            self._read.routes.append(attributes.get("path", ""))
        elif above in ("Workout", "WorkoutActivity"):
            part = self._read.whole if above == "Workout" else self._read.activities[-1]
            if name == "MetadataEntry":
                part.metadata.setdefault(attributes.get("key", ""), attributes.get("value", ""))
            elif name == "WorkoutStatistics":
                kind = attributes.get("type", "").removeprefix("HKQuantityTypeIdentifier")
                part.statistics.setdefault(kind, attributes)

    def _end(self, _name: str) -> None:
        self._path.pop()


DISTANCE_ON_FOOT = "DistanceWalkingRunning"
_UNITS = METRES | {"in": 0.0254}
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "hr": 3600.0, "d": 86400.0}
"""By the names of units in HealthKit's HKUnit."""
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")


def moment_at(attributes: Mapping[str, str], key: str) -> dt.datetime:
    """Return the time at `key`, with its offset if it has one: `2024-05-01 08:30:00 +0200`, of iOS 8
    `20240501083000+0200`. Raises ValueError."""
    text = attributes.get(key, "")
    return time_at({key: f"{text[:8]}T{text[8:]}"} if text[:14].isdecimal() else attributes, key)


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
    number = optional_number_at(part.attributes, "duration")
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
