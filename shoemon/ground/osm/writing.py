"""Write a region into the map: its ways cut into edges, its open ground, and the surface of each."""

import sqlite3
from array import array
from collections.abc import Callable, Iterable
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from shoemon.ground.match.tags import TagVerdict, is_walkable, verdict_of_area
from shoemon.ground.osm.clip import Clip
from shoemon.ground.osm.cut_ways import Junctions, PlacePair, edges_of, kept_nodes
from shoemon.ground.osm.elements import MapArea, MapWay, OsmElements, UnusableError
from shoemon.ground.osm.neighbours import infer_from_neighbours
from shoemon.ground.osm.opening import map_for_import
from shoemon.ground.osm.replace import (
    count_again,
    former_ends,
    has_others,
    mark_holes,
    note_edges,
    remove_region,
    steps_of_others,
    take_over_areas,
    take_over_ways,
)  # fmt: skip
from shoemon.ground.osm.rings import bounds, on_globe
from shoemon.ground.osm.rows import MapRow, area_row, stored, way_row
from shoemon.ground.osm.schema import ATTRIBUTION
from shoemon.model.trace import Box

_BATCH = 2_000

_BoxRow = tuple[int, int, int, int, int]


class Region(NamedTuple):
    """The origin of map data. `kind` is `file` or `overpass`; without `box` it covers the box of the data, else that of
    its ways."""

    name: str
    kind: str
    osm_date: str
    box: Box | None
    bytes: int
    sha256: str


class WrittenCounts(NamedTuple):
    """How much of a region was written."""

    ways: int
    edges: int
    areas: int

    def plus(self, ways: int, edges: int, areas: int) -> "WrittenCounts":
        return WrittenCounts(self.ways + ways, self.edges + edges, self.areas + areas)


def write_region(
    path: Path,
    region: Region,
    elements: OsmElements,
    clip: Clip | None,
    now: str,
    progress: Callable[[str], None] = lambda _: None,
) -> WrittenCounts:
    """Write `elements` into the map at `path`, in one transaction, in place of the region of the same name.

    A way that another region has too belongs to this one afterwards, if all of it is written; else it stays where it
    is. Raises ShoemonError, and leaves the map as it was, where the data cannot be read or written, or a file contains
    no way at all.
    """
    with map_for_import(path) as connection:
        try:
            writer = _Writer(connection, region, clip)
            return writer.write(elements, now, progress)
        except sqlite3.IntegrityError:
            raise UnusableError(
                f"{region.name} contains a way or an area twice, as a history file of OpenStreetMap does; "
                "import an extract without history"
            ) from None


