"""Traces laid on small maps made by hand: which way, which ground, how surely, how many metres."""

from array import array
from itertools import pairwise
from math import cos, hypot, radians, sin
from typing import NamedTuple

import pytest

from shoemon.ground.matched import Match, summed
from shoemon.ground.matching import match
from shoemon.ground.openground import Area
from shoemon.ground.piece import METRES_EAST, METRES_NORTH, Piece, Plane, Way
from shoemon.ground.trace import Trace

LAT, LON = 50.0, 10.0
PLANE = Plane(LAT, LON)
Points = list[tuple[float, float]]


class Drawn(NamedTuple):
    """A way in metres east and north; its corners are junctions where another way has a corner in the same place."""

    id: int
    surface: str
    points: Points
    origin: str = "tag"
    confidence: float = 0.98
    cost: float = 0.0


def whole(x: float, y: float) -> tuple[int, int]:
    lon = LON + x / (METRES_EAST * cos(radians(LAT)))
    return round(lon * 1e7), round((LAT + y / METRES_NORTH) * 1e7)


def town(*ways: Drawn, areas: tuple[Area, ...] = ()) -> Piece:
    """The map of some ways."""
    piece = Piece(PLANE)
    nodes: dict[tuple[float, float], int] = {}
    edge = 0
    for way in ways:
        told = Way(way.id, way.surface, way.origin, way.confidence, way.cost)
        for one, two in pairwise(way.points):
            edge += 1
            a, b = (nodes.setdefault(point, len(nodes) + 1) for point in (one, two))
            piece.add_edge(edge, told, a, b, array("i", [*whole(*one), *whole(*two)]))
    piece.add_areas(areas)
    return piece


def meadow(surface: str, west: float, south: float, east: float, north: float, confidence: float = 0.9) -> Area:
    ring = (array("d", [west, east, east, west, west]), array("d", [south, south, north, north, south]))
    return Area(surface, "area", confidence, (east - west) * (north - south), [ring])


def run(
    *corners: tuple[float, float], pace: float = 3.0, every: float = 1.0, off: float = 1.0, start: float = 0.0
) -> Trace:
    """A run from corner to corner with a point every so many seconds, `off` metres from where it was, this way and that."""
    times, lats, lons = array("d"), array("d"), array("d")
    time = start
    for (x1, y1), (x2, y2) in pairwise(corners):
        steps = max(round(hypot(x2 - x1, y2 - y1) / pace / every), 1)
        for step in range(steps):
            x, y = x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps
            lon, lat = whole(x + off * sin(time / 9), y + off * cos(time / 7))
            times.append(time), lats.append(lat / 1e7), lons.append(lon / 1e7)
            time += every
    lon, lat = whole(*corners[-1])
    times.append(time), lats.append(lat / 1e7), lons.append(lon / 1e7)
    return Trace(times, lats, lons)


def then(*traces: Trace, pause: bool = False) -> Trace:
    """Traces one after the other; with `pause` each is a piece of its own."""
    starts, at = [0], 0
    for trace in traces[:-1]:
        at += len(trace)
        starts.append(at)
    joined = [
        array("d", [value for trace in traces for value in getattr(trace, name)]) for name in ("times", "lats", "lons")
    ]
    return Trace(*joined, starts=tuple(starts) if pause else (0,))


def metres(found: Match) -> dict[tuple[str, str], int]:
    """By surface and origin, to 10 m."""
    return {(part.surface, part.origin): round(part.distance_m, -1) for part in summed(found) if part.distance_m >= 5}


def ways(found: Match) -> list[int | None]:
    """The ways in their order, each once in a row."""
    order = [stretch.way for stretch in found.stretches]
    return [way for before, way in zip([0, *order], order, strict=False) if way != before]


STREET = Drawn(1, "asphalt", [(0, 0), (300, 0), (600, 0), (900, 0)])
PATH = Drawn(2, "gravel", [(0, 12), (900, 12)])
LADDER = [Drawn(10 + x, "asphalt", [(x, 0), (x, 12)]) for x in (0, 900)]


@pytest.mark.parametrize(
    ("y", "expected"),
    [(0, {("asphalt", "tag"): 900}), (12, {("gravel", "tag"): 900}), (1, {("asphalt", "tag"): 900})],
)
def test_a_run_beside_a_parallel_way_is_on_the_one_it_keeps_to(y: float, expected: dict[tuple[str, str], int]) -> None:
    found = match(run((0, y), (900, y)), town(STREET, PATH, *LADDER))
    assert metres(found) == expected
    assert found.outside_m == 0


def test_a_bridge_over_a_path_is_not_left_where_no_junction_is() -> None:
    under = Drawn(3, "dirt", [(450, -300), (450, 300)])
    assert ways(match(run((0, 0), (900, 0)), town(STREET, under))) == [1]
    assert ways(match(run((450, -300), (450, 300)), town(STREET, under))) == [3]


def test_a_park_is_crossed_off_every_way() -> None:
    """Between two streets 300 m apart, over grass."""
    north = Drawn(4, "asphalt", [(0, 300), (300, 300), (600, 300), (900, 300)])
    ground = town(STREET, north, areas=(meadow("grass", 0, 5, 900, 295),))
    found = match(run((0, 0), (450, 0), (450, 300), (900, 300)), ground)
    told = {surface: distance for (surface, _), distance in metres(found).items()}
    assert told.get("grass", 0) == pytest.approx(300, abs=40)
    assert told["asphalt"] == pytest.approx(900, abs=40)
    assert found.outside_m == 0
