"""The points of a move of a Suunto watch. Places stand in radians, in samples between all others."""

from collections.abc import Iterator, Mapping
from math import degrees, inf, isfinite, nan
from typing import Any

from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.points import Points, Room
from shoemon.sources.formats.values import at
from shoemon.sources.kit.point_tracks import figure
from shoemon.sources.suunto.moves import Span, events_in, log_in, samples_in, seconds, span_of

_KEYS = (("Latitude", "Longitude"), ("GPSLatitude", "GPSLongitude"))
"""The places that the watch reckons with, and (2026) those of its receiver, for where there are no others."""


def first_place(log: Mapping[str, Any], span: Span | None) -> tuple[float, float] | None:
    """Where a move, or a part of one, began, in degrees; None if it holds no places."""
    begin, end = span or (-inf, inf)
    for sample in samples_in(log):
        for lat, lon in _KEYS:
            is_placed = lat in sample and isfinite(figure(sample, lat)) and isfinite(figure(sample, lon))
            if is_placed and (span is None or begin <= seconds(sample.get("TimeISO8601")) <= end):
                return degrees(figure(sample, lat)), degrees(figure(sample, lon))
    return None


def read_points(held: Any, number: int) -> Recording:
    """The recording of part `number` of a move (1 if it is one whole). Raises what comes of a file built otherwise."""
    log = log_in(held)
    if log is None:
        raise TrackError("it holds no move any more")
    begin, end = span_of(log, number) or (-inf, inf)
    lat, lon = next((keys for keys in _KEYS if any(keys[0] in sample for sample in samples_in(log))), _KEYS[0])
    points, distance = Points(Room()), nan
    for sample in samples_in(log):
        told = figure(sample, "Distance")
        distance = told if isfinite(told) else distance
        if lat in sample:
            time = seconds(sample.get("TimeISO8601"))
            if not isfinite(time) or begin <= time <= end:
                points.add(time, degrees(figure(sample, lat)), degrees(figure(sample, lon)), distance)
    trace, notes = points.trace(list(_pauses(log)))
    return Recording(number=number, started_at=at(trace.times[0]) if trace else None, trace=trace, notes=notes)


def _pauses(log: Mapping[str, Any]) -> Iterator[Span]:
    """From each pause to what ended it."""
    since = nan
    told = [(time, pause.get("State")) for time, pause in events_in(log, "Pause") if isfinite(time)]
    for time, begins in sorted(told, key=lambda pause: pause[0]):
        if begins is True:
            since = time if not isfinite(since) else since
        elif isfinite(since):
            if since < time:
                yield since, time
            since = nan
