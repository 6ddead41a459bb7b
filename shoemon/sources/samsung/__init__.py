"""Source type `samsung`: the exercises of Samsung Health, as the app writes them on request."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from shoemon.config.kinds import SourceSettings
from shoemon.model.activity import Activity, Problem
from shoemon.sources import Context
from shoemon.sources.kit.activities import Row, read_records
from shoemon.sources.kit.files import ExportFiles, begins
from shoemon.sources.kit.sport_numbers import Sport, SportNumbers
from shoemon.sources.kit.whole_export import Format, Reading, WholeExport, without_distance
from shoemon.sources.samsung.exercises import PointFiles, Sight, is_points, read_exercise, read_points, without_copies
from shoemon.sources.samsung.tables import Exercise, begins_like_a_table, exercises_in, is_table

NAMES = {
    "0": "Custom", "1001": "Walking", "1002": "Running", "11007": "Cycling", "13001": "Hiking", "13003": "Backpacking",
    "13004": "Mountain biking", "13005": "Orienteering", "14001": "Swimming", "14007": "Kayaking",
    "14010": "Rowing", "15002": "Weight machine", "15003": "Exercise bike", "15004": "Rowing machine",
    "15005": "Treadmill", "16001": "Cross country skiing", "16002": "Skiing", "16007": "Snowboarding",
    "16008": "Alpine skiing", "16009": "Snowshoeing",
}  # fmt: skip
"""By number, as Samsung's list of EXERCISE_TYPE (Health SDK) has them. Its treadmill is for running and walking."""
OTHERS = frozenset(
    str(first + number)
    for first, last in {
        1000: 2, 2000: 3, 3000: 3, 4000: 6, 5000: 2, 6000: 5, 7000: 3, 8000: 3, 9000: 2, 10000: 27, 11000: 9,
        12000: 1, 13000: 5, 14000: 13, 15000: 6, 16000: 9,
    }.items()
    for number in range(1, last + 1)
)  # fmt: skip
"""All numbers of that list."""
SPORTS = {
    "Orienteering": "trail-run", "Mountain biking": "ride", "Exercise bike": "ride", "Rowing machine": "row",
    "Skiing": "ski", "Alpine skiing": "ski", "Snowshoeing": "hike", "Weight machine": "strength",
}  # fmt: skip


class Settings(SourceSettings):
    """An export of Samsung Health (Settings, Download personal data)."""

    type: Literal["samsung"] = Field("samsung", description="Samsung Health's export")
    path: str = Field(
        description="the folder samsunghealth_... that the app wrote, or a zip of it; ~ and patterns such as "
        "~/Downloads/samsunghealth_* (the newest match is read) are allowed",
        examples=["~/Downloads/samsunghealth_anna_20240501083000"],
    )
    sport_map: dict[str, Sport] = Field({}, description="what one of Samsung's numbers or words for sports means")


def make(settings: Settings, context: Context) -> WholeExport:
    """The source that reads the export. `context.timezone` is asked only where an exercise lacks its offset."""
    return WholeExport(settings.name, settings.path, settings.sport_map, context, _FORMAT)


def recognise(path: Path) -> dict[str, Any] | None:
    """The settings that read `path`, if it holds Samsung's list of exercises; judged by its name and first line."""
    return {"type": "samsung", "path": str(path)} if begins(path, is_table, begins_like_a_table) else None


def _records(files: ExportFiles, reading: Reading) -> Iterator[Activity | Problem]:
    sports = SportNumbers(NAMES, SPORTS, OTHERS, reading.sport_map)
    points = PointFiles(files.names)
    sights: dict[str, Sight] = {}
    uneven: list[Problem] = []

    def read(row: Exercise) -> Activity:
        sight = read_exercise(row, reading.source, reading.zone, sports, points.of(row.told))
        sights.setdefault(sight.activity.native_id, sight)
        return sight.activity

    yield from (found for found in read_records(_rows(files, uneven), read) if isinstance(found, Problem))
    yield from uneven
    for sight in without_copies(list(sights.values())):
        yield sight.activity
        yield from without_distance(sight.activity, sight.place)
    yield from sports.problems()


def _rows(files: ExportFiles, uneven: list[Problem]) -> Iterator[Row]:
    for found in exercises_in(files):
        if isinstance(found, Problem):
            uneven.append(found)
        else:
            yield found.place, found


_FORMAT = Format(
    reader=1,
    remedy="correct `path`, or export again (Samsung Health, Settings, Download personal data)",
    content="list of exercises of Samsung Health's (com.samsung.shealth.exercise.....csv)",
    is_wanted=lambda name: is_table(name) or is_points(name),
    is_record=is_table,
    records=_records,
    recording=read_points,
)
