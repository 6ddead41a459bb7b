"""The trace of a run: where it was, point by point. Pure."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in degrees, edges included."""

    south: float
    west: float
    north: float
    east: float

    def overlaps(self, other: "Box") -> bool:
        """Whether any point is in both."""
        return (
            self.south <= other.north
            and other.south <= self.north
            and self.west <= other.east
            and other.west <= self.east
        )


def around(boxes: Iterable[Box]) -> Box:
    """Return the rectangle around `boxes`, of which there is at least one."""
    souths, wests, norths, easts = zip(*boxes, strict=True)
    return Box(min(souths), min(wests), max(norths), max(easts))


def _floats() -> "array[float]":
    return array("d")


@dataclass(frozen=True)
class Trace:
    """The points of a run that have a position and a time, in the order of time. All arrays have one length.

    `times` are seconds since 1970-01-01 UTC, or since any other moment where the file names none. `starts` are the
    indexes at which a piece begins (0 among them): between pieces there was a pause, or the recording was interrupted,
    and the way from one to the next was not run. `distances_m` are the device's own metres since the start at each
    point; empty where it gives none.
    """

    times: "array[float]" = field(default_factory=_floats)
    lats: "array[float]" = field(default_factory=_floats)
    lons: "array[float]" = field(default_factory=_floats)
    distances_m: "array[float]" = field(default_factory=_floats)
    starts: tuple[int, ...] = (0,)

    def __len__(self) -> int:
        return len(self.times)

    def pieces(self) -> Iterator[range]:
        """Yield the indexes of each piece."""
        for start, end in zip(self.starts, (*self.starts[1:], len(self)), strict=True):
            if start < end:
                yield range(start, end)

    def box(self) -> Box:
        """Return the rectangle around all points. Raises ValueError if there are none."""
        return Box(min(self.lats), min(self.lons), max(self.lats), max(self.lons))
