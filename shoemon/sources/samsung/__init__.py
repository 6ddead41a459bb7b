"""Source type `samsung`: the exercises in an export of Samsung Health."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from shoemon.model.activity import Activity, Problem
from shoemon.sources.kit.activities import read_records
from shoemon.sources.kit.distances import without_distance
from shoemon.sources.kit.files import ExportFiles, begins
from shoemon.sources.kit.sport_names import SportNumbers
from shoemon.sources.kit.whole_export import ExportContext, ExportSettings, Format, WholeExport
from shoemon.sources.samsung.exercises import (
    PointFiles,
    SamsungRecord,
    is_points,
    read_exercise,
    read_points,
    without_copies,
)
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
    sports = SportNumbers(NAMES, SPORTS, OTHERS, context.sport_map)
    points = PointFiles(files.names)
    records: dict[str, SamsungRecord] = {}

    def read(row: ExerciseRow) -> Activity:
        record = read_exercise(row, context.source, context.zone, sports, points.of(row.cells))
        records.setdefault(record.activity.native_id, record)
        return record.activity

    yield from (found for found in read_records(exercises_in(files), read) if isinstance(found, Problem))
    for record in without_copies(list(records.values())):
        yield record.activity
        yield from without_distance(record.activity, record.place)


make = WholeExport.of(
    Format(
        reader=2,
        remedy="correct `path`, or export again (Samsung Health, Settings, Download personal data)",
        content="list of exercises of Samsung Health (com.samsung.shealth.exercise.....csv)",
        is_wanted=lambda name: is_table(name) or is_points(name),
        is_record=is_table,
        records=_records,
        recording=read_points,
    )
)
