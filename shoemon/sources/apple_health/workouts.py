"""What one workout of an export.xml says, in the export's own words."""

import re
from itertools import islice
from typing import NamedTuple
from xml.parsers import expat

_DEEPEST = 16
"""A route's metadata stands at 3."""
_MOST_ROUTES = 100
_MOST_ATTRIBUTES, _LONGEST = 64, 500
"""Of an element, and letters of each: what is said of a workout is kept, of all workouts at once."""
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r"))
_VALUE = re.compile(rb'("[^"]*")')
_NAME_WITH_BLANKS = re.compile(rb"((?:.*<\w+)?\s+)([^<>=/\s]+(?:\s+[^<>=/\s]+)+)=", re.DOTALL)


class Part(NamedTuple):
    """A workout, or one of the activities it is made of: intervals, or the sports of a triathlon."""

    attributes: dict[str, str]
    metadata: dict[str, str]
    statistics: dict[str, dict[str, str]]
    """Attributes (`sum`, `unit`) by what was measured, without `HKQuantityTypeIdentifier`."""


class Workout(NamedTuple):
    """A workout, the activities in it, and the paths of its routes."""

    whole: Part
    activities: list[Part]
    routes: list[str]


def read_workout(xml: bytes) -> Workout:
    """What the block `xml` says. Raises ValueError in words if it is no XML, not even when mended.

    The block stands alone, so it can declare no entities; those of others are errors.
    """
    try:
        return _Reader().read(xml)
    except expat.ExpatError as error:
        try:
            return _Reader().read(_mended(xml))
        except expat.ExpatError:
            raise ValueError(f"it is no XML: {expat.ErrorString(error.code)}") from None


def _mended(xml: bytes) -> bytes:
    """`xml` without what exports are known to break: a vertical tab in a name (iOS 16), names of attributes with
    blanks in them (iOS 8, of some scales' apps), half a letter."""
    plain = xml.translate(None, _CONTROL).decode("utf-8", "replace").encode()
    pieces = _VALUE.split(plain)
    for index in range(0, len(pieces), 2):
        if match := _NAME_WITH_BLANKS.fullmatch(pieces[index]):
            pieces[index] = match[1] + b"_".join(match[2].split()) + b"="
    return b"".join(pieces)


class _Reader:
    """Takes in the elements of one block."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._read = Workout(Part({}, {}, {}), [], [])
        self._parser = expat.ParserCreate("UTF-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def read(self, xml: bytes) -> Workout:
        """Raises ExpatError if it is no XML, ValueError if it is nested beyond reason."""
        self._parser.Parse(xml, True)
        return self._read

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        above = self._path[-1] if self._path else ""
        self._path.append(name)
        attributes = {key: said[:_LONGEST] for key, said in islice(attributes.items(), _MOST_ATTRIBUTES)}
        if len(self._path) > _DEEPEST:
            raise ValueError(f"it nests more than {_DEEPEST} elements")
        if not above:
            self._read.whole.attributes.update(attributes)
        elif name == "WorkoutActivity":
            self._read.activities.append(Part(attributes, {}, {}))
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
