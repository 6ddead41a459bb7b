"""Read the map: the piece around a trace, and the regions of the map. Read-only, for any number of processes."""

import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from shoemon.ground.match.open_ground import Area
from shoemon.ground.match.piece import METRES_NORTH, MapPiece, Plane, Way
from shoemon.ground.match.positions import plane_around
from shoemon.ground.osm.clip import Clip, clip_from
from shoemon.ground.osm.opening import open_to_read, readable
from shoemon.ground.osm.rows import shape_in
from shoemon.ground.osm.schema import MAP_VERSION
from shoemon.ground.osm.tiles import boxes_along
from shoemon.model.trace import Box, Trace

_MOST_EDGES = 60_000
"""Of one trace: some 1,500 km of country, 25 square kilometres of a dense town. More is not read, and the metres there
are unknown; a trace that jumps about must not fill the memory."""
_MOST_KEPT = 12_000
_LONELY_M = 1_000
"""A point this far from every way is taken for beyond the map: the border of an extract is rarely that of its box."""


class RegionRow(NamedTuple):
    """One import, as table `region` has it."""

    id: int
    name: str
    kind: str
    osm_date: str
    imported_at: str
    south: float
    west: float
    north: float
    east: float
    ways: int
    areas: int
    bytes: int
    sha256: str
    clip: str
    attribution: str
    revision: int
    """How often the surfaces of its ways have changed, also by other imports."""

    @property
    def box(self) -> Box:
        return Box(self.south, self.west, self.north, self.east)

    @property
    def key(self) -> str:
        """Changes with its content in the map. Worth keeping: `clip` may be long."""
        content = (MAP_VERSION, self.name, self.osm_date, self.sha256, self.clip, self.ways, self.areas, self.revision)
        return sha256(json.dumps(content).encode()).hexdigest()


_REGIONS = f"""SELECT {", ".join(RegionRow._fields[:-1])}, ifnull(number, 0)
  FROM region LEFT JOIN revision ON revision.region = region.name ORDER BY name"""


class _LastPiece(NamedTuple):
    """The piece of map that was read last, and the ids in it."""

    of: tuple[int, float, float]
    piece: MapPiece
    edges: set[int]
    areas: set[int]


