"""Source type `withings`: activities.csv of the data export of Withings.

The first two columns are the begin and the end, in ISO 8601 with an offset; their names are in the runner's language
(`from`, `von`). `Data` contains JSON, with the distance in metres.
"""

from shoemon.sources.table.export import table_export

Settings, make, recognise = table_export(
    "withings",
    "Activities of Withings (activities.csv of its data export)",
    files=r"activities\.csv",
    known_by=("Timezone", "Activity type", "Data"),
    columns={
        "id": "[0]",
        "start": "[0]",
        "end": "[1]",
        "timezone": "Timezone",
        "sport": "Activity type",
        "distance": {"column": "Data.distance", "unit": "m"},
    },
)
