"""The same run, given to Samsung Health by several apps: kept once. Pure."""

import json
from collections import Counter
from collections.abc import Sequence

from shoemon.duplicates import Outline, find_duplicates
from shoemon.model import Activity, ActivityId, SourceError
from shoemon.sources.distances import ON_FOOT
from shoemon.sources.samsung.exercises import Sight

_OWN = "com.sec.android.app.shealth"
_MOST_A_DAY = 500


def without_copies(sights: Sequence[Sight]) -> list[Sight]:
    """Each run once: as Samsung's own app has it, where it has it. What that leaves open, the copies fill in. Those of
    one app are never copies of each other, as those of one source never are.

    Raises SourceError if a day holds more than anybody does.
    """
    apps = sorted({sight.app for sight in sights}, key=lambda app: (app != _OWN, app))
    if len(apps) < 2:
        return list(sights)
    days = Counter(sight.activity.local_date for sight in sights)
    day, most = max(days.items(), key=lambda item: item[1])
    if most > _MOST_A_DAY:
        raise SourceError(f"the export holds {most:,} exercises of {day}, which no day has room for", retryable=False)
    outlines = [_outline(sight) for sight in sights if sight.activity.sport in ON_FOOT]
    of = find_duplicates(outlines, {app: place for place, app in enumerate(apps)})
    copies: dict[ActivityId, list[Sight]] = {}
    for sight in sights:
        if sight.activity.id in of:
            copies.setdefault(of[sight.activity.id], []).append(sight)
    return [
        sight._replace(activity=_filled(sight.activity, copies[sight.activity.id]))
        if sight.activity.id in copies
        else sight
        for sight in sights
        if sight.activity.id not in of
    ]


def _outline(sight: Sight) -> Outline:
    activity = sight.activity
    return Outline(
        id=activity.id,
        source=sight.app,
        started_at=activity.started_at,
        local_date=activity.local_date,
        sport=activity.sport,
        distance_m=activity.distance_m,
        lasts_s=activity.elapsed_s or activity.moving_s or 0.0,
        missing=False,
    )


def _filled(best: Activity, copies: Sequence[Sight]) -> Activity:
    every = [best, *(copy.activity for copy in copies)]
    placed = next((each for each in every if each.track is not None), best)
    raw = json.loads(best.raw) | {"copies": [copy.app for copy in copies]}
    return best._replace(
        distance_m=next((each.distance_m for each in every if each.distance_m), 0.0),
        elevation_m=next((each.elevation_m for each in every if each.elevation_m is not None), None),
        indoor=next((each.indoor for each in every if each.indoor is not None), None),
        name=next((each.name for each in every if each.name), ""),
        track=placed.track,
        raw=json.dumps(raw, ensure_ascii=False),
    )
