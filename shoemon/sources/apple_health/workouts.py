"""Read one workout of an export.xml, with the export's own names."""

import re
from itertools import islice
from typing import NamedTuple
from xml.parsers import expat

from shoemon.sources.formats.repair_xml import repaired

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
