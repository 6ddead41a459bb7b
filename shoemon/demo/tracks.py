"""Write the tracks of the demo's runs as GPX and TCX files, some metres off, like those of a real watch."""

import gzip
import html
import math
import random
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import NamedTuple

from shoemon.demo.routes import DemoRoute, route
from shoemon.demo.town import degrees
from shoemon.demo.year import DemoOuting

PAUSE_S = 40.0
"""Each run pauses once for this time; the track has no points then."""
_NOISE_M = 4.0
"""Standard deviation of each coordinate. It drifts over some seconds (Gauss-Markov):"""
_DRIFT_S = 40.0
_EVERY_S = (10, 20)
"""The watch saves a point where the way bends, and every so many seconds between ("smart recording")."""


class _TrackPoint(NamedTuple):
    after_s: float
    lat: float
    lon: float
    distance_m: float


@cache
def track_file(outing: DemoOuting) -> tuple[str, bytes]:
    """Write the track of an outing with a route or on a belt: the ending of the file's name, and its content."""
    number = outing.day.toordinal()
    if outing.belt:
        return "tcx.gz", _packed(_tcx(outing, _belt(outing)))
    points = _recorded(route(outing.route, outing.distance_m), outing)
    text = _tcx(outing, points) if number % 4 == 0 else _gpx(outing, points)
    return ("tcx.gz" if number % 4 == 0 else "gpx.gz"), _packed(text)


def _packed(lines: Iterator[str]) -> bytes:
    return gzip.compress("\n".join(lines).encode(), compresslevel=6, mtime=0)


def _recorded(run: DemoRoute, outing: DemoOuting) -> Iterator[_TrackPoint]:
    """Make the points of a run at an even pace along `run`, each some metres off, the same for the same day."""
    chance = random.Random(outing.day.toordinal())  # noqa: S311 nothing here is secret
    s_per_m, metre, before_s, off = outing.pace_s_per_km / 1000, 0.0, -math.inf, [0.0, 0.0]
    pause_at_m = outing.distance_m * chance.uniform(0.3, 0.7)
    for part in run:
        steps = math.ceil(part.length_m * s_per_m / chance.uniform(*_EVERY_S))
        for share in (step / steps for step in range(steps)):
            at_m = metre + share * part.length_m
            after_s = at_m * s_per_m + (PAUSE_S if at_m > pause_at_m else 0)
            kept = math.exp((before_s - after_s) / _DRIFT_S)
            off = [kept * axis + chance.gauss(0, _NOISE_M * math.sqrt(1 - kept**2)) for axis in off]
            east, north = (
                start + share * (end - start) + axis for start, end, axis in zip(part.start, part.end, off, strict=True)
            )
            yield _TrackPoint(after_s, *degrees(east, north), at_m)
            before_s = after_s
        metre += part.length_m


def _belt(outing: DemoOuting) -> Iterator[_TrackPoint]:
    """Make a point every half minute, with the distance of a foot pod and no position."""
    seconds = outing.distance_m / 1000 * outing.pace_s_per_km
    for after_s in range(0, int(seconds) + 1, 30):
        yield _TrackPoint(after_s, math.nan, math.nan, after_s * 1000 / outing.pace_s_per_km)


def _gpx(outing: DemoOuting, points: Iterator[_TrackPoint]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<gpx creator="StravaGPX" version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
    yield f" <metadata><time>{_stamp(outing, 0)}</time></metadata>"
    yield f" <trk><name>{html.escape(outing.name)}</name><type>running</type><trkseg>"
    for point in points:
        place = f'lat="{point.lat:.7f}" lon="{point.lon:.7f}"'
        yield f"  <trkpt {place}><ele>12.0</ele><time>{_stamp(outing, point.after_s)}</time></trkpt>"
    yield " </trkseg></trk>\n</gpx>"


def _tcx(outing: DemoOuting, points: Iterator[_TrackPoint]) -> Iterator[str]:
    """Write TCX, with ten blanks in front, as Strava exports it."""
    start, seconds = _stamp(outing, 0), outing.distance_m / 1000 * outing.pace_s_per_km
    yield '          <?xml version="1.0" encoding="UTF-8"?>'
    yield '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>'
    yield f' <Activity Sport="Running"><Id>{start}</Id><Lap StartTime="{start}">'
    yield f"  <TotalTimeSeconds>{seconds:.1f}</TotalTimeSeconds>"
    yield f"  <DistanceMeters>{outing.distance_m:.1f}</DistanceMeters>"
    yield "  <Intensity>Active</Intensity><TriggerMethod>Manual</TriggerMethod><Track>"
    for point in points:
        place = (
            f"<LatitudeDegrees>{point.lat:.7f}</LatitudeDegrees><LongitudeDegrees>{point.lon:.7f}</LongitudeDegrees>"
        )
        where = "" if math.isnan(point.lat) else f"<Position>{place}</Position>"
        far = f"<DistanceMeters>{point.distance_m:.1f}</DistanceMeters>"
        yield f"  <Trackpoint><Time>{_stamp(outing, point.after_s)}</Time>{where}{far}</Trackpoint>"
    yield "  </Track></Lap></Activity>\n</Activities></TrainingCenterDatabase>"


def _stamp(outing: DemoOuting, after_s: float) -> str:
    return f"{(outing.start + timedelta(seconds=after_s)).isoformat()}Z"
