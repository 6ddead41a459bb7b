"""The route of an exercise of Polar Flow: its points, with times."""

import datetime as dt
from collections.abc import Mapping, Sequence
from math import nan
from typing import Any, NamedTuple

from shoemon.model.recording import Recording
from shoemon.sources.formats.points import Points, Room
from shoemon.sources.kit.point_tracks import figure


class Route(NamedTuple):
    """The points as they stand in the file; `start` is that of points which count from it (exports since 2025)."""

    points: Sequence[Any] = ()
    start: str = ""


def route_of(exercise: Mapping[str, Any]) -> Route:
    """The route of `exercise`; one without points where it has none, or where it is built otherwise."""
    samples, routes = exercise.get("samples"), exercise.get("routes")
    for holder in (samples, exercise):
        if isinstance(holder, Mapping) and isinstance(points := holder.get("recordedRoute"), list):
            return Route(points)
    route = routes.get("route") if isinstance(routes, Mapping) else None
    if isinstance(route, Mapping) and isinstance(points := route.get("wayPoints"), list):
        return Route(points, str(route.get("startTime") or exercise.get("startTime") or ""))
    return Route()


def read_route(session: Any, number: int) -> Recording:
    """The recording of exercise `number` of a session. Times are those of the clock on the wrist, taken as UTC: only
    the spans between them matter. Raises what comes of a session that is built otherwise."""
    exercises = session.get("exercises") or [session]
    exercise = exercises[number - 1]
    route = route_of(exercise)
    began = clock_s(route.start) if route.start else nan
    points = Points(Room())
    for point in route.points:
        time = began + figure(point, "elapsedMillis") / 1000 if route.start else clock_s(point.get("dateTime"))
        points.add(time, figure(point, "latitude"), figure(point, "longitude"))
    trace, notes = points.trace(_pauses(exercise))
    return Recording(number=number, started_at=None, trace=trace, notes=notes)


def _pauses(exercise: Mapping[str, Any]) -> list[tuple[float, float]]:
    told = exercise.get("pauseTimes")
    spans = [(clock_s(pause.get("startTime")), clock_s(pause.get("endTime"))) for pause in told or ()]
    return sorted(span for span in spans if span[0] < span[1])


def clock_s(text: Any) -> float:
    """Seconds since 1970 by the clock on the wrist, taken as UTC; nan where it is no time."""
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()
    except (TypeError, ValueError):
        return nan
