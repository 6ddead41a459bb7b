"""Runs that several apps wrote into one store of health data. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from shoemon.model.activity import Activity
from shoemon.model.errors import SourceError


def filled_in(best: Activity, copies: Sequence[Activity], apps: Sequence[str]) -> Activity:
    """Return `best` with what it lacks (distance, climb, indoors, name, route) from the first of `copies` that has it.
    `apps`, which wrote the copies, are stored in `raw`."""
    every = (best, *copies)
    return best._replace(
        distance_m=next((each.distance_m for each in every if each.distance_m), 0.0),
        elevation_m=next((each.elevation_m for each in every if each.elevation_m is not None), None),
        indoor=next((each.indoor for each in every if each.indoor is not None), None),
        name=next((each.name for each in every if each.name), ""),
        track=next((each.track for each in every if each.track is not None), None),
        raw=json.dumps(json.loads(best.raw) | {"copies": list(apps)}, ensure_ascii=False),
    )


def refuse_crowded_days(activities: Iterable[Activity], most: int, begin: str) -> None:
    """Raise SourceError, which starts with `begin`, if a day has more than `most`, too many to compare."""
    days = Counter(activity.local_date for activity in activities)
    day, count = max(days.items(), key=lambda item: item[1], default=("", 0))
    if count > most:
        raise SourceError(f"{begin} {count:,} workouts on {day}, more than fit into a day", retryable=False)
