"""Source type `mapmyrun`: the list of workouts of MapMyRun and the other apps of MapMyFitness, as CSV.

It gives the day of a workout without a time, also in the runner's language. The unit of distances is in the column's
name.
"""

from shoemon.sources.table.export import table_export

Settings, make, recognise = table_export(
    "mapmyrun",
    "Workouts of MapMyRun and MapMyFitness, as CSV",
    files=r".*\.csv",
    known_by=("Workout Date", "Activity Type", "Workout Time (seconds)"),
    columns={
        "id": {"column": "Link", "match": r"(?:.*/)?([^/]+)"},
        "start": "Workout Date",
        "sport": "Activity Type",
        "moving": "Workout Time (seconds)",
        "name": "Notes",
    },
    sports={"Hike / Rock Climb": "hike", "Bike Ride": "ride"},
)
