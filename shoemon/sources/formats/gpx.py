"""Read GPX files: every trk is a recording, every trkseg a piece of it."""

import math

from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.lengths import length_m
from shoemon.sources.formats.points import Capacity, Points
from shoemon.sources.formats.sports import may_be_on_foot
from shoemon.sources.formats.values import at, duration, is_plausible, line, metres, moment, no_activity, number

_STATED_IN = ["gpx", "trk", "extensions", "TrackStatsExtension"]
"""The place of the device's own total in files of Garmin and OpenTracks."""


class _Track:
    """One trk while it is read."""

    def __init__(self, capacity: Capacity) -> None:
        self.points = Points(capacity)
        self.name = ""
        self.type = ""
        self.stated_m = math.nan
        self.first = math.nan
        self.offset_s: int | None = None


class Gpx:
    """Reads a GPX file, element by element."""

    def __init__(self) -> None:
        self._capacity = Capacity()
        self._tracks: list[_Track] = []
        self._lat = self._lon = self._time = math.nan
        self._written = math.nan
        self._other = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "trkpt":
            self._lat, self._lon = number(attributes.get("lat")), number(attributes.get("lon"))
            self._time = math.nan
        elif name == "trk":
            self._tracks.append(_Track(self._capacity))
        elif name == "trkseg" and self._tracks:
            self._tracks[-1].points.pause()
        elif name in ("rte", "wpt"):
            self._other = "a route" if name == "rte" else self._other or "places"

    def end(self, name: str, text: str, parents: list[str]) -> None:
        if name == "time":
            self._end_time(text, parents[-1] if parents else "")
        elif name == "trkpt":
            if self._tracks:
                self._tracks[-1].points.add(self._time, self._lat, self._lon)
        elif name in ("name", "type") and parents == ["gpx", "trk"]:
            setattr(self._tracks[-1], name, line(text))
        elif name == "Distance" and parents == _STATED_IN:
            self._tracks[-1].stated_m = number(text)

    def _end_time(self, text: str, parent: str) -> None:
        if parent == "trkpt":
            self._time, offset_s = moment(text)
            if self._tracks and math.isnan(self._tracks[-1].first):
                self._tracks[-1].first, self._tracks[-1].offset_s = self._time, offset_s
        elif parent in ("metadata", "gpx"):
            self._written, _ = moment(text)

    def recordings(self, note: str) -> tuple[Recording, ...]:
        if not self._tracks:
            raise no_activity("track", self._other, note)
        has_points = any(len(track.points) for track in self._tracks)
        return tuple(
            self._recording(number, track, note)
            for number, track in enumerate(self._tracks, 1)
            if len(track.points) or not has_points
        )

    def _recording(self, number: int, track: _Track, note: str) -> Recording:
        trace, notes = track.points.trace(on_foot=may_be_on_foot(track.type))
        started = track.first
        if math.isnan(started) and not trace and len(self._tracks) == 1:
            started = self._written  # a treadmill run has no points; its time is in the head of the file
        timed = len(trace) > 0 and is_plausible(trace.times[0])
        reckoned = metres(length_m(trace)) if trace else None
        stated = metres(track.stated_m)
        if stated == 0 and reckoned:  # of a program that has the total only of some devices
            stated = None
        if track.points.impossible and not trace and not stated:
            raise TrackError("contains no position that can be read")
        return Recording(
            number=number,
            started_at=at(trace.times[0] if timed else started),
            utc_offset_s=track.offset_s,
            sport=track.type,
            name=track.name,
            distance_m=reckoned if stated is None else stated,
            distance_by="device" if stated is not None else "reckoned" if reckoned is not None else "",
            elapsed_s=duration(trace.times[-1] - trace.times[0]) if timed else None,
            trace=trace,
            notes=(*notes, note) if note else notes,
        )
