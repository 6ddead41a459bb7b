"""Calculate the length of a run from its positions, for files without a distance. Pure.

Devices smooth their positions before they write them: those of 40 real recordings were off by 0.1 to 0.4 m from second
to second, and the way from point to point agreed with the device's distance, within 1 % for most. Positions that jump
by a metre or more (such as raw ones of a phone in a street) make that way twice too long. So the error is estimated
first, and positions are skipped that are too near to the last one to distinguish running from jumping.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import cos, fsum, hypot, radians, sqrt
from statistics import median

from shoemon.model.globe import METRES_A_DEGREE, distance_between_m
from shoemon.model.trace import Trace

_JUMPY_M = 0.8
_ERRORS_APART = 8.0
"""At so many errors the way from one to the next is about 1.5 % too long, which cut corners compensate."""
_SPIKE_MS = 9.0
"""Faster than anybody runs: a point reached and left at this speed, between two that are not, is a fault."""
_MEDIAN_TO_ERROR = 1.1774 * sqrt(6)
"""Second differences of independent errors are larger by the root of 6; their length has Rayleigh's distribution."""
_FEWEST = 20
_LONGEST_STEP_S = 1.5

_Point = tuple[float, float, float, int]
"""Metres east and north of the first point, time, and place in the trace."""


def length_m(trace: Trace) -> float:
    """Return metres along the positions of a trace, without the way between its pieces."""
    lats, lons = trace.lats, trace.lons
    pieces = [_placed(trace, piece) for piece in trace.pieces()]
    too_fast = [[_is_too_fast(one, two) for one, two in pairwise(piece)] for piece in pieces]
    error_m = 0.0
    if _are_seconds(too_fast):
        pieces = [
            list(_without_spikes(piece)) if any(steps) else piece for piece, steps in zip(pieces, too_fast, strict=True)
        ]
        error_m = _error_m(pieces)
    return fsum(
        distance_between_m(lats[one[3]], lons[one[3]], lats[two[3]], lons[two[3]])
        for piece in pieces
        for one, two in pairwise(_thinned(piece, error_m) if error_m >= _JUMPY_M else piece)
    )


def _placed(trace: Trace, piece: range) -> list[_Point]:
    lat0, lon0 = trace.lats[0], trace.lons[0]
    east = METRES_A_DEGREE * cos(radians(lat0))
    here = slice(piece.start, piece.stop)
    return [
        ((lon - lon0) * east, (lat - lat0) * METRES_A_DEGREE, time, index)
        for lon, lat, time, index in zip(trace.lons[here], trace.lats[here], trace.times[here], piece, strict=True)
    ]


def _are_seconds(too_fast: Sequence[Sequence[bool]]) -> bool:
    """Return whether the times are those of a runner. Points without times are numbered instead; if a program kept only
    those that make the line, neither jumps nor speeds can be calculated."""
    return 2 * sum(map(sum, too_fast)) <= sum(map(len, too_fast))


def _error_m(pieces: Iterable[Sequence[_Point]]) -> float:
    """Return the jumps of positions from second to second, without even motion; 0 if too few are that near."""
    seconds = [
        hypot(one[0] - 2 * two[0] + three[0], one[1] - 2 * two[1] + three[1])
        for piece in pieces
        for one, two, three in zip(piece, piece[1:], piece[2:], strict=False)
        if three[2] - one[2] <= 2 * _LONGEST_STEP_S
    ]
    return median(seconds) / _MEDIAN_TO_ERROR if len(seconds) >= _FEWEST else 0.0


def _without_spikes(points: Sequence[_Point]) -> Iterable[_Point]:
    before: _Point | None = None
    for place, point in enumerate(points):
        after = points[place + 1] if place + 1 < len(points) else None
        if (
            before is not None
            and after is not None
            and _is_too_fast(before, point)
            and _is_too_fast(point, after)
            and not _is_too_fast(before, after)
        ):
            continue
        before = point
        yield point


def _thinned(points: Sequence[_Point], error_m: float) -> Iterable[_Point]:
    last: _Point | None = None
    for place, point in enumerate(points):
        if last is None or place == len(points) - 1 or _apart_m(last, point) >= _ERRORS_APART * error_m:
            last = point
            yield point


def _is_too_fast(one: _Point, two: _Point) -> bool:
    return _apart_m(one, two) > _SPIKE_MS * (two[2] - one[2])


def _apart_m(one: _Point, two: _Point) -> float:
    return hypot(two[0] - one[0], two[1] - one[1])
