"""A piece of the map around one trace, in metres on a plane: edges that meet in nodes, and areas. Pure."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from math import cos, hypot, radians
from operator import sub
from typing import NamedTuple

from shoemon.ground.match.open_ground import Area
from shoemon.model.ids import SurfaceId
from shoemon.model.run_ground import Origin

METRES_NORTH = 110_574.0
METRES_EAST = 111_320.0
"""Of a degree of latitude, and of one of longitude at the equator; off by less than 1 % anywhere."""
_CELL_M = 50.0
_BIT_M = 100.0
_FIELD_M = 250.0
_ROW = 1 << 32
_HALF_TURN = 1_800_000_000


class Way(NamedTuple):
    """A way of the map, with its surface."""

    id: int
    surface: SurfaceId
    origin: Origin
    confidence: float
    cost: float


class Edge(NamedTuple):
    """A part of a way between two junctions."""

    id: int
    a: int
    b: int
    length: float
    way: Way


Segment = tuple[Edge, float, float, float, float, float, float]
"""Edge, start x and y, direction x and y, length, metres of the edge before it."""


class Search(NamedTuple):
    """The shortest routes from a node, as far as they were needed."""

    metres: dict[int, float]
    """To other nodes; to those in `open` perhaps not yet the shortest."""
    open: list[tuple[float, int]]
    """A heap of nodes where the search goes on."""


class Plane:
    """Degrees as metres east and north of a middle. Exact to 1 % within 50 km of it, and finite everywhere."""

    def __init__(self, lat: float, lon: float) -> None:
        self.lat, self.lon = lat, lon
        self.east = METRES_EAST * max(cos(radians(lat)), 1e-6)
        self._meets_date_line = abs(lon) > 90.0

    def point(self, lat: float, lon: float) -> tuple[float, float]:
        """Return the place of a position; the short way round the globe."""
        turn = (lon - self.lon + 180.0) % 360.0 - 180.0
        return turn * self.east, (lat - self.lat) * METRES_NORTH

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Return latitude and longitude of a point."""
        return self.lat + y / METRES_NORTH, self.lon + x / self.east

    def shape(self, shape: "array[int]") -> tuple[list[float], list[float]]:
        """Return the x and the y of a shape in whole degrees times 10,000,000."""
        lon, lat = round(self.lon * 1e7), round(self.lat * 1e7)
        east, north = self.east / 1e7, METRES_NORTH / 1e7
        turns = [value - lon for value in shape[0::2]]
        if self._meets_date_line:
            turns = [(turn + _HALF_TURN) % (2 * _HALF_TURN) - _HALF_TURN for turn in turns]
        return [turn * east for turn in turns], [(value - lat) * north for value in shape[1::2]]


def _everywhere(*_place: float) -> bool:
    return True


class MapPiece:
    """Edges and areas, found by place. Filled once, then only read. `extends_to` checks whether the map that it is of
    extends to a point."""

    def __init__(
        self, plane: Plane, reach_m: float = 45.0, extends_to: Callable[[float, float], bool] = _everywhere
    ) -> None:
        self.plane = plane
        self.reach_m = reach_m
        self.exits: defaultdict[int, list[tuple[int, float, Edge]]] = defaultdict(list)
        """Of each node: the nodes one edge away, its length, and the edge."""
        self.searches: dict[int, Search] = {}
        """By the node they begin at. Kept for the next run, too."""
        self._segments: defaultdict[int, list[Segment]] = defaultdict(list)
        self._areas: list[Area] = []
        self._areas_in: dict[int, list[Area]] = {}
        self.extends_to = extends_to

    def add_edge(self, edge: int, way: Way, a: int, b: int, shape: "array[int]") -> None:
        """Add an edge; one without length is left out."""
        xs, ys = self.plane.shape(shape)
        lengths = list(map(hypot, map(sub, xs[1:], xs), map(sub, ys[1:], ys)))
        total = sum(lengths)
        if total <= 0:
            return
        whole = Edge(edge, a, b, total, way)
        self.searches.clear()
        self.exits[a].append((b, total, whole))
        self.exits[b].append((a, total, whole))
        before = 0.0
        for x, y, x2, y2, length in zip(xs, ys, xs[1:], ys[1:], lengths, strict=False):
            if length > _BIT_M:
                self._put_long((whole, x, y, (x2 - x) / length, (y2 - y) / length, length, before), x2, y2)
            elif length > 0:
                self._put((whole, x, y, (x2 - x) / length, (y2 - y) / length, length, before), x, y, x2, y2)
            before += length

    def add_areas(self, areas: Iterable[Area]) -> None:
        self._areas.extend(areas)
        self._areas.sort(key=lambda area: area.size_m2)
        self._areas_in.clear()

    def near(self, x: float, y: float) -> list[Segment]:
        """Return the segments that may be within reach of a point: a few more, never fewer."""
        return self._segments.get(int(x // _CELL_M) * _ROW + int(y // _CELL_M), [])

    def area_at(self, x: float, y: float) -> Area | None:
        """Return the smallest area that contains the point."""
        column, row = x // _FIELD_M, y // _FIELD_M
        cell = int(column) * _ROW + int(row)
        areas = self._areas_in.get(cell)
        if areas is None:
            west, south = column * _FIELD_M, row * _FIELD_M
            around = (west, south, west + _FIELD_M, south + _FIELD_M)
            areas = self._areas_in[cell] = [area for area in self._areas if area.touches(*around)]
        for area in areas:
            if area.contains(x, y):
                return area
        return None

    def _put(self, segment: Segment, x1: float, y1: float, x2: float, y2: float) -> None:
        """Put it into every cell from which it can be reached, so that a point reads one cell only."""
        reach, segments = self.reach_m, self._segments
        if x1 > x2:
            x1, x2 = x2, x1
        if y1 > y2:
            y1, y2 = y2, y1
        south, north = int((y1 - reach) // _CELL_M), int((y2 + reach) // _CELL_M) + 1
        for column in range(int((x1 - reach) // _CELL_M), int((x2 + reach) // _CELL_M) + 1):
            for cell in range(column * _ROW + south, column * _ROW + north):
                here = segments[cell]
                if not here or here[-1] is not segment:
                    here.append(segment)

    def _put_long(self, segment: Segment, x2: float, y2: float) -> None:
        """Put it bit by bit: the rectangle around the whole may be far larger than the cells near it."""
        _, x1, y1, ux, uy, length, _ = segment
        bits = int(length // _BIT_M) + 1
        step = length / bits
        ends = [(x1 + ux * step * bit, y1 + uy * step * bit) for bit in range(bits)] + [(x2, y2)]
        for one, two in pairwise(ends):
            self._put(segment, *one, *two)
