"""Find the points that a GPS put aside, and the leaps that nobody can run. Pure.

A glitch leaves the way at a speed that nobody runs, and comes back as fast to where the runner would be by then. Who
does not come back was really there: the leap between is not counted, but what was run before and after it.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

from shoemon.model.globe import distance_between_m

_SLACK_DEGREES = 0.00025
"""Less than the slack in either direction need not be measured."""
_LONGEST_S = 600.0
"""Who was away for longer may have driven there, and run there."""
_LEAP_S = 120.0
"""So many seconds of a recording are left out rather than believing one more leap."""
_FASTER = 3.0
"""So much faster than the way from before to after a glitch are the leaps at its ends."""
_PACE = 1.5
"""So much faster than usual is the way from before to after it at most."""
_MOST_BETWEEN, _MOST_LEAPS = 50, 1_000
"""Leaps of one glitch, and of a recording in which glitches are searched."""
_LEAST = 0.75
"""Share of the points that are none; otherwise it is a vehicle that came back."""
_FEW, _SHARE = 3, 0.05
"""More leaps than both are of a vehicle."""

_STILL_M, _RUN_MPS = 5.0, 5.0
"""Metres within which a device stands still, and metres a second of a fast runner meanwhile."""


class Reach(NamedTuple):
    """How far anyone can get: some metres whatever the time, as positions have errors, and metres a second."""

    slack_m: float
    fastest: float


ON_FOOT, ANYHOW = Reach(30.0, 9.0), Reach(100.0, 100.0)
"""Of a runner; and by whatever device."""


class Fixes(NamedTuple):
    """Where the device was at which time."""

    times: Sequence[float]
    lats: Sequence[float]
    lons: Sequence[float]

    def step(self, one: int, two: int) -> tuple[float, float]:
        """Return the metres and the seconds from a point to a later one."""
        lats, lons = self.lats, self.lons
        return distance_between_m(lats[one], lons[one], lats[two], lons[two]), self.times[two] - self.times[one]

    def is_leap(self, one: int, two: int, reach: Reach) -> bool:
        """Return whether nobody could get from a point to a later one."""
        metres, seconds = self.step(one, two)
        return metres > reach.slack_m + reach.fastest * seconds


def without_glitches(fixes: Fixes, kept: Sequence[int], *, on_foot: bool) -> tuple[Sequence[int], list[int]]:
    """Return the indexes of `kept` that are no glitches, and those of them that are reached by a leap."""
    if on_foot:
        good, leaps = _without_glitches(fixes, kept, ON_FOOT)
        if len(leaps) <= min(len(kept) / 2, max(_FEW, _SHARE * len(kept))):
            return good, leaps
    return _without_glitches(fixes, kept, ANYHOW)


def _without_glitches(fixes: Fixes, kept: Sequence[int], reach: Reach) -> tuple[Sequence[int], list[int]]:
    leaps = list(_leaps(fixes, kept, reach))
    pieces = [kept[start:end] for start, end in pairwise([0, *leaps, len(kept)])]
    good = _likely(fixes, pieces, reach) if 1 < len(leaps) <= _MOST_LEAPS else pieces
    if sum(map(len, good)) < _LEAST * len(kept):
        good = pieces
    reached = [
        after[0]
        for before, after in pairwise(good)
        if fixes.is_leap(before[-1], after[0], reach) and not _catches_up(fixes, before, after[0], reach.slack_m)
    ]
    return (kept if len(good) == len(pieces) else [index for piece in good for index in piece]), reached


def _catches_up(fixes: Fixes, before: Sequence[int], two: int, slack_m: float) -> bool:
    """Return whether the device stood still at the end of `before` while somebody ran to a point, as in a tunnel."""
    still = list(takewhile(lambda one: fixes.step(one, before[-1])[0] <= _STILL_M, reversed(before)))
    return len(still) > 1 and not fixes.is_leap(still[-1], two, Reach(slack_m, _RUN_MPS))


def _leaps(fixes: Fixes, kept: Sequence[int], reach: Reach) -> Iterator[int]:
    """Yield the places in `kept` of points that cannot be reached from the one before."""
    _, lats, lons = fixes
    for place, (one, two) in enumerate(pairwise(kept), 1):
        is_far = abs(lats[two] - lats[one]) > _SLACK_DEGREES or abs(lons[two] - lons[one]) > _SLACK_DEGREES
        if is_far and fixes.is_leap(one, two, reach):
            yield place


def _likely(fixes: Fixes, pieces: Sequence[Sequence[int]], reach: Reach) -> list[Sequence[int]]:
    """Return the pieces from the first to the last that are no glitches: most seconds with fewest leaps."""
    steps = [fixes.step(one, two) for piece in pieces for one, two in pairwise(piece)]
    usual = _PACE * sum(metres for metres, _ in steps) / (sum(seconds for _, seconds in steps) or 1.0)
    return_reach = Reach(reach.slack_m, min(usual, reach.fastest))
    scores, before = [0.0], [0]
    for place in range(1, len(pieces)):
        best, came = scores[-1] - _LEAP_S, place - 1
        for start in range(max(0, place - _MOST_BETWEEN), place - 1):
            if scores[start] > best and _is_glitch(fixes, pieces[start : place + 1], return_reach):
                best, came = scores[start], start
        scores.append(best + fixes.times[pieces[place][-1]] - fixes.times[pieces[place][0]])
        before.append(came)
    places = [len(pieces) - 1]
    while places[-1]:
        places.append(before[places[-1]])
    return [pieces[place] for place in reversed(places)]


def _is_glitch(fixes: Fixes, pieces: Sequence[Sequence[int]], reach: Reach) -> bool:
    """Return whether the last of `pieces` goes on where the first one ended, and those between are a short glitch."""
    first, *between, last = pieces
    metres, seconds = fixes.step(first[-1], last[0])
    if seconds > _LONGEST_S or metres > reach.slack_m + reach.fastest * seconds:
        return False
    ends = (first, between[0][0]), (between[-1], last[0])
    leaps = [fixes.step(before[-1], after) for before, after in ends]
    if not all(leap_m * seconds > _FASTER * metres * leap_s for leap_m, leap_s in leaps):
        return False
    return metres <= reach.slack_m or not all(_catches_up(fixes, *end, reach.slack_m) for end in ends)
