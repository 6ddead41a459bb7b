"""Recognise laps of a stadium in a trace: an oval of about 400 m, run three times and more. Pure.

An oval is two straights of twice `half` metres, joined by half circles of `radius` metres. It is fitted to the
positions of all laps at once, so that their errors cancel, and the laps are counted as turns around its middle: neither
needs a steady pace, nor the metres between positions, which errors make too long. A block of streets fits better with
corners in place of the half circles.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import atan2, cos, floor, hypot, inf, pi, sin
from typing import NamedTuple

from shoemon.ground.match.parameters import PARAMETERS
from shoemon.ground.match.piece import METRES_NORTH, Plane
from shoemon.ground.match.positions import plane_around, sections_of
from shoemon.model.trace import Trace

LAPS_VERSION = 1
"""Raised when other laps are found, so that tracks are read again."""
SHORTEST_M, LONGEST_M = 380.0, 442.0
"""Of a lap: 400 m in lane 1, 438 m in lane 6; and for each metre of error of the positions"""
_SHORTER_M, _LONGER_M = 2.5, 4.0
"""so many shorter or longer."""
_MOST_ERROR_M = 7.5
"""More is no lap, but a pitch or a park that is run all over."""
LEAST_LAPS = 2.75
"""Three laps, of which a little is missing where the recording began or ended."""
_HALVES, _RADII = (18.0, 62.0), (26.0, 60.0)
"""Half a straight, and the radius of a bend: 42.2 and 36.5 m in a standard stadium; others differ, and lanes add 1.22 m
each."""
_ALONG_M = 12.0
"""Positions are averaged over so many metres."""
_CELL_M = 50.0
_REACH_M = 125.0
"""No part of a lap is further from the middle."""
_LEAST_M = 900.0
"""So many metres of a run must be within reach: less than three laps, as averaged positions cut bends."""
_FITTED = 240
"""So many positions are enough for a fit."""
_LEAST_GAIN_M = 0.005
"""A step that gains less is none, so that a fit ends soon where nothing fits."""
_FAR_M = 20.0
"""A position further from the oval is beside it, however far."""
_ON_IT = 0.6
"""At least this share of the metres within reach are on the oval."""
_SECTORS, _LEAST_OF_SECTOR = 16, 0.1
"""Each of so many sectors of the oval has at least this share of the metres that one has on average."""
_CORNERS = 0.92
"""Corners must fit better by so much: by less they do so by chance, where errors of 8 m are alike on few laps."""
_MOST_TURN, _TURNED_BACK, _AWAY_M = 2.1, 1.0, 60.0
"""Laps begin anew after more than this between two positions (radians), back against the lap, or off the oval."""
_MOST_TRIED = 3
"""So many places of a run are tried, those with the most metres first."""


BESIDE_M = 15.0
"""How much further than the fitted lap its place reaches: for the errors of positions, and outer lanes."""


class Laps(NamedTuple):
    """Laps round one middle, in degrees. `reach_m`: how far the oval reaches from it."""

    lat: float
    lon: float
    lap_m: float
    laps: float
    reach_m: float


class _Spot(NamedTuple):
    """Where the run was on the plane, and the metres of the run that this stands for."""

    x: float
    y: float
    metres: float


class _Oval(NamedTuple):
    """An oval around a point, its straights in direction `turn` (radians), and how well it fits."""

    x: float
    y: float
    turn: float
    half: float
    radius: float = 0.0
    cost: float = inf
    """The mean distance of the metres within reach from it, far ones cut."""
    error: float = inf
    """The same without the far ones."""
    share: float = 0.0
    """Of the metres within reach: those that are not far."""
    bend: Callable[[float, float], float] = hypot
    """How far a spot beyond a straight is, by the metres along and across: `hypot` for a half circle, `max` for two
    corners."""

    @property
    def lap_m(self) -> float:
        return 4 * self.half + 2 * pi * self.radius

    def distances(self, spots: Iterable[_Spot]) -> Iterator[float]:
        """Yield how far spots are from the line between the middles of the bends."""
        x, y, half, along, across = self.x, self.y, self.half, cos(self.turn), sin(self.turn)
        for spot in spots:
            dx, dy = spot.x - x, spot.y - y
            beyond = abs(dx * along + dy * across) - half
            beside = dy * along - dx * across
            yield self.bend(beyond, abs(beside)) if beyond > 0 else abs(beside)


def laps_of(trace: Trace) -> list[Laps]:
    """Return the laps in a trace, those of most metres first; none of fewer than three."""
    plane = plane_around(trace)
    spots, found = _spots(trace, plane), []
    for _ in range(_MOST_TRIED):
        middle = _busiest(spots)
        if middle is None:
            break
        here = [spot for spot in spots if hypot(spot.x - middle[0], spot.y - middle[1]) <= _REACH_M]
        oval = _fitted(here, *middle)
        laps = _turns(oval, spots)
        if (
            laps >= LEAST_LAPS
            and _is_stadium(oval)
            and _is_all_round(oval, here)
            and _CORNERS * oval.cost <= _fitted(here, *middle, max).cost
        ):
            lat, lon = plane.lat + oval.y / METRES_NORTH, plane.lon + oval.x / plane.east
            found.append(Laps(lat, lon, oval.lap_m, laps, oval.half + oval.radius))
        taken = set(here)
        spots = [spot for spot in spots if spot not in taken]
    return found


def _spots(trace: Trace, plane: Plane) -> list[_Spot]:
    """Average the positions over some metres each."""
    spots: list[_Spot] = []
    for section in sections_of(trace, plane, PARAMETERS)[0]:
        means: list[tuple[float, float]] = []
        group: list[tuple[float, float]] = []
        for x, y, *_ in section:
            if group and hypot(x - group[0][0], y - group[0][1]) > _ALONG_M:
                means.append(_mean(group))
                group = []
            group.append((x, y))
        means += [_mean(group)] if group else []
        lengths = [hypot(x2 - x, y2 - y) for (x, y), (x2, y2) in pairwise(means)]
        spots += [
            _Spot(x, y, (before + after) / 2)
            for (x, y), before, after in zip(means, [0.0, *lengths], [*lengths, 0.0], strict=True)
        ]
    return spots


def _mean(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _busiest(spots: Sequence[_Spot]) -> tuple[float, float] | None:
    """Return the middle of the place with the most metres within reach; None where none has enough."""
    cells: defaultdict[tuple[int, int], float] = defaultdict(float)
    for spot in spots:
        cells[floor(spot.x / _CELL_M), floor(spot.y / _CELL_M)] += spot.metres
    around = range(-2, 3)
    sums = {
        (column, row): sum(cells.get((column + right, row + up), 0.0) for right in around for up in around)
        for column, row in cells
    }
    if not sums or max(sums.values()) < _LEAST_M:
        return None
    column, row = max(sums, key=sums.__getitem__)
    x, y = (column + 0.5) * _CELL_M, (row + 0.5) * _CELL_M
    for _ in range(3):
        here = [spot for spot in spots if hypot(spot.x - x, spot.y - y) <= _REACH_M]
        metres = sum(spot.metres for spot in here) or 1.0
        x, y = sum(spot.x * spot.metres for spot in here) / metres, sum(spot.y * spot.metres for spot in here) / metres
    return x, y


def _fitted(spots: Sequence[_Spot], x: float, y: float, bend: Callable[[float, float], float] = hypot) -> _Oval:
    """Fit an oval to spots around a point: by steps that become smaller, each to the best neighbour."""
    some = spots[:: len(spots) // _FITTED + 1]
    best = min(
        (_cost(some, _Oval(x, y, turn * pi / 8, 40.0, bend=bend)) for turn in range(8)), key=lambda oval: oval.cost
    )
    step = 1.0
    while step > 0.04:
        tried = [
            _cost(some, best._replace(**{name: getattr(best, name) + way * by * step}))
            for name, by in (("x", 12.0), ("y", 12.0), ("turn", 0.3), ("half", 12.0))
            for way in (-1, 1)
        ]
        better = min(tried, key=lambda oval: oval.cost)
        if better.cost < best.cost - _LEAST_GAIN_M:
            best = better
        else:
            step /= 2
    return best


def _cost(spots: Sequence[_Spot], oval: _Oval) -> _Oval:
    """Complete an oval: the radius that most metres have, how well it fits, and to how many of them."""
    if not 0.0 <= oval.half <= _HALVES[1]:
        return oval._replace(cost=inf)
    pairs = sorted(zip(oval.distances(spots), (spot.metres for spot in spots), strict=True))
    radius = _middle(pairs)
    radius = _middle([pair for pair in pairs if abs(pair[0] - radius) <= _FAR_M])
    errors = [(abs(distance - radius), metres) for distance, metres in pairs if abs(distance - radius) <= _FAR_M]
    whole_m, near_m = sum(metres for _, metres in pairs) or 1.0, sum(metres for _, metres in errors)
    error = sum(error * metres for error, metres in errors)
    cost = (error + _FAR_M * (whole_m - near_m)) / whole_m
    return oval._replace(radius=radius, cost=cost, error=error / (near_m or 1.0), share=near_m / whole_m)


def _middle(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the distance that half the metres are within; pairs of both, the least distance first."""
    half_m = sum(metres for _, metres in pairs) / 2
    for distance, metres in pairs:
        half_m -= metres
        if half_m <= 0:
            return distance
    return 0.0


