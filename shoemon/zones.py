"""Matches records of one run where an export gives the clock without its zone: they are apart by whole hours. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from shoemon.model import ActivityId
from shoemon.outlines import Link, Outline, Rank, about_equal, begun, kind

_SAME_CLOCK_S = 60.0
_ZONE_STEP_S = 900.0
"""Zones differ by whole quarters of an hour."""
_FURTHEST_ZONE_S = 14 * 3600.0


def match_clocks(
    links: Iterable[Link],
    near: Mapping[ActivityId, Sequence[Outline]],
    of: dict[ActivityId, ActivityId],
    ranks: Mapping[ActivityId, Rank],
) -> None:
    """Adds to `of` records that count so far, and whose clocks agree with another's but for their zones.

    Two runs a day, or one at the same hour each day, look alike then. So what has a copy in the other's export that
    overlaps is left out, a record is matched once with an export, and among those linked the shift that fits most of
    them is right, or else the smallest.
    """
    fitting = [
        link
        for link in links
        if link.one.id not in of
        and link.other.id not in of
        and not _has_of(link.one, link.other.source, near)
        and not _has_of(link.other, link.one.source, near)
    ]
    matched: set[tuple[ActivityId, str]] = set()
    for group in _groups(fitting):
        times = Counter(link.shift_s for link in group)
        group.sort(
            key=lambda link: (-times[link.shift_s], abs(link.shift_s or 0), ranks[link.one.id], ranks[link.other.id])
        )
        for one, other, _ in group:
            if matched.isdisjoint({(one.id, other.source), (other.id, one.source)}):
                matched |= {(one.id, other.source), (other.id, one.source)}
                better, worse = sorted((one.id, other.id), key=ranks.__getitem__)
                of.setdefault(worse, better)


def _groups(links: Iterable[Link]) -> Iterable[list[Link]]:
    """`links` in groups of those that hang together, one by the other."""
    groups: list[tuple[set[ActivityId], list[Link]]] = []
    for link in links:
        ids, group = {link.one.id, link.other.id}, [link]
        apart = []
        for other_ids, others in groups:
            if ids.isdisjoint(other_ids):
                apart.append((other_ids, others))
            else:
                ids, group = ids | other_ids, group + others
        groups = [*apart, (ids, group)]
    return [group for _, group in groups]


def _has_of(outline: Outline, source: str, near: Mapping[ActivityId, Sequence[Outline]]) -> bool:
    return any(other.source == source for other in near.get(outline.id, ()))


def zones_apart_s(one: Outline, other: Outline) -> float | None:
    """By how many seconds, in whole quarters of an hour, the assumed zone of one of them is wrong, if both are one run;
    None if they are not.

    Where the other has an offset that is not the runner's usual one, it is its own: the clocks on the wrist must agree.
    """
    if one.source == other.source or not (one.zone_assumed or other.zone_assumed):
        return None
    if len(one.started_at) == 10 or len(other.started_at) == 10 or kind(one.sport) != kind(other.sport):
        return None
    is_as_long = min(one.lasts_s, other.lasts_s) >= max(one.lasts_s, other.lasts_s) / 2
    if not about_equal(one, other) or (one.lasts_s and other.lasts_s and not is_as_long):
        return None
    if not one.zone_assumed:
        one, other = other, one
    apart_s = (begun(other) - begun(one)).total_seconds()
    shift_s = round(apart_s / _ZONE_STEP_S) * _ZONE_STEP_S
    if not other.zone_assumed and one.utc_offset_s != other.utc_offset_s:
        clocks_s = apart_s + (other.utc_offset_s or 0) - (one.utc_offset_s or 0)
        return shift_s if abs(clocks_s) <= _SAME_CLOCK_S else None
    return shift_s if abs(shift_s) <= _FURTHEST_ZONE_S and abs(apart_s - shift_s) <= _SAME_CLOCK_S else None
