"""Match records of one run where an export gives the clock without its zone: they are apart by whole hours. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from shoemon.decide.same_run.compare import Outline, Rank, RecordPair, about_equal, begun, kind
from shoemon.model.ids import ActivityId

_SAME_CLOCK_S = 30.0
_AS_LONG, _AS_FAR = 0.8, 0.99
"""Shares by which times and distances must agree, where only a clock links two records."""
_ZONE_STEP_S = 900.0
"""Zones differ by whole quarters of an hour."""
_FURTHEST_ZONE_S = 14 * 3600.0


def match_clocks(
    links: Sequence[RecordPair], of: dict[ActivityId, ActivityId], ranks: Mapping[ActivityId, Rank]
) -> None:
    """Add to `of` records that count so far, and whose clocks agree with another's except for their zones.

    Two runs a day, or one at the same hour each day, look alike then. So links that `has_better` must be left out
    before, a record is matched once with an export, and in a linked group the shift that fits most links is right, or
    else the smallest.
    """
    fitting = [link for link in links if link.one.id not in of and link.other.id not in of]
    matched: set[tuple[ActivityId, str]] = set()
    for group in _groups(fitting):
        times = Counter(link.shift_s for link in group)
        group.sort(
            key=lambda link: (-times[link.shift_s], abs(link.shift_s or 0), ranks[link.one.id], ranks[link.other.id])
        )
        for one, other, *_ in group:
            if matched.isdisjoint({(one.id, other.source), (other.id, one.source)}):
                matched |= {(one.id, other.source), (other.id, one.source)}
                better, worse = sorted((one.id, other.id), key=ranks.__getitem__)
                of.setdefault(worse, better)


def _groups(links: Sequence[RecordPair]) -> Iterable[list[RecordPair]]:
    """Return `links` in groups of connected ones."""
    above: dict[ActivityId, ActivityId] = {}

    def top(id: ActivityId) -> ActivityId:
        while (higher := above.get(id, id)) != id:
            above[id] = above.get(higher, higher)
            id = above[id]
        return id

    for link in links:
        above[top(link.one.id)] = top(link.other.id)
    groups: dict[ActivityId, list[RecordPair]] = {}
    for link in links:
        groups.setdefault(top(link.one.id), []).append(link)
    return groups.values()


def has_better(link: RecordPair, near: Mapping[ActivityId, Sequence[Outline]], *, alike: bool = False) -> bool:
    """Whether one of both has a copy in the other's export by its times; `near` has those of each record. `alike`: the
    distances have to agree too."""
    return any(
        each.source == there.source and (not alike or about_equal(each, here))
        for here, there in ((link.one, link.other), (link.other, link.one))
        for each in near.get(here.id, ())
    )


def zones_apart_s(one: Outline, other: Outline) -> float | None:
    """Return by how many seconds, in whole quarters of an hour, the assumed zone of one of them is wrong, if both are
    one run; None if they are not.

    Where the other has another offset than the runner's usual one, it is its own: the clocks on the wrist must agree.
    """
    if one.source == other.source or not (one.zone_assumed or other.zone_assumed):
        return None
    if len(one.started_at) == 10 or len(other.started_at) == 10 or kind(one.sport) != kind(other.sport):
        return None
    (short_s, long_s), (near_m, far_m) = (
        sorted((one.lasts_s, other.lasts_s)), sorted((one.distance_m, other.distance_m)),
    )  # fmt: skip
    if near_m < _AS_FAR * far_m or (short_s and short_s < _AS_LONG * long_s):
        return None
    if not one.zone_assumed:
        one, other = other, one
    apart_s = (begun(other) - begun(one)).total_seconds()
    shift_s = round(apart_s / _ZONE_STEP_S) * _ZONE_STEP_S
    if not other.zone_assumed and one.utc_offset_s != other.utc_offset_s:
        clocks_s = apart_s + (other.utc_offset_s or 0) - (one.utc_offset_s or 0)
        return shift_s if abs(clocks_s) <= _SAME_CLOCK_S else None
    return shift_s if abs(shift_s) <= _FURTHEST_ZONE_S and abs(apart_s - shift_s) <= _SAME_CLOCK_S else None
