"""Source type `adidas-running`: the export of an account of adidas Running, once Runtastic.

`User/Shoes/<id>.json` is a pair: `name`, `initial_distance` (metres before its first session), `samples_ids` (its
sessions), and `milestones`, of which `retirement_distance` is the life that the runner gave it.
`Sport-sessions/<id>.json` is a session, with its track in `GPS-data` (JSON until 2020, or GPX). Times are milliseconds
UTC, `duration` is without pauses, distances are metres, and -1 stands for a start without a place. adidas documents
none of it: seen in an export, and in the samples of fcrespel/runtastic-export-converter. What the numbers of surfaces
mean is in no public source.
"""

import datetime as dt
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite, nan
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from shoemon.model.activity import Activity, Gear, Problem
from shoemon.model.errors import SourceError
from shoemon.model.recording import Recording, TrackError
from shoemon.model.sports import INDOOR_SPORTS
from shoemon.sources.formats.points import Capacity, Points
from shoemon.sources.formats.values import at, moment
from shoemon.sources.kit.activities import Row, make_activity, moment_since_1970, read_records
from shoemon.sources.kit.fields import life_at, needed_number_at, needed_text_at, number_at, text_at
from shoemon.sources.kit.files import ExportFiles, begins, is_json
from shoemon.sources.kit.sport_names import SportWords
from shoemon.sources.kit.whole_export import MOST_JSON_BYTES, ExportContext, ExportSettings, Format, WholeExport, figure

_REMEDY = "correct `path`, or export again (adidas Running, Settings, Export Data)"
_BEGINS = re.compile(rb'\s*\{.*"start_time"\s*:\s*\d.*"(?:start_time_timezone_offset|sport_type_id)"\s*:', re.DOTALL)
_TRACKS = re.compile(r"(?:.*/)?GPS-data/[^/]+\.(?:json|gpx)", re.IGNORECASE)
_NO_SESSIONS = frozenset({"gps-data", "elevation-data", "heart-rate-data", "photos", "user"})
"""Folders of other JSON files, in lower case."""


class Settings(ExportSettings):
    """An export of an account of adidas Running (Runtastic)."""

    type: Literal["adidas-running"] = Field("adidas-running", description="adidas Running (Runtastic), account export")
    path: str = Field(
        description="the zip as downloaded, its unpacked folder, or one session of it; ~ and patterns such as "
        "~/Downloads/export-*.zip (the newest match is read) are allowed",
        examples=["~/Downloads/export-20260901-000.zip"],
    )
    surface_map: dict[str, str] = Field(
        {}, description="surfaces for the export's own numbers, whose names it does not contain, such as {4: gravel}"
    )


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read `path`, if it contains sessions by their beginning."""
    return {"type": "adidas-running", "path": str(path)} if begins(path, _is_session, _BEGINS.match) else None


class AdidasRunning(WholeExport):
    """The export that `path` means, with the pairs that it lists."""

    def gear(self) -> Sequence[Gear]:
        with self._open() as files:
            return list(read_pairs(files).pairs.values())


def _is_session(name: str) -> bool:
    return is_json(name) and _NO_SESSIONS.isdisjoint(name.lower().split("/"))


def _records(files: ExportFiles, context: ExportContext) -> Iterator[Activity | Problem]:
    pairs = read_pairs(files)
    yield from pairs.problems
    sports = SportWords(context.sport_map, names=NAMES, sports=SPORTS, others=OTHERS)
    reader = SessionReader(context, pairs, sports, filter(_TRACKS.fullmatch, files.names))
    yield from read_records(_rows(files), reader.read, need_distance=True)
    yield from reader.problems()


def _rows(files: ExportFiles) -> Iterator[Row]:
    """Yield the files that are sessions, or cannot be read; others may lie beside them."""
    is_any = False
    for name, content in files.json_rows(MOST_JSON_BYTES):
        is_bad = isinstance(content, ValueError)
        if _is_session(name) and (is_bad or is_session(content)):
            is_any = True
            yield name, content if is_bad else (name, content)
    if not is_any:
        raise SourceError(f"no JSON file in {files.path} contains a session; {_REMEDY}")


class Pairs:
    """The pairs by id, those of a session by the session's id, and the files that cannot be read."""

    def __init__(self) -> None:
        self.pairs: dict[str, Gear] = {}
        self.problems: list[Problem] = []
        self.worn: dict[str, list[str]] = {}

    def add(self, pair: Mapping[str, Any]) -> None:
        """Add the content of a file. Raises ValueError if it has no id."""
        id, name = needed_text_at(pair, "id"), text_at(pair, "name")
        if (text_at(pair, "equipment_type") or "shoe") != "shoe":
            return
        initial_m = life_at(pair, "initial_distance")
        self.pairs[id] = Gear(id, " ".join(name.split()) if name else None, _life(pair), initial_m=initial_m)
        sessions = pair.get("samples_ids")
        for session in sessions if isinstance(sessions, list) else ():
            self.worn.setdefault(str(session), []).append(id)


