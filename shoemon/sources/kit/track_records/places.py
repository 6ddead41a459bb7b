"""Sample where a recording was, by time and along its way, to compare it with another. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate, pairwise
from math import cos, hypot, radians
from statistics import median

from shoemon.model.globe import distance_between_m
from shoemon.model.trace import Trace

Place = Sequence[float]
"""Number of a five-minute step since 1970, or of an eighth of the way, latitude and longitude, for JSON."""
_EVERY_S, _WITHIN_S = 300, 15
_MOST = 432
"""A day and a half."""
_PARTS = 8
_BESIDE_M = 50.0
"""Simplifying a line may move an eighth of the way by so much."""


def places_of(trace: Trace) -> list[Place]:
    """Return for every five minutes of the clock the first point, if there is one within some seconds."""
    places: dict[int, Place] = {}
    for time, lat, lon in zip(trace.times, trace.lats, trace.lons, strict=True):
        number, past_s = divmod(time, _EVERY_S)
        if past_s <= _WITHIN_S:
            places.setdefault(int(number), [int(number), round(lat, 4), round(lon, 4)])
    return list(places.values())[:_MOST]


def apart_m(ones: Sequence[Place], others: Sequence[Place]) -> float | None:
    """Return the median distance of both at common times; None if there are none."""
    there = {number: (lat, lon) for number, lat, lon in others}
    apart = [distance_between_m(lat, lon, *there[number]) for number, lat, lon in ones if number in there]
    return median(apart) if apart else None


def way_of(trace: Trace) -> list[Place]:
    """Return where it began, where it was after every eighth of its way, and where it ended."""
    lats, lons = trace.lats, trace.lons
    if not trace:
        return []
    east = cos(radians(lats[0]))
    steps = (
        hypot(lat - from_lat, (lon - from_lon) * east)
        for (from_lat, from_lon), (lat, lon) in pairwise(zip(lats, lons, strict=True))
    )
    gone = list(accumulate(steps, initial=0.0))
    return [[part, *_at(gone[-1] * part / _PARTS, gone, trace)] for part in range(_PARTS + 1)]


def _at(length: float, gone: Sequence[float], trace: Trace) -> Place:
    """Return latitude and longitude after `length` of the way, between two points if needed."""
    after = min(max(bisect_left(gone, length), 1), len(gone) - 1)
    step = gone[after] - gone[after - 1]
    share = (length - gone[after - 1]) / step if step else 0.0
    return [
        round(degrees[after - 1] + share * (degrees[after] - degrees[after - 1]), 5)
        for degrees in (trace.lats, trace.lons)
    ]


def is_one_way(one: Sequence[Place], other: Sequence[Place]) -> bool:
    """Return whether both ways lead along the same places."""
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(
        distance_between_m(*here, *there) <= _BESIDE_M for (_, *here), (_, *there) in pairs
    )


def digest_of(trace: Trace) -> str | None:
    """Return a digest of the points, which decide the ground of a run."""
    if not trace:
        return None
    digest = blake2b(repr(trace.starts).encode(), digest_size=4)
    for numbers in (trace.times, trace.lats, trace.lons, trace.distances_m):
        digest.update(numbers.tobytes())
    return digest.hexdigest()
