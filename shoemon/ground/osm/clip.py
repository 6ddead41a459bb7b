"""The part of a map that is imported: a box, or the cells of a grid around the runs."""

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from shoemon.ground.osm.rings import bounds
from shoemon.model.errors import MistakeError
from shoemon.model.trace import Box

SQUARES_PER_DEGREE = 100
"""The cells of a clip are squares of 0.01 degree."""
CELL = 10_000_000 // SQUARES_PER_DEGREE
"""The side of a cell in coordinates."""
_ROW = 100_000
"""More than there are columns: a cell is one number, row times this plus column."""
WIDENED_CELLS = 10
"""Open ground may extend so many cells beyond the clip."""


@dataclass(frozen=True)
class Clip:
    """A `box`, or if there are `cells` only these: floor(lat * 100), floor(lon * 100) of degrees."""

    box: Box
    cells: frozenset[tuple[int, int]] | None = None
    wanted: str = ""
    """The user's request: `2 km around runs`."""

    def contains(self, lon: int, lat: int) -> bool:
        if self._keys is not None:
            return lat // CELL * _ROW + lon // CELL in self._keys
        west, east, south, north = self.edges
        return west <= lon <= east and south <= lat <= north

    def includes(self, rings: "Sequence[array[int]]") -> bool:
        """Whether open ground within `rings` is imported: a part of it is in the clip, and no corner far outside. All
        its corners must be known, and keeping those of everything around would make the clip useless."""
        box = bounds(rings)
        if not self._touches(*box):
            return False
        contains = self.widened.contains
        return all(contains(lon, lat) for ring in rings for lon, lat in zip(ring[0::2], ring[1::2], strict=True))

    def _touches(self, west: int, east: int, south: int, north: int) -> bool:
        box_west, box_east, box_south, box_north = self.edges
        if west > box_east or east < box_west or south > box_north or north < box_south:
            return False
        if self._keys is None:
            return True
        rows = range(max(south, box_south) // CELL, min(north, box_north) // CELL + 1)
        columns = range(max(west, box_west) // CELL, min(east, box_east) // CELL + 1)
        return any(row * _ROW + column in self._keys for row in rows for column in columns)

    @cached_property
    def widened(self) -> "Clip":
        """The clip and ten cells of 0.01 degree on each side."""
        more = WIDENED_CELLS * CELL / 1e7
        box = Box(self.box.south - more, self.box.west - more, self.box.north + more, self.box.east + more)
        if self.cells is None:
            return Clip(box)
        side = range(-WIDENED_CELLS, WIDENED_CELLS + 1)
        rows = {(row + up, column) for row, column in self.cells for up in side}
        return Clip(box, frozenset((row, column + right) for row, column in rows for right in side))

    @property
    def text(self) -> str:
        """The clip as text, which `clip_from` reads."""
        if self.cells is None:
            return "bbox " + ",".join(f"{edge:.7f}" for edge in self.box)
        return f"cells ({self.wanted}) " + " ".join(f"{row},{column}" for row, column in sorted(self.cells))

    @cached_property
    def edges(self) -> tuple[int, int, int, int]:
        """West, east, south, north of the box, in coordinates."""
        south, west, north, east = (round(edge * 1e7) for edge in self.box)
        return west, east, south, north

    @cached_property
    def _keys(self) -> frozenset[int] | None:
        return None if self.cells is None else frozenset(row * _ROW + column for row, column in self.cells)


def clip_around(cells: Iterable[tuple[int, int]], wanted: str) -> Clip:
    """Make a clip of `cells`, of which there is at least one."""
    cells = frozenset(cells)
    rows, columns = [row for row, _ in cells], [column for _, column in cells]
    sides = (min(rows), min(columns), max(rows) + 1, max(columns) + 1)
    return Clip(Box(*(side / SQUARES_PER_DEGREE for side in sides)), cells, wanted)


def clip_of_box(text: str) -> Clip:
    """Make a clip of `S,W,N,E` in degrees. Raises MistakeError if that is no rectangle on the globe."""
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError:
        raise MistakeError(
            f"{text!r} is not a box; write south, west, north and east in degrees: --bbox 47.0,9.4,47.3,9.7"
        ) from None
    if not (-90 <= south < north <= 90 and -180 <= west < east <= 180):
        raise MistakeError(f"the box {text} is empty; south comes before north and west before east: S,W,N,E")
    return Clip(Box(south, west, north, east))


def clip_from(text: str) -> Clip | None:
    """Read a clip from `Clip.text`; None where all is imported."""
    if text.startswith("bbox "):
        return clip_of_box(text.removeprefix("bbox "))
    found = re.fullmatch(r"cells \((.*)\) ([-\d, ]+)", text)
    if found is None:
        return None
    cells = (cell.split(",") for cell in found[2].split())
    return clip_around(((int(row), int(column)) for row, column in cells), found[1])
