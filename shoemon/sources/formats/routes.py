"""Read planned routes: GPX, TCX courses, KML and FIT courses, all lines of a file; and recorded tracks as routes.

Files are read within the limits of recorded ones. Times of a course, and others that no runner can have had, are left
out.
"""

import math
from array import array
from itertools import pairwise
from typing import BinaryIO

from shoemon.model.globe import distance_between_m
from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.fit import place_of, read_fit
from shoemon.sources.formats.fit_messages import messages
from shoemon.sources.formats.fit_parts import parts
from shoemon.sources.formats.gpx import Gpx
from shoemon.sources.formats.points import Capacity, Points
from shoemon.sources.formats.reading import is_fit, is_xml, read_content
from shoemon.sources.formats.tcx import Tcx
from shoemon.sources.formats.values import line, number
from shoemon.sources.formats.xml import read_xml

_COURSE = 6
_FASTEST_MS = 12.0


def read_route(stream: BinaryIO, name: str) -> tuple[Recording, ...]:
    """Read the lines of the file in `stream`, those with positions; `name` is for messages. The trace of one without
    real times is numbered from 0, and it has no `started_at`. Raises TrackError."""
    return read_content(stream, name, _read)


def _read(data: bytes) -> tuple[Recording, ...]:
    if is_fit(data):
        found = _read_course(data) or read_fit(data)
    elif is_xml(data):
        found = read_xml(data, {"gpx": GpxRoute, "trainingcenterdatabase": TcxRoute, "kml": Kml})
    else:
        raise TrackError("is not a GPX, TCX, KML or FIT file")
    lines = tuple(one for one in found if len(one.trace) > 1)
    if not lines:
        raise TrackError("contains no line of positions")
    return lines


def _read_course(data: bytes) -> tuple[Recording, ...]:
    """Read the courses among the FIT files in `data`."""
    capacity, found = Capacity(), list[Recording]()
    for part in parts(data):
        read = messages(part.data)
        if (read.get("file_id") or [{}])[0].get("type") == _COURSE:
            _refuse_part(f"is not whole: {part.note}" if part.note else "")
            points = Points(capacity)
            for record in read.get("record", []):
                if "position_lat" in record and "position_long" in record:
                    points.add(math.nan, *place_of(record))
            found.append(_route(len(found) + 1, "", points))
    return tuple(found)


def _route(place: int, name: str, points: Points) -> Recording:
    return Recording(number=place, started_at=None, name=name, trace=points.trace()[0])


def _refuse_part(note: str) -> None:
    """Raise TrackError for a file that breaks off: half a route would be taken for the whole."""
    if note:
        raise TrackError(note)


def _may_be_run(points: Points) -> bool:
    """Check that a runner may have been at these points at their times, which programs make up."""
    times = [time for time in points.times if math.isfinite(time)]
    places = pairwise(zip(points.lats, points.lons, strict=True))
    return bool(times) and sum(distance_between_m(*one, *two) for one, two in places) <= _FASTEST_MS * (
        max(times) - min(times)
    )


class GpxRoute(Gpx):
    """Reads every trk and rte. Where a file has both, the routes are the corners of its tracks, and are left out."""

    def __init__(self) -> None:
        super().__init__()
        self._routes: set[int] = set()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rte":
            self._routes.add(len(self._tracks))
            super().start("trk", attributes)
        elif name == "rpt":  # a corner that a program of Garmin put between two points of the route
            super().end("trkpt", "", [])
            super().start("trkpt", attributes)
        else:
            super().start({"rtept": "trkpt"}.get(name, name), attributes)

    def end(self, name: str, text: str, parents: list[str]) -> None:
        if parents == ["gpx", "rte"]:
            parents = ["gpx", "trk"]
        super().end({"rtept": "trkpt"}.get(name, name), text, parents)

    def recordings(self, note: str) -> tuple[Recording, ...]:
        _refuse_part(note)
        tracks = [track for at, track in enumerate(self._tracks) if at not in self._routes and len(track.points) > 1]
        self._tracks = tracks or self._tracks
        for track in self._tracks:
            if not _may_be_run(track.points):
                track.points.times = array("d", [math.nan] * len(track.points))
                track.first = math.nan
        return super().recordings(note)


class TcxRoute(Tcx):
    """Reads every Course and Activity."""

    def __init__(self) -> None:
        super().__init__()
        self._is_course = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._is_course = name == "Course" or (self._is_course and name != "Activity")
        super().start("Activity" if name == "Course" else name, attributes)

    def end(self, name: str, text: str, parents: list[str]) -> None:
        if self._is_course and name == "Time":
            return
        if self._is_course and name == "Name" and parents[-1:] == ["Course"]:
            self._activities[-1].name = line(text)
        super().end("Activity" if name == "Course" else name, text, parents)

    def recordings(self, note: str) -> tuple[Recording, ...]:
        _refuse_part(note)
        return super().recordings(note)


class Kml:
    """Reads the lines and tracks of every Placemark."""

    longest_text = 2**21
    """Characters: all points of a line are one text."""

    def __init__(self) -> None:
        self._capacity = Capacity()
        self._lines: list[tuple[str, Points]] = []
        self._name = ""

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if name == "Placemark":
            self._lines.append(("", Points(self._capacity)))
        elif name in ("LineString", "Track") and self._lines:
            self._lines[-1][1].pause()

    def end(self, name: str, text: str, parents: list[str]) -> None:
        if name == "name" and parents[-1:] in (["Document"], ["Placemark"]):
            if parents[-1] == "Placemark":
                self._lines[-1] = (line(text[:200]), self._lines[-1][1])
            else:
                self._name = line(text[:200])
        elif not self._lines:
            return
        elif name == "coord" and "Track" in parents:
            self._add(text.split())
        elif name == "coordinates" and parents[-1:] == ["LineString"]:
            if len(text) >= self.longest_text:
                raise TrackError(f"has a line of more than {self.longest_text:,} characters")
            for point in text.split():
                self._add(point.split(","))

    def _add(self, numbers: list[str]) -> None:
        lon, lat = (number(text) for text in (*numbers, "", "")[:2])
        self._lines[-1][1].add(math.nan, lat, lon)

    def recordings(self, note: str) -> tuple[Recording, ...]:
        _refuse_part(note)
        lines = [(name or self._name, points) for name, points in self._lines if len(points)]
        return tuple(_route(place, *one) for place, one in enumerate(lines, 1))
