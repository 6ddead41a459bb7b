"""The same run, written to Health by several apps: kept once, with what its copies know beside. Pure."""

from collections.abc import Iterable, Sequence
from math import log

from shoemon.decide.same_run.compare import outline_of
from shoemon.decide.same_run.duplicates import Outline, find_duplicates
from shoemon.model.ids import ActivityId
from shoemon.sources.apple_health.records import Candidate
from shoemon.sources.kit.apps import filled_in, refuse_crowded_days

MOST_A_DAY = 200
_LONGER = 1.25
"""Records whose spans differ by about a quarter and more are not equally good: the shorter one broke off."""


def without_copies(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The best record of each run, in order of time: one that did not break off, that has a route, that says whether it
    was indoors, that a watch wrote. What it leaves open (distance, indoors, climb, route), its copies fill in.

    Raises SourceError if a day holds more than anybody does.
    """
    ranked = sorted(candidates, key=_rank)
    refuse_crowded_days((candidate.activity for candidate in ranked), MOST_A_DAY, "holds")
    # To the rules of duplicates, each record is a source of its own, and the better comes first.
    names = [str(index) for index in range(len(ranked))]
    order = {name: index for index, name in enumerate(names)}
    of = find_duplicates([_outline(*pair) for pair in zip(ranked, names, strict=True)], order).of
    groups: dict[str, list[Candidate]] = {}
    for candidate, name in zip(ranked, names, strict=True):
        groups.setdefault(of.get(ActivityId(name), name), []).append(candidate)
    kept = [_merged(group) for group in groups.values()]
    return sorted(kept, key=lambda candidate: (candidate.activity.started_at, candidate.activity.sport))


def _rank(candidate: Candidate) -> tuple[object, ...]:
    activity = candidate.activity
    span = -round(log(max(candidate.lasts_s, 1.0), _LONGER))
    is_poor = (activity.track is None, activity.indoor is None, not candidate.is_of_watch, not activity.distance_m)
    return (span, *is_poor, activity.started_at, candidate.app, activity.raw)


def _outline(candidate: Candidate, name: str) -> Outline:
    outline = outline_of(candidate.activity)
    return outline._replace(id=ActivityId(name), source=name, lasts_s=candidate.lasts_s)


def _merged(group: Sequence[Candidate]) -> Candidate:
    best, *copies = group
    if not copies:
        return best
    filled = filled_in(best.activity, [copy.activity for copy in copies], [copy.app for copy in copies])
    return best._replace(activity=filled)
