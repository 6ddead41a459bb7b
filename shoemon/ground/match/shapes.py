"""Prepare lines on a plane for drawing: cut them to a frame, and drop points that nobody would see. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil
from typing import NamedTuple

Point = tuple[float, float]
"""Metres east and north."""
Line = list[Point]

_AT_ONCE = 250
"""Points that are simplified together: the time for a hostile line grows with their square."""


class Frame(NamedTuple):
    """A rectangle in metres, edges included."""

    west: float
    south: float
    east: float
    north: float

    @property
    def size(self) -> float:
        return max(self.east - self.west, self.north - self.south)


def frame_around(lines: Sequence[Line], margin: float, least: float, flattest: float) -> Frame:
    """Return the rectangle around `lines`, wider by `margin` (a share of its longer side) all around and nowhere
    smaller than `least` metres. It is no higher than wide, and no more than `flattest` times as wide as high."""
    xs = [x for line in lines for x, _ in line]
    ys = [y for line in lines for _, y in line]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    more = 2 * margin * max(wide, high)
    high = max(high + more, least / flattest)
    wide = max(wide + more, least, high)
    high = max(high, wide / flattest)
    x, y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    return Frame(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def clipped(line: Sequence[Point], frame: Frame) -> list[Line]:
    """Return the parts of `line` within `frame`."""
    parts: list[Line] = []
    for one, two in pairwise(line):
        within = _within(one, two, frame)
        if within is None:
            continue
        start, end = within
        if parts and parts[-1][-1] == start:
            parts[-1].append(end)
        else:
            parts.append([start, end])
    return parts


def _within(one: Point, two: Point, frame: Frame) -> tuple[Point, Point] | None:
    """Return the part of one segment within the frame (Liang and Barsky); None where it is outside or only touches."""
    (x, y), (dx, dy) = one, (two[0] - one[0], two[1] - one[1])
    enters, leaves = 0.0, 1.0
    sides = ((-dx, x - frame.west), (dx, frame.east - x), (-dy, y - frame.south), (dy, frame.north - y))
    for towards, room in sides:
        if towards == 0:
            if room < 0:
                return None
        elif towards < 0:
            enters = max(enters, room / towards)
        else:
            leaves = min(leaves, room / towards)
    if enters >= leaves:
        return None
    start = one if enters == 0 else (x + enters * dx, y + enters * dy)
    end = two if leaves == 1 else (x + leaves * dx, y + leaves * dy)
    return start, end


def simplified(line: Sequence[Point], tolerance: float) -> Line:
    """Return `line` with fewer points, nowhere off by more than `tolerance` (Douglas and Peucker, in parts)."""
    last = len(line) - 1
    if last < 2:
        return list(line)
    bounds = [*range(0, last, _AT_ONCE), last]
    kept = {*bounds}
    open_spans = list(pairwise(bounds))
    while open_spans:
        start, end = open_spans.pop()
        furthest, place = _furthest(line, start, end)
        if furthest > tolerance * tolerance:
            kept.add(place)
            open_spans += ((start, place), (place, end))
    return [line[place] for place in sorted(kept)]


def _furthest(line: Sequence[Point], start: int, end: int) -> tuple[float, int]:
    """Return the square of the largest distance of a point between two others from their straight line, and its
    place."""
    (x0, y0), (x1, y1) = line[start], line[end]
    dx, dy = x1 - x0, y1 - y0
    square = dx * dx + dy * dy
    furthest, place = 0.0, start
    for index in range(start + 1, end):
        x, y = line[index][0] - x0, line[index][1] - y0
        along = (x * dx + y * dy) / square if square else 0.0
        along = min(max(along, 0.0), 1.0)
        off_x, off_y = x - along * dx, y - along * dy
        distance = off_x * off_x + off_y * off_y
        if distance > furthest:
            furthest, place = distance, index
    return furthest, place


def light(lines: Sequence[Line], tolerance: float, most_points: int) -> list[Line]:
    """Simplify `lines`, with a tolerance that is doubled until all have no more than `most_points` together, or all are
    straight. Of very many points only every second, third ... is used, which bounds the time."""
    every = ceil(sum(map(len, lines)) / (8 * most_points)) or 1
    found = [[*line[:-1:every], line[-1]] if every > 1 else list(line) for line in lines]
    while True:
        found = [simplified(line, tolerance) for line in found]
        if sum(map(len, found)) <= most_points or all(len(line) == 2 for line in found):
            return found
        tolerance *= 2
