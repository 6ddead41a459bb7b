"""Find the ways a position may belong to, the likeliest first. Pure."""

from math import copysign, inf, sqrt
from typing import NamedTuple

from shoemon.ground.match.parameters import Parameters
from shoemon.ground.match.piece import Edge, MapPiece

_END_M = 0.1
"""A place so near to the end of an edge is the end."""


class Candidate(NamedTuple):
    """A place on an edge to which a position may belong."""

    edge: Edge
    offset: float
    """Metres along the edge."""
    side: float
    """Metres from the edge to the position, positive to its left."""
    ux: float
    uy: float
    """Direction of the edge there."""


def candidates_at(x: float, y: float, piece: MapPiece, sigma: float, p: Parameters) -> list[Candidate]:
    """Return the nearest ways within reach of a position, at most `p.most_candidates`, one place on each edge."""
    reach = p.reach_m
    widest = reach * reach
    nearest: dict[int, tuple[float, Edge, float, float, float, float]] = {}
    for edge, x1, y1, ux, uy, length, before in piece.near(x, y):
        dx, dy = x - x1, y - y1
        side = ux * dy - uy * dx
        if side > reach or side < -reach:
            continue
        along = ux * dx + uy * dy
        square = side * side
        if along < 0:
            square += along * along
            along = 0.0
        elif along > length:
            square += (along - length) ** 2
            along = length
        if square > widest:
            continue
        known = nearest.get(edge.id)
        if known is None or square < known[0]:
            nearest[edge.id] = (square, edge, before + along, side, ux, uy)
    if not nearest:
        return []
    return _distinct(sorted(nearest.values()), sigma, p)


def _distinct(
    found: list[tuple[float, Edge, float, float, float, float]], sigma: float, p: Parameters
) -> list[Candidate]:
    """Return the nearest, without the ends of edges that are also on a nearer edge: a way would be the likelier, the
    more junctions it has."""
    limit = (sqrt(found[0][0]) + p.spread * sigma) ** 2
    candidates: list[Candidate] = []
    ends: dict[int, float] = {}
    for square, edge, offset, side, ux, uy in found:
        if square > limit or len(candidates) == p.most_candidates:
            break
        _, a, b, length, _ = edge
        rest = length - offset
        to_a, to_b = ends.get(a, inf), ends.get(b, inf)
        at_a, at_b = offset <= _END_M and to_a <= p.same_place_m, rest <= _END_M and to_b <= p.same_place_m
        if at_a or at_b:
            ends[a], ends[b] = min(to_a, to_b + length), min(to_b, to_a + length)
            continue
        ends[a], ends[b] = min(to_a, offset), min(to_b, rest)
        candidates.append(Candidate(edge, offset, copysign(sqrt(square), side), ux, uy))
    return candidates


def nearest_alike(x: float, y: float, hx: float, hy: float, piece: MapPiece, reach: float) -> float:
    """Return the metres to the nearest way within 30 degrees of the direction hx, hy; infinite where there is none."""
    best = inf
    for _, x1, y1, ux, uy, length, _ in piece.near(x, y):
        if abs(ux * hx + uy * hy) < 0.866:
            continue
        dx, dy = x - x1, y - y1
        along = ux * dx + uy * dy
        if -5.0 <= along <= length + 5.0:
            side = abs(ux * dy - uy * dx)
            best = min(best, side)
    return best if best <= reach else inf
