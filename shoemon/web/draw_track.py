"""Draw a run's track, read from its export again and matched to the map, or a planned route, as GeoJSON. Nothing is
fetched from OpenStreetMap's servers, and no position is kept."""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain, pairwise
from math import dist
from pathlib import Path
from statistics import median_low
from typing import TYPE_CHECKING, NamedTuple

from shoemon.ground.match.drawn import Drawn, drawn_of, fewer
from shoemon.ground.match.piece import Plane
from shoemon.ground.match.places import at_places
from shoemon.ground.match.shapes import frame_around, light
from shoemon.ground.osm.background import Background, background
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.model.plan import Place, Plan, Surface
from shoemon.model.recording import TrackError
from shoemon.model.route import RouteGround
from shoemon.model.trace import Trace, around
from shoemon.sync.match.read_and_match import NoMap, Request, Surveyor, map_of
from shoemon.web.geojson import BYTES_A_LINE, BYTES_A_POINT, Json, Scale, parts_of_run, totals, ways_around
from shoemon.words.commands import command
from shoemon.words.reasons import ORIGINS

if TYPE_CHECKING:
    from shoemon.ground.osm.reading import MapReader

ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"
_MOST_BYTES = 290_000
_MOST_LINES, _MOST_POINTS = 700, 5_000
"""Of the run; the rest is for the ways."""
_MOST_POINTS_OF_WAYS = 7_000
_MARGIN, _LEAST_M, _FLATTEST = 0.08, 200.0, 1.6
_STEPS = 4_000
"""The frame is so many tolerances wide: the error of a line is invisible, even enlarged a few times."""
_WAYS_STEPS = 1_500


class NothingToDrawError(ShoemonError):
    """There is no track to draw; the message gives the reason and the remedy, in whole sentences."""


class _MatchedRun(NamedTuple):
    """A run on the map: its parts, and the date of the map; None where there is no map, and `note` gives the reason."""

    parts: list[Drawn]
    plane: Plane
    map_date: str | None
    note: str = ""


def drawn(map_database: Path, plan: Plan, surveyor: Surveyor, request: Request, note: str = "") -> Json:
    """Draw the run as a FeatureCollection small enough for a page; `note` is added to that of the map. Raises
    NothingToDrawError."""
    traces = _traces(surveyor, request)
    matched = _matched_to_map(map_database, traces, plan.places)
    if not matched.parts:
        raise NothingToDrawError(
            f"There is nothing to draw in its track {request.track}: its positions are in one place, or too far apart. "
            "Replace the file with a better one; the next sync reads it."
        )
    return _picture(map_database, plan.surfaces, request.activity, matched, traces, note)


def drawn_route(map_database: Path, surfaces: Mapping[str, Surface], route: RouteGround) -> Json:
    """Draw a planned route in the same way; its metres by surface are those that were found."""
    lats, lons = (array("d", side) for side in zip(*chain(*(line.points for line in route.lines)), strict=True))
    plane = Plane(median_low(lats), median_low(lons))
    lines = [[plane.point(*place) for place in line.points] for line in route.lines]
    parts = [
        Drawn(of.surface, of.origin, sum(dist(*ends) for ends in pairwise(line)), 1.0, line)
        for of, line in zip(route.lines, lines, strict=True)
    ]
    trace = Trace(array("d", range(len(lats))), lats, lons)
    found = _picture(map_database, surfaces, "", _MatchedRun(parts, plane, route.map_date or ""), [trace], "")
    whole = [Drawn(part.surface, part.origin, part.distance_m, part.confidence, []) for part in route.parts]
    return {**found, "about": {**found["about"], "surfaces": totals(whole, surfaces)}}


