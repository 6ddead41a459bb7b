"""Match a planned route to the map: it has no times and few points. Pure.

A route has one of two forms. That of a router is exact: its points are corners of ways, perhaps only every twentieth,
and between two of them it followed the ways, not the straight line. One drawn by hand, or a track whose times are gone,
is off by some metres everywhere, and is straight where nobody clicked. Which it is, its points tell: it is exact where
almost all of them are on a way. Instead of seconds, times are metres along the straight lines of the route.
"""

from array import array
from dataclasses import replace
from math import ceil, hypot, inf

from shoemon.ground.match.candidates import candidates_at
from shoemon.ground.match.felt import FeltRoutes
from shoemon.ground.match.hmm import transitions_of
from shoemon.ground.match.match import match, parts_of
from shoemon.ground.match.parameters import PARAMETERS
from shoemon.ground.match.piece import MapPiece
from shoemon.ground.match.positions import Position, plane_around
from shoemon.ground.match.stretches import joined, metres_of
from shoemon.model.run_ground import Match, Stretch
from shoemon.model.trace import Trace

_TIMELESS = replace(PARAMETERS, spike_ms=inf, gap_s=inf, gap_m=inf, short_s=inf)
_DRAWN = replace(_TIMELESS, correlation_s=120.0, reach_m=80.0, sigma_most_m=30.0)
"""The correlation is that of a run, in metres: a line drawn beside a way stays beside it until the next click."""
_EXACT = replace(_TIMELESS, correlated=0.0, detour_m=30.0, detour_share=0.5, most_detour=4.0)
"""Errors of rounding are new at each point, and a way round a block is no fault of the route."""
_EXACT_M = 1.5
"""The error of exact points: maps change a little, and coordinates are rounded."""
_ON_WAY_M, _ON_WAY_SHARE = 2.0, 0.85
"""So near to a way are at least so many points of an exact route; of tracks in dense towns at most .63 were."""
_LOOKS = 500
_DRAWN_APART_M, _EXACT_APART_M = 10.0, 2.0


def along(trace: Trace, apart_m: float = inf) -> Trace:
    """Return the points of a route with the metres along it as their times, and points between those that are further
    apart than `apart_m`."""
    plane = plane_around(trace)
    times, lats, lons = array("d"), array("d"), array("d")
    starts, metres = list[int](), 0.0
    for piece in trace.pieces():
        starts.append(len(times))
        for point in piece:
            before = max(point - 1, piece.start)
            lat, lon, lat0, lon0 = trace.lats[point], trace.lons[point], trace.lats[before], trace.lons[before]
            (x, y), (x0, y0) = plane.point(lat, lon), plane.point(lat0, lon0)
            length = hypot(x - x0, y - y0)
            steps = ceil(length / apart_m) or 1
            east = (lon - lon0 + 180.0) % 360.0 - 180.0  # across the 180th meridian, too
            for step in range(1, steps + 1):
                times.append(metres + length * step / steps)
                lats.append(lat0 + (lat - lat0) * step / steps)
                lons.append((lon0 + east * step / steps + 180.0) % 360.0 - 180.0)
            metres += length
    return Trace(times, lats, lons, starts=tuple(starts) or (0,))


def match_route(trace: Trace, piece: MapPiece) -> Match:
    """Match a route to the map; its stretches begin and end at metres along it. Their own metres are those along the
    ways where it was matched, which are more where its points are far apart, and straight where it was not."""
    if not is_exact(trace, piece):
        return match(along(trace, _DRAWN_APART_M), piece, _DRAWN)
    line, routes, stretches = along(trace), FeltRoutes(piece), list[Stretch]()
    for indexes in line.pieces():
        for part in parts_of(_positions(line, indexes, piece), _EXACT.most_positions):
            transitions = transitions_of(part, piece, routes, _EXACT_M, _EXACT)
            stretches.extend(joined(metres_of(transitions, line, piece, routes, _EXACT)))
    return Match(tuple(stretches), _EXACT_M, len(trace))


def is_exact(trace: Trace, piece: MapPiece) -> bool:
    """Check whether the points of a route are on ways, by some hundred of them: those that any way is near."""
    looks = range(0, len(trace), len(trace) // _LOOKS + 1)
    points = (piece.plane.point(trace.lats[point], trace.lons[point]) for point in looks)
    sides = [abs(found[0].side) for x, y in points if (found := candidates_at(x, y, piece, _EXACT_M, _EXACT))]
    return bool(sides) and sum(side <= _ON_WAY_M for side in sides) >= _ON_WAY_SHARE * len(sides)


def _positions(line: Trace, indexes: range, piece: MapPiece) -> list[Position]:
    """Return the points of a piece: both ends, and between them those that are not next to the one before."""
    kept: list[Position] = []
    for point in indexes:
        here = Position(*piece.plane.point(line.lats[point], line.lons[point]), line.times[point], point)
        if not kept or here.time - kept[-1].time >= _EXACT_APART_M or point == indexes[-1]:
            kept.append(here)
    return kept
