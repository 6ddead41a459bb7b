"""Runs that several apps wrote into one store of health data. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shoemon.model.activity import Activity
from shoemon.model.errors import SourceError


class AppRecord(NamedTuple):
    """An activity, and the device or app that wrote it."""

    activity: Activity
    app: str
    place: str = ""
    is_of_watch: bool = False


def filled_in(group: Sequence[AppRecord]) -> AppRecord:
    """Return the first record of a run with what it lacks (distance, climb, indoors, name, route) from the first of its
    copies that has it. The apps that wrote the copies are stored in `raw`."""
    best, every = group[0], [record.activity for record in group]
    if len(group) == 1:
        return best
    raw = json.loads(best.activity.raw) | {"copies": [copy.app for copy in group[1:]]}
    whole = best.activity._replace(
        distance_m=next((each.distance_m for each in every if each.distance_m), 0.0),
        elevation_m=next((each.elevation_m for each in every if each.elevation_m is not None), None),
        indoor=next((each.indoor for each in every if each.indoor is not None), None),
        name=next((each.name for each in every if each.name), ""),
        track=next((each.track for each in every if each.track is not None), None),
        raw=json.dumps(raw, ensure_ascii=False),
    )
    return best._replace(activity=whole)


def refuse_crowded_days(activities: Iterable[Activity], most: int, begin: str) -> None:
    """Raise SourceError, which starts with `begin`, if a day has more than `most`, too many to compare."""
    days = Counter(activity.local_date for activity in activities)
    day, count = max(days.items(), key=lambda item: item[1], default=("", 0))
    if count > most:
        raise SourceError(f"{begin} {count:,} workouts on {day}, more than fit into a day", retryable=False)
