"""The extracts that a public server publishes, by a list that ships inside: to choose from it, no server is asked."""

from bisect import bisect
from collections.abc import Iterator
from functools import cache, cached_property
from importlib.resources import files
from itertools import accumulate, pairwise
from typing import NamedTuple

SPOTS_PER_DEGREE = 1000
_STEPS = 2 * SPOTS_PER_DEGREE
"""The outlines are in steps of so many to a degree."""
Spot = tuple[int, int]
"""Row and column of a square, about a hundred metres wide: latitude and longitude times SPOTS_PER_DEGREE, rounded
down."""


class Extract:
    """A file with the map of a region."""

    def __init__(self, id: str, parent: str, name: str, path: str, size: int, outlines: str) -> None:
        self.id, self.parent, self.name, self.path, self.size = id, parent, name, path, size
        """`path`: at the server; `size`: its bytes at the time of the list."""
        self._outlines = outlines
        self._crossings: dict[int, list[float]] = {}

    def is_near(self, lat: int, lon: int) -> bool:
        """Check whether a part of it may be in the square of a degree with this south-western corner."""
        west, south, east, north = (side / _STEPS for side in self._box)
        return west <= lon + 1 and lon <= east and south <= lat + 1 and lat <= north

    def contains(self, spot: Spot) -> bool:
        """Check that the middle of `spot` is inside."""
        west, south, east, north = self._box
        lat, lon = (2 * side + 1 for side in spot)
        if not (west <= lon <= east and south <= lat <= north):
            return False
        if lat not in self._crossings:
            self._crossings[lat] = sorted(self._crossed(lat))
        return bisect(self._crossings[lat], lon) % 2 == 1

    def _crossed(self, lat: int) -> Iterator[float]:
        """Yield the longitudes at which the outlines cross a latitude."""
        for ring in self._rings:
            for (lon, south), (next_lon, north) in pairwise([*ring, ring[0]]):
                if (south > lat) != (north > lat):
                    yield lon + (lat - south) * (next_lon - lon) / (north - south)

    @cached_property
    def _rings(self) -> list[list[Spot]]:
        return [list(_points(text)) for text in self._outlines.split(" ")]

    @cached_property
    def _box(self) -> tuple[int, int, int, int]:
        lons, lats = zip(*(point for ring in self._rings for point in ring), strict=True)
        return min(lons), min(lats), max(lons), max(lats)


def _points(text: str) -> Iterator[Spot]:
    """Read an encoded polyline: five bits a character, the lowest first, of steps from the last point."""
    steps, value, shift = [], 0, 0
    for code in text.encode():
        value |= (code - 63 & 31) << shift
        shift += 5
        if code < 63 + 32:
            steps.append(value >> 1 ^ -(value & 1))
            value = shift = 0
    yield from zip(accumulate(steps[::2]), accumulate(steps[1::2]), strict=True)


class Published(NamedTuple):
    """All extracts, their server, and the day of the list."""

    server: str
    date: str
    extracts: dict[str, Extract]

    def title(self, extract: Extract) -> str:
        """Name an extract, with the country or region it is a part of."""
        parent = self.extracts.get(extract.parent)
        within = parent.name if parent else extract.id.rpartition("/")[0].upper()  # such as US, too large for the list
        return f"{extract.name} ({within})" if within else extract.name


@cache
def published() -> Published:
    """Read the list."""
    text = files("shoemon.ground.extracts").joinpath("geofabrik.txt").read_text(encoding="utf-8")
    head, *rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    extracts = (Extract(id, parent, name, path, int(size), rings) for id, parent, name, path, size, rings in rows)
    return Published(head[0], head[1], {extract.id: extract for extract in extracts})
