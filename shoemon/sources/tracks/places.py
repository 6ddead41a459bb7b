"""Where a recording was at certain times of the clock, which tells whether another was there too. Pure."""

from collections.abc import Sequence
from statistics import median

from shoemon.ground.trace import Trace
from shoemon.tracks.points import between_m

Place = Sequence[float]
"""Number of a fifth minute since 1970, latitude and longitude; plain numbers, for they are kept as JSON."""
_EVERY_S, _WITHIN_S = 300, 15
_MOST = 432
"""A day and a half."""


def places_of(trace: Trace) -> list[Place]:
    """For every whole fifth minute the first point, if there is one within some seconds."""
    places: dict[int, Place] = {}
    for time, lat, lon in zip(trace.times, trace.lats, trace.lons, strict=True):
        number, past_s = divmod(time, _EVERY_S)
        if past_s <= _WITHIN_S:
            places.setdefault(int(number), [int(number), round(lat, 4), round(lon, 4)])
    return list(places.values())[:_MOST]


def apart_m(ones: Sequence[Place], others: Sequence[Place]) -> float | None:
    """How far from each other both mostly were; None if they tell of no common time."""
    there = {number: (lat, lon) for number, lat, lon in others}
    apart = [between_m(lat, lon, *there[number]) for number, lat, lon in ones if number in there]
    return median(apart) if apart else None