class MapReader:
    """An open map. Not to be shared between threads. Raises ShoemonError where the file cannot be read."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self._path = connection, path
        self._regions: list[RegionRow] = []
        self._keys: list[tuple[Box, str]] = []
        self._clips: list[Clip] | None = None
        self._known: dict[Box, str] = {}
        self._version: int | None = None
        self._last: _LastPiece | None = None

    def regions(self) -> list[RegionRow]:
        self._refresh()
        return list(self._regions)

    def key(self, box: Box) -> str:
        """Return a text that changes when the map in the box may have; empty where it has nothing. Quick, because it is
        called for every run."""
        self._refresh()
        if box not in self._known:
            found = "".join(key for region, key in self._keys if region.overlaps(box))
            self._known[box] = sha256(found.encode()).hexdigest()[:16] if found else ""
        return self._known[box]

    def map_date(self, box: Box) -> str:
        """Return when the oldest data in the box was copied from OpenStreetMap; empty where there is none."""
        self._refresh()
        return min((row.osm_date for row in self._regions if row.box.overlaps(box)), default="")

    def _refresh(self) -> None:
        """Read the regions again if another process has changed the map."""
        with readable(self._path):
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                rows = self._connection.execute(_REGIONS)
                self._regions = [RegionRow(*row) for row in rows]
                self._keys = [(row.box, row.key) for row in self._regions]
                self._known, self._clips = {}, None
                self._version = version

    def piece(self, trace: Trace) -> MapPiece:
        """Return the map around the trace, valid until the next call: runs mostly begin at one door, so what was read
        for the last ones is kept as long as it is small. More map than a trace needs changes nothing for it."""
        around = plane_around(trace)
        middle = (_snapped(around.lat), _snapped(around.lon))
        boxes = list(boxes_along(trace, Plane(*middle)))
        last, self._last = self._last, None  # until all of it is read: a part must not count as the whole
        with readable(self._path), self._one_state():
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            if last is None or last.of != (version, *middle) or len(last.edges) > _MOST_KEPT:
                plane = Plane(*middle)
                piece = MapPiece(plane, extends_to=partial(self._extends_to, plane))
                last = _LastPiece((version, *middle), piece, set(), set())
            self._read_edges(last.piece, self._new_ids("edge_box", boxes, last.edges))
            self._read_areas(last.piece, self._new_ids("area_box", boxes, last.areas))
        self._last = last
        return last.piece

    def ways(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return the name (blank: none) and the kind of ways, by id; of those on the map."""
        sql = "SELECT id, ifnull(name, ''), highway FROM way WHERE id IN (SELECT value FROM json_each(?))"
        with readable(self._path):
            return {id_: (name, kind) for id_, name, kind in self._connection.execute(sql, (json.dumps(list(ids)),))}

    def _extends_to(self, plane: Plane, x: float, y: float) -> bool:
        """Check whether a region contains a point of the plane, and a way is not far."""
        self._refresh()
        lon, lat = round((plane.lon + x / plane.east) * 1e7), round((plane.lat + y / METRES_NORTH) * 1e7)
        if self._clips is None:
            self._clips = [clip_from(row.clip) or Clip(row.box) for row in self._regions]
        if not any(clip.contains(lon, lat) for clip in self._clips):
            return False
        aside, up = round(_LONELY_M / plane.east * 1e7), round(_LONELY_M / METRES_NORTH * 1e7)
        query = "SELECT 1 FROM edge_box WHERE west <= ? AND east >= ? AND south <= ? AND north >= ? LIMIT 1"
        found = self._connection.execute(query, (lon + aside, lon - aside, lat + up, lat - up))
        return found.fetchone() is not None

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _one_state(self) -> Iterator[None]:
        """Read one state of the map, also during an import."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

    def _new_ids(self, table: str, boxes: Iterable[tuple[int, int, int, int]], known: set[int]) -> list[int]:
        """Find what is in the boxes and not in `known`, and add it there."""
        ids: set[int] = set()
        query = f"SELECT id FROM {table} WHERE west <= ? AND east >= ? AND south <= ? AND north >= ?"
        for west, south, east, north in boxes:
            ids.update(id_ for (id_,) in self._connection.execute(query, (east, west, north, south)))
            if len(ids) > _MOST_EDGES:
                break
        new = sorted(ids - known)
        known.update(new)
        return new

    def _read_edges(self, piece: MapPiece, ids: list[int]) -> None:
        ways: dict[int, Way] = {}
        rows = self._connection.execute(
            "SELECT edge.id, a, b, shape, way, surface, origin, confidence, cost FROM json_each(?) AS wanted"
            " JOIN edge ON edge.id = wanted.value JOIN way ON way.id = edge.way",
            (json.dumps(ids),),
        )
        for edge, a, b, shape, way, *values in rows:
            known = ways.get(way)
            if known is None:
                known = ways[way] = Way(way, *values)
            piece.add_edge(edge, known, a, b, shape_in(shape))

    def _read_areas(self, piece: MapPiece, ids: list[int]) -> None:
        rows = self._connection.execute(
            "SELECT surface, origin, confidence, size_m2, shape FROM json_each(?) AS wanted"
            " JOIN area ON area.id = wanted.value",
            (json.dumps(ids),),
        )
        piece.add_areas(
            Area(surface, origin, confidence, size_m2, list(_rings(shape_in(shape), piece.plane)))
            for surface, origin, confidence, size_m2, shape in rows
        )


def open_map(path: Path) -> MapReader:
    """Open the map at `path`. Raises ShoemonError where there is none, or one of another version."""
    return MapReader(open_to_read(path), path)


def _snapped(degrees: float) -> float:
    """Round to a twentieth of a degree: runs from one door then have one plane, and share what was read."""
    return round(degrees * 20) / 20


def _rings(numbers: "array[int]", plane: Plane) -> Iterator[tuple["array[float]", "array[float]"]]:
    at = 1
    for _ in range(numbers[0] if numbers else 0):
        end = at + 1 + 2 * numbers[at]
        xs, ys = plane.shape(numbers[at + 1 : end])
        yield array("d", xs), array("d", ys)
        at = end