def is_pair_file(name: str) -> bool:
    return is_json(name) and posixpath.basename(posixpath.dirname(name)).lower() == "shoes"


def read_pairs(files: ExportFiles) -> Pairs:
    """Read the pairs of an export. A file that cannot be read is a problem."""
    found = Pairs()
    for name in filter(is_pair_file, files.names):
        try:
            content = files.json(name)
            if not isinstance(content, Mapping):
                raise ValueError("its structure is unknown")
            found.add(content)
        except ValueError as error:
            found.problems.append(Problem(name, str(error)))
    return found


def _life(pair: Mapping[str, Any]) -> float | None:
    milestones = pair.get("milestones")
    for milestone in milestones if isinstance(milestones, list) else ():
        if isinstance(milestone, Mapping) and milestone.get("type") == "retirement_distance":
            return life_at(milestone, "value")
    return None


NAMES = {
    "1": "Running", "2": "Nordic walking", "3": "Cycling", "4": "Mountain biking", "7": "Hiking",
    "8": "Cross country skiing", "9": "Skiing", "10": "Snowboarding", "13": "Snowshoeing", "14": "Treadmill",
    "15": "Ergometer", "17": "Rowing", "18": "Swimming", "19": "Walking", "22": "Race cycling", "26": "Yoga",
    "34": "Strength training", "46": "Spinning", "53": "Backcountry skiing", "82": "Trail running", "84": "Plogging",
    "86": "E-biking", "88": "Rowing machine",
}  # fmt: skip
"""From the list in an export that schnatterer/Runtastic2FitoTrack has; other programs agree on 1, 3, 4, 7, 9, 15, 18,
19 and 22."""
OTHERS = frozenset(map(str, {*range(2, 114)} - {12, 107}))
"""All numbers of that list up to 113, but for track and field, which may be runs."""
SPORTS = {"Plogging": "run", "Ergometer": "ride"}
_LONGEST_NAME = 200
_FURTHEST_MS = 14 * 3_600_000
_OPTIONAL = (
    "latitude", "longitude", "start_time_timezone_offset", "end_time", "duration", "elevation_gain",
)  # fmt: skip
"""Numbers without which a session counts all the same."""


def is_session(content: Any) -> bool:
    return isinstance(content, Mapping) and not {"start_time", "sport_type_id"}.isdisjoint(content)


