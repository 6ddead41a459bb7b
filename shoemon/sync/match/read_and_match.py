"""Read the track of a run and match it to the map."""

import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from shoemon.config.kinds import SourceSettings
from shoemon.config.load import Config
from shoemon.decide.ground_check import index_at
from shoemon.ground.extracts.published import SPOTS_PER_DEGREE, Spot
from shoemon.ground.laps import BESIDE_M, laps_of
from shoemon.ground.match.piece import MapPiece
from shoemon.ground.match.places import at_places, cut, key_of
from shoemon.ground.match.positions import plane_around
from shoemon.ground.osm.clip import SQUARES_PER_DEGREE
from shoemon.ground.osm.opening import has_map
from shoemon.ground.overpass.cells import Square
from shoemon.model.contracts import Tracks, TrackSource
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.model.plan import Place
from shoemon.model.recording import Recording, TrackError
from shoemon.model.run_ground import GroundPart, Stretch, summed, untagged_ways
from shoemon.model.sports import RUNS
from shoemon.model.surfaces import TARTAN, TREADMILL, UNKNOWN
from shoemon.model.trace import Box, Trace, around
from shoemon.sources import Context, open_source
from shoemon.store.whereabouts import OpenLaps
from shoemon.sync.pull import source_context

if TYPE_CHECKING:
    from shoemon.ground.osm.reading import MapReader

GridCell = tuple[int, int]
"""Row and column in the grid of the map's clips, about a kilometre wide: latitude and longitude times
SQUARES_PER_DEGREE, rounded down. Stored boxes are rounded outwards to it: enough to find their map."""
_LEAST_OPEN_M = 400.0
"""Of three laps half the metres are more. To look for laps takes as long as the match, and few runs have so many."""
_SPOTS = SPOTS_PER_DEGREE // SQUARES_PER_DEGREE


class Request(NamedTuple):
    """A track to read: the run's id, its source, and the track's path inside the source. `asked`: metres along it that
    the runner was asked about."""

    activity: str
    source: str
    track: str
    asked: tuple[float, ...] = ()


class Survey(NamedTuple):
    """The result for one track. `status`: matched, partial (a part is outside of the map), outside (all of it is),
    indoors, no track, unreadable, away (the track is not available now), or waiting (the map is not)."""

    activity: str
    status: str
    message: str | None = None
    parts: tuple[GroundPart, ...] = ()
    distance_m: float | None = None
    outside_m: float | None = None
    points: int | None = None
    sigma_m: float | None = None
    map_date: str | None = None
    map_key: str = ""
    box: Box | None = None
    covered_s: float | None = None
    progress_m: float | None = None
    ways: Mapping[int, int] = {}
    """The metres on each way without a tag that gives its surface."""
    laps: tuple[OpenLaps, ...] = ()
    """The laps on ground that neither the map nor a place knows."""
    stated: tuple[tuple[float, str, str], ...] = ()
    """Surface and origin by the map at each metre that was asked about, whatever place it is in by now."""


Prepare = Callable[[Sequence[Box]], str | None]
"""Called with the place of a track before the map is read; returns why the run has to wait (blank: its map is not
complete yet), or None."""


