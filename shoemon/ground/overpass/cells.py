"""The cells that an Overpass server is asked for: squares of 0.05 degrees, all it learns of where somebody ran."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from shoemon.ground.osm.clip import SQUARES_PER_DEGREE
from shoemon.model.trace import Box

PER_DEGREE = 20
WIDEST_DEGREES = 1.0
"""A larger box is not fetched: its runner was in few of the 400 cells and more that it touches."""
_SQUARES = SQUARES_PER_DEGREE // PER_DEGREE
_LAST_LAT, _LAST_LON = 90 * PER_DEGREE - 1, 180 * PER_DEGREE - 1


class Cell(NamedTuple):
    """A square by its south-western corner, in twentieths of a degree."""

    lat: int
    lon: int

    @property
    def name(self) -> str:
        """The corner in degrees, `60.15,24.90`."""
        return f"{self.lat / PER_DEGREE:.2f},{self.lon / PER_DEGREE:.2f}"

    @property
    def box(self) -> Box:
        corners = (self.lat, self.lon, self.lat + 1, self.lon + 1)
        return Box(*(corner / PER_DEGREE for corner in corners))


class Square(NamedTuple):
    """A square of a hundredth of a degree, the finest used here."""

    lat: int
    lon: int

    @property
    def cell(self) -> Cell:
        return Cell(self.lat // _SQUARES, self.lon // _SQUARES)

    @property
    def box(self) -> Box:
        return Box(*(corner / SQUARES_PER_DEGREE for corner in (self.lat, self.lon, self.lat + 1, self.lon + 1)))

    def is_within(self, box: Box) -> bool:
        """Whether `box` contains the whole square."""
        lats = _floor(box.south, up=True) <= self.lat and self.lat + 1 <= _floor(box.north)
        return lats and _floor(box.west, up=True) <= self.lon and self.lon + 1 <= _floor(box.east)


def cells_outside(boxes: Iterable[Box], is_covered: Callable[[Square], bool]) -> list[Cell]:
    """Return the cells with a square of `boxes` that is not covered, in the order of `boxes`.

    A box that only touches a cell from outside is not in it. Boxes wider than WIDEST_DEGREES are left out.
    """
    found: dict[Cell, None] = {}
    seen: set[Square] = set()
    for box in boxes:
        for square in _squares(box):
            if square not in seen:
                seen.add(square)
                if square.cell not in found and not is_covered(square):
                    found[square.cell] = None
    return list(found)


def _squares(box: Box) -> Iterator[Square]:
    if max(box.north - box.south, box.east - box.west) > WIDEST_DEGREES:
        return
    south, west = _floor(box.south), _floor(box.west)
    north, east = max(_floor(box.north, up=True), south + 1), max(_floor(box.east, up=True), west + 1)
    for lat in range(south, north):
        for lon in range(west, east):
            # the poles and the edge of the map belong to the last cell
            yield Square(min(lat, (_LAST_LAT + 1) * _SQUARES - 1), min(lon, (_LAST_LON + 1) * _SQUARES - 1))


def _floor(degrees: float, *, up: bool = False) -> int:
    """Return whole hundredths of a degree, without the error of floating point: 1.15 times 100 is not quite 115."""
    hundredths = round(degrees * SQUARES_PER_DEGREE, 6)
    return math.ceil(hundredths) if up else math.floor(hundredths)
