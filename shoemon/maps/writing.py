"""Writes a region into the map: its ways cut into edges, its open ground, what is said of the ground of each."""

import sqlite3
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from shoemon.ground.tags import is_walkable, word_of_area
from shoemon.ground.trace import Box
from shoemon.maps import ATTRIBUTION
from shoemon.maps.clip import Clip
from shoemon.maps.cutting import edges_of
from shoemon.maps.elements import Elements, MapArea, MapWay
from shoemon.maps.junctions import Junctions
from shoemon.maps.opening import map_for_import
from shoemon.maps.rings import bounds, on_globe
from shoemon.maps.rows import Row, area_row, stored, way_row
from shoemon.maps.taking import take_away_region, take_over_areas, take_over_ways
from shoemon.model import ShoemonError

_BATCH = 2_000

_BoxRow = tuple[int, int, int, int, int]


class Region(NamedTuple):
    """Where map data came from. `kind` is `file` or `overpass`; without `box` it is what the data says it covers, else
    that of what was written."""

    name: str
    kind: str
    osm_date: str
    box: Box | None
    bytes: int
    sha256: str


class Written(NamedTuple):
    """How much of a region was written."""

    ways: int
    edges: int
    areas: int


def write_region(
    path: Path,
    region: Region,
    elements: Elements,
    clip: Clip | None,
    now: str,
    progress: Callable[[str], None] = lambda _: None,
) -> Written:
    """Writes `elements` into the map at `path`, in one transaction, in place of the region of the same name.

    A way that another region had too belongs to this one from now on. Raises ShoemonError, and leaves the map as it
    was, where the data cannot be read or written; or, of a file, where it holds no way at all.
    """
    with map_for_import(path) as connection:
        try:
            writer = _Writer(connection, region, clip)
            return writer.write(elements, now, progress)
        except sqlite3.IntegrityError:
            raise ShoemonError(
                f"{region.name} names a way or an area twice, as a file with the past of OpenStreetMap does; "
                "import an extract that holds one state of it"
            ) from None


class _Writer:
    def __init__(self, connection: sqlite3.Connection, region: Region, clip: Clip | None) -> None:
        self._db, self._region, self._clip = connection, region, clip
        self._beside_others = take_away_region(connection, region.name)
        self._id = 1 + self._largest("region")
        self._last_edge, self._last_area = self._largest("edge"), self._largest("area")
        self._written = Written(0, 0, 0)
        self._bounds: tuple[int, int, int, int] | None = None

    def write(self, elements: Elements, now: str, progress: Callable[[str], None]) -> Written:
        name = self._region.name
        progress(f"{name}: looking for junctions")
        self._db.execute(
            "INSERT INTO region VALUES (?, ?, ?, '', ?, 0, 0, 0, 0, 0, 0, ?, ?, ?, ?)",
            (self._id, name, self._region.kind, now, self._region.bytes, self._region.sha256,
             self._clip.text if self._clip else "", ATTRIBUTION),
        )  # fmt: skip
        junctions = Junctions(elements.node_uses())
        found = iter(elements)
        while batch := list(islice(found, _BATCH)):
            self._write_areas([element for element in batch if isinstance(element, MapArea)])
            self._write_ways([element for element in batch if isinstance(element, MapWay)], junctions)
            progress(f"{name}: {self._written.ways:,} ways, {self._written.areas:,} areas")
        if not self._written.ways and self._region.kind == "file":
            where = " in the piece that was asked for" if self._clip else ""
            raise ShoemonError(f"{name} holds no way that one can run on{where}; nothing was imported")
        self._db.execute(
            """UPDATE region SET osm_date = ?, ways = ?, areas = ?, south = ?, west = ?, north = ?, east = ?
            WHERE id = ?""",
            (self._region.osm_date or elements.osm_date, self._written.ways, self._written.areas,
             *self._box(elements.box), self._id),
        )  # fmt: skip
        return self._written

    def _largest(self, table: str) -> int:
        return int(self._db.execute(f"SELECT ifnull(max(id), 0) FROM {table}").fetchone()[0])

    def _write_ways(self, ways: list[MapWay], junctions: Junctions) -> None:
        ways = [way for way in ways if is_walkable(way.tags)]
        cuts = take_over_ways(self._db, [way.id for way in ways], self._id) if self._beside_others else {}
        rows: list[Row] = []
        edges: list[Row] = []
        boxes: list[_BoxRow] = []
        for way in ways:
            before = len(edges)
            for edge in edges_of(way, junctions, self._clip, cuts.get(way.id, ())):
                self._last_edge += 1
                edges.append((self._last_edge, way.id, edge.a, edge.b, stored(edge.shape)))
                lons, lats = edge.shape[0::2], edge.shape[1::2]
                boxes.append((self._last_edge, min(lons), max(lons), min(lats), max(lats)))
            if len(edges) > before:
                rows.append(way_row(way, self._id))
        self._db.executemany("INSERT INTO way VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._db.executemany("INSERT INTO edge VALUES (?, ?, ?, ?, ?)", edges)
        self._db.executemany("INSERT INTO edge_box VALUES (?, ?, ?, ?, ?)", boxes)
        self._count(boxes, ways=len(rows), edges=len(edges))

    def _write_areas(self, areas: list[MapArea]) -> None:
        if self._beside_others:
            take_over_areas(self._db, [area.osm for area in areas], self._id)
        rows: list[Row] = []
        boxes: list[_BoxRow] = []
        for area in areas:
            word = word_of_area(area.tags)
            rings = [ring for ring in area.rings if len(ring) >= 8]
            if word is None or not on_globe(rings) or (self._clip is not None and not self._clip.takes(rings)):
                continue
            self._last_area += 1
            rows.append(area_row(self._last_area, area, word, rings, self._id))
            boxes.append((self._last_area, *bounds(rings)))
        self._db.executemany("INSERT INTO area VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._db.executemany("INSERT INTO area_box VALUES (?, ?, ?, ?, ?)", boxes)
        self._count((), areas=len(rows))

    def _count(self, boxes: Iterable[_BoxRow], *, ways: int = 0, edges: int = 0, areas: int = 0) -> None:
        so_far = self._written
        self._written = Written(so_far.ways + ways, so_far.edges + edges, so_far.areas + areas)
        known = ([self._bounds] if self._bounds else []) + [box[1:] for box in boxes]
        if known:
            wests, easts, souths, norths = zip(*known, strict=True)
            self._bounds = (min(wests), max(easts), min(souths), max(norths))

    def _box(self, said: Box | None) -> Box:
        """What the region covers: by its own word, else by its ways; no more than the piece that was asked for."""
        west, east, south, north = self._bounds or (0, 0, 0, 0)
        ways = Box(south / 1e7, west / 1e7, north / 1e7, east / 1e7)
        box = self._region.box or said or ways
        if self._clip is None:
            return box
        clip = self._clip.box
        if not box.overlaps(clip):
            return ways
        return Box(
            max(box.south, clip.south), max(box.west, clip.west), min(box.north, clip.north), min(box.east, clip.east)
        )