def _traces(surveyor: Surveyor, request: Request) -> list[Trace]:
    try:
        recordings = surveyor.recordings(request)
    except TrackError as error:
        raise NothingToDrawError(
            f"Its track cannot be read: {error}. Replace the file with a better one; the next sync reads it."
        ) from None
    except (SourceError, OSError, sqlite3.Error) as error:
        raise NothingToDrawError(
            f"Its track {request.track} is not available: {error}. Put it back where it was, or correct the source "
            f"{request.source} in shoemon.yaml."
        ) from None
    except ShoemonError as error:
        raise NothingToDrawError(f"Its track {request.track} is not available: {error}.") from None
    if recordings and all(recording.indoor for recording in recordings):
        raise NothingToDrawError("The device recorded it indoors, so there is no track to draw.")
    traces = [recording.trace for recording in recordings if len(recording.trace)]
    if not traces:
        raise NothingToDrawError(
            f"Its track {request.track} has no positions. If another export has them, add that one as a source."
        )
    return traces


def _matched_to_map(map_database: Path, traces: Sequence[Trace], places: Sequence[Place]) -> _MatchedRun:
    """Match the traces to the map, or to an empty one where there is none."""
    lats, lons = chain(*(trace.lats for trace in traces)), chain(*(trace.lons for trace in traces))
    plane, box = Plane(median_low(lats), median_low(lons)), around(trace.box() for trace in traces)
    try:
        with closing(map_of(map_database)) as map:
            if map.key(box):
                return _MatchedRun(list(_matched(traces, map, plane, places)), plane, map.map_date(box))
            of_what = "" if isinstance(map, NoMap) else " of this place"
        remedy = f"To see the ground, get one: {command('map', 'get', anywhere=True)}"
        note = f"No map{of_what} was imported. {remedy}"
    except (ShoemonError, sqlite3.Error) as error:
        note = f"The map cannot be used: {error}."
    return _MatchedRun(list(_matched(traces, NoMap(), plane, places)), plane, None, note)


def _matched(
    traces: Iterable[Trace], map: "MapReader | NoMap", plane: Plane, places: Sequence[Place]
) -> Iterator[Drawn]:
    from shoemon.ground.match.match import match

    for trace in traces:
        piece = map.piece(trace)
        yield from drawn_of(trace, piece.plane, at_places(match(trace, piece).stretches, trace, places), plane)


def _picture(
    map_database: Path,
    surfaces: Mapping[str, Surface],
    record: str,
    matched: _MatchedRun,
    traces: Sequence[Trace],
    note: str,
) -> Json:
    parts = fewer(matched.parts, _MOST_LINES)
    lines = [part.line for part in parts if part.line]
    scale = Scale(matched.plane, frame_around(lines, _MARGIN, _LEAST_M, _FLATTEST))
    lines = light(lines, scale.frame.size / _STEPS, _MOST_POINTS)
    around, fault = _around(
        map_database, matched, scale, traces, BYTES_A_LINE * len(parts) + BYTES_A_POINT * sum(map(len, lines))
    )
    lighter = iter(lines)
    parts = [part._replace(line=next(lighter)) if part.line else part for part in parts]
    return {
        "type": "FeatureCollection",
        "bbox": scale.bbox,
        "about": {
            "record": record,
            "metres": round(sum(part.metres for part in parts), 1),
            "surfaces": totals(parts, surfaces),
            "why": {part.origin: ORIGINS[part.origin] for part in parts},
            "map_date": matched.map_date or "",
            "attribution": "" if matched.map_date is None else ATTRIBUTION,
            "note": " ".join(filter(None, (matched.note, fault, "" if matched.map_date is None else note))),
        },
        "left_out": around.left_out,
        "features": [*ways_around(around.lines, scale), *parts_of_run(parts, surfaces, scale)],
    }


def _around(
    map_database: Path, matched: _MatchedRun, scale: Scale, traces: Iterable[Trace], used_bytes: int
) -> tuple[Background, str]:
    """Return the ways around the run that fit, and the problem if they cannot be read."""
    if matched.map_date is None:
        return Background({}, 0), ""
    room = min((_MOST_BYTES - used_bytes) // BYTES_A_POINT, _MOST_POINTS_OF_WAYS)
    tolerance = scale.frame.size / _WAYS_STEPS
    try:
        return background(map_database, matched.plane, scale.frame, traces, tolerance, room), ""
    except ShoemonError as error:
        return Background({}, 0), f"The ways around it cannot be drawn: {error}."
