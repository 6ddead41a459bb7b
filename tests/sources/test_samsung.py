"""Samsung Health's export: lists of exercises in CSV, one or two of them, and the points of each in JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from kit import making
from kit.laid_exports import HOSTILE, Files, activities, folder, problems, read, recording, source_of, zipped

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import TrackSource
from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources import recognise, samsung

EXPORT = "samsunghealth_anna_20240601083000"
TABLE = f"{EXPORT}/com.samsung.shealth.exercise.20240601083000.csv"
OLDER_TABLE = f"{EXPORT}/com.samsung.health.exercise.20230101000000.csv"
ID = "abc12345-0000-4000-8000-000000000000"
POINTS = f"{EXPORT}/jsons/com.samsung.shealth.exercise/a/{ID}.com.samsung.health.exercise.location_data.json"
OWN = "com.sec.android.app.shealth"
PLAIN = ("title", "mean_heart_rate", "source_type")
COLUMNS = (
    *PLAIN, "datauuid", "start_time", "end_time", "time_offset", "exercise_type", "duration", "distance",
    "altitude_gain", "location_data", "pkg_name",
)  # fmt: skip
WAY = [
    {"start_time": 1_714_536_000_000 + 1000 * second, "latitude": 60.0 + second / 10_000, "longitude": 24.0}
    for second in range(4)
]
THE_RUN = making.run(
    f"samsung:{ID}", "2024-05-01T05:00:00Z", utc_offset_s=10800, sport="run", sport_raw="Running",
    name="Morning, by the sea", distance_m=10000.5, moving_s=3500.5, elapsed_s=3600.0, elevation_m=42.5, track=POINTS,
    raw="",
)  # fmt: skip
source = source_of("samsung")


def exercise(id: str = ID, **values: str) -> dict[str, str]:
    """A run of 10 km in an hour, with a pause."""
    return {
        "title": '"Morning, by the sea"', "mean_heart_rate": "150", "source_type": "4", "datauuid": id,
        "start_time": "2024-05-01 05:00:00.000", "end_time": "2024-05-01 06:00:00.000", "time_offset": "UTC+0300",
        "exercise_type": "1002", "duration": "3500500", "distance": "10000.5", "altitude_gain": "42.5",
        "location_data": f"{id}.com.samsung.health.exercise.location_data.json", "pkg_name": OWN, **values,
    }  # fmt: skip


def table(*rows: dict[str, str], prefix: str = "com.samsung.health.exercise.", kind: str = "shealth") -> str:
    """A list as the app writes it: a byte order mark, a line of its own, rows with one comma more than the header."""
    header = ",".join(name if name in PLAIN else prefix + name for name in COLUMNS)
    lines = ["".join(f"{row.get(name, '')}," for name in COLUMNS) for row in rows]
    return "\n".join([f"\ufeffcom.samsung.{kind}.exercise,6000003,17", header, *lines]) + "\n"


def of(tmp_path: Path, *rows: dict[str, str], **settings: Any) -> list[Activity | Problem]:
    """What an export with `rows` gives."""
    return read(source(folder(tmp_path / "export", {TABLE: table(*rows)}), **settings))


def test_an_exercise_is_read_whole_without_what_it_tells_of_the_heart(tmp_path: Path) -> None:
    files = {TABLE: table(exercise()), POINTS: WAY, f"{EXPORT}/com.samsung.shealth.exercise.weather.1.csv": "x"}
    export = source(zipped(tmp_path / "samsung.zip", files))
    (run,) = activities(read(export))
    assert run._replace(raw="") == THE_RUN
    assert "150" not in run.raw
    assert json.loads(run.raw)["duration"] == "3500500"
    assert isinstance(export, TrackSource)
    trace = recording(export, run.track).trace
    assert ([round(lat, 4) for lat in trace.lats], list(trace.times)) == (
        [60.0, 60.0001, 60.0002, 60.0003],
        [1_714_536_000.0 + second for second in range(4)],
    )


@pytest.mark.parametrize(
    ("said", "points"),
    [
        (f"{ID}.com.samsung.health.exercise.location_data.json", POINTS), ("1", POINTS), ("", POINTS),
        (f"x/{ID}.com.samsung.health.exercise.location_data", POINTS),
        ("w1.location_data", f"{EXPORT}/jsons/com.samsung.health.exercise/w1.location_data.json"),
    ],
)  # fmt: skip
def test_the_points_are_found_by_what_the_row_says_or_by_its_id(tmp_path: Path, said: str, points: str) -> None:
    files = {TABLE: table(exercise(location_data=said), exercise("other", location_data="1")), points: WAY}
    assert [run.track for run in activities(read(source(folder(tmp_path, files))))] == [points, None]


@pytest.mark.parametrize(
    ("number", "sport", "indoor"),
    [
        ("1001", "walk", None), ("1002", "run", None), ("1002.0", "run", None), ("11007", "ride", None),
        ("13001", "hike", None), ("13003", "hike", None), ("13005", "trail-run", None), ("14001", "swim", None),
        ("15005", "treadmill-run", True), ("15003", "ride", None), ("10007", "other", None), ("6002", "other", None),
    ],
)  # fmt: skip
def test_numbers_of_exercises_are_known(tmp_path: Path, number: str, sport: str, indoor: bool | None) -> None:
    records = of(tmp_path, exercise(exercise_type=number))
    assert [(run.sport, run.indoor) for run in activities(records)] == [(sport, indoor)]
    assert problems(records) == {}


def test_a_custom_exercise_is_what_it_is_titled(tmp_path: Path) -> None:
    records = of(
        tmp_path, exercise(exercise_type="0", title="Trail run"), exercise("2", exercise_type="0", title="Chess")
    )
    assert ([run.sport for run in activities(records)], problems(records)) == (["trail-run", "unknown"], {})


def test_the_runner_can_say_what_numbers_mean(tmp_path: Path) -> None:
    rows = exercise(exercise_type="90001"), exercise("2", exercise_type="15005")
    assert [run.sport for run in activities(of(tmp_path, *rows))] == ["unknown", "treadmill-run"]
    records = of(tmp_path, *rows, sport_map={"90001": "run", "treadmill": "walk"})
    assert ([run.sport for run in activities(records)], problems(records)) == (["run", "walk"], {})


@pytest.mark.parametrize(
    ("given", "started_at", "offset_s"),
    [
        ({"time_offset": "UTC+0900"}, "2024-05-01T05:00:00Z", 32400),
        ({"time_offset": "UTC-0330"}, "2024-05-01T05:00:00Z", -12600),
        ({"time_offset": "UTC+05:45"}, "2024-05-01T05:00:00Z", 20700),
        ({"time_offset": "UTC"}, "2024-05-01T05:00:00Z", 0),
        ({"time_offset": "7200000"}, "2024-05-01T05:00:00Z", 7200),
        ({"time_offset": ""}, "2024-05-01T05:00:00Z", 10800),
        ({"time_offset": "UTC+2300"}, "2024-05-01T05:00:00Z", 10800),
        ({"start_time": "1714539600000", "end_time": "1714543200000"}, "2024-05-01T05:00:00Z", 10800),
        ({"start_time": "2024-05-01 05:00:00"}, "2024-05-01T05:00:00Z", 10800),
    ],
)
def test_start_in_utc_with_an_offset(tmp_path: Path, given: dict[str, str], started_at: str, offset_s: int) -> None:
    (run,) = activities(of(tmp_path, exercise(**given)))
    assert (run.started_at, run.utc_offset_s, run.elapsed_s) == (started_at, offset_s, 3600.0)


@pytest.mark.parametrize("distance", ["", "0", "0.0"])
def test_a_run_indoors_of_which_nobody_says_how_far_it_went_is_kept_and_said(tmp_path: Path, distance: str) -> None:
    records = of(
        tmp_path, exercise(exercise_type="15005", distance=distance), exercise("2", exercise_type="9002", distance="")
    )
    assert [(run.sport, run.distance_m, run.moving_s) for run in activities(records)] == [
        ("treadmill-run", 0.0, 3500.5),
        ("other", 0.0, 3500.5),
    ]
    said = "it has no distance: it counts as 0 m until a correction gives the distance"
    assert problems(records) == {f"{TABLE}:3": said}


def test_of_two_lists_the_newer_one_wins_and_what_only_the_older_has_counts(tmp_path: Path) -> None:
    older = table(exercise(distance="9000"), exercise("2", distance="2000"), prefix="", kind="health")
    newer = table(exercise(distance="10000"), exercise("3", distance="3000"))
    records = read(source(folder(tmp_path, {OLDER_TABLE: older, TABLE: newer})))
    assert {run.native_id: run.distance_m for run in activities(records)} == {ID: 10000.0, "2": 2000.0, "3": 3000.0}
    assert problems(records) == {}


def test_a_run_that_two_apps_gave_counts_once_as_samsungs_own_has_it_filled_in_by_the_other(tmp_path: Path) -> None:
    own = exercise("own", distance="", title="", location_data="")
    given = exercise("given", pkg_name="com.strava", start_time="2024-05-01 05:00:40.000", title="Sea")
    again = exercise("again", start_time="2024-05-01 05:10:00.000", location_data="")
    ride = exercise("ride", pkg_name="com.strava", exercise_type="11007")
    files = {TABLE: table(given, own, again, ride), POINTS.replace(ID, "given"): WAY}
    records = read(source(folder(tmp_path, files)))
    assert [(run.native_id, run.distance_m, run.name, run.track is not None) for run in activities(records)] == [
        ("own", 10000.5, "Sea", True),
        ("again", 10000.5, "Morning, by the sea", False),
        ("ride", 10000.5, "Morning, by the sea", False),
    ]
    assert json.loads(activities(records)[0].raw)["copies"] == ["com.strava"]
    assert problems(records) == {}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (exercise("2", datauuid=""), "it has no datauuid"),
        (exercise("2", exercise_type=""), "it has no exercise_type"),
        (exercise("2", start_time=""), "it has no start_time"),
        (exercise("2", start_time="01/05/2024 05:00"), "'01/05/2024 05:00' is not a time as Samsung writes it"),
        (exercise("2", start_time="9" * 30), f"'{'9' * 30}' is not a time as Samsung writes it"),
        (exercise("2", distance="nan"), "distance: 'nan' is not a number"),
        (exercise("2", distance="80000"), "80,000 m in 3,600 s is faster than anyone runs"),
        (exercise("2", pkg_name="x,y,z"), "the row has 16 cells, the header has 13"),
        (exercise(distance="1"), f"activity {ID} is already in {TABLE}:3, with other content"),
    ],
)
def test_an_unreadable_row_is_a_problem_and_others_are_read(tmp_path: Path, row: dict[str, str], message: str) -> None:
    records = of(tmp_path, exercise(), row, exercise("3", start_time="2024-05-02 05:00:00"))
    assert [run.native_id for run in activities(records)] == [ID, "3"]
    assert problems(records) == {f"{TABLE}:4": message}


def test_nothing_that_stands_in_a_cell_stops_the_others(tmp_path: Path) -> None:
    for column in COLUMNS:
        for hostile in (*HOSTILE, '"', "\x00", "١٢", "²", "-", "UTC+", "../../x.json"):
            text = str(hostile).encode("utf-8", "replace").decode().replace(",", ";")
            rows = (exercise("2", **{column: text}), exercise())
            assert ID in {run.native_id for run in activities(of(tmp_path, *reversed(rows)))}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (table(exercise()).replace("start_time", "begun"), "has no column start_time; export again"),
        ("com.samsung.shealth.exercise,1,1\n", "is empty: it has no line with the names of the columns"),
        (table(exercise()) + "x" * (17 << 20), "line 4 has more than 16,777,216 characters"),
    ],
)
def test_a_list_that_is_none_is_never_taken_for_the_whole(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(source(folder(tmp_path, {TABLE: content, OLDER_TABLE: table(exercise("2"))})))


def test_a_list_that_breaks_off_in_a_zip_is_never_taken_for_the_whole(tmp_path: Path) -> None:
    path = zipped(tmp_path / "samsung.zip", {TABLE: table(*(exercise(str(number)) for number in range(3000)))})
    packed = bytearray(path.read_bytes())
    packed[len(packed) // 2] ^= 255
    path.write_bytes(bytes(packed))
    with pytest.raises(SourceError, match="is broken"):
        read(source(path))


def test_a_bomb_is_not_unpacked_and_a_day_has_room_for_so_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "samsung.zip", {TABLE: table(exercise()) + " " * (12 << 20)})
    with pytest.raises(SourceError, match="unpacks to more than any track has"):
        read(source(path))
    monkeypatch.setattr(samsung, "_MOST_A_DAY", 2)
    with pytest.raises(SourceError, match="the export contains 3 workouts on 2024-05-01, more than fit into a day"):
        of(tmp_path, *(exercise(str(number), pkg_name=f"app{number}") for number in range(3)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"latitude": 1}, "it contains no list of points"),
        ([1], "its structure is unknown"),
        (json.dumps(WAY)[:50], "the file is not JSON, or was cut off"),
    ],
)
def test_points_that_cannot_be_read_are_said(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(TrackError, match=message):
        recording(source(folder(tmp_path, {TABLE: table(exercise()), POINTS: content})), POINTS)


def test_points_without_a_place_are_left_out(tmp_path: Path) -> None:
    broken = [{**WAY[0], key: hostile} for key in WAY[0] for hostile in HOSTILE if hostile not in (0, -1)]
    export = source(folder(tmp_path, {TABLE: table(exercise()), POINTS: [*broken, *WAY]}))
    assert set(recording(export, POINTS).trace.lats) <= {point["latitude"] for point in WAY}


@pytest.mark.parametrize(
    ("files", "known"),
    [
        ({TABLE: table(exercise())}, True),
        ({OLDER_TABLE: table(kind="health")}, True),
        ({f"a/b/{TABLE}": table(), "c.txt": b""}, True),
        ({TABLE: "Date,Distance\n"}, False),
        ({"exercise.csv": table(exercise())}, False),
        ({f"{EXPORT}/com.samsung.shealth.exercise.weather.20240601083000.csv": table()}, False),
    ],
)
def test_an_export_is_recognised_by_name_and_first_line(tmp_path: Path, files: Files, known: bool) -> None:
    for path in (folder(tmp_path / "export", files), zipped(tmp_path / "export.zip", files)):
        found = recognise(path)
        assert (found == {"type": "samsung", "path": str(path)}) is known


def test_the_list_alone_is_an_export_without_tracks(tmp_path: Path) -> None:
    path = folder(tmp_path, {TABLE: table(exercise())}) / TABLE
    assert recognise(path) == {"type": "samsung", "path": str(path)}
    assert [run.native_id for run in activities(read(source(path)))] == [ID]
