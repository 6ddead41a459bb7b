"""Small exports of the forms that are read without a module of their own, or with few files, and how a mutant is read."""

from contextlib import closing
from functools import cache
from pathlib import Path

from kit.laid_exports import as_bytes

from shoemon.config.registry import SOURCES
from shoemon.model.activity import Activity
from shoemon.sources import Context, open_source, recognise

_SESSION = {
    "start_time": 1772334000000, "end_time": 1772337600000, "start_time_timezone_offset": 7200000, "distance": 10000,
    "duration": 3300000, "pause_duration": 300000, "notes": "Long", "indoor": False, "latitude": 60.0, "id": "s1",
    "surface_id": "1", "sport_type_id": "1", "user_equipment_ids": ["p1"],
}  # fmt: skip
_PAIR = {
    "id": "p1", "name": "Glide", "initial_distance": 120000, "samples_ids": ["s1"], "equipment_type": "shoe",
    "milestones": [{"type": "retirement_distance", "value": 500000}],
}  # fmt: skip
_POINTS = [
    {"timestamp": f"2018-09-01 11:28:{n} +0200", "longitude": 3.0, "latitude": 50 + n / 1e4, "distance": n}
    for n in range(10, 40)
]


@cache
def export_seeds() -> dict[tuple[str, str], bytes]:
    """One small file of every form, by type and name."""
    exercise = {
        "logId": 7, "activityName": "Run", "startTime": "03/20/20 17:20:00", "distance": 5.0, "distanceUnit": "Mile",
        "duration": 2700000, "activeDuration": 2690000,
    }  # fmt: skip
    files = {
        ("adidas-running", "Sport-sessions/s1.json"): _SESSION,
        ("adidas-running", "User/Shoes/p1.json"): _PAIR,
        ("adidas-running", "Sport-sessions/GPS-data/s1.json"): _POINTS,
        ("fitbit", "exercise-0.json"): [exercise | {"logId": n} for n in range(20)],
        ("mapmyrun", "workouts.csv"): "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link\n"
        + "".join(f'"Sept. {n}, 2025",Run,4.{n},2036,,http://x.org/workout/{n}\n' for n in range(1, 28)),
        ("zepp", "SPORT/SPORT_1.csv"): "type,startTime,sportTime(s),distance(m)\n"
        + "".join(f"1,2026-07-{n:02} 18:03:16+0000,2520,7{n}00.0\n" for n in range(1, 28)),
        ("withings", "activities.csv"): "von,bis,Timezone,Activity type,Data\n"
        + "".join(f'2026-09-{n:02}T07:00:00+02:00,2026-09-{n:02}T07:30:00+02:00,Europe/Berlin,Running,"{{""distance"":{n}12.5}}"\n' for n in range(1, 28)),
        ("table", "one.json"): {"id": "a", "date": "2026-09-01T06:30:00Z", "km": 5, "laps": [{"km": 1}], "gear": {"id": "g"}},
        ("table", "reworked.csv"): "Activity ID,Activity Date,Activity Type,Distance (km)\n"
        + "".join(f'{n},"Sep {n}, 2026, 10:30:00 PM",Run,5\n' for n in range(1, 28)),
    }  # fmt: skip
    return {place: as_bytes(content) for place, content in files.items()}


def read_export(folder: Path, kind: str, name: str, data: bytes) -> None:
    """Read the export with the file `name` as it is recognised, and as the type that it was. Raises what that does."""
    whole = dict(export_seeds())
    for (other, path), content in whole.items():
        if other == kind == "adidas-running" or path == name:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data if path == name else content)
    path = folder if kind != "table" else folder / name
    found = recognise(path)
    columns = {"columns": {"start": "Activity Date"}} if name.startswith("reworked") else {}
    for settings in filter(None, (found, {"type": kind, "path": str(path), **(columns if kind == "table" else {})})):
        made = SOURCES.module_of(settings["type"]).Settings.model_validate({"name": "x", **settings})
        source = open_source(made, Context(folder, "Europe/Berlin"))
        with closing(source.pull(None)) as pull:
            runs = [record for record in pull if isinstance(record, Activity)]
        assert all(0 <= run.distance_m <= 500_000 for run in runs if run.sport == "run")
        if hasattr(source, "open_tracks") and runs and runs[0].track:
            with closing(source.open_tracks()) as tracks:
                tracks.recordings(runs[0].track)
