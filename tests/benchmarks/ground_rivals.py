"""Two other ways to find the ground of a run, for comparison: the nearest way to each point, and fastmm (if installed)."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from math import dist
from typing import Any

from shoemon.ground.match.candidates import candidates_at
from shoemon.ground.match.parameters import PARAMETERS
from shoemon.ground.match.piece import MapPiece, Way
from shoemon.model.run_ground import Stretch
from shoemon.model.trace import Trace

try:
    import fastmm
except ImportError:
    fastmm = None

Matcher = Callable[[Trace, MapPiece], list[Stretch]]


def nearest_way(trace: Trace, piece: MapPiece) -> list[Stretch]:
    """Every point is on the way nearest to it, and so is half of the line to each neighbour."""
    points = [piece.plane.point(lat, lon) for lat, lon in zip(trace.lats, trace.lons, strict=True)]
    ways = []
    for point in points:
        found = candidates_at(*point, piece, 1.0, PARAMETERS)
        ways.append(found[0].edge.way if found else None)
    stretches = []
    for (time1, one, way1), (time2, two, way2) in pairwise(zip(trace.times, points, ways, strict=True)):
        half, middle = dist(one, two) / 2, (time1 + time2) / 2
        for start, end, way in ((time1, middle, way1), (middle, time2, way2)):
            if way is not None:
                stretches.append(Stretch(start, end, half, way.id, way.surface, way.origin, 1.0))
    return stretches


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
    """fastmm over a whole map, as its documentation has it: 8 candidates within 45 m, an error of 12 m.

    It is compiled, and looks routes up in a table of all pairs of nodes up to 400 m apart: quick where that table is
    small, slower than a search as needed where the map is large. Making the table is not in its figures.
    """

    def __init__(self, piece: MapPiece) -> None:
        network = self._network = fastmm.Network()  # the matcher does not keep it alive
        self._ways: dict[int, Way] = {}
        for number, (edge, shape) in enumerate(_shapes(piece)):
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

    def __call__(self, trace: Trace, piece: MapPiece) -> list[Stretch]:
        """Points at least 8 m apart are matched; each is on the way it was given."""
        points: list[tuple[float, float, float]] = []
        for lat, lon, time in zip(trace.lats, trace.lons, trace.times, strict=True):
            point = piece.plane.point(lat, lon)
            if not points or dist(point, points[-1][:2]) >= 8:
                points.append((*point, time))
        trajectory = fastmm.Trajectory.from_xyt_tuples(points)
        with silence():
            found = self._matcher.match(trajectory, max_candidates=8, candidate_search_radius=45.0, gps_error=12.0)
        return list(self._matched(found))

    def _matched(self, found: Any) -> Iterator[Stretch]:
        for part in found.subtrajectories:
            for segment in part.segments or ():
                for edge in segment.edges:
                    way = self._ways[edge.edge_id]
                    for one, two in pairwise(edge.points):
                        metres = dist((one.x, one.y), (two.x, two.y))
                        yield Stretch(one.t, two.t, metres, way.id, way.surface, way.origin, 1.0)


def rivals_on(piece: MapPiece) -> dict[str, Matcher]:
    """By name, for one map."""
    if fastmm is None:
        return {"nearest way": nearest_way}
    with silence():
        return {"nearest way": nearest_way, "fastmm": FastMapMatching(piece)}


def _shapes(piece: MapPiece) -> Iterator[tuple[Any, list[tuple[float, float]]]]:
    """Each edge of the piece with its line."""
    parts: dict[int, tuple[Any, dict[float, tuple[float, float, float, float, float]]]] = {}
    for segments in piece._segments.values():
        for edge, x, y, ux, uy, length, before in segments:
            parts.setdefault(edge.id, (edge, {}))[1][before] = (x, y, ux, uy, length)
    for edge, found in parts.values():
        line = [(x, y) for _, (x, y, *_) in sorted(found.items())]
        x, y, ux, uy, length = found[max(found)]
        yield edge, [*line, (x + ux * length, y + uy * length)]