class Surveyor:
    """Keeps the map and the exports open, so that many tracks are read one after the other."""

    def __init__(
        self, sources: Sequence[SourceSettings], context: Context, map_database: Path, places: Sequence[Place] = ()
    ) -> None:
        self._sources, self._context, self._map_database, self._places = sources, context, map_database, places
        self._opened: dict[str, Tracks | SourceError] = {}
        self._map: MapReader | NoMap | None = None

    def survey(self, request: Request, prepare: "Prepare | None" = None) -> Survey:
        """Read one track and match it. Never raises for what a file, an export or the map contains."""
        try:
            return self._survey(request, prepare)
        except (SourceError, OSError) as error:
            return Survey(request.activity, "away", str(error))
        except TrackError as error:
            return Survey(request.activity, "unreadable", str(error))
        except MemoryError:
            return Survey(request.activity, "waiting", f"there was not enough memory for {request.track}")
        except (ShoemonError, sqlite3.Error) as error:
            self.forget_map()
            return Survey(request.activity, "waiting", str(error))

    def _survey(self, request: Request, prepare: "Prepare | None") -> Survey:
        recordings = self.recordings(request)
        if recordings and all(recording.indoor for recording in recordings):
            metres = sum(recording.distance_m or 0.0 for recording in recordings)
            belt = GroundPart(TREADMILL, "device", metres or 1.0, 1.0)
            return Survey(request.activity, "indoors", None, (belt,), metres)
        traced = [recording for recording in recordings if len(recording.trace)]
        if not traced:
            return Survey(request.activity, "no track", "it has no positions")
        if prepare is not None:
            reason = prepare([Square(*cell).box for cell in sorted(cells_of(_spots(traced)))])
            if reason is not None:
                return Survey(request.activity, "waiting", reason)
            self.forget_map()  # it may have grown
        return self._match(request, traced)

    def spots(self, request: Request) -> frozenset[Spot]:
        """Return the squares of 0.001 degrees with points of a track; none where it cannot be read."""
        try:
            return _spots(self.recordings(request))
        except (SourceError, TrackError, OSError, MemoryError):
            return frozenset()

    def recordings(self, request: Request) -> list[Recording]:
        """Return the runs in the file of a track, or all of it if it has no run. Raises TrackError, and SourceError if
        the export cannot be opened."""
        from shoemon.sources.formats.sports import sport_of_recording

        found = list(self._tracks(request.source).recordings(request.track))
        return [recording for recording in found if sport_of_recording(recording)[0] in RUNS] or found

    def forget_map(self) -> None:
        """Open the map anew for the next track: it has changed."""
        if self._map is not None:
            self._map.close()
            self._map = None

    def close(self) -> None:
        """Close the map and all exports."""
        self.forget_map()
        for opened in self._opened.values():
            if not isinstance(opened, SourceError):
                opened.close()
        self._opened.clear()

    def _tracks(self, source: str) -> Tracks:
        """Return the tracks of `source`, opened once; a failure to open them is remembered too."""
        if source not in self._opened:
            try:
                self._opened[source] = self._open(source)
            except SourceError as error:
                self._opened[source] = error
        opened = self._opened[source]
        if isinstance(opened, SourceError):
            raise opened
        return opened

    def _open(self, source: str) -> Tracks:
        settings = next((each for each in self._sources if each.name == source), None)
        if settings is None:
            raise SourceError(f"the source {source} is no longer in shoemon.yaml")
        made = open_source(settings, self._context)
        if not isinstance(made, TrackSource):
            raise SourceError(f"the source {source} has no tracks")
        return made.open_tracks()

    def _match(self, request: Request, traced: list[Recording]) -> Survey:
        from shoemon.ground.match.match import match

        self._map = self._map or map_of(self._map_database)
        box = around(_rounded(recording.trace.box()) for recording in traced)
        # Before the map is read: if another is imported meanwhile, the run counts as matched to the old one.
        key, map_date = self._map.key(box), self._map.map_date(box)
        traces = [recording.trace for recording in traced]
        matches = [match(trace, self._map.piece(trace)) for trace in traces]
        placed = [at_places(each.stretches, trace, self._places) for each, trace in zip(matches, traces, strict=True)]
        stretches = [stretch for each in placed for stretch in each]
        parts = summed(stretches)
        total_m = sum(part.distance_m for part in parts)
        if total_m <= 0:
            return Survey(request.activity, "no track", "all its positions are in one place")
        outside_m = sum(part.distance_m for part in parts if part.origin == "map_end")
        status = "matched" if outside_m < 0.02 * total_m else "partial" if outside_m < 0.98 * total_m else "outside"
        if isinstance(self._map, NoMap) and not any(part.place for part in parts):
            status, outside_m, parts = "outside", total_m, ()  # as where nothing is read
        return Survey(
            request.activity, status, None, parts, total_m, outside_m,
            sum(each.points for each in matches), max(each.sigma_m for each in matches), map_date,
            key + key_of(self._places, box), box,
            sum(each.covered_s for each in matches), sum(each.progress_m for each in matches),
            untagged_ways(stretches),
            tuple(laps for one, trace in zip(placed, traces, strict=True) for laps in _open_laps(request, one, trace)),
            tuple(_stated([stretch for each in matches for stretch in each.stretches], request.asked)),
        )  # fmt: skip


