"""Make the activities of a workout: one, or a run for each leg on foot of a triathlon."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from math import log
from typing import Any
from zoneinfo import ZoneInfo

from shoemon.decide.same_run.compare import outline_of
from shoemon.decide.same_run.duplicates import find_duplicates
from shoemon.model.ids import ActivityId
from shoemon.model.sports import RUNS, UNKNOWN_SPORT, sport_of
from shoemon.sources.apple_health import workouts
from shoemon.sources.apple_health.workouts import Workout, WorkoutPart
from shoemon.sources.kit.activities import Moment, make_activity, moment_local, moment_utc, moment_with_offset
from shoemon.sources.kit.apps import AppRecord, filled_in, refuse_crowded_days
from shoemon.sources.kit.fields import needed_text_at, text_at

MOST_A_DAY = 200
_LONGER = 1.25
"""Records whose durations differ by about a quarter and more are not equally good: the shorter one broke off."""
_SEVERAL_SPORTS = "HKWorkoutActivityTypeSwimBikeRun"
_NOT_ON_FOOT = ("DistanceCycling", "DistanceSwimming")
_SHORTEST_LEG_M = 1000.0
"""A shorter part on foot in a triathlon is the way from one sport to the next: an export does not name the parts."""
_MOST_KEPT = 64
_IN_MEMORY = re.compile(r"HKDevice: 0x[0-9a-f]+, ")
"""An address in the phone's memory, another in every export."""
FindRoute = Callable[[str], str | None]
"""Returns the path inside the export of the route that a workout names, if it is there."""


def app_of(workout: Workout) -> str:
    """Return the device or app that wrote it, with plain blanks (exports have `Apple Watch` with a no-break space)."""
    attributes = workout.whole.attributes
    return " ".join((attributes.get("sourceName") or attributes.get("source") or "").split())


class WorkoutReader:
    """Makes activities of workouts. `zone` is the runner's, for times without an offset."""

    def __init__(self, source: str, zone: ZoneInfo, find_route: FindRoute) -> None:
        self._source, self._zone, self._find_route = source, zone, find_route

    def read(self, workout: Workout) -> Iterator[AppRecord]:
        """Yield the activities of `workout`. Raises ValueError for what cannot be read."""
        sport_raw = needed_text_at(workout.whole.attributes, "workoutActivityType")
        legs = _legs(workout) if sport_raw == _SEVERAL_SPORTS else []
        for leg in legs:
            # It has no route: that of the triathlon leads along its other sports too.
            yield self._record(Workout(leg, [], []), workout, sport_raw, "run")
        if not legs:
            yield self._record(workout, workout, sport_raw, sport_of(sport_raw))

    def _record(self, own: Workout, outer: Workout, sport_raw: str, sport: str) -> AppRecord:
        """Make the record of `own`; `outer` is the workout that contains it, and names the app."""
        start = workouts.moment_at(own.whole.attributes, "startDate")
        end = workouts.moment_at(own.whole.attributes, "endDate") if "endDate" in own.whole.attributes else start
        zone = workouts.zone_of(own.whole) or workouts.zone_of(outer.whole)
        begun, ended = (time if time.tzinfo else time.replace(tzinfo=zone or self._zone) for time in (start, end))
        activity = make_activity(
            self._source,
            # A run and a ride may have the same times. Names of apps change with watch and language.
            "-".join((_compact(start, zone), _compact(end, zone), *([] if sport in RUNS else [sport]))),
            self._moment(start, zone),
            sport_raw,
            workouts.distance_m(own, sport) or 0.0,
            _raw(own, outer),
            sport=sport,
            name=text_at(own.whole.metadata, "HKWorkoutBrandName"),
            moving_s=workouts.duration_s(own.whole),
            elapsed_s=(ended - begun).total_seconds() or None,
            elevation_m=workouts.climbed_m(own),
            indoor=workouts.indoors(own),
            device=app_of(outer),
            track=next(filter(None, map(self._find_route, own.routes)), None),
        )
        app, device = app_of(outer), outer.whole.attributes.get("device", "")
        return AppRecord(activity, app, is_of_watch="Watch" in app or "Watch" in device)

    def _moment(self, start: dt.datetime, zone: ZoneInfo | None) -> Moment:
        if start.tzinfo is None:
            return moment_local(start, zone or self._zone, zone_assumed=zone is None)
        return moment_utc(start, zone) if zone is not None else moment_with_offset(start)


def _legs(triathlon: Workout) -> list[WorkoutPart]:
    """Return the parts that were run; if no part has a distance on foot, the whole for its distance on foot."""
    on_foot = [part for part in triathlon.activities if not any(kind in part.statistics for kind in _NOT_ON_FOOT)]
    parts = on_foot if any(workouts.DISTANCE_ON_FOOT in part.statistics for part in on_foot) else [triathlon.whole]
    return [part for part in parts if (workouts.sum_m(part, workouts.DISTANCE_ON_FOOT) or 0.0) >= _SHORTEST_LEG_M]


def _compact(time: dt.datetime, zone: ZoneInfo | None) -> str:
    """Return `time` in UTC; without a zone local time, as the runner may correct his own zone."""
    if time.tzinfo is None and zone is None:
        return f"{time:%Y%m%dT%H%M%S}"
    return f"{(time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _raw(own: Workout, outer: Workout) -> dict[str, Any]:
    """Return the fields of the export without those about the heart, which pages about shoes need not show."""
    sums = {
        kind: f"{each['sum']} {each.get('unit', '')}" for kind, each in own.whole.statistics.items() if "sum" in each
    }
    fields: dict[str, Any] = {
        **outer.whole.attributes,
        **own.whole.attributes,
        "metadata": dict(islice(own.whole.metadata.items(), _MOST_KEPT)),
        "statistics": dict(islice(sums.items(), _MOST_KEPT)),
        "routes": own.routes,
        "activities": len(own.activities),
    }
    if "device" in fields:
        fields["device"] = _IN_MEMORY.sub("", fields["device"])
    return {key: value for key, value in fields.items() if value}


def without_copies(records: Iterable[AppRecord]) -> list[AppRecord]:
    """Return the best record of each run, in order of time: one that did not break off, has a route, has indoors set,
    and is of a watch. What it lacks (distance, indoors, climb, route) comes from its copies. Raises SourceError if a
    day has too many."""
    ranked = sorted(records, key=_rank)
    refuse_crowded_days((record.activity for record in ranked), MOST_A_DAY, "contains")
    # To find_duplicates each record is its own source, the better ones first.
    names = [str(index) for index in range(len(ranked))]
    order = {name: index for index, name in enumerate(names)}
    outlines = [
        outline_of(record.activity)._replace(id=ActivityId(name), source=name)
        for record, name in zip(ranked, names, strict=True)
    ]
    of = find_duplicates(outlines, order).of
    groups: dict[str, list[AppRecord]] = {}
    for record, name in zip(ranked, names, strict=True):
        groups.setdefault(of.get(ActivityId(name), name), []).append(record)
    kept = map(filled_in, groups.values())
    return sorted(kept, key=lambda record: (record.activity.started_at, record.activity.sport))


def _rank(record: AppRecord) -> tuple[object, ...]:
    activity = record.activity
    span = -round(log(max(activity.elapsed_s or activity.moving_s or 0.0, 1.0), _LONGER))
    is_poor = (activity.track is None, activity.indoor is None, not record.is_of_watch, not activity.distance_m)
    return (activity.sport == UNKNOWN_SPORT, span, *is_poor, activity.started_at, record.app, activity.raw)
