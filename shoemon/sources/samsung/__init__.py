"""Source type `samsung`: the exercises in an export of Samsung Health.

`jsons/com.samsung.shealth.exercise/<first letter>/<datauuid>.com.samsung.health.exercise.location_data.json` is a list
of points with `latitude`, `longitude` and `start_time` in milliseconds since 1970: known from SHealth2GPX and others.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from posixpath import basename
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from shoemon.decide.same_run.compare import outline_of
from shoemon.decide.same_run.duplicates import find_duplicates
from shoemon.model.activity import Activity, Problem
from shoemon.model.recording import Recording, TrackError
from shoemon.model.sports import ON_FOOT, UNKNOWN_SPORT
from shoemon.sources.formats.points import Capacity, Points
from shoemon.sources.formats.values import at
from shoemon.sources.kit.activities import make_activity, moment_utc, read_records, without_distance
from shoemon.sources.kit.apps import AppRecord, filled_in, refuse_crowded_days
from shoemon.sources.kit.cells import number_reader, offset_reader
from shoemon.sources.kit.fields import needed_text_at, number_at, text_at
from shoemon.sources.kit.files import ExportFiles, begins
from shoemon.sources.kit.sport_names import SportWords
from shoemon.sources.kit.whole_export import ExportContext, ExportSettings, Format, WholeExport, figure
from shoemon.sources.samsung.tables import ExerciseRow, begins_like_a_table, exercises_in, is_table

NAMES = {
    "0": "Custom", "1001": "Walking", "1002": "Running", "11007": "Cycling", "13001": "Hiking", "13003": "Backpacking",
    "13004": "Mountain biking", "13005": "Orienteering", "14001": "Swimming", "14007": "Kayaking",
    "14010": "Rowing", "15002": "Weight machine", "15003": "Exercise bike", "15004": "Rowing machine",
    "15005": "Treadmill", "16001": "Cross country skiing", "16002": "Skiing", "16007": "Snowboarding",
    "16008": "Alpine skiing", "16009": "Snowshoeing",
}  # fmt: skip
"""By number, from Samsung's list of EXERCISE_TYPE (Health SDK). Its treadmill is for running and walking."""
OTHERS = frozenset(
    str(first + number)
    for first, last in {
        1000: 2, 2000: 3, 3000: 3, 4000: 6, 5000: 2, 6000: 5, 7000: 3, 8000: 3, 9000: 2, 10000: 27, 11000: 9,
        12000: 1, 13000: 5, 14000: 13, 15000: 6, 16000: 9,
    }.items()
    for number in range(1, last + 1)
)  # fmt: skip
"""All numbers of that list."""
SPORTS = {"Orienteering": "trail-run", "Weight machine": "strength"}


class Settings(ExportSettings):
    """An export of Samsung Health (Settings, Download personal data)."""

    type: Literal["samsung"] = Field("samsung", description="Samsung Health's export")
    path: str = Field(
        description="the folder samsunghealth_... that the app exports, or a zip of it; ~ and patterns such as "
        "~/Downloads/samsunghealth_* (the newest match is read) are allowed",
        examples=["~/Downloads/samsunghealth_anna_20240501083000"],
    )


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read `path`, if it contains Samsung's list of exercises by its name and first line."""
    return {"type": "samsung", "path": str(path)} if begins(path, is_table, begins_like_a_table) else None


def _records(files: ExportFiles, context: ExportContext) -> Iterator[Activity | Problem]:
    sports = SportWords(context.sport_map, names=NAMES, sports=SPORTS, others=OTHERS)
    points = {basename(name): name for name in files.names if is_points(name)}
    records: dict[str, AppRecord] = {}

    def read(row: ExerciseRow) -> Activity:
        record = read_exercise(row, context.source, context.zone, sports, points_of(row.cells, points))
        records.setdefault(record.activity.native_id, record)
        return record.activity

    yield from (found for found in read_records(exercises_in(files), read) if isinstance(found, Problem))
    for record in without_copies(list(records.values())):
        yield record.activity
        yield from without_distance(record.activity, record.place)


_ENDING = ".location_data.json"
_BY_ID = "{}.com.samsung.health.exercise.location_data.json"
_OWN = "com.sec.android.app.shealth"
_MOST_A_DAY = 500
_offset_clock, _offset_ms = (offset_reader(number_reader("."), unit) for unit in (None, "ms"))
_KEPT = (
    "datauuid", "start_time", "end_time", "time_offset", "update_time", "exercise_type", "exercise_custom_type",
    "title", "duration", "distance", "altitude_gain", "altitude_loss", "source_type", "pkg_name", "location_data",
)  # fmt: skip
"""The columns that are stored. Those about heart, sweat and breath are private, and not needed."""