def map_of(path: Path) -> "MapReader | NoMap":
    """Open the map at `path`. Raises ShoemonError if it cannot be used."""
    from shoemon.ground.osm.reading import open_map

    return open_map(path) if has_map(path) else NoMap()


class NoMap:
    """Stands for the map where there is none: places alone decide."""

    def key(self, _box: Box) -> str:
        return ""

    map_date = key

    def piece(self, trace: Trace) -> MapPiece:
        return MapPiece(plane_around(trace), extends_to=lambda *_place: False)

    def close(self) -> None:
        pass


def _stated(stretches: Sequence[Stretch], asked: Iterable[float]) -> Iterator[tuple[float, str, str]]:
    for metre in asked:
        stretch = stretches[index_at((each.distance_m for each in stretches), metre)]
        yield metre, stretch.surface, stretch.origin


def surveyor_of(config: Config) -> Callable[[], Surveyor]:
    """Return a maker of surveyors of the runner's exports and map, for this process or another."""
    return partial(Surveyor, config.sources, source_context(config), config.map_database, config.plan.places)


def _open_laps(request: Request, stretches: Sequence[Stretch], trace: Trace) -> Iterator[OpenLaps]:
    """Yield the laps of which at least half the metres are on unknown ground, or on open ground off every way: a
    stadium may be drawn as its pitch."""
    if _open_m(stretches) < _LEAST_OPEN_M:
        return
    for laps in laps_of(trace):
        around = Place("", laps.lat, laps.lon, laps.reach_m + BESIDE_M, TARTAN)
        there = [stretch for stretch, place in cut(stretches, trace, [around]) if place]
        open_m = _open_m(there)
        if open_m >= sum(stretch.distance_m for stretch in there) / 2:
            yield OpenLaps(request.activity, laps.lat, laps.lon, laps.lap_m, laps.reach_m, open_m)


def _open_m(stretches: Iterable[Stretch]) -> float:
    return sum(
        stretch.distance_m
        for stretch in stretches
        if stretch.surface == UNKNOWN or (stretch.origin == "area" and stretch.surface != TARTAN)
    )


def cells_of(spots: Iterable[Spot]) -> frozenset[GridCell]:
    """Return the cells of the grid that contain these squares of 0.001 degrees."""
    return frozenset((row // _SPOTS, column // _SPOTS) for row, column in spots)


def _spots(recordings: Iterable[Recording]) -> frozenset[Spot]:
    """Return the squares of 0.001 degrees that a run crossed. A cell with a point or two is a fault of the receiver,
    unless all are like that."""
    points = [
        (math.floor(lat * SPOTS_PER_DEGREE), math.floor(lon * SPOTS_PER_DEGREE))
        for recording in recordings
        for lat, lon in zip(recording.trace.lats, recording.trace.lons, strict=True)
    ]
    counts = Counter((row // _SPOTS, column // _SPOTS) for row, column in points)
    likely = {(row, column) for row, column in points if counts[row // _SPOTS, column // _SPOTS] > 2}
    return frozenset(likely or points)


def _rounded(box: Box) -> Box:
    """Round `box` outwards to whole cells."""

    def out(degrees: float, way: Callable[[float], int]) -> float:
        return way(degrees * SQUARES_PER_DEGREE) / SQUARES_PER_DEGREE

    return Box(
        out(box.south, math.floor), out(box.west, math.floor), out(box.north, math.ceil), out(box.east, math.ceil)
    )
