"""One run that several apps wrote into one store of health data: what is kept of it, and of how many. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from shoemon.model.activity import Activity
from shoemon.model.errors import SourceError


def filled_in(best: Activity, copies: Sequence[Activity], apps: Sequence[str]) -> Activity:
    """`best` with what it leaves open (distance, climb, indoors, name, route) and `copies` know, the first first.
    `apps` are those that wrote the copies; they are kept in `raw`."""
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
    """Raises SourceError, whose message begins with `begin`, if a day holds more than `most`: comparing them with each
    other would take hours."""
    days = Counter(activity.local_date for activity in activities)
    day, count = max(days.items(), key=lambda item: item[1], default=("", 0))
    if count > most:
        raise SourceError(f"{begin} {count:,} workouts of {day}, which no day has room for", retryable=False)
