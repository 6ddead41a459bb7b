"""Choose the positions of a trace to match: on a plane, without faults, so far apart that each adds something, and in
sections without gaps. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from math import hypot
from statistics import median_low
from typing import NamedTuple

from shoemon.ground.match.parameters import Parameters
from shoemon.ground.match.piece import METRES_NORTH, Plane
from shoemon.model.trace import Trace

_NEIGHBOURS_S = 4.0
_PROGRESS_S = 30.0
"""A runner gets some 90 m ahead in it, and so does no error of a receiver that lies still."""


class Position(NamedTuple):
    """A point of the trace on the plane; `point` is its place in the trace."""

    x: float
    y: float
    time: float
    point: int


class Gap(NamedTuple):
    """The ends of an unknown way."""

    before: Position
    after: Position
    metres: float


RawPoint = tuple[float, float, float, int]
"""A position as a plain tuple: a run has thousands, of which few become positions."""


def plane_around(trace: Trace) -> Plane:
    """Return a plane around the middle one of the valid positions."""
    lats = [lat for lat in trace.lats if -90.0 <= lat <= 90.0]
    lons = [lon for lon in trace.lons if -180.0 <= lon <= 180.0]
    return Plane(median_low(lats), median_low(lons)) if lats and lons else Plane(0.0, 0.0)


def sections_of(trace: Trace, plane: Plane, p: Parameters) -> tuple[list[list[RawPoint]], list[Gap]]:
    """Return the points of the trace without faults, cut at pauses and gaps; and the gaps that may have been run."""
    sections: list[list[RawPoint]] = []
    gaps: list[Gap] = []
    for indexes in trace.pieces():
        points = _without_spikes(_placed(trace, indexes, plane), p)
        start = 0
        for number, ((x, y, time, _), (x2, y2, time2, _)) in enumerate(pairwise(points), 1):
            metres = hypot(x2 - x, y2 - y)
            if metres >= p.gap_m or time2 - time >= p.gap_s:
                if 0 < metres <= p.jump_ms * (time2 - time):
                    gaps.append(Gap(Position(*points[number - 1]), Position(*points[number]), metres))
                sections.append(points[start:number])
                start = number
        sections.append(points[start:])
    return [section for section in sections if section], gaps


def thinned(section: Sequence[RawPoint], spacing: float) -> list[Position]:
    """Return the first and last position, and between them one every `spacing` metres, each the mean of itself and its
    two neighbours: the part of the error that is new at every point cancels."""
    last_x, last_y, *_ = section[0]
    kept = [Position(*section[0])]
    square = spacing * spacing
    for number, (x, y, time, point) in enumerate(section):
        if (x - last_x) * (x - last_x) + (y - last_y) * (y - last_y) < square or number == len(section) - 1:
            continue
        last_x, last_y = x, y
        x0, y0, before, _ = section[number - 1]
        x2, y2, after, _ = section[number + 1]
        if after - before <= _NEIGHBOURS_S:
            kept.append(Position((x0 + x + x2) / 3, (y0 + y + y2) / 3, time, point))
        else:
            kept.append(Position(x, y, time, point))
    if len(section) > 1:
        kept.append(Position(*section[-1]))
    return kept


def progress_of(sections: Sequence[Sequence[RawPoint]]) -> tuple[float, float]:
    """Return the seconds that sections last, and how far their points get: the sum of straight lines of half a minute.
    On a treadmill, or on one spot, that is far less than the device counts."""
    seconds = metres = 0.0
    for section in sections:
        x, y, time, _ = section[0]
        for x2, y2, time2, _ in section:
            if time2 - time >= _PROGRESS_S or time2 == section[-1][2]:
                seconds += time2 - time
                metres += hypot(x2 - x, y2 - y)
                x, y, time = x2, y2, time2
    return seconds, metres


def _placed(trace: Trace, indexes: range, plane: Plane) -> list[RawPoint]:
    """Return the points with valid coordinates, each later than the one before."""
    part = slice(indexes.start, indexes.stop)
    lon0, lat0, east, north = plane.lon, plane.lat, plane.east, METRES_NORTH
    points = [
        (((lon - lon0 + 180.0) % 360.0 - 180.0) * east, (lat - lat0) * north, time, point)
        for lon, lat, time, point in zip(trace.lons[part], trace.lats[part], trace.times[part], indexes, strict=True)
        if -180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0
    ]
    if all(one[2] < two[2] for one, two in pairwise(points)):
        return points
    ordered: list[RawPoint] = []
    for each in points:
        if not ordered or each[2] > ordered[-1][2]:
            ordered.append(each)
    return ordered


def _without_spikes(points: list[RawPoint], p: Parameters) -> list[RawPoint]:
    """Remove points that nobody could have reached and left in time, where their neighbours could follow each other."""
    fast = [_speed(one, two) > p.spike_ms for one, two in pairwise(points)]
    if True not in fast:
        return points
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


def _speed(before: RawPoint, after: RawPoint) -> float:
    return hypot(after[0] - before[0], after[1] - before[1]) / (after[2] - before[2])
