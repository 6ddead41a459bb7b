"""The same run, written to Health by several apps: kept once, with what its copies know beside. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from math import log

from shoemon.duplicates import Outline, find_duplicates
from shoemon.model import ActivityId, SourceError
from shoemon.sources.apple_health.records import Candidate

MOST_A_DAY = 200
_LONGER = 1.25
"""Records whose spans differ by about a quarter and more are not equally good: the shorter one broke off."""


def without_copies(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The best record of each run, in order of time: one that did not break off, that has a route, that says whether it
    was indoors, that a watch wrote. What it leaves open (distance, indoors, climb, route), its copies fill in.

    Raises SourceError if a day holds more than anybody does.
    """
    ranked = sorted(candidates, key=_rank)
    days = Counter(candidate.activity.local_date for candidate in ranked)
    day, most = max(days.items(), key=lambda item: item[1], default=("", 0))
    if most > MOST_A_DAY:
        raise SourceError(f"holds {most:,} workouts of {day}, which no day has room for", retryable=False)
    # To the rules of duplicates, each record is a source of its own, and the better comes first.
    names = [str(index) for index in range(len(ranked))]
    order = {name: index for index, name in enumerate(names)}
    of = find_duplicates([_outline(*pair) for pair in zip(ranked, names, strict=True)], order)
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
    activity = candidate.activity
    return Outline(
        id=ActivityId(name),
        source=name,
        started_at=activity.started_at,
        local_date=activity.local_date,
        sport=activity.sport,
        distance_m=activity.distance_m,
        lasts_s=candidate.lasts_s,
        missing=False,
    )


def _merged(group: Sequence[Candidate]) -> Candidate:
    best, *copies = group
    if not copies:
        return best
    activities = [candidate.activity for candidate in group]
    raw = json.loads(best.activity.raw) | {"copies": [candidate.app for candidate in copies]}
    activity = best.activity._replace(
        distance_m=next((each.distance_m for each in activities if each.distance_m), 0.0),
        elevation_m=next((each.elevation_m for each in activities if each.elevation_m is not None), None),
        indoor=next((each.indoor for each in activities if each.indoor is not None), None),
        track=next((each.track for each in activities if each.track is not None), None),
        raw=json.dumps(raw, ensure_ascii=False),
    )
    return best._replace(activity=activity)
