"""Read TCX files: every Activity is a recording, also in a MultiSportSession; its distance is that of its laps."""

import math
from typing import Literal

from shoemon.model.recording import Recording
from shoemon.sources.formats.lengths import length_m
from shoemon.sources.formats.points import Capacity, Points
from shoemon.sources.formats.sports import may_be_on_foot
from shoemon.sources.formats.values import at, duration, is_plausible, line, metres, moment, no_activity, number

_LARGE_FACTOR, _LARGE_M = 1.5, 500.0
"""Figures that differ by more than both contradict each other."""


class _Activity:
    """One Activity while it is read."""

    def __init__(self, sport: str, capacity: Capacity) -> None:
        self.points = Points(capacity)
        self.sport = sport
        self.started = math.nan
        self.offset_s: int | None = None
        self.laps_m: list[float] = []
        self.laps_s: list[float] = []
        self.last_m = math.nan
        self.name = self.device = self.serial = ""


class Tcx:
    """Reads a TCX file, element by element."""

    def __init__(self) -> None:
        self._capacity = Capacity()
        self._activities: list[_Activity] = []
        self._inside = self._resumes = False
        self._other = ""
        self._time = self._lat = self._lon = self._distance = math.nan

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Trackpoint":
            self._time = self._lat = self._lon = self._distance = math.nan
        elif name == "Activity":
            self._activities.append(_Activity(line(attributes.get("Sport", "")), self._capacity))
            self._inside = True
        elif name in ("Course", "Workout"):
            self._other = f"a {name.lower()}"
        elif name == "Lap":
            self._resumes = False
        elif name == "Track" and self._inside:
            # A watch continues through a lap's end; it begins another Track within a lap after it was stopped.
            if self._resumes:
                self._activities[-1].points.pause()
            self._resumes = True

    def end(self, name: str, text: str, parents: list[str]) -> None:
        if not self._inside or not parents:
            return
        parent = parents[-1]
        if parent in ("Trackpoint", "Position"):
            self._end_in_point(name, text)
        elif name == "Trackpoint":
            self._end_point(self._activities[-1])
        elif name == "Activity":
            self._inside = False
        else:
            self._end_in_activity(self._activities[-1], name, text, parent)

    def _end_in_point(self, name: str, text: str) -> None:
        if name == "Time":
            self._time, _ = moment(text)
        elif name == "LatitudeDegrees":
            self._lat = number(text)
        elif name == "LongitudeDegrees":
            self._lon = number(text)
        elif name == "DistanceMeters":
            self._distance = number(text)

    def _end_point(self, activity: _Activity) -> None:
        if metres(self._distance) is not None:
            activity.last_m = self._distance
        if not (math.isnan(self._lat) or math.isnan(self._lon)):
            activity.points.add(self._time, self._lat, self._lon, self._distance)

    def _end_in_activity(self, activity: _Activity, name: str, text: str, parent: str) -> None:
        if parent == "Lap" and name == "DistanceMeters":
            if (lap_m := metres(number(text))) is not None:
                activity.laps_m.append(lap_m)
        elif parent == "Lap" and name == "TotalTimeSeconds":
            if (lap_s := duration(number(text))) is not None:
                activity.laps_s.append(lap_s)
        elif parent == "Activity" and name == "Id":
            activity.started, activity.offset_s = moment(text)
        elif parent == "Activity" and name == "Notes":
            activity.name = line(text)
        elif parent == "Creator" and name == "Name":
            activity.device = line(text)
        elif parent == "Creator" and name == "UnitId":
            activity.serial = line(text) if text.strip("0 \n") else ""

    def recordings(self, note: str) -> tuple[Recording, ...]:
        if not self._activities:
            raise no_activity("activity", self._other, note)
        return tuple(self._recording(number, activity, note) for number, activity in enumerate(self._activities, 1))

    def _recording(self, number: int, activity: _Activity, note: str) -> Recording:
        trace, left_out = activity.points.trace(on_foot=may_be_on_foot(activity.sport))
        timed = len(trace) > 0 and is_plausible(trace.times[0])
        reckoned = metres(length_m(trace)) if trace else None
        laps_m = metres(math.fsum(activity.laps_m)) if activity.laps_m else None
        distance_m, distance_by, contradicted = _distance(laps_m, metres(activity.last_m), reckoned)
        return Recording(
            number=number,
            started_at=at(activity.started if is_plausible(activity.started) or not timed else trace.times[0]),
            utc_offset_s=activity.offset_s,
            sport=activity.sport,
            name=activity.name,
            distance_m=distance_m,
            distance_by=distance_by,
            moving_s=duration(math.fsum(activity.laps_s)) if activity.laps_s else None,
            elapsed_s=duration(trace.times[-1] - trace.times[0]) if timed else None,
            device=" ".join(filter(None, (activity.device, activity.serial))),
            trace=trace,
            notes=(*contradicted, *left_out, *([note] if note else [])),
        )


_Distance = tuple[float | None, Literal["laps", "points", "reckoned", ""], tuple[str, ...]]


def _distance(laps_m: float | None, last_m: float | None, reckoned: float | None) -> _Distance:
    """Return the metres of an Activity, their source, and a note if the file contradicts itself. Its laps count, unless
    its points and their positions agree with each other and not with the laps."""
    if laps_m and last_m and _differ(laps_m, last_m):
        note = f"its laps have {laps_m:,.0f} m, its points {last_m:,.0f} m"
        if reckoned and not _differ(last_m, reckoned):
            return last_m, "points", (note,)
        return laps_m, "laps", (note,)
    if laps_m:
        return laps_m, "laps", ()
    if last_m:
        return last_m, "points", ()
    if reckoned:
        return reckoned, "reckoned", ()
    return laps_m, "laps" if laps_m is not None else "", ()


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > _LARGE_M and max(one, other) > _LARGE_FACTOR * min(one, other)
