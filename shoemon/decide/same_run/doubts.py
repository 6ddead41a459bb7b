"""Find records that may count twice: a run that one account has twice, and a clock that gives local time as UTC. Pure.

The runner decides about them. Only where time, distance and place leave no doubt, or a record of another export is one
run with both, a run that one account has twice counts once by itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import NamedTuple

from shoemon.decide.same_run.compare import SAME_START_S, Outline, about_equal, begun, kind, overlap
from shoemon.model.globe import distance_between_m
from shoemon.model.ids import ActivityId

_SAME_PLACE_M = 300.0
_AS_LONG, _ABOUT_AS_LONG = 0.9, 0.8
"""Shares by which durations must agree: without a doubt, and with one."""
_DISTANCE_BY_POSITIONS = 0.05
"""Share by which a distance that was reckoned from positions may differ from the device's."""
_AGAIN_AND_AGAIN = 3


def listed_twice(one: Outline, other: Outline) -> bool:
    """Whether one export lists both and they overlap in time: nobody does two runs at once. A midnight on both is how
    tables write a day, and no time."""
    if one.missing or other.missing or kind(one.sport) != kind(other.sport) or _is_day(one) or _is_day(other):
        return False
    return overlap(one, other)


def _is_day(outline: Outline) -> bool:
    if len(outline.started_at) == 10:
        return True
    local = begun(outline) + timedelta(seconds=outline.utc_offset_s or 0)
    return (local.hour, local.minute, local.second) == (0, 0, 0)


def surely_one(one: Outline, other: Outline, near: Mapping[ActivityId, Sequence[Outline]]) -> bool:
    """Whether two records that one export lists are one run without a doubt; `near` has the records of other exports
    that are one run with each by their times."""
    apart_s = abs((begun(one) - begun(other)).total_seconds())
    if apart_s > SAME_START_S or not about_equal(one, other) or not _last_alike(one, other, _AS_LONG):
        return False
    if one.lat is not None and one.lon is not None and other.lat is not None and other.lon is not None:
        return distance_between_m(one.lat, one.lon, other.lat, other.lon) <= _SAME_PLACE_M
    both = {each.id for each in near.get(one.id, ())} & {each.id for each in near.get(other.id, ())}
    return any(
        third.id in both and not third.missing and about_equal(third, one) and about_equal(third, other)
        for third in near.get(one.id, ())
    )


def local_as_utc(one: Outline, other: Outline, later_s: float) -> bool:
    """Whether two exports have records that are alike, and the start of one is the other's by the runner's clock.
    `other` starts so much later."""
    if not (_is_offset(later_s, one.utc_offset_s) or _is_offset(-later_s, other.utc_offset_s)):
        return False
    if one.source == other.source or one.zone_assumed or other.zone_assumed or kind(one.sport) != kind(other.sport):
        return False
    if len(one.started_at) == 10 or len(other.started_at) == 10:
        return False
    if not about_equal(one, other, _DISTANCE_BY_POSITIONS):
        return False
    return not (one.lasts_s and other.lasts_s) or _last_alike(one, other, _ABOUT_AS_LONG)


def _is_offset(later_s: float, offset_s: int | None) -> bool:
    return bool(offset_s) and abs(later_s - (offset_s or 0)) <= SAME_START_S


class Start(NamedTuple):
    """The start of a record, and its offset from UTC."""

    source: str
    started_at: str
    utc_offset_s: int | None


def _is_local(one: Start, other: Start) -> bool:
    """Whether `one` has as UTC the local time of `other`."""
    start, other_start = (datetime.fromisoformat(each.started_at[:19]) for each in (one, other))
    return _is_offset((start - other_start).total_seconds(), other.utc_offset_s)


def _last_alike(one: Outline, other: Outline, share: float) -> bool:
    return 0 < share * max(one.lasts_s, other.lasts_s) <= min(one.lasts_s, other.lasts_s)


class WrongClock(NamedTuple):
    """A source whose times are local ones written as UTC, by so many `runs` that `other` has too. `can_be_set`: it has
    the setting `times`."""

    source: str
    other: str
    runs: int
    can_be_set: bool

    @property
    def is_frequent(self) -> bool:
        """Whether that is so again and again, and not by chance."""
        return self.runs >= _AGAIN_AND_AGAIN


def wrong_clocks(pairs: Iterable[tuple[Start, Start]], can_be_set: Set[str]) -> list[WrongClock]:
    """Find the sources whose clock differs from another's by the runner's offset, among `pairs` that may count twice.
    Where either may be wrong (a FIT file can have both times swapped), it is the one whose setting `times` the runner
    can change, a source of `can_be_set`."""
    runs = Counter(
        (one.source, other.source)
        for pair in pairs
        for one, other in (pair, pair[::-1])
        if one.source != other.source and _is_local(one, other)
    )
    best = sorted(runs, key=lambda both: (both[0] not in can_be_set, -runs[both], both))
    found: dict[frozenset[str], WrongClock] = {}
    for both in best:
        found.setdefault(frozenset(both), WrongClock(*both, runs[both], both[0] in can_be_set))
    return list(found.values())
