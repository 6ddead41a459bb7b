"""Source type `google-health`: the exercises of Fitbit and Google Health, as Google Takeout writes them since 2024.

`UserExercises.csv`, or several `UserExercises_2026-04-07.csv`, below `Fitbit/Health Fitness Data_GoogleData`. The
readme next to it explains its columns. Times are UTC, distances millimetres: 0 or blank if not measured. It names no
shoes, and its tracks are elsewhere.
"""

import json
from collections.abc import Iterable, Iterator

from shoemon.model.activity import Activity, Problem
from shoemon.sources.kit.fields import optional_number_at
from shoemon.sources.table.export import table_export


def _latest(records: Iterable[Activity | Problem]) -> Iterator[Activity | Problem]:
    """Yield each exercise as it was last updated, with the runner's own distance if none was measured; not those that
    were deleted, by a column that contains UNSPECIFIED in the others."""
    latest: dict[str, tuple[str, Activity]] = {}
    for record in records:
        if isinstance(record, Problem):
            yield record
            continue
        updated = json.loads(record.raw).get("exercise_last_updated", "")
        if record.native_id not in latest or updated > latest[record.native_id][0]:
            latest[record.native_id] = updated, record
    for _, record in latest.values():
        cells = json.loads(record.raw)
        if "UNSPECIFIED" in cells.get("deletion_reason", "UNSPECIFIED").upper():
            own_mm = optional_number_at(cells, "manually_logged_total_distance_mm") or 0.0
            yield record._replace(distance_m=record.distance_m or own_mm / 1000)


Settings, make, recognise = table_export(
    "google-health",
    "Exercises of Fitbit and Google Health, as Google Takeout writes them since 2024 (UserExercises.csv)",
    files=r"userexercises.*\.csv",
    known_by=("exercise_id", "exercise_start", "activity_name", "tracker_total_distance_mm"),
    columns={
        "id": "exercise_id",
        "start": "exercise_start",
        "sport": "activity_name",
        "distance": {"column": "tracker_total_distance_mm", "unit": "mm"},
        "indoor": {
            "column": "activity_name",
            "match": "([Oo]utdoor|[Tt]readmill)",
            "values": {"Outdoor": "false", "outdoor": "false", "Treadmill": "true", "treadmill": "true"},
        },
        "name": None,
    },
    example="takeout-*.zip",
    times="utc",
    choose=_latest,
)
