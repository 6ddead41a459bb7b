"""Find the records of the same run in several exports, so that it counts once. Pure.

Two records are the same run when they have the same kind of sport, or one an unknown one and no more metres than a run,
and overlap in time by at least half of the shorter, unless the distance of the longer is too short for both. Where one
has no duration, it starts within the other, or with it and has the same distance; where one has the day only, day and
distance agree; where one has a clock without its zone, the clocks agree except for a difference of zones, the distances
agree, and neither has a better partner. A record that is missing from its export is the same run as the one of that
source that replaced it (an edited row of a table without ids), even if that one is missing by now too. Two records that
one source lists are one run where nothing leaves a doubt; else the runner decides (see `doubts`). The runner's
corrections come before all of this.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from shoemon.decide.same_run.clock_shift import has_better, match_clocks, zones_apart_s
from shoemon.decide.same_run.compare import (
    SAME_START_S,
    Outline,
    Rank,
    RecordPair,
    about_equal,
    begun,
    kind,
    overlap,
    rank,
)
from shoemon.decide.same_run.doubts import listed_twice, local_as_utc, surely_one
from shoemon.model.ids import ActivityId
from shoemon.model.plan import Correction
from shoemon.model.sports import UNKNOWN_SPORT

__all__ = [
    "WINDOW", "Duplicates", "Outline", "StatedCopies", "find_duplicates", "rank", "same_run", "stated_copies",
]  # fmt: skip

WINDOW = timedelta(hours=36)
"""No run lasts longer than this, or starts so far from its copy in another export."""
_WINDOW_S = WINDOW.total_seconds()
_MORE = 1.15
"""Another device may measure so much more on the same way."""
_LONGER = 2.0
"""Where times differ by more, the distances must fit too."""
_CUT = 1.5
"""A record that is twice as long in time, and so much in distance, continues where the other was cut off."""
_NONE = ActivityId("none")
_MOST_NEAR = 200
"""No runner has so many records within a window; a table with the same day in every row has, and would never end."""


class StatedCopies(NamedTuple):
    """The runner's corrections: records that are the same run as another, records that are no copy and have none, and
    records whose run is corrected."""

    joined: Mapping[ActivityId, ActivityId] = {}
    apart: frozenset[ActivityId] = frozenset()
    corrected: frozenset[ActivityId] = frozenset()


class Duplicates(NamedTuple):
    """The duplicates, each with the record it copies, the better copies first; and records that count and may be the
    same run as a better one that counts, which is for the runner to decide."""

    of: dict[ActivityId, ActivityId]
    in_doubt: dict[ActivityId, ActivityId]


def stated_copies(corrections: Iterable[Correction]) -> StatedCopies:
    """Return what `corrections` state about duplicates."""
    corrections = list(corrections)
    stated = {each.run: each.duplicate_of for each in corrections if each.duplicate_of is not None}
    joined = {run: other for run, other in stated.items() if other != _NONE}
    corrected = frozenset(each.run for each in corrections if each.is_of_run)
    return StatedCopies(joined, frozenset(run for run, other in stated.items() if other == _NONE), corrected)


def find_duplicates(
    outlines: Sequence[Outline],
    order: Mapping[str, int],
    stated: StatedCopies = StatedCopies(),  # noqa: B008 - it cannot be changed
) -> Duplicates:
    """Find the duplicates among `outlines`; a record copies that of the source that comes first in `order`. A record
    that is the same run as none that counts counts itself, so that no distance is lost; and no record copies a copy."""
    named = {*stated.joined.keys(), *stated.joined.values()}
    linked = {outline.id: outline for outline in outlines if outline.id in named} if named else {}
    joined = {run: other for run, other in stated.joined.items() if run in linked and other in linked}
    links = [link for link in _links(outlines) if stated.apart.isdisjoint((link.one.id, link.other.id))]
    linked |= {each.id: each for link in links for each in (link.one, link.other)}
    near: dict[ActivityId, list[Outline]] = {}
    for one, other, shift_s, in_doubt in links:
        if shift_s is None and not in_doubt:
            near.setdefault(one.id, []).append(other)
            near.setdefault(other.id, []).append(one)
    doubts = [link for link in links if link.in_doubt]
    twice = [link for link in doubts if link.one.source == link.other.source and surely_one(link.one, link.other, near)]
    for one, other, *_ in twice:
        near.setdefault(one.id, []).append(other)
        near.setdefault(other.id, []).append(one)
    ranks = {id: rank(each, order, is_cut=broke_off(each, near.get(id, ()))) for id, each in linked.items()}
    for id in stated.corrected & near.keys():
        ranks |= {part.id: (True, True, *ranks[part.id][2:]) for part in _parts(linked[id], near[id])}
    of, capacity = dict(joined), Capacity()
    for id in sorted(near.keys() - joined.keys(), key=ranks.__getitem__):
        outline, others = linked[id], sorted(near[id], key=lambda other: ranks[other.id])
        # The copies of a record that the runner joins to another are copies of that one too.
        joining = (other.id for other in others if other.id in joined and _first(other.id, of) != id)
        better = (other for other in others if ranks[other.id] < ranks[id] and other.id not in of)
        kept = next(joining, None) or next((other.id for other in better if capacity.accepts(other, outline)), None)
        if kept is not None:
            of[id] = kept
    clocks = [link for link in links if link.shift_s is not None and not has_better(link, near)]
    match_clocks(clocks, of, ranks)
    found = {id: _first(id, of) for id in sorted(of, key=ranks.__getitem__)}
    # Of one account, a record that is near is a third one: no better copy. Nor is another run of that time.
    doubts = [link for link in doubts if link.one.source == link.other.source or not has_better(link, near, alike=True)]
    return Duplicates(found, _in_doubt(doubts, found, ranks))


def _parts(whole: Outline, others: Iterable[Outline]) -> Iterator[Outline]:
    """Yield those of `others` into which another export cut a run. They rank behind the record of all of it that a
    correction names, so that this one holds for all of them."""
    by_source: dict[str, list[Outline]] = {}
    for other in others:
        by_source.setdefault(other.source, []).append(other)
    for source, found in by_source.items():
        if source != whole.source and any(not overlap(found[0], other) for other in found):
            yield from found


def _in_doubt(
    doubts: Iterable[RecordPair], of: Mapping[ActivityId, ActivityId], ranks: Mapping[ActivityId, Rank]
) -> dict[ActivityId, ActivityId]:
    """Name for each record that counts the best other one that may be the same run, if both count."""
    found: dict[ActivityId, ActivityId] = {}
    for one, other, *_ in doubts:
        better, worse = sorted((of.get(one.id, one.id), of.get(other.id, other.id)), key=ranks.__getitem__)
        if better != worse:
            found[worse] = min(found.get(worse, better), better, key=ranks.__getitem__)
    return found


def _first(id: ActivityId, of: Mapping[ActivityId, ActivityId]) -> ActivityId:
    seen = {id}
    while (further := of.get(id)) is not None and further not in seen:
        seen.add(further)
        id = further
    return id


def _links(outlines: Sequence[Outline]) -> Iterator[RecordPair]:
    """Yield every pair that could be one run, the earlier record first."""
    ranked = sorted(((begun(outline), outline) for outline in outlines), key=lambda item: (item[0], item[1].id))
    for index, (start, outline) in enumerate(ranked):
        for other_index in range(index + 1, min(index + 1 + _MOST_NEAR, len(ranked))):
            other_start, other = ranked[other_index]
            later_s = (other_start - start).total_seconds()
            if later_s > _WINDOW_S:
                break
            if _are_apart(outline, other):
                is_near = later_s <= max(outline.lasts_s, SAME_START_S)
                if is_near and listed_twice(outline, other) and not _too_long(outline, other):
                    yield RecordPair(outline, other, None, in_doubt=True)
            elif same_run(outline, other):
                yield RecordPair(outline, other, None)
            elif (shift_s := zones_apart_s(outline, other)) is not None:
                yield RecordPair(outline, other, shift_s)
            elif local_as_utc(outline, other, later_s):
                yield RecordPair(outline, other, None, in_doubt=True)


def same_run(one: Outline, other: Outline) -> bool:
    """Whether both records are of the same run, by their times as they are stored."""
    if _are_apart(one, other):
        return False
    if kind(one.sport) != kind(other.sport) and not _is_run_of(one, other) and not _is_run_of(other, one):
        return False
    if len(one.started_at) == 10 or len(other.started_at) == 10:
        same_day = one.local_date == other.local_date
        return same_day and (_replaced(one, other) if one.source == other.source else about_equal(one, other))
    return overlap(one, other)


def _is_run_of(run: Outline, other: Outline) -> bool:
    """Whether a record of an unknown sport has no metres beside those of a run."""
    return kind(run.sport) == "run" and other.sport == UNKNOWN_SPORT and other.distance_m <= _MORE * run.distance_m


def _are_apart(one: Outline, other: Outline) -> bool:
    """Whether one export lists both of them, or did so to the end: these are two runs, whatever their times."""
    if one.source != other.source or one.missing != other.missing:
        return False
    return not one.missing or one.since == other.since


def _too_long(one: Outline, other: Outline) -> bool:
    """Whether one of them was not stopped, and measured too little to have the other in it."""
    short, long = sorted((one, other), key=lambda each: each.lasts_s)
    return 0 < _LONGER * short.lasts_s < long.lasts_s and short.distance_m > _MORE * long.distance_m


def _replaced(one: Outline, other: Outline) -> bool:
    """Whether the listed one came, or was changed, when the other went missing: twice a day is two runs."""
    if one.missing and other.missing:
        return False
    gone, listed = (one, other) if one.missing else (other, one)
    return listed.since >= gone.since


def broke_off(outline: Outline, others: Iterable[Outline]) -> bool:
    """Whether `outline` is only a part of the run, by one of `others`, its records in other exports."""
    return any(
        other.source != outline.source
        and not other.missing
        and 0 < _LONGER * outline.lasts_s <= other.lasts_s
        and 0 < _CUT * outline.distance_m <= other.distance_m
        for other in others
    )


class Capacity:
    """The copies of records that count, by source.

    A recording that was not stopped overlaps later runs that are no part of it; one whose battery was empty overlaps
    the whole run of which it has the beginning.
    """

    def __init__(self) -> None:
        self._copies: dict[tuple[str, str], list[Outline]] = {}

    def accepts(self, kept: Outline, copy: Outline) -> bool:
        """Whether `kept` can be the run of `copy`, beside its other copies; if so, add it to them.

        A record that is missing from its export, or of the same one, was replaced and always fits; so do parts that
        fill at least half of the time of `kept`, whatever they measured.
        """
        if copy.source == kept.source or copy.missing or not kept.distance_m:
            return True
        copies = self._copies.setdefault((kept.id, copy.source), [])
        beside = [other for other in copies if not overlap(other, copy)]
        together_m = sum(other.distance_m for other in (*beside, copy))
        together_s = sum(other.lasts_s for other in (*beside, copy))
        if copy.lasts_s and _LONGER * together_s < kept.lasts_s and together_m > _MORE * kept.distance_m:
            return False
        copies.append(copy)
        return True