class SessionReader:
    """Reads the sessions of one export: `pairs` are those of the account, `tracks` the names of its track files."""

    def __init__(self, context: ExportContext, pairs: Pairs, sports: SportWords, tracks: Iterable[str]) -> None:
        self._context, self._pairs, self._sports = context, pairs, sports
        self._surfaces: Mapping[str, str] = getattr(context.settings, "surface_map", {})
        self._tracks = {posixpath.splitext(posixpath.basename(name))[0]: name for name in tracks}
        self._unknown: dict[str, list[str]] = {}
        self._odd: list[Problem] = []

    def read(self, row: tuple[str, Mapping[str, Any]]) -> Activity:
        """Read a session: its file, and its content. Raises ValueError."""
        name, session = row
        id, number = needed_text_at(session, "id"), text_at(session, "sport_type_id") or ""
        sport = self._sports.sport(number)
        worn = [self._pairs.pairs.get(pair, Gear(pair)) for pair in self._worn(id, session)]
        notes = text_at(session, "notes") or ""
        start, distance_m = needed_number_at(session, "start_time"), number_at(session, "distance") or 0.0
        numbers = {key: self._optional(session, key, name) for key in _OPTIONAL}
        lat, lon, end = numbers["latitude"], numbers["longitude"], numbers["end_time"]
        is_placed = (lat, lon) not in ((-1, -1), (0, 0))
        return make_activity(
            self._context.source,
            id,
            moment_since_1970(start / 1000, self._zone(numbers["start_time_timezone_offset"])),
            self._sports.name(number),
            distance_m,
            session,
            sport=sport,
            name=notes.partition("\n")[0][:_LONGEST_NAME],
            moving_s=None if (duration := numbers["duration"]) is None else duration / 1000,
            elapsed_s=None if end is None else (end - start) / 1000,
            elevation_m=numbers["elevation_gain"],
            gear_raw=" + ".join(pair.gear_raw for pair in worn),
            gear_name=" + ".join(pair.name or pair.gear_raw for pair in worn) if any(p.name for p in worn) else None,
            indoor=True if sport in INDOOR_SPORTS or session.get("indoor") is True else None,
            surface_raw=self._surface(session, name),
            start_lat=lat if is_placed else None,
            start_lon=lon if is_placed else None,
            track=self._tracks.get(posixpath.splitext(posixpath.basename(name))[0]),
        )

    def problems(self) -> Iterator[Problem]:
        """Yield a Problem for each number that is none, and of a surface that the runner has not named."""
        yield from self._odd
        for number, places in self._unknown.items():
            many = f"{len(places):,} sessions were" if len(places) > 1 else "a session was"
            remedy = f'if you know it, set it to a surface, such as paved or gravel: surface_map: {{"{number}": paved}}'
            message = f"{many} on surface {number}, of which the export gives no name; {remedy}"
            yield Problem(places[0], message, is_note=True)

    def _worn(self, session_id: str, session: Mapping[str, Any]) -> Iterable[str]:
        """Return the ids of the pairs of a session: those that it names, else those that name it."""
        named = session.get("user_equipment_ids")
        ids = [str(id) for id in named if isinstance(id, str | int)] if isinstance(named, list) else []
        shoes = [id for id in ids if id in self._pairs.pairs] or self._pairs.worn.get(session_id) or ids
        return dict.fromkeys(shoes)

    def _optional(self, session: Mapping[str, Any], key: str, place: str) -> float | None:
        try:
            return number_at(session, key)
        except ValueError as error:
            self._odd.append(Problem(place, f"{error}; the session counts without it", is_note=True))
            return None

    def _zone(self, offset_ms: float | None) -> dt.tzinfo:
        if offset_ms is None or abs(offset_ms) > _FURTHEST_MS:
            return self._context.zone
        return dt.timezone(dt.timedelta(milliseconds=offset_ms))

    def _surface(self, session: Mapping[str, Any], place: str) -> str | None:
        number = text_at(session, "surface_id")
        if number is not None and number not in self._surfaces:
            self._unknown.setdefault(number, []).append(place)
        return None if number is None else self._surfaces.get(number, number)


def read_points(content: Any, number: int) -> Recording:
    """Make the recording of a track in JSON. May raise for an unknown structure."""
    if not isinstance(content, list):
        raise TrackError("it no longer contains points")
    points = Points(Capacity())
    for point in content:
        points.add(_time(point["timestamp"]), *(figure(point, key) for key in ("latitude", "longitude", "distance")))
    trace, notes = points.trace([])
    return Recording(number=number, started_at=at(trace.times[0]) if trace else None, trace=trace, notes=notes)


def _time(value: Any) -> float:
    """Return seconds since 1970 of `2018-09-01 11:28:34 +0200`, or of milliseconds; nan for another time."""
    if isinstance(value, int | float):
        return value / 1000 if isfinite(value) else nan
    return moment(value)[0] if isinstance(value, str) else nan


make = AdidasRunning.of(
    Format(
        remedy=_REMEDY,
        content="session of adidas Running (Sport-sessions/....json)",
        is_wanted=lambda name: _is_session(name) or is_pair_file(name) or _TRACKS.fullmatch(name) is not None,
        records=_records,
        recording=read_points,
        is_record=_is_session,
    )
)
