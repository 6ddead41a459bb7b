"""Draw a run's track, read from its export again and matched to the map, as GeoJSON. Nothing is fetched from
OpenStreetMap's servers, and no position is kept."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from statistics import median_low
from typing import NamedTuple

from shoemon.ground.match.drawn import Drawn, drawn_of, fewer
from shoemon.ground.match.piece import MapPiece, Plane
from shoemon.ground.match.places import at_places
from shoemon.ground.match.shapes import frame_around, light
from shoemon.ground.osm.background import Background, background
from shoemon.ground.osm.opening import has_map
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.model.plan import Place, Plan, Surface
from shoemon.model.recording import TrackError
from shoemon.model.trace import Trace, around
from shoemon.sync.match.read_and_match import Request, Surveyor
from shoemon.web.geojson import BYTES_A_LINE, BYTES_A_POINT, Json, Scale, parts_of_run, totals, ways_around
from shoemon.words.commands import command
from shoemon.words.reasons import ORIGINS

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
    return _picture(map_database, plan.surfaces, request, matched, traces, note)


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
    plane = Plane(median_low(lats), median_low(lons))
    remedy = f"To see the ground, get one: {command('map', 'get', anywhere=True)}"
    note = f"No map was imported. {remedy}"
    if has_map(map_database):
        try:
            map_date, parts = _match_traces(map_database, traces, plane, places)
            if map_date is not None:
                return _MatchedRun(parts, plane, map_date)
            note = f"No map of this place was imported. {remedy}"
        except (ShoemonError, sqlite3.Error) as error:
            note = f"The map cannot be used: {error}."
    empty = [MapPiece(plane, extends_to=lambda *_place: False)] * len(traces)
    return _MatchedRun(list(_matched(traces, empty, plane, places)), plane, None, note)


def _match_traces(
    map_database: Path, traces: Sequence[Trace], plane: Plane, places: Sequence[Place]
) -> tuple[str | None, list[Drawn]]:
    """Return the date of the map and the parts of the run; None and none where the map has nothing of the place."""
    from shoemon.ground.osm.reading import open_map

    box = around(trace.box() for trace in traces)
    with closing(open_map(map_database)) as map:
        if not map.key(box):
            return None, []
        # A piece is valid until the next call.
        pieces = (map.piece(trace) for trace in traces)
        return map.map_date(box), list(_matched(traces, pieces, plane, places))


def _matched(
    traces: Iterable[Trace], pieces: Iterable[MapPiece], plane: Plane, places: Sequence[Place]
) -> Iterator[Drawn]:
    from shoemon.ground.match.match import match

    for trace, piece in zip(traces, pieces, strict=True):
        yield from drawn_of(trace, piece.plane, at_places(match(trace, piece).stretches, trace, places), plane)


def _picture(
    map_database: Path,
    surfaces: Mapping[str, Surface],
    request: Request,
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
            "record": request.activity,
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
