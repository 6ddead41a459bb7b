"""From a workout to the activities it is: one, or a run for each leg on foot of a triathlon."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from math import log
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shoemon.decide.same_run.compare import outline_of
from shoemon.decide.same_run.duplicates import Outline, find_duplicates
from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId
from shoemon.model.sports import RUNS, sport_of
from shoemon.sources.apple_health.figures import (
    DISTANCE_ON_FOOT,
    climbed_m,
    distance_m,
    duration_s,
    indoors,
    sum_m,
    time_at,
    zone_of,
)
from shoemon.sources.apple_health.workouts import Part, Workout
from shoemon.sources.kit.activities import Moment, make_activity, moment_local, moment_utc, moment_with_offset
from shoemon.sources.kit.apps import filled_in, refuse_crowded_days
from shoemon.sources.kit.distances import ON_FOOT
from shoemon.sources.kit.fields import needed_text_at, text_at

MOST_A_DAY = 200
_LONGER = 1.25
"""Records whose spans differ by about a quarter and more are not equally good: the shorter one broke off."""
_SEVERAL_SPORTS = "HKWorkoutActivityTypeSwimBikeRun"
_NOT_ON_FOOT = ("DistanceCycling", "DistanceSwimming")
_SHORTEST_LEG_M = 1000.0
"""What is shorter on foot in a triathlon is the way from one sport to the next: an export does not name its parts."""
_MOST_KEPT = 64
_IN_MEMORY = re.compile(r"HKDevice: 0x[0-9a-f]+, ")
"""Where the phone had it in memory when it wrote the export: another time it is elsewhere."""
FindRoute = Callable[[str], str | None]
"""The path inside the export of the route that a workout names, if it is there."""


class Candidate(NamedTuple):
    """An activity, and what tells whether it is better than another of the same run."""

    activity: Activity
    app: str
    """Which device or app wrote it, as Health shows it."""
    is_of_watch: bool

    @property
    def lasts_s(self) -> float:
        """How long it took, pauses and all; 0 where nothing tells."""
        return self.activity.elapsed_s or self.activity.moving_s or 0.0

    @property
    def lacks_distance(self) -> bool:
        """Whether nobody says how far it went on foot: apps write 0 where they do not know."""
        return not self.activity.distance_m and self.activity.sport in ON_FOOT


def app_of(workout: Workout) -> str:
    """Which device or app wrote it, with plain blanks (`Apple Watch` has one in exports that does not break)."""
    attributes = workout.whole.attributes
    return " ".join((attributes.get("sourceName") or attributes.get("source") or "").split())


class CandidateReader:
    """Makes activities of workouts. `zone` is the runner's, for times that lack an offset."""

    def __init__(self, source: str, zone: ZoneInfo, find_route: FindRoute) -> None:
        self._source, self._zone, self._find_route = source, zone, find_route

    def read(self, workout: Workout) -> Iterator[Candidate]:
        """The activities of `workout`. Raises ValueError in words for what cannot be understood."""
        sport_raw = needed_text_at(workout.whole.attributes, "workoutActivityType")
        legs = _legs(workout) if sport_raw == _SEVERAL_SPORTS else []
        for leg in legs:
            # It has no route: that of the triathlon leads along its other sports too.
            yield self._candidate(Workout(leg, [], []), workout, sport_raw, "run")
        if not legs:
            yield self._candidate(workout, workout, sport_raw, sport_of(sport_raw))

    def _candidate(self, own: Workout, outer: Workout, sport_raw: str, sport: str) -> Candidate:
        """`own` is what it is made of, `outer` the workout it stands in, which names the app."""
        start = time_at(own.whole.attributes, "startDate")
        end = time_at(own.whole.attributes, "endDate") if "endDate" in own.whole.attributes else start
        zone = zone_of(own.whole) or zone_of(outer.whole)
        begun, ended = (time if time.tzinfo else time.replace(tzinfo=zone or self._zone) for time in (start, end))
        activity = make_activity(
            self._source,
            # A run and a ride may bear the same times; no name of an app, as those change with watch and language.
            "-".join((_compact(start, zone), _compact(end, zone), *([] if sport in RUNS else [sport]))),
            self._moment(start, zone),
            sport_raw,
            distance_m(own, sport) or 0.0,
            _raw(own, outer),
            sport=sport,
            name=text_at(own.whole.metadata, "HKWorkoutBrandName"),
            moving_s=duration_s(own.whole),
            elapsed_s=(ended - begun).total_seconds() or None,
            elevation_m=climbed_m(own),
            indoor=indoors(own),
            track=next(filter(None, map(self._find_route, own.routes)), None),
        )
        app = app_of(outer)
        return Candidate(activity, app, "Watch" in app or "Watch" in outer.whole.attributes.get("device", ""))

    def _moment(self, start: dt.datetime, zone: ZoneInfo | None) -> Moment:
        if start.tzinfo is None:
            return moment_local(start, zone or self._zone, zone_assumed=zone is None)
        return moment_utc(start, zone) if zone is not None else moment_with_offset(start)


def _legs(triathlon: Workout) -> list[Part]:
    """The parts that were run; where the parts do not say, the whole for what was run of it."""
    on_foot = [part for part in triathlon.activities if not any(kind in part.statistics for kind in _NOT_ON_FOOT)]
    parts = on_foot if any(DISTANCE_ON_FOOT in part.statistics for part in on_foot) else [triathlon.whole]
    return [part for part in parts if (sum_m(part, DISTANCE_ON_FOOT) or 0.0) >= _SHORTEST_LEG_M]


def _compact(time: dt.datetime, zone: ZoneInfo | None) -> str:
    """`time` in UTC; the clock as written where nothing tells its zone: the runner may correct his own."""
    if time.tzinfo is None and zone is None:
        return f"{time:%Y%m%dT%H%M%S}"
    return f"{(time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _raw(own: Workout, outer: Workout) -> dict[str, Any]:
    """What the export says, but for the heart: pages about shoes need not show that."""
    sums = {
        kind: f"{said['sum']} {said.get('unit', '')}" for kind, said in own.whole.statistics.items() if "sum" in said
    }
    told: dict[str, Any] = {
        **outer.whole.attributes,
        **own.whole.attributes,
        "metadata": dict(islice(own.whole.metadata.items(), _MOST_KEPT)),
        "statistics": dict(islice(sums.items(), _MOST_KEPT)),
        "routes": own.routes,
        "activities": len(own.activities),
    }
    if "device" in told:
        told["device"] = _IN_MEMORY.sub("", told["device"])
    return {key: value for key, value in told.items() if value}


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