class _Writer:
    def __init__(self, connection: sqlite3.Connection, region: Region, clip: Clip | None) -> None:
        self._db, self._region, self._clip = connection, region, clip
        self._beside_others = has_others(connection, region.name)
        self._losers: set[int] = set()
        """Other regions from which this one took something over."""
        self._written = WrittenCounts(0, 0, 0)
        self._bounds: tuple[int, int, int, int] | None = None

    def write(self, elements: OsmElements, now: str, progress: Callable[[str], None]) -> WrittenCounts:
        name = self._region.name
        progress(f"{name}: finding junctions")
        ends = former_ends(self._db, name) if self._beside_others else ()
        junctions = Junctions(chain(elements.node_uses(), ends))
        self._begin(elements, now)
        found = iter(elements)
        while batch := list(islice(found, _BATCH)):
            self._write_areas([element for element in batch if isinstance(element, MapArea)])
            self._write_ways([element for element in batch if isinstance(element, MapWay)], junctions)
            progress(f"{name}: {self._written.ways:,} ways, {self._written.areas:,} areas")
        if self._bounds is None and self._region.kind == "file":
            where = " in the chosen part" if self._clip else ""
            raise UnusableError(f"{name} contains no way to run on{where}; nothing was imported")
        self._end(elements)
        return self._written

    def _begin(self, elements: OsmElements, now: str) -> None:
        if self._beside_others:
            note_edges(self._db, self._region.name, self._box(elements.box))
        remove_region(self._db, self._region.name)
        self._id = 1 + self._largest("region")
        self._last_edge, self._last_area = self._largest("edge"), self._largest("area")
        self._db.execute(
            "INSERT INTO region VALUES (?, ?, ?, '', ?, 0, 0, 0, 0, 0, 0, ?, ?, ?, ?)",
            (self._id, self._region.name, self._region.kind, now, self._region.bytes, self._region.sha256,
             self._clip.text if self._clip else "", ATTRIBUTION),
        )  # fmt: skip

    def _end(self, elements: OsmElements) -> None:
        """Store what was written of the region, and what other regions have lost."""
        box = self._box(elements.box)
        self._db.execute(
            """UPDATE region SET osm_date = ?, ways = ?, areas = ?, south = ?, west = ?, north = ?, east = ?
            WHERE id = ?""",
            (self._region.osm_date or elements.osm_date, self._written.ways, self._written.areas, *box, self._id),
        )
        infer_from_neighbours(self._db, box)
        count_again(self._db, self._losers)
        if self._beside_others:
            part = Clip(box, self._clip.cells if self._clip else None)
            mark_holes(self._db, self._region.name, part.contains)

    def _largest(self, table: str) -> int:
        return int(self._db.execute(f"SELECT ifnull(max(id), 0) FROM {table}").fetchone()[0])

    def _write_ways(self, ways: list[MapWay], junctions: Junctions) -> None:
        found = [(way, kept_nodes(way, self._clip)) for way in ways if is_walkable(way.tags)]
        cuts, there = self._shared(found) if self._beside_others else ({}, {})
        rows: list[MapRow] = []
        edges: list[MapRow] = []
        boxes: list[_BoxRow] = []
        for way, kept in found:
            before = len(edges)
            for edge in edges_of(way, kept, junctions, cuts.get(way.id, ()), there.get(way.id, ())):
                self._last_edge += 1
                edges.append((self._last_edge, way.id, edge.a, edge.b, stored(edge.shape)))
                lons, lats = edge.shape[0::2], edge.shape[1::2]
                boxes.append((self._last_edge, min(lons), max(lons), min(lats), max(lats)))
            if len(edges) > before and way.id not in there:
                rows.append(way_row(way, self._id))
        self._db.executemany("INSERT INTO way VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._db.executemany("INSERT INTO edge VALUES (?, ?, ?, ?, ?)", edges)
        self._db.executemany("INSERT INTO edge_box VALUES (?, ?, ?, ?, ?)", boxes)
        self._written = self._written.plus(len(rows), len(edges), 0)
        self._reach(box[1:] for box in boxes)

    def _shared(self, found: list[tuple[MapWay, list[bool]]]) -> tuple[dict[int, set[int]], dict[int, set[PlacePair]]]:
        """Take over from other regions the ways that are complete here, with the nodes at which they were cut. Others
        stay theirs, and only what is missing of them is added: taking them over would destroy the rest."""
        cuts = take_over_ways(
            self._db, [way.id for way, kept in found if all(kept) and kept[1:]], self._id, self._losers
        )
        parts = {way.id: (way, kept) for way, kept in found if any(kept) and not all(kept)}
        there = steps_of_others(self._db, parts, self._id)
        nodes = (parts[way] for way in there)
        places = (
            (way.shape[2 * at], way.shape[2 * at + 1]) for way, kept in nodes for at in range(len(kept)) if kept[at]
        )
        self._reach((lon, lon, lat, lat) for lon, lat in places)
        return cuts, there

    def _write_areas(self, areas: list[MapArea]) -> None:
        taken: list[tuple[MapArea, TagVerdict, list[array[int]]]] = []
        for area in areas:
            verdict = verdict_of_area(area.tags)
            rings = [ring for ring in area.rings if len(ring) >= 8]
            if verdict is not None and on_globe(rings) and (self._clip is None or self._clip.includes(rings)):
                taken.append((area, verdict, rings))
        if self._beside_others:
            take_over_areas(self._db, [area.osm for area, _, _ in taken], self._id, self._losers)
        for area, verdict, rings in taken:
            self._last_area += 1
            self._db.execute(
                "INSERT INTO area VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                area_row(self._last_area, area, verdict, rings, self._id),
            )
            self._db.execute("INSERT INTO area_box VALUES (?, ?, ?, ?, ?)", (self._last_area, *bounds(rings)))
        self._written = self._written.plus(0, 0, len(taken))

    def _reach(self, boxes: Iterable[tuple[int, int, int, int]]) -> None:
        """Extend the region to `boxes`."""
        known = ([self._bounds] if self._bounds else []) + list(boxes)
        if known:
            wests, easts, souths, norths = zip(*known, strict=True)
            self._bounds = (min(wests), max(easts), min(souths), max(norths))

    def _box(self, stated: Box | None) -> Box:
        """Return the box of the region: as stated, else that of its ways; no more than the clip."""
        west, east, south, north = self._bounds or (0, 0, 0, 0)
        ways = Box(south / 1e7, west / 1e7, north / 1e7, east / 1e7)
        box = self._region.box or stated or ways
        if self._clip is None:
            return box
        clip = self._clip.box
        if not box.overlaps(clip):
            return ways
        return Box(
            max(box.south, clip.south), max(box.west, clip.west), min(box.north, clip.north), min(box.east, clip.east)
        )
