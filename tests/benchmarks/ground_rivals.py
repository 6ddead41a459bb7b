"""Two other ways to tell the ground of a run, for comparison: the nearest way to each point, and fastmm (if installed)."""

import os
import sqlite3
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from math import dist
from pathlib import Path
from typing import Any

from shoemon.ground.match.candidates import candidates_at
from shoemon.ground.match.parameters import PARAMETERS
from shoemon.ground.match.piece import Edge, MapPiece, Plane, Way
from shoemon.ground.osm.reading import MapReader
from shoemon.model.run_ground import Stretch
from shoemon.model.trace import Trace

try:
    import fastmm
except ImportError:
    fastmm = None


def nearest_way(trace: Trace, piece: MapPiece) -> list[Stretch]:
    """Every point is on the way nearest to it, and so is half of the line to each neighbour."""
    points = [piece.plane.point(lat, lon) for lat, lon in zip(trace.lats, trace.lons, strict=True)]
    ways = []
    for point in points:
        found = candidates_at(*point, piece, 1.0, PARAMETERS)
        ways.append(found[0].edge.way if found else None)
    return _stretches(list(trace.times), points, ways)


@contextmanager
def silence() -> Iterator[None]:
    """Says nothing meanwhile: fastmm writes a log of its work between the figures, past Python."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


class FastMapMatching:
    """fastmm over the whole map, as its documentation has it: 8 candidates within 45 m, an error of 12 m."""

    def __init__(self, edges: list[tuple[Edge, list[tuple[float, float]]]], plane: Plane) -> None:
        self._plane = plane
        network = self._network = fastmm.Network()  # the matcher does not keep it alive
        self._ways: dict[int, Way] = {}
        for number, (edge, shape) in enumerate(edges):
            for twin, a, b, points in (
                (2 * number, edge.a, edge.b, shape),
                (2 * number + 1, edge.b, edge.a, shape[::-1]),
            ):
                network.add_edge(twin, a, b, points)
                self._ways[twin] = edge.way
        network.finalize()
        self._cache = tempfile.TemporaryDirectory()
        self._matcher = fastmm.FastMapMatch(
            network, fastmm.TransitionMode.SHORTEST, max_distance_between_candidates=400.0, cache_dir=self._cache.name
        )

    def __call__(self, trace: Trace, _: MapPiece) -> list[Stretch]:
        """Points at least 8 m apart are matched; each is on the way it was given."""
        points: list[tuple[float, float]] = []
        times: list[float] = []
        for lat, lon, time in zip(trace.lats, trace.lons, trace.times, strict=True):
            point = self._plane.point(lat, lon)
            if not points or dist(point, points[-1]) >= 8:
                points.append(point)
                times.append(time)
        trajectory = fastmm.Trajectory.from_xyt_tuples(
            [(*point, time) for point, time in zip(points, times, strict=True)]
        )
        found = self._matcher.match(trajectory, max_candidates=8, candidate_search_radius=45.0, gps_error=12.0)
        return list(self._matched(found))

    def _matched(self, found: Any) -> list[Stretch]:
        stretches = []
        for part in found.subtrajectories:
            for segment in part.segments or ():
                for edge in segment.edges:
                    way = self._ways[edge.edge_id]
                    for one, two in pairwise(edge.points):
                        metres = dist((one.x, one.y), (two.x, two.y))
                        stretches.append(Stretch(one.t, two.t, metres, way.id, way.surface, way.origin, 1.0))
        return stretches


def rivals(map_path: Path, reader: MapReader) -> dict[str, Callable[[Trace, MapPiece], list[Stretch]]]:
    """By name, for one map."""
    if fastmm is None:
        return {"nearest way": nearest_way}
    with closing(sqlite3.connect(map_path)) as connection:
        told = connection.execute("SELECT id, surface, origin, confidence, cost FROM way").fetchall()
        rows = connection.execute("SELECT id, way, a, b, shape FROM edge").fetchall()
    ways = {way[0]: Way(*way) for way in told}
    middle = reader.regions()[0].box
    plane = Plane((middle.south + middle.north) / 2, (middle.west + middle.east) / 2)
    edges = []
    for number, way, a, b, blob in rows:
        points = list(zip(*plane.shape(array("i", blob)), strict=True))
        edges.append((Edge(number, a, b, 0.0, ways[way]), points))
    with silence():
        matching = FastMapMatching(edges, plane)
    return {"nearest way": nearest_way, "fastmm": matching}


def _stretches(times: list[float], points: list[tuple[float, float]], ways: list[Way | None]) -> list[Stretch]:
    found = []
    for (time1, one, way1), (time2, two, way2) in pairwise(zip(times, points, ways, strict=True)):
        half, middle = dist(one, two) / 2, (time1 + time2) / 2
        for start, end, way in ((time1, middle, way1), (middle, time2, way2)):
            if way is not None:
                found.append(Stretch(start, end, half, way.id, way.surface, way.origin, 1.0))
    return found
