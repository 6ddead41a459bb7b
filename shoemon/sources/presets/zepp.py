"""Source type `zepp`: the workouts of Zepp (Amazfit, Mi Fit), `SPORT/SPORT_<number>.csv` of its data export.

Times are UTC, -1 stands for what was not measured. The numbers of sports are known from programs that read real
exports; some watches write 8 for a walk.
"""

from shoemon.sources.table.export import table_export

Settings, make, recognise = table_export(
    "zepp",
    "Workouts of Zepp (Amazfit, Mi Fit): its data export, unpacked",
    files=r"SPORT(?:_\d+)?\.csv",
    known_by=("type", "startTime", "sportTime(s)", "distance(m)"),
    columns={
        "id": "startTime",
        "start": "startTime",
        "sport": "type",
        "distance": {"column": "distance(m)", "values": {"-1": "0", "-1.0": "0"}},
        "moving": "sportTime(s)",
    },
    sports={
        "1": "run", "6": "walk", "7": "trail-run", "8": "treadmill-run", "9": "ride", "10": "ride", "11": "other",
        "12": "other", "13": "hike", "14": "swim", "15": "swim", "16": "other", "17": "other", "18": "other",
        "19": "ski", "21": "other", "22": "hike", "23": "row", "24": "other", "42": "ski", "47": "ride",
        "49": "strength", "52": "strength", "60": "other", "85": "other", "92": "other",
    },
)  # fmt: skip
