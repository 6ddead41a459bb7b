"""The routes of the demo's runs in its town, and the metres of each on every surface. Pure."""

import math
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from shoemon.demo.town import AREAS, WAYS, TownPoint, TownWay, points_of
from shoemon.model.ids import SurfaceId

_TownPlace = tuple[float, float]
_HOME = "600,600"


class RoutePart(NamedTuple):
    """A straight piece of a route, in metres of the town, and the surface under it."""

    start: _TownPlace
    end: _TownPlace
    surface: SurfaceId

    @property
    def length_m(self) -> float:
        return math.dist(self.start, self.end)


DemoRoute = tuple[RoutePart, ...]


class _RouteOutline(NamedTuple):
    """The way out (and home again), and the rounds between, one after the other until the distance is reached.

    Two points on one way are joined along it (round a ring forwards); others straight across open ground.
    """

    out: str
    rounds: tuple[str, ...]


_PARK_ROUND = "600,1060 820,1430 600,1060"
_TRACK_ROUND = "1150,1113 1192,1187 1150,1113"
_MEADOW_ROUND = "1460,935 1500,1080 1560,1280 1640,1425 1720,1250 1740,1050 1760,910 1610,1010 1460,935"
_OVER_THE_SAND = "300,345 400,225 700,205 1020,230 1150,345"
_HARBOUR_ROUND = (
    "600,600 600,409 1200,409 1200,400 1900,400 1370,835 1300,815 1200,800 1000,800 600,800 600,600"  # over the bridge
)
_OUTLINES = {
    "streets": _RouteOutline(_HOME, (_HARBOUR_ROUND, "600,600 400,600 400,1000 1000,1000 1000,600 600,600")),
    "park": _RouteOutline(
        f"{_HOME} 600,1000 600,1060",
        (
            _PARK_ROUND,
            "600,1060 600,1000 400,1000 400,600 600,600 600,1000 600,1060",
            "600,1060 430,1180 700,1240 960,1250 600,1060",
            "600,1060 700,1240 820,1430 600,1060",
        ),
    ),
    "beach": _RouteOutline(
        f"{_HOME} 600,400 300,400",
        (f"300,400 {_OVER_THE_SAND} 1000,190 700,170 420,190 {_OVER_THE_SAND} 1150,400 300,400",),
    ),
    "meadow": _RouteOutline(f"{_HOME} 1200,600 1200,800 1300,815 1370,835 1450,860 1460,935", (_MEADOW_ROUND,)),
    "long": _RouteOutline(_HOME, (_HARBOUR_ROUND, f"{_HOME} 600,1000 {_PARK_ROUND} 600,1000 400,1000 400,600 600,600")),
    "fell": _RouteOutline(
        f"{_HOME} 600,1000 600,1060 700,1440 700,1520",
        (
            "700,1520 300,1840 780,2000 1080,1950 1500,1800 1640,1520 700,1520",
            "700,1520 620,1600 840,1760 780,2000 1080,1950 620,1600 700,1520",
        ),
    ),
    "track": _RouteOutline(f"{_HOME} 600,1000 1200,1000 1150,1113", (_TRACK_ROUND,)),
}
ROUTES = tuple(_OUTLINES)


@cache
def route(name: str, distance_m: float) -> DemoRoute:
    """Run `distance_m` on the route called `name`, from home. It ends where the distance is reached."""
    out, rounds = _OUTLINES[name]
    way_out = _parts(out)
    way_home = tuple(RoutePart(part.end, part.start, part.surface) for part in reversed(way_out))
    parts, number = list(way_out), 0
    while number == 0 or _length_m(parts) + _length_m(way_home) < distance_m:
        parts += _parts(rounds[number % len(rounds)])
        number += 1
    return _cut((*parts, *way_home), distance_m)


def metres_by_surface(parts: DemoRoute) -> dict[SurfaceId, float]:
    """Add up the metres of a route on each surface."""
    found: dict[SurfaceId, float] = {}
    for part in parts:
        found[part.surface] = found.get(part.surface, 0.0) + part.length_m
    return found


@cache
def _parts(outline: str) -> DemoRoute:
    found: list[RoutePart] = []
    for start, end in pairwise(points_of(outline)):
        points, surface = _joined(start, end)
        found += [RoutePart(one, other, surface) for one, other in pairwise(points)]
    return tuple(found)


def _joined(start: TownPoint, end: TownPoint) -> tuple[tuple[TownPoint, ...], SurfaceId]:
    """Find the points from `start` to `end`, both included, and their surface. Raises ValueError off all ground."""
    for way in WAYS:
        if start in way.points and end in way.points:
            return _along(way, start, end), way.surface
    for area in AREAS:
        if _holds(area, start) and _holds(area, end):
            return (start, end), area.surface
    raise ValueError(f"neither a way nor open ground joins {start} and {end}")


def _along(way: TownWay, start: TownPoint, end: TownPoint) -> tuple[TownPoint, ...]:
    first, last = way.points.index(start), way.points.index(end)
    if way.points[0] == way.points[-1] and first > last:
        return (*way.points[first:-1], *way.points[: last + 1])
    return way.points[first : last + 1] if first < last else way.points[last : first + 1][::-1]


def _holds(area: TownWay, point: TownPoint) -> bool:
    """Whether `point` is in the area or a corner of it (gates are on the edge)."""
    east, north = point
    inside = point in area.points
    crossed = sum(
        (a[1] > north) != (b[1] > north) and east < a[0] + (north - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        for a, b in pairwise(area.points)
    )
    return inside or crossed % 2 == 1


def _cut(parts: DemoRoute, distance_m: float) -> DemoRoute:
    kept: list[RoutePart] = []
    left_m = distance_m
    for part in parts:
        if part.length_m >= left_m:
            share = left_m / part.length_m
            end = tuple(one + share * (other - one) for one, other in zip(part.start, part.end, strict=True))
            return (*kept, RoutePart(part.start, (end[0], end[1]), part.surface))
        kept.append(part)
        left_m -= part.length_m
    return tuple(kept)


def _length_m(parts: list[RoutePart] | DemoRoute) -> float:
    return sum(part.length_m for part in parts)
