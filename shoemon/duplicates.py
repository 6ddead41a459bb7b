"""The same run from two exports counts once. Pure.

Two records are the same run when they are of the same kind of sport and overlap in time by at least half of the
shorter (one that does not say how long it lasted is a moment in the other); where one of them knows the day only, when
day and distance agree. Records of one source are never duplicates of each other, unless one is missing from its export
now and the other has taken its place (an edited row of a table without ids).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from shoemon.model import ActivityId
from shoemon.sports import RUNS

WINDOW = timedelta(hours=36)
"""No run lasts longer than this, or starts so far from its copy in another export."""
_SAME_DISTANCE = 0.02
"""Share by which the distance of a copy may differ where only the day is known."""


class Outline(NamedTuple):
    """What comparing needs to know of a record.

    `lasts_s`: elapsed seconds, else moving, else 0. `since`: when it was missed if it is missing, else last changed.
    """

    id: ActivityId
    source: str
    started_at: str
    local_date: str
    sport: str
    distance_m: float
    lasts_s: float
    missing: bool
    since: str = ""


def find_duplicates(outlines: Sequence[Outline], order: Mapping[str, int]) -> dict[ActivityId, ActivityId]:
    """Maps each duplicate among `outlines` to the record it copies: that of the source that comes first in `order`.

    Whether a record is a duplicate depends on itself and its neighbours in time only, so looking at a part of the
    history (with `WINDOW` around it) gives what looking at all of it gives.
    """
    ranked = sorted(outlines, key=lambda outline: outline.started_at)
    starts = [_start(outline) for outline in ranked]
    duplicates: dict[ActivityId, ActivityId] = {}
    for index, outline in enumerate(ranked):
        near = _neighbours(index, starts)
        better = [
            ranked[other]
            for other in near
            if _rank(ranked[other], order) < _rank(outline, order) and same_run(outline, ranked[other])
        ]
        if better:
            duplicates[outline.id] = min(better, key=lambda other: _rank(other, order)).id
    return duplicates


def same_run(one: Outline, other: Outline) -> bool:
    """Whether both records are of the same run."""
    if one.source == other.source and one.missing == other.missing:
        return False
    if _kind(one.sport) != _kind(other.sport):
        return False
    if len(one.started_at) == 10 or len(other.started_at) == 10:
        same_day = one.local_date == other.local_date
        return same_day and (_took_its_place(one, other) if one.source == other.source else _about_equal(one, other))
    (start, first), (other_start, second) = sorted(((_start(one), one), (_start(other), other)))
    if start == other_start:
        return True
    left_s = first.lasts_s - (other_start - start).total_seconds()
    return left_s > 0 and min(left_s, second.lasts_s) >= min(first.lasts_s, second.lasts_s) / 2


def _took_its_place(one: Outline, other: Outline) -> bool:
    """Whether the listed one came, or was changed, when the other was missed: twice a day is two runs."""
    gone, listed = (one, other) if one.missing else (other, one)
    return listed.since >= gone.since


def _about_equal(one: Outline, other: Outline) -> bool:
    return abs(one.distance_m - other.distance_m) <= _SAME_DISTANCE * max(one.distance_m, other.distance_m)


def _kind(sport: str) -> str:
    return "run" if sport in RUNS else sport


def _rank(outline: Outline, order: Mapping[str, int]) -> tuple[bool, int, str, str]:
    return (outline.missing, order.get(outline.source, len(order)), outline.started_at, outline.id)


def _start(outline: Outline) -> datetime:
    return datetime.fromisoformat(outline.started_at[:19])


def _neighbours(index: int, starts: Sequence[datetime]) -> list[int]:
    found = []
    for step in (-1, 1):
        other = index + step
        while 0 <= other < len(starts) and abs(starts[other] - starts[index]) <= WINDOW:
            found.append(other)
            other += step
    return found
