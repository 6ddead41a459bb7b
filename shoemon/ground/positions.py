"""The positions of a trace that are worth matching: on a plane, without faults, so far apart that each tells something
new, and in sections within which one may follow from the other. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from math import hypot, isfinite
from statistics import median
from typing import NamedTuple

from shoemon.ground.candidates import nearest_alike
from shoemon.ground.parameters import Parameters
from shoemon.ground.piece import Piece, Plane
from shoemon.ground.trace import Trace


class Position(NamedTuple):
    """A point of the trace on the plane; `point` is its place in the trace."""

    x: float
    y: float
    time: float
    point: int


class Gap(NamedTuple):
    """From where to where nobody knows the way."""

    before: Position
    after: Position
    metres: float


def sections_of(trace: Trace, plane: Plane, p: Parameters) -> tuple[list[list[Position]], list[Gap]]:
    """The points of the trace without faults, cut at pauses and gaps; and the gaps a run may have led through."""
    sections: list[list[Position]] = []
    gaps: list[Gap] = []
    for indexes in trace.pieces():
        points = _without_spikes(_placed(trace, indexes, plane), p)
        section = points[:1]
        for before, point in pairwise(points):
            seconds = point.time - before.time
            metres = hypot(point.x - before.x, point.y - before.y)
            if seconds > p.gap_s or metres > p.gap_m:
                if metres <= p.jump_ms * seconds:
                    gaps.append(Gap(before, point, metres))
                sections.append(section)
                section = []
            section.append(point)
        sections.append(section)
    return [section for section in sections if section], gaps


def thinned(section: Sequence[Position], spacing: float) -> list[Position]:
    """First and last position, and between them one every `spacing` metres, each the mean of itself and its two
    neighbours: the part of the error that is new at every point cancels."""
    kept = [section[0]]
    last_x, last_y = section[0].x, section[0].y
    square = spacing * spacing
    for number in range(1, len(section) - 1):
        x, y, time, point = section[number]
        if (x - last_x) ** 2 + (y - last_y) ** 2 < square:
            continue
        last_x, last_y = x, y
        before, after = section[number - 1], section[number + 1]
        if after.time - before.time <= 4.0:
            x, y = (before.x + x + after.x) / 3, (before.y + y + after.y) / 3
        kept.append(Position(x, y, time, point))
    if len(section) > 1:
        kept.append(section[-1])
    return kept


def sigma_of(sections: Sequence[Sequence[Position]], piece: Piece, p: Parameters) -> float:
    """The error of the positions in metres, by how far they lie from the nearest way of like direction."""
    apart = max(sum(len(section) for section in sections) // p.sigma_looks, 1)
    distances = []
    for section in sections:
        for before, after in pairwise(section[::apart]):
            hx, hy = after.x - before.x, after.y - before.y
            length = hypot(hx, hy)
            if length > 0:
                distance = nearest_alike(before.x, before.y, hx / length, hy / length, piece, p.reach_m)
                if isfinite(distance):
                    distances.append(distance)
    if not distances:
        return p.sigma_unknown_m
    return min(max(p.sigma_per_median * median(distances), p.sigma_least_m), p.sigma_most_m)


def _placed(trace: Trace, indexes: range, plane: Plane) -> list[Position]:
    """The points that lie on the globe, each later than the one before."""
    points = []
    last = float("-inf")
    for index in indexes:
        lat, lon, time = trace.lats[index], trace.lons[index], trace.times[index]
        if time > last and -90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0:
            last = time
            points.append(Position(*plane.point(lat, lon), time, index))
    return points


def _without_spikes(points: list[Position], p: Parameters) -> list[Position]:
    """Without those that nobody could have reached and left in time, where their neighbours could follow each other."""
    kept = points[:1]
    for point, after in pairwise(points[1:]):
        before = kept[-1]
        if (
            _speed(before, point) > p.spike_ms
            and _speed(point, after) > p.spike_ms
            and _speed(before, after) <= p.spike_ms
        ):
            continue
        kept.append(point)
    return kept + points[1:][-1:]


def _speed(before: Position, after: Position) -> float:
    return hypot(after.x - before.x, after.y - before.y) / (after.time - before.time)