def _is_stadium(oval: _Oval) -> bool:
    shortest, longest = SHORTEST_M - _SHORTER_M * oval.error, LONGEST_M + _LONGER_M * oval.error
    is_oval = oval.half >= _HALVES[0] and _RADII[0] <= oval.radius <= _RADII[1]
    return is_oval and shortest <= oval.lap_m <= longest and oval.error <= _MOST_ERROR_M and oval.share >= _ON_IT


def _is_all_round(oval: _Oval, spots: Sequence[_Spot]) -> bool:
    """Check that no part of the way round is missing, as where a block has an angle."""
    sectors = [0.0] * _SECTORS
    between = (_Spot((a.x + b.x) / 2, (a.y + b.y) / 2, (a.metres + b.metres) / 2) for a, b in pairwise(spots))
    spots = [*spots, *between]  # a smart recording has few positions
    for spot, distance in zip(spots, oval.distances(spots), strict=True):
        if abs(distance - oval.radius) <= _FAR_M:
            angle = atan2(spot.y - oval.y, spot.x - oval.x) - oval.turn
            sectors[floor(angle / (2 * pi) * _SECTORS) % _SECTORS] += spot.metres
    return min(sectors) >= _LEAST_OF_SECTOR * sum(sectors) / _SECTORS


def _turns(oval: _Oval, spots: Sequence[_Spot]) -> float:
    """Count the turns along the oval; less than three quarters of one before it is left, or turned back, is none."""
    total = start = peak = angle = away_m = 0.0
    before: float | None = None
    for spot, distance in zip(spots, oval.distances(spots), strict=True):
        if abs(distance - oval.radius) > _FAR_M:
            away_m += spot.metres
            continue
        after = atan2(spot.y - oval.y, spot.x - oval.x)
        turn = 0.0 if before is None else (after - before + pi) % (2 * pi) - pi
        angle, before = angle + turn, after
        if abs(turn) > _MOST_TURN or away_m > _AWAY_M:
            total, start, peak = total + _whole(peak - start), angle, angle
        elif abs(angle - start) > abs(peak - start) and (angle - start) * (peak - start) >= 0:
            peak = angle
        elif abs(angle - peak) > _TURNED_BACK:
            total, start, peak = total + _whole(peak - start), peak, angle
        away_m = 0.0
    return total + _whole(peak - start)


def _whole(angle: float) -> float:
    turns = abs(angle) / (2 * pi)
    return turns if turns >= 0.75 else 0.0
