"""Open ground: areas that can be crossed off every way, and whether a point is in one. Pure."""

from array import array
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from shoemon.model.ids import SurfaceId
from shoemon.model.run_ground import Origin

_ROW_M = 40.0


class Area:
    """An area with its surface. Its rings are read only when a point is in the rectangle around them."""

    def __init__(
        self, surface: SurfaceId, origin: Origin, confidence: float, size_m2: float, rings: Sequence["Ring"]
    ) -> None:
        self.surface, self.origin, self.confidence, self.size_m2 = surface, origin, confidence, size_m2
        self._rings = rings
        self._west = min((min(xs) for xs, _ in rings), default=0.0)
        self._east = max((max(xs) for xs, _ in rings), default=0.0)
        self._south = min((min(ys) for _, ys in rings), default=0.0)
        self._north = max((max(ys) for _, ys in rings), default=0.0)
        self._rows: defaultdict[int, list[tuple[float, float, float, float]]] | None = None

    def touches(self, west: float, south: float, east: float, north: float) -> bool:
        """Whether the rectangle around it and another have a point in common."""
        return self._west <= east and west <= self._east and self._south <= north and south <= self._north

    def contains(self, x: float, y: float) -> bool:
        """Whether the point is inside: an odd number of lines are east of it."""
        if not (self._west <= x <= self._east and self._south <= y <= self._north):
            return False
        rows = self._rows
        if rows is None:
            rows = self._rows = _rows(self._rings)
        inside = False
        for x1, y1, x2, y2 in rows.get(int(y // _ROW_M), ()):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
        return inside


Ring = tuple["array[float]", "array[float]"]
"""The x and the y of a closed line."""


def _rows(rings: Sequence[Ring]) -> defaultdict[int, list[tuple[float, float, float, float]]]:
    """Sort the lines of the rings by the rows they cross: a large wood has thousands, a row a handful."""
    rows: defaultdict[int, list[tuple[float, float, float, float]]] = defaultdict(list)
    for xs, ys in rings:
        for (x1, x2), (y1, y2) in zip(pairwise(xs), pairwise(ys), strict=True):
            low, high = (y1, y2) if y1 < y2 else (y2, y1)
            for row in range(int(low // _ROW_M), int(high // _ROW_M) + 1):
                rows[row].append((x1, y1, x2, y2))
    return rows
