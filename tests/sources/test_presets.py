"""Exports that are data for `table`: recognised by their columns, read from a zip, a folder or files."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kit.laid_exports import as_bytes, folder, zipped
from kit.track_mutants import mutant

from shoemon.config.registry import SOURCES
from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import MistakeError, SourceError
from shoemon.model.recording import TrackError
from shoemon.sources import Context, open_source, recognise

NO_DISTANCE = "it has no distance: it counts as 0 m until a correction gives the distance"
FITBIT = {
    "logId": 7, "activityName": "Run", "activityTypeId": 90009, "startTime": "03/20/20 17:20:00", "distance": 5.0,
    "distanceUnit": "Mile", "duration": 2700000, "activeDuration": 2690000, "elevationGain": 90, "hasGps": True,
    "heartRateZones": [{"min": 1}], "source": {"id": "x", "trackerFeatures": ["GPS"]},
}  # fmt: skip
MAPMYRUN = "Date Submitted,Workout Date,Activity Type,Distance ({unit}),Workout Time (seconds),Notes,Source,Link\n"
ZEPP = "type,startTime,sportTime(s),maxPace(/meter),minPace(/meter),distance(m),avgPace(/meter),calories(kcal)\n"
WITHINGS = "von,bis,Timezone,Activity type,Data,GPS,Modified\n"
EXPORTS: dict[str, tuple[str, Any]] = {
    "fitbit": ("Takeout/Fitbit/Global Export Data/exercise-0.json", [FITBIT]),
    "mapmyrun": ("workout_history.csv", MAPMYRUN.format(unit="mi") + '"May 7, 2025","May 6, 2025",Run,4.0,2036,,Phone,http://www.mapmyfitness.com/workout/85\n'),
    "zepp": ("SPORT/SPORT_1700000000000.csv", ZEPP + "1,2026-07-06 18:03:16+0000,2520,0.2,0.4,7200.0,0.35,420\n"),
    "withings": ("activities.csv", WITHINGS + '2026-09-01T07:00:00+02:00,2026-09-01T07:30:00+02:00,Europe/Berlin,Running,"{""steps"":900,""distance"":5012.5}",,\n'),
}  # fmt: skip
RUNS = {
    "fitbit": ("7", "2020-03-20T16:20:00Z", "2020-03-20", "run", 8046.72, 2690.0, 2700.0),
    "mapmyrun": ("85", "2025-05-06", "2025-05-06", "run", 6437.376, 2036.0, None),
    "zepp": ("2026-07-06 18:03:16+0000", "2026-07-06T18:03:16Z", "2026-07-06", "run", 7200.0, 2520.0, None),
    "withings": ("2026-09-01T07:00:00+02:00", "2026-09-01T05:00:00Z", "2026-09-01", "run", 5012.5, None, 1800.0),
}


def pull(kind: str, path: Path, /, **settings: Any) -> list[Activity | Problem]:
    made = SOURCES.module_of(kind).Settings.model_validate({"name": "x", "type": kind, "path": str(path), **settings})
    with closing(open_source(made, Context(path.parent, "Europe/Berlin")).pull(None)) as pulled:
        return list(pulled)


def read(tmp_path: Path, kind: str, content: Any, **settings: Any) -> list[Any]:
    """Id, sport and metres of each activity, and the messages of the problems."""
    name = EXPORTS[kind][0]
    found = pull(kind, folder(tmp_path / "in", {name: content}) / name, **settings)
    return [
        each.message if isinstance(each, Problem) else (each.native_id, each.sport, each.distance_m) for each in found
    ]


@pytest.mark.parametrize("kind", EXPORTS)
def test_an_export_is_read_wherever_its_files_lie(tmp_path: Path, kind: str) -> None:
    name, content = EXPORTS[kind]
    files = {name: content, "README.txt": "read me", "Sleep/sleep-0.json": [{"logId": 1}]}
    there = folder(tmp_path / "out", files)
    other = tmp_path / f"other{Path(name).suffix}"
    other.write_bytes(as_bytes(content))
    paths = [there / name, other, zipped(tmp_path / "a.zip", files), there]
    for path in paths:
        assert recognise(path) == {"type": kind, "path": str(path)}, path
        [run] = pull(kind, path)
        assert isinstance(run, Activity)
        facts = (run.native_id, run.started_at, run.local_date, run.sport, run.distance_m, run.moving_s, run.elapsed_s)
        assert facts == RUNS[kind]
        assert (run.name, run.gear_raw, run.elevation_m, run.indoor) == ("", None, None, None)
    for none in (
        folder(tmp_path / "none", {"none/none.txt": ""}),
        zipped(tmp_path / "none.zip", {"none.txt": ""}),
    ):
        assert recognise(none) is None
        with pytest.raises(SourceError, match="contains no file of this export"):
            pull(kind, none)


def test_fitbit_in_either_unit_without_distance_and_in_several_files(tmp_path: Path) -> None:
    exercises: list[dict[str, Any]] = [
        {**FITBIT, "logId": 1, "distanceUnit": "Kilometer"},
        {**FITBIT, "logId": 2, "activityName": "Treadmill"},
        {"logId": 3, "activityName": "Outdoor Bike", "startTime": "12/31/19 23:59:59"},
        {"logId": 4, "activityName": "Run", "startTime": "01/01/20 00:00:00"},
        {**FITBIT, "logId": 5, "activityName": "Parkrun"},
        {**FITBIT, "logId": 6, "startTime": "20.3.2020"},
    ]
    found = read(tmp_path, "fitbit", exercises)
    assert found == [
        ("1", "run", 5000.0), ("2", "treadmill-run", 8046.72), ("3", "ride", 0.0), ("4", "run", 0.0), NO_DISTANCE,
        ("5", "unknown", 8046.72), "start: '20.3.2020' is not written like '%m/%d/%y %H:%M:%S'",
    ]  # fmt: skip
    files = {f"exercise-{n}.json": [FITBIT | {"logId": n}] for n in (0, 100)} | {"exercise-200.json": []}
    assert recognise(folder(tmp_path / "all", files)) == {"type": "fitbit", "path": str(tmp_path / "all")}
    assert len(pull("fitbit", tmp_path / "all")) == 2
    assert len(pull("fitbit", tmp_path / "all" / "exercise-*00.json")) == 1


def test_mapmyrun_writes_days_in_words_and_the_unit_in_its_header(tmp_path: Path) -> None:
    rows = [
        '"May 6, 2025","Sept. 5, 2024",Indoor Run / Jog,4.0,2036,Shoes: A,Phone,http://x.org/workout/1/',
        '"May 6, 2025","Sep 5, 2024",Trail Run / Jog,"1,004.0",20360,,Phone,http://x.org/workout/2',
        '"May 6, 2025","March 7, 2016",Bike Ride,40.2,7000,,Phone,http://x.org/workout/3',
        '"May 6, 2025","June 4, 2022",Run,,2036,"Slow, hot",Phone,http://x.org/workout/4',
        '"May 6, 2025","5/6/2022",Run,5,2036,,Phone,http://x.org/workout/5',
    ]  # fmt: skip
    assert read(tmp_path, "mapmyrun", MAPMYRUN.format(unit="km") + "\n".join(rows)) == [
        ("1", "treadmill-run", 4000.0), "distance: '1,004.0' is 1004 km, more than 500 km", ("3", "ride", 40200.0), ("4", "run", 0.0),
        NO_DISTANCE,
        "start: '5/6/2022' is not a time in ISO 8601; set date_format, or unit: s or ms if it counts from 1970",
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_list_of_another_country_is_read_as_it_is_recognised(tmp_path: Path, encoding: str) -> None:
    rows = ["6.5.2025;6. März 2025;Run;4,5;2036;schön;;1", "6.5.2025;08.05.2025;Run;10,234;6036;;;2"]
    path = tmp_path / "list.csv"
    path.write_text(MAPMYRUN.replace(",", ";").format(unit="km") + "\n".join(rows), encoding=encoding)
    found = recognise(path)
    assert found == {"type": "mapmyrun", "path": str(path), "decimal": ","}
    runs = [each for each in pull("mapmyrun", path, decimal=",") if isinstance(each, Activity)]
    assert [(run.local_date, run.distance_m, run.name) for run in runs] == [
        ("2025-03-06", 4500.0, "schön"), ("2025-05-08", 10234.0, ""),
    ]  # fmt: skip
    assert read(tmp_path, "fitbit", [FITBIT | {"startTime": "20.3.2020"}], date_format="%d.%m.%Y") == [
        ("7", "run", 8046.72)
    ]


def test_zepp_numbers_its_sports_and_writes_minus_one_for_nothing(tmp_path: Path) -> None:
    rows = "".join(
        f"{kind},2026-07-{day:02} 22:03:16+0000,2520,-1.0,-1.0,{metres},-1.0,420\n"
        for day, (kind, metres) in enumerate(
            [(1, 5000), (7, "6000.0"), (8, 5000), (6, 900), (52, "-1.0"), (1, -1), (999, 800)], 1
        )
    )
    found = read(tmp_path, "zepp", ZEPP + rows)
    assert [each if isinstance(each, str) else each[1:] for each in found] == [
        ("run", 5000.0), ("trail-run", 6000.0), ("treadmill-run", 5000.0), ("walk", 900.0), ("strength", 0.0), ("run", 0.0),
        NO_DISTANCE, ("unknown", 800.0),
    ]  # fmt: skip
    assert found[0][0] == "2026-07-01 22:03:16+0000"


def test_withings_names_its_times_in_any_language_and_hides_the_distance_in_a_cell(tmp_path: Path) -> None:
    rows = [
        '2026-09-01T23:30:00-04:00,2026-09-02T00:10:00-04:00,America/New_York,Running,"{""distance"":8000}",,',
        "2026-09-02T07:00:00+02:00,2026-09-02T07:30:00+02:00,Europe/Berlin,Indoor Running,{},,",
        "2026-09-03T07:00:00+02:00,2026-09-03T07:30:00+02:00,Europe/Berlin,Yoga,,,",
        "2026-09-04T07:00:00+02:00,2026-09-04T07:30:00+02:00,Europe/Berlin,Running,{broken,,",
    ]
    header = "de,à,de (manuel),à (manuel),Timezone,Activity type,Data,GPS,Modified\n"
    wide = [row.replace(",America", ",,,America").replace(",Europe", ",,,Europe") for row in rows]
    for text in (WITHINGS + "\n".join(rows), header + "\n".join(wide)):
        assert [each if isinstance(each, str) else each[1:] for each in read(tmp_path, "withings", text)] == [
            ("run", 8000.0), ("treadmill-run", 0.0), NO_DISTANCE, ("strength", 0.0), "distance: '{broken' is not a number",
        ]  # fmt: skip
    [first, *_] = pull("withings", tmp_path / "in" / "activities.csv")
    assert isinstance(first, Activity)
    assert (first.started_at, first.local_date, first.elapsed_s) == ("2026-09-02T03:30:00Z", "2026-09-01", 2400.0)


def test_a_list_that_is_broken_in_its_zip_fails_the_pull(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"exercise-0.json": [FITBIT]})
    data = path.read_bytes()
    path.write_bytes(data[:60] + bytes(40) + data[100:])
    with pytest.raises(SourceError, match=r"exercise-0\.json in .*a\.zip: the file is broken"):
        pull("fitbit", path)


SEEDS = [
    *((kind, name, as_bytes(content)) for kind, (name, content) in EXPORTS.items()),
    ("table", "one.json", as_bytes({"id": "a", "date": "2026-09-01T06:30:00Z", "km": 5, "laps": [{"km": 1}], "gear": {"id": "g"}})),
    ("table", "reworked.csv", b'Activity ID,Activity Date,Activity Type,Distance (km)\n1,"Sep 1, 2026, 10:30:00 PM",Run,5\n' * 9),
]  # fmt: skip


@pytest.mark.slow
def test_a_broken_export_is_read_or_refused_in_words(tmp_path: Path) -> None:
    """As it is recognised, and as the type that it was."""
    refused = 0
    for number in range(36):
        kind, name, data = SEEDS[number % len(SEEDS)]
        path = folder(tmp_path / str(number), {name: mutant([data], number)})
        path = path / name if kind == "table" else path
        columns = {"columns": {"start": "Activity Date"}} if name == "reworked.csv" else {}
        try:
            found = recognise(path) or {}
            runs = [*pull(kind, path, **columns), *(pull(found["type"], path, **found) if found else [])]
            assert all(
                0 <= run.distance_m <= 500_000 for run in runs if isinstance(run, Activity) and run.sport == "run"
            )
        except (SourceError, MistakeError, TrackError) as error:
            refused += 1
            assert "\n" not in str(error), number
    assert 5 < refused < 30