def read_exercise(row: ExerciseRow, source: str, zone: ZoneInfo, sports: SportWords, track: str | None) -> AppRecord:
    """Read the exercise in `row`; `track` is the file with its points. Raises ValueError for an impossible one."""
    cells = row.cells
    number = needed_text_at(cells, "exercise_type").removesuffix(".0")
    title = text_at(cells, "title")
    sport = sports.sport(number)
    if number == "0" and title and sport == UNKNOWN_SPORT:
        sport = sports.sport(title)
    lasted_ms = number_at(cells, "duration")
    activity = make_activity(
        source,
        needed_text_at(cells, "datauuid"),
        moment_utc(_utc(needed_text_at(cells, "start_time")), _offset(cells.get("time_offset", "")) or zone),
        sports.name(number),
        number_at(cells, "distance") or 0.0,
        {key: cells[key] for key in _KEPT if key in cells},
        sport=sport,
        name=title,
        moving_s=lasted_ms / 1000 if lasted_ms is not None else None,
        elapsed_s=_elapsed_s(cells),
        elevation_m=number_at(cells, "altitude_gain"),
        indoor=True if sport == "treadmill-run" else None,
        start_lat=number_at(cells, "start_latitude"),
        start_lon=number_at(cells, "start_longitude"),
        track=track,
    )
    return AppRecord(activity, cells.get("pkg_name", ""), row.place)


def _offset(text: str) -> dt.timezone | None:
    """Read `UTC+0900`, or milliseconds as in Samsung's API; None for another text: only the local day depends on it."""
    try:
        return dt.timezone(dt.timedelta(seconds=(_offset_ms if text.lstrip("-").isdecimal() else _offset_clock)(text)))
    except ValueError:
        return None


def _utc(text: str) -> dt.datetime:
    """Read `2021-10-08 10:48:24.000`, or milliseconds since 1970."""
    try:
        if text.isdecimal():
            return dt.datetime.fromtimestamp(int(text) / 1000, dt.UTC)
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{text[:40]!r} is not a time as Samsung writes it") from None


def _elapsed_s(cells: Mapping[str, str]) -> float | None:
    """Return the seconds from start to end; None without an end: for a run in progress it is the start."""
    try:
        lasted = (_utc(cells["end_time"]) - _utc(cells["start_time"])).total_seconds()
    except (KeyError, ValueError):
        return None
    return lasted if lasted > 0 else None


def without_copies(records: Sequence[AppRecord]) -> list[AppRecord]:
    """Return each run once: the record of Samsung's own app, if there is one, with what it lacks from its copies.
    Records of one app are never copies of each other, like those of one source. Raises SourceError if a day has too
    many."""
    apps = sorted({record.app for record in records}, key=lambda app: (app != _OWN, app))
    if len(apps) < 2:
        return list(records)
    refuse_crowded_days((record.activity for record in records), _MOST_A_DAY, "the export contains")
    on_foot = [record for record in records if record.activity.sport in ON_FOOT]
    outlines = [outline_of(record.activity)._replace(source=record.app) for record in on_foot]
    of = find_duplicates(outlines, {app: place for place, app in enumerate(apps)}).of
    groups = {record.activity.id: [record] for record in records if record.activity.id not in of}
    for record in records:
        if record.activity.id in of:
            groups[of[record.activity.id]].append(record)
    return list(map(filled_in, groups.values()))


def is_points(name: str) -> bool:
    return name.lower().endswith(_ENDING) and ".exercise" in name.lower()


def points_of(cells: Mapping[str, str], files: Mapping[str, str]) -> str | None:
    """Return the one of `files`, by their names without folders, that has the points of an exercise."""
    stated = basename(cells.get("location_data", ""))
    possible = (stated, f"{stated}.json", _BY_ID.format(cells.get("datauuid", "")))
    return next((files[name] for name in possible if name in files), None)


def read_points(content: Any, number: int) -> Recording:
    """Make the recording in a file of points. May raise anything if the structure is unknown."""
    if not isinstance(content, list):
        raise TrackError("it contains no list of points")
    points = Points(Capacity())
    for point in content:
        points.add(figure(point, "start_time") / 1000, figure(point, "latitude"), figure(point, "longitude"))
    trace, notes = points.trace()
    return Recording(number=number, started_at=at(trace.times[0]) if trace else None, trace=trace, notes=notes)


make = WholeExport.of(
    Format(
        remedy="correct `path`, or export again (Samsung Health, Settings, Download personal data)",
        content="list of exercises of Samsung Health (com.samsung.shealth.exercise.....csv)",
        is_wanted=lambda name: is_table(name) or is_points(name),
        is_record=is_table,
        records=_records,
        recording=read_points,
    )
)
