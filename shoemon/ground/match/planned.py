"""Match a planned route to the map: it has no times and few points. Pure.

A route has one of two forms. That of a router is exact: its points are corners of ways, perhaps only every twentieth,
and between two of them it followed the ways, not the straight line. One drawn by hand, or a track whose times are gone,
is off by some metres everywhere, and is straight where nobody clicked. Which it is, its points tell: they are exact
where almost all are on a way. Instead of seconds, times are metres along the route.
"""

from array import array
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from math import ceil, hypot, inf

from shoemon.ground.match.candidates import candidates_at
from shoemon.ground.match.hmm import transitions_of
from shoemon.ground.match.match import match
from shoemon.ground.match.parameters import PARAMETERS
from shoemon.ground.match.piece import MapPiece, Plane
from shoemon.ground.match.positions import Position, plane_around
from shoemon.ground.match.routes import Routes
from shoemon.ground.match.stretches import joined, metres_of
from shoemon.model.run_ground import Match
from shoemon.model.trace import Trace

DRAWN = replace(
    PARAMETERS, spike_ms=inf, gap_s=inf, gap_m=inf, short_s=inf, correlation_s=120.0, reach_m=80.0, sigma_most_m=30.0
)
EXACT = replace(
    PARAMETERS,
    reach_m=45.0,
    correlated=0.0,
    short_s=60.0,
    detour_m=30.0,
    detour_share=0.5,
    most_detour=6.0,
)
_SIGMA_M = 1.5
"""The error of exact points: maps have moved a little since, and coordinates are rounded."""
_ON_WAY_M, _EXACT_SHARE = 2.0, 0.85
_APART_M = 500.0
"""The map is read well enough around points no further apart."""
_DRAWN_APART_M = 10.0


def along(trace: Trace, apart_m: float = inf) -> Trace:
    """Return the points of a route with the metres along it as their times, and points between those further apart
    than `apart_m`."""
    plane = plane_around(trace)
    metres, lats, lons, starts = array("d"), array("d"), array("d"), list[int]()
    at = 0.0
    for piece in trace.pieces():
        starts.append(len(metres))
        last = None
        for point in piece:
            lat, lon = trace.lats[point], trace.lons[point]
            here = plane.point(lat, lon)
            if last is not None:
                length = hypot(here[0] - last[0][0], here[1] - last[0][1])
                steps = ceil(length / apart_m) or 1
                for step in range(1, steps):
                    share = step / steps
                    metres.append(at + share * length)
                    lats.append(last[1] + share * (lat - last[1]))
                    lons.append(last[2] + share * (lon - last[2]))
                at += length
            metres.append(at)
            lats.append(lat)
            lons.append(lon)
            last = here, lat, lon
    return Trace(metres, lats, lons, starts=tuple(starts) or (0,))


def match_route(trace: Trace, piece: MapPiece) -> Match:
    if is_exact(trace, piece):
        return _exact(along(trace), piece)
    return match(along(trace, _DRAWN_APART_M), piece, DRAWN)


def is_exact(trace: Trace, piece: MapPiece) -> bool:
    points = list(_points(trace, piece.plane))
    near = sum(
        bool(found) and abs(found[0].side) <= _ON_WAY_M
        for found in (candidates_at(x, y, piece, 1.0, EXACT) for x, y in points)
    )
    return near >= _EXACT_SHARE * len(points)


def _points(trace: Trace, plane: Plane) -> Iterator[tuple[float, float]]:
    for lat, lon in zip(trace.lats, trace.lons, strict=True):
        yield plane.point(lat, lon)


def _exact(trace: Trace, piece: MapPiece) -> Match:
    p = EXACT
    routes = Routes(piece)
    stretches = []
    for indexes in trace.pieces():
        positions = [
            Position(*piece.plane.point(trace.lats[point], trace.lons[point]), trace.times[point], point)
            for point in indexes
        ]
        kept = positions[:1] + [two for one, two in pairwise(positions) if two.time > one.time]
        for start in range(0, max(len(kept) - 1, 1), p.most_positions):
            part = kept[start : start + p.most_positions + 1]
            stretches.extend(
                joined(metres_of(transitions_of(part, piece, routes, _SIGMA_M, p), trace, piece, routes, p))
            )
    return Match(tuple(stretches), _SIGMA_M, len(trace))
