"""Find the map's ways around a run, for drawing them: by kind and surface, the largest where there are too many."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from math import floor
from pathlib import Path
from typing import NamedTuple

from shoemon.ground.match.piece import METRES_NORTH, Plane
from shoemon.ground.match.shapes import Frame, Line, clipped, simplified
from shoemon.ground.match.tags import LEISURE_TRACK
from shoemon.ground.osm.opening import open_to_read, readable
from shoemon.ground.osm.rows import shape_in
from shoemon.ground.osm.tiles import boxes_along, round_the_globe
from shoemon.model.errors import ShoemonError
from shoemon.model.trace import Trace

MOST_EDGES = 60_000
"""Of a frame that contains more, only edges along the run are read, and no more than this."""
_MOST_WAYS = 2_500
_MOST_NAMES = 3
_KINDS = {
    **dict.fromkeys(("trunk", "primary", "secondary", "tertiary"), "road"),
    **dict.fromkeys(("residential", "unclassified", "living_street", "service", "pedestrian", "road"), "street"),
    "track": "track",
    LEISURE_TRACK: "running-track",
}
"""All others are paths."""
_IN_BOX = "SELECT id FROM edge_box WHERE west <= ? AND east >= ? AND south <= ? AND north >= ? LIMIT ?"
_LARGEST = """
    SELECT e.way, count(*) OVER () FROM json_each(:edges) AS wanted
      JOIN edge_box b ON b.id = wanted.value JOIN edge e ON e.id = wanted.value
    GROUP BY e.way ORDER BY sum((b.east - b.west) * :narrow + b.north - b.south) DESC, e.way LIMIT :most"""
"""The ways with the largest boxes, and how many there are."""
_SHAPES = """
    SELECT w.id, w.highway, w.surface, e.shape FROM json_each(?) AS wanted
      JOIN way w ON w.id = wanted.value JOIN edge e ON e.way = w.id ORDER BY wanted.key, e.id"""

IntBox = tuple[int, int, int, int]
"""West, south, east, north in whole numbers, as the map has them."""


class Background(NamedTuple):
    """The lines of ways within a frame, by kind (road, street, path, track, running-track) and surface. `left_out`:
    ways without room."""

    lines: dict[tuple[str, str], list[Line]]
    left_out: int


def background(
    path: Path, plane: Plane, frame: Frame, traces: Iterable[Trace], tolerance: float, most_points: int
) -> Background:
    """Return the ways in `frame` on `plane`, simplified by `tolerance` metres, in no more than `most_points`. Where the
    frame contains too many, only those along `traces`. Raises ShoemonError where the map cannot be read."""
    with readable(path), closing(open_to_read(path)) as connection:
        connection.execute("BEGIN")  # one state of the map, also during an import
        edges = _edges(connection, _boxes_of(plane, frame))
        if len(edges) > MOST_EDGES:
            edges = _edges(connection, chain.from_iterable(boxes_along(trace, plane) for trace in traces))
        narrow = plane.east / METRES_NORTH
        values = {"edges": json.dumps(sorted(edges)), "narrow": narrow, "most": _MOST_WAYS}
        ways = connection.execute(_LARGEST, values).fetchall()
        count = ways[0][1] if ways else 0
        shapes = connection.execute(_SHAPES, (json.dumps([way for way, _ in ways]),))
        return _fitted(_ways(shapes, plane), frame, tolerance, most_points, count)


def names_in(path: Path, line: Iterable[Sequence[float]]) -> list[str]:
    """Return the names of the ways near a line (degrees east and north), those with the most edges first. None where
    the map cannot be read."""
    lons, lats = zip(*line, strict=True)
    box = (max(lons) * 1e7, min(lons) * 1e7, max(lats) * 1e7, min(lats) * 1e7, MOST_EDGES)
    sql = f"""SELECT name FROM edge JOIN way ON way.id = edge.way WHERE edge.id IN ({_IN_BOX}) AND name <> ''
              GROUP BY name ORDER BY count(*) DESC, name LIMIT {_MOST_NAMES}"""
    try:
        with readable(path), closing(open_to_read(path)) as connection:
            return [name for (name,) in connection.execute(sql, tuple(map(int, box)))]
    except ShoemonError:
        return []


def _boxes_of(plane: Plane, frame: Frame) -> Iterator[IntBox]:
    """Yield the frame; where it crosses the date line, its parts on both sides of it."""
    south, north = (plane.lat + y / METRES_NORTH for y in (frame.south, frame.north))
    west, east = (plane.lon + x / plane.east for x in (frame.west, frame.east))
    for one, two in round_the_globe(max(west, -540.0), min(east, 540.0)):
        yield (
            floor(max(one, -180.0) * 1e7), floor(max(south, -90.0) * 1e7),
            floor(min(two, 180.0) * 1e7), floor(min(north, 90.0) * 1e7),
        )  # fmt: skip


def _edges(connection: sqlite3.Connection, boxes: Iterable[IntBox]) -> set[int]:
    """Return the edges in the boxes; once there are more than MOST_EDGES, not all of them."""
    found: set[int] = set()
    for west, south, east, north in boxes:
        rows = connection.execute(_IN_BOX, (east, west, north, south, MOST_EDGES + 1))
        found.update(id_ for (id_,) in rows)
        if len(found) > MOST_EDGES:
            break
    return found


def kind_of(highway: str) -> str:
    return _KINDS.get(highway.removesuffix("_link"), "path")


class _WayLines(NamedTuple):
    kind: str
    surface: str
    lines: list[Line]


def _ways(rows: Iterable[tuple[int, str, str, bytes]], plane: Plane) -> Iterator[_WayLines]:
    """Yield each way, its edges joined where one ends at the start of the next."""
    last, way = None, _WayLines("", "", [])
    for id_, highway, surface, blob in rows:
        if id_ != last:
            if last is not None:
                yield way
            last, way = id_, _WayLines(kind_of(highway), surface, [])
        line = list(zip(*plane.shape(shape_in(blob)), strict=True))
        if way.lines and line and way.lines[-1][-1] == line[0]:
            way.lines[-1].extend(line[1:])
        elif line:
            way.lines.append(line)
    if last is not None:
        yield way


def _fitted(ways: Iterable[_WayLines], frame: Frame, tolerance: float, most_points: int, count: int) -> Background:
    found: dict[tuple[str, str], list[Line]] = {}
    taken, room = 0, most_points
    for way in ways:
        parts = [simplified(part, tolerance) for line in way.lines for part in clipped(line, frame)]
        needed = sum(map(len, parts))
        if not parts:
            count -= 1  # only its box is in the frame
        elif needed <= room:
            found.setdefault((way.kind, way.surface), []).extend(parts)
            taken, room = taken + 1, room - needed
        else:
            break
    return Background(found, max(count - taken, 0))
