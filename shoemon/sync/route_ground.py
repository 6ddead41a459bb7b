"""Find the ground of a planned route: read its file, match it to the map on this disk. Nothing is fetched or stored."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from shoemon.config.load import Config
from shoemon.ground.match.drawn import drawn_of
from shoemon.ground.match.places import at_places
from shoemon.ground.match.planned import along, is_exact, match_route
from shoemon.ground.osm.opening import has_map
from shoemon.model.errors import ShoemonError
from shoemon.model.plan import Place
from shoemon.model.recording import Recording, TrackError
from shoemon.model.route import RouteGround, RouteLine
from shoemon.model.run_ground import Stretch, summed
from shoemon.model.trace import around
from shoemon.sources.formats.reading import LARGEST
from shoemon.words.commands import command

if TYPE_CHECKING:
    from shoemon.ground.osm.reading import MapReader

_LONGEST_M = 300_000.0
KNOWN_APART_M = 590.0
"""The map is read far enough around points no further apart: a route between two may be a detour."""
_LEAST_DRAWN_M = 0.5
_DENSE_S = 30.0
"""A track was recorded where it has times, and a point at least so often on average."""
_ONE_PLACE, _TRY = "is all in one place", "export the route as GPX, and try that file"


def route_in_file(config: Config, file: Path) -> RouteGround:
    """As `route_ground`, of a file on this machine."""
    with file.open("rb") as stream:
        return route_ground(config, file.name, stream.read(LARGEST + 1))


def route_ground(config: Config, file_name: str, content: bytes) -> RouteGround:
    """Return the ground of all routes in a file together: GPX, TCX, KML, KMZ or FIT, gzipped or not. Its metres are
    those along the ways it was matched to, and where there is none, those of its lines. Raises ShoemonError, with a
    remedy, for a file without a route and where there is no map."""
    path = config.map_database
    if not has_map(path):
        remedy = command("map", "import", "FILE")
        raise ShoemonError(f"there is no map on this machine; to import one from a file of OpenStreetMap: {remedy}")
    recordings = _read(file_name, content)
    from shoemon.ground.osm.reading import open_map

    try:
        with closing(open_map(path)) as map:
            found = [_matched(recording, map, config.plan.places) for recording in recordings]
            map_date = map.map_date(around(recording.trace.box() for recording in recordings))
    except sqlite3.Error as error:
        raise ShoemonError(f"the map {path} cannot be read ({error})") from None
    parts = summed(stretch for stretches, _ in found for stretch in stretches)
    distance_m, lines = sum(part.distance_m for part in parts), tuple(chain.from_iterable(lines for _, lines in found))
    if distance_m < 1.0 or not lines:
        raise TrackError(f"{file_name} {_ONE_PLACE}; {_TRY}")
    return RouteGround(
        next((recording.name for recording in recordings if recording.name), ""),
        distance_m,
        parts,
        lines,
        map_date[:10] or None,
    )


def _read(file_name: str, content: bytes) -> tuple[Recording, ...]:
    from shoemon.sources.formats.routes import read_route
    from shoemon.sources.kit.archives import Archive

    try:
        if not content.startswith(b"PK"):
            recordings = read_route(BytesIO(content), file_name)
        else:
            archive = Archive(BytesIO(content), file_name)
            name = next((name for name in archive.members if name.lower().endswith(".kml")), None)
            if name is None:
                raise TrackError(f"{file_name} is a zip without a route")
            with archive.open(name) as stream:
                recordings = read_route(stream, f"{file_name}/{name}")
        metres = sum(along(recording.trace).times[-1] for recording in recordings)
        if not 0 < metres <= _LONGEST_M:
            raise TrackError(f"{file_name} {'is longer than 300 km' if metres else _ONE_PLACE}")
    except TrackError as error:
        raise TrackError(f"{error}; {_TRY}") from None
    return recordings


def _matched(
    recording: Recording, map: "MapReader", places: Iterable[Place]
) -> tuple[tuple[Stretch, ...], list[RouteLine]]:
    from shoemon.ground.match.match import match

    trace = recording.trace
    route = along(trace, KNOWN_APART_M)
    piece = map.piece(route)
    if _was_recorded(recording) and not is_exact(trace, piece):
        route, found = trace, match(trace, piece)
    else:
        found = match_route(trace, piece)
    stretches = at_places(found.stretches, route, places)
    drawn = drawn_of(route, piece.plane, stretches, piece.plane)
    lines = [
        RouteLine(part.surface, part.origin, tuple(piece.plane.degrees(x, y) for x, y in part.line))
        for part in drawn
        if part.metres >= _LEAST_DRAWN_M
    ]
    return stretches, lines


def _was_recorded(recording: Recording) -> bool:
    times = recording.trace.times
    return recording.started_at is not None and times[-1] - times[0] <= _DENSE_S * len(times)
