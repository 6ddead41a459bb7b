"""Source type `fitbit`: the exercises of Fitbit, as Google Takeout wrote them until 2024.

`Global Export Data/exercise-0.json`, `exercise-100.json` and so on, with up to a hundred exercises each. Times are by
the runner's clock, without a zone. The unit of `elevationGain` is not known, so it is not read.
"""

from shoemon.sources.table.export import table_export

Settings, make, recognise = table_export(
    "fitbit",
    "Exercises of Fitbit, as Google Takeout wrote them until 2024 (exercise-0.json)",
    files=r"exercise-\d+\.json",
    known_by=("logId", "activityName", "startTime"),
    columns={
        "id": "logId",
        "start": {"column": "startTime", "format": "%m/%d/%y %H:%M:%S"},
        "sport": "activityName",
        "distance": {"column": "distance", "unit_column": "distanceUnit"},
        "moving": {"column": "activeDuration", "unit": "ms"},
        "elapsed": {"column": "duration", "unit": "ms"},
        "name": None,
        "elevation": None,
    },
    example="takeout-*.zip",
)
