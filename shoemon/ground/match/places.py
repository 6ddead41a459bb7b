"""Apply the places that the runner named: metres of a track within the radius have the surface of the place. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from math import cos, hypot, radians, sqrt
from typing import NamedTuple

from shoemon.ground.match.parameters import PARAMETERS
from shoemon.ground.match.piece import METRES_EAST, METRES_NORTH, Plane
from shoemon.ground.match.positions import sections_of
from shoemon.model.plan import Place
from shoemon.model.run_ground import Stretch
from shoemon.model.surfaces import UNKNOWN
from shoemon.model.trace import Box, Trace

_Knot = tuple[float, float, Place | None]
"""A moment at which the track enters or leaves a place (or changes its pace): the time, the metres of track before it,
and the place after it."""


def near(places: Iterable[Place], box: Box) -> list[Place]:
    """Return the places with a surface that reach into `box`."""
    return [place for place in places if place.surface != UNKNOWN and reaches(place, box)]


def reaches(place: Place, box: Box) -> bool:
    """Check that a place has a part in `box`."""
    north = place.radius_m / METRES_NORTH
    east = place.radius_m / (METRES_EAST * max(cos(radians(min(abs(place.lat) + north, 90))), 1e-6))
    turns = (place.lon + turn for turn in (-360.0, 0.0, 360.0))  # it may reach over the date line
    return any(box.overlaps(Box(place.lat - north, lon - east, place.lat + north, lon + east)) for lon in turns)


def key_of(places: Iterable[Place], box: Box) -> str:
    """Return a text that changes when a place that reaches into `box` does; empty where there is none."""
    found = [tuple(place) for place in near(places, box)]
    return sha256(repr(found).encode()).hexdigest()[:16] if found else ""


def at_places(stretches: Sequence[Stretch], trace: Trace, places: Iterable[Place]) -> tuple[Stretch, ...]:
    """Give the parts of `stretches` within a place its surface; the first of several places decides."""
    return tuple(
        piece if place is None else Stretch(*piece[:4], place.surface, "place", 1.0, place.name)
        for piece, place in cut(stretches, trace, places)
    )


def cut(stretches: Sequence[Stretch], trace: Trace, places: Iterable[Place]) -> Iterator[tuple[Stretch, Place | None]]:
    """Yield `stretches`, cut where the track enters or leaves a place, each with the place that it is in."""
    here = near(places, trace.box())
    knots = list(_knots(trace, here)) if here else []
    times = [time for time, _, _ in knots]
    for stretch in stretches:
        first, last = bisect_right(times, stretch.start_s), bisect_left(times, stretch.end_s)
        if not any(place for _, _, place in knots[max(first - 1, 0) : last]):
            yield stretch, None
            continue
        inside = [(time, metres, place) for time, metres, place in knots[first:last]]
        start = (stretch.start_s, *_at(knots, times, stretch.start_s))
        end = (stretch.end_s, *_at(knots, times, stretch.end_s))
        yield from _pieces(stretch, [start, *inside, end])


def _pieces(stretch: Stretch, knots: Sequence[_Knot]) -> Iterator[tuple[Stretch, Place | None]]:
    """Divide the metres of a stretch as those of its track are."""
    whole_m = knots[-1][1] - knots[0][1]
    start = knots[0]
    for knot, after in pairwise(knots):
        if after is not knots[-1] and after[2] == knot[2]:
            continue
        share = (after[1] - start[1]) / whole_m if whole_m > 0 else float(start is knots[0])
        yield stretch._replace(start_s=start[0], end_s=after[0], distance_m=share * stretch.distance_m), start[2]
        start = after


def _at(knots: Sequence[_Knot], times: Sequence[float], time: float) -> tuple[float, Place | None]:
    """Return the metres of track before a time, and the place there."""
    after = min(max(bisect_right(times, time), 1), len(knots) - 1)
    (before_s, before_m, place), (after_s, after_m, _) = knots[after - 1], knots[after]
    share = (time - before_s) / (after_s - before_s) if after_s > before_s else 0.0
    return before_m + min(max(share, 0.0), 1.0) * (after_m - before_m), place


class _Circle(NamedTuple):
    """A place on the plane."""

    x: float
    y: float
    place: Place

    def contains(self, x: float, y: float) -> bool:
        return hypot(x - self.x, y - self.y) <= self.place.radius_m

    def crossings(self, x: float, y: float, dx: float, dy: float) -> Iterator[float]:
        """Yield the shares (between 0 and 1) of the line from a point by `dx` and `dy` at which it crosses the edge."""
        square = dx * dx + dy * dy
        if square <= 0:
            return
        nearest = ((self.x - x) * dx + (self.y - y) * dy) / square
        beside = (self.x - x - nearest * dx) ** 2 + (self.y - y - nearest * dy) ** 2
        half = (self.place.radius_m**2 - beside) / square
        if half > 0:
            yield from (share for share in (nearest - sqrt(half), nearest + sqrt(half)) if 0 < share < 1)


def _knots(trace: Trace, places: Sequence[Place]) -> Iterator[_Knot]:
    """Yield a knot for each point of the track, and for each crossing of the edge of a place."""
    plane = Plane(places[0].lat, places[0].lon)
    circles = [_Circle(*plane.point(place.lat, place.lon), place) for place in places]

    def place_at(x: float, y: float) -> Place | None:
        return next((circle.place for circle in circles if circle.contains(x, y)), None)

    sections, _ = sections_of(trace, plane, PARAMETERS)
    points = sorted((time, x, y) for section in sections for x, y, time, _ in section)
    metres = 0.0
    for (time, x, y), (after, x2, y2) in pairwise(points):
        dx, dy = x2 - x, y2 - y
        shares = sorted({0.0, *(share for circle in circles for share in circle.crossings(x, y, dx, dy))})
        for share, following in pairwise((*shares, 1.0)):
            middle = (share + following) / 2
            at = metres + share * hypot(dx, dy)
            yield time + share * (after - time), at, place_at(x + middle * dx, y + middle * dy)
        metres += hypot(dx, dy)
    if points:
        yield points[-1][0], metres, place_at(*points[-1][1:])
