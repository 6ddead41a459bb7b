"""Moves of Suunto watches as JSON: one sport or several, with places in radians between all other samples."""

import json
from math import radians
from pathlib import Path
from typing import Any

import pytest
from kit import making
from kit.fit_files import NOON, fit, session, way
from kit.homes import Household
from kit.laid_exports import activities, broken, folder, problems, read, recording, source_of, traces, zipped
from kit.trials import quick

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import TrackSource
from shoemon.model.errors import SourceError
from shoemon.sources import recognise

DAY = "2018-03-13T"
source = source_of("suunto")


def event(time: str, **told: Any) -> dict[str, Any]:
    return {"Events": [{"ArrayBegin": 0, **told}], "TimeISO8601": f"{DAY}{time}+01:00"}


def place(time: str, lat: float, lon: float = 1.0) -> dict[str, Any]:
    """A place, whose time the watch writes in UTC: an hour before its own clock."""
    return {"Latitude": radians(lat), "Longitude": radians(lon), "TimeISO8601": f"{DAY}{time}+00:00", "GPSAltitude": 7}


def log(header: dict[str, Any], *samples: Any, windows: Any = ()) -> dict[str, Any]:
    return {
        "DeviceLog": {"Header": header, "Windows": list(windows), "Samples": list(samples), "Device": {"Name": "X"}}
    }


def header(**values: Any) -> dict[str, Any]:
    """A run of 10 km in an hour, ten minutes of it a pause."""
    return {
        "Activity": "Mountain", "ActivityType": 82, "Ascent": 162.8, "DateTime": f"{DAY}17:00:02.449+01:00",
        "Distance": 10136, "Duration": 3600.5, "PauseDuration": 600.25, "HrZones": {"Zone1Duration": 9},
        "Personal": {"MaxHR": 3.1}, "TimeISO8601": f"{DAY}18:00:03+01:00", **values,
    }  # fmt: skip


def window(number: int, end: str, beside: bool = False, **values: Any) -> dict[str, Any]:
    """A part of a multisport. `beside`: its end stands where watches of 2026 write it."""
    told = {"Type": "Activity", "ActivityId": number, "Distance": 5000, "Duration": 1200.0, "Ascent": 3, **values}
    end_told = {"TimeISO8601": f"{DAY}{end}+01:00"}
    return {"Window": told, **end_told} if beside else {"Window": told | end_told}


MOVE = log(
    header(),
    event("17:00:02", Lap={"Type": "Start"}),
    {"HR": 2.5, "TimeISO8601": f"{DAY}17:00:03+01:00"},
    place("16:00:03", 42.0),
    {"Distance": 10, "Speed": 2.5, "TimeISO8601": f"{DAY}17:00:05+01:00"},
    place("16:00:06", 42.0001),
    event("17:00:07", Pause={"State": True}),
    place("16:10:07", 42.0002),
    event("17:10:08", Pause={"State": False}),
    {"Distance": 20, "TimeISO8601": f"{DAY}17:10:08+01:00"},
    place("16:10:09", 42.0002),
    place("16:10:12", 42.0003),
)
TRIATHLON = log(
    header(Activity="Triathlon", ActivityType=19, DateTime=f"{DAY}09:00:00+01:00", Distance=15000),
    event("09:00:00", Activity={"ActivityType": 83}),
    place("08:00:01", 43.0),
    event("09:20:00", Activity={"ActivityType": 4}),
    place("08:20:01", 44.0),
    event("09:40:00", Activity={"ActivityType": 3}),
    place("08:40:01", 45.0),
    place("08:40:04", 45.0001),
    windows=[window(83, "09:20:00"), window(4, "09:40:00"), {"Window": {"Type": "Lap"}}, window(3, "10:00:30")],
)
THE_RUN = making.run(
    "suunto:20180313T160002Z", "2018-03-13T16:00:02Z", utc_offset_s=3600, sport="trail-run", sport_raw="Trail running",
    name="Mountain", distance_m=10136.0, moving_s=3000.25, elapsed_s=3600.5, elevation_m=162.8, indoor=False,
    start_lat=42.0, start_lon=1.0, track="a/move.json", raw="",
)  # fmt: skip


def of(tmp_path: Path, *moves: Any, **settings: Any) -> list[Activity | Problem]:
    """What a folder with `moves` gives."""
    files = {f"move-{number}.json": move for number, move in enumerate(moves, 1)}
    return read(source(folder(tmp_path / "export", files), **settings))


def test_a_move_is_read_whole_without_what_it_tells_of_the_heart(tmp_path: Path) -> None:
    (run,) = activities(
        read(source(zipped(tmp_path / "moves.zip", {"a/move.json": MOVE, "a/settings.json": {"x": 1}})))
    )
    assert run._replace(raw="", start_lat=42.0) == THE_RUN
    assert run.start_lat == pytest.approx(42.0)
    assert json.loads(run.raw) == {
        "Activity": "Mountain", "ActivityType": 82, "Ascent": 162.8, "DateTime": f"{DAY}17:00:02.449+01:00",
        "Distance": 10136, "Duration": 3600.5, "PauseDuration": 600.25,
    }  # fmt: skip


def test_places_are_in_radians_and_nobody_runs_in_a_pause(tmp_path: Path) -> None:
    export = source(folder(tmp_path, {"move.json": MOVE}))
    assert isinstance(export, TrackSource)
    trace = recording(export, "move.json").trace
    assert [round(lat, 6) for lat in trace.lats] == [42.0, 42.0001, 42.0002, 42.0003]
    assert [round(lon, 6) for lon in trace.lons] == [1.0] * 4
    assert (trace.starts, list(trace.distances_m)[1:]) == ((0, 2), [10.0, 20.0, 20.0])


def test_places_of_the_receiver_stand_in_where_there_are_no_others(tmp_path: Path) -> None:
    only = [
        {"GPSLatitude": radians(42.0), "GPSLongitude": radians(second), "TimeISO8601": f"{DAY}17:00:0{second}+01:00"}
        for second in (1, 2)
    ]
    export = source(folder(tmp_path, {"move.json": log(header(), *only)}))
    (run,) = activities(read(export))
    assert (run.start_lat, run.start_lon) == (pytest.approx(42.0), pytest.approx(1.0))
    assert len(recording(export, run.track).trace) == 2
    both = source(folder(tmp_path / "both", {"move.json": log(header(), *only, place("17:00:03", 42.0, 7.0))}))
    assert list(recording(both, "move.json").trace.lons) == [pytest.approx(7.0)]


def test_every_part_of_a_multisport_is_a_record_of_its_own_with_its_own_track(tmp_path: Path) -> None:
    export = source(folder(tmp_path, {"move.json": TRIATHLON}))
    parts = activities(read(export))
    assert [
        (part.native_id, part.sport, part.distance_m, part.moving_s, part.elapsed_s, part.track) for part in parts
    ] == [
        ("20180313T080000Z-1", "swim", 5000.0, 1200.0, 1200.0, "move.json#1"),
        ("20180313T082000Z-2", "ride", 5000.0, 1200.0, 1200.0, "move.json#2"),
        ("20180313T084000Z-3", "run", 5000.0, 1200.0, 1230.0, "move.json#3"),
    ]
    lats = [[round(lat, 4) for lat in recording(export, part.track).trace.lats] for part in parts]
    assert lats == [[43.0], [44.0], [45.0, 45.0001]]


def test_where_no_event_tells_a_part_began_its_duration_before_its_end(tmp_path: Path) -> None:
    bare = log(TRIATHLON["DeviceLog"]["Header"], windows=TRIATHLON["DeviceLog"]["Windows"])
    assert [(part.native_id, part.elapsed_s) for part in activities(of(tmp_path, bare))] == [
        ("20180313T080000Z-1", 1200.0),
        ("20180313T082000Z-2", 1200.0),
        ("20180313T084030Z-3", 1200.0),
    ]


def test_the_end_of_a_part_may_stand_beside_it(tmp_path: Path) -> None:
    move = log(header(ActivityType=2), windows=[window(3, "17:20:00", beside=True), window(4, "18:00:00", beside=True)])
    assert [(run.started_at, run.sport) for run in activities(of(tmp_path, move))] == [
        (f"{DAY}16:00:00Z", "run"),
        (f"{DAY}16:40:00Z", "ride"),
    ]


@pytest.mark.parametrize(
    ("number", "mode", "sport", "indoor"),
    [
        (3, "Running", "run", None), (3, "My mode", "run", None), ("3", "x", "run", None), (82, "x", "trail-run", None),
        (81, "x", "track-run", None), (93, "x", "treadmill-run", True), (75, "x", "trail-run", None),
        (12, "x", "walk", None), (84, "x", "walk", None), (11, "x", "hike", None), (4, "Running", "ride", None),
        (23, "Running", "strength", None), (51, "Running", "other", None), (1, "Running", "unknown", None),
        (120, "Track running", "track-run", None), (None, "Treadmill", "treadmill-run", True),
    ],
)  # fmt: skip
def test_sport_by_number_or_mode(tmp_path: Path, number: Any, mode: str, sport: str, indoor: bool | None) -> None:
    records = of(tmp_path, log(header(ActivityType=number, Activity=mode)))
    assert [(run.sport, run.indoor) for run in activities(records)] == [(sport, indoor)]
    assert problems(records) == {}


def test_the_runner_can_say_what_a_number_means_that_nobody_knows(tmp_path: Path) -> None:
    move = log(header(ActivityType=120, Activity="Zigzag"))
    assert [run.sport for run in activities(of(tmp_path, move, sport_map={"zigzag": "walk"}))] == ["walk"]


def test_a_clock_without_its_offset_is_read_with_the_runners_zone(tmp_path: Path) -> None:
    (run,) = activities(of(tmp_path, log(header(DateTime=f"{DAY}17:00:02"))))
    assert (run.started_at, run.zone_assumed) == (f"{DAY}15:00:02Z", True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (json.dumps(MOVE)[:300], "the file is not JSON, or was cut off (line 1)"),
        (log(header(DateTime=None)), "it has no DateTime"),
        (log(header(DateTime="today")), "DateTime: 'today' is not a time"),
        (log(header(Distance="far")), "Distance: 'far' is not a number"),
        (log(header(Distance=90_000)), "90,000 m in 3,600 s is faster than anyone runs"),
        (log(header(Distance=None)), "it has no distance: it counts as 0 m until a correction gives the distance"),
        (log(header(ActivityType=2), windows=[window(3, "17:20:00")] * 101), "it has more than 100 parts"),
        (json.dumps(MOVE) + " " * (1 << 20), "the file has more than 1 MB"),
    ],
)  # fmt: skip
def test_an_unreadable_move_is_a_problem_and_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Any, message: str
) -> None:
    monkeypatch.setattr("shoemon.sources.suunto.MOST_JSON_BYTES", 1 << 20)
    records = read(source(folder(tmp_path, {"a/broken.json": content, "a/move.json": MOVE})))
    assert "20180313T160002Z" in {run.native_id for run in activities(records)}
    assert problems(records)["a/broken.json"] == message


def test_a_part_of_which_nothing_tells_when_it_began_is_a_problem(tmp_path: Path) -> None:
    move = log(header(ActivityType=2), windows=[window(3, "17:20:00", Duration=None), window(4, "18:00:00")])
    records = of(tmp_path, move)
    assert [run.sport for run in activities(records)] == ["ride"]
    assert problems(records) == {"move-1.json#1": "this part has no start time"}


@pytest.mark.parametrize("move", quick([MOVE, TRIATHLON], 1), ids=["move", "triathlon"])
def test_nothing_that_stands_in_a_move_stops_the_others(tmp_path: Path, move: dict[str, Any]) -> None:
    moves = {f"{number}.json": made for number, made in enumerate(broken(move))}
    export = source(folder(tmp_path, {**moves, "sound.json": log(header(DateTime=f"{DAY}04:00:00+01:00"))}))
    assert "20180313T030000Z" in {run.native_id for run in activities(read(export))}
    for trace in traces(export, [f"{name}#{part}" for name in moves for part in (1, 2)]):
        assert len(trace) <= 5


@pytest.mark.parametrize(
    ("files", "known"),
    [
        ({"move.json": MOVE}, True),
        ({"a/notes.json": {}, "a/move.json": MOVE, "a/run.fit": fit(session()), "b.txt": b""}, True),
        ({"move.json": MOVE, "1.fit": fit(session()), "2.fit": fit(session(NOON + 9999))}, False),
        ({"move.json": MOVE, "1.csv": b"a", "2.csv": b"b"}, False),
        ({"notes.json": {"Header": {}}}, False),
        ({"move.json": b""}, False),
        ({"move.txt": MOVE}, False),
    ],
)
def test_an_export_is_recognised_by_what_its_files_begin_with(
    tmp_path: Path, files: dict[str, Any], known: bool
) -> None:
    for path in (folder(tmp_path / "export", files), zipped(tmp_path / "export.zip", files)):
        found = recognise(path)
        assert (found == {"type": "suunto", "path": str(path)}) is known


def test_a_folder_of_fit_files_is_for_tracks(tmp_path: Path) -> None:
    path = folder(tmp_path / "export", {"1.fit": fit(*way(range(60)), session())})
    assert (recognise(path) or {})["type"] == "tracks"
    with pytest.raises(SourceError, match="for FIT files, which the Suunto app also exports, use the type `tracks`"):
        source(path).pull(None)


def test_json_that_is_none_of_suuntos_is_said_and_not_taken_for_no_runs(tmp_path: Path) -> None:
    path = folder(tmp_path / "export", {"a.json": {"hello": 1}, "b.json": [1, 2]})
    with pytest.raises(SourceError, match=r"no JSON file in .*export contains a move; correct `path`"):
        source(path).pull(None)


def test_who_corrects_his_timezone_has_each_run_once_though_its_clock_has_no_offset(tmp_path: Path) -> None:
    legs = [window(3, "17:20:00"), window(4, "17:50:00")]
    for leg in legs:
        leg["Window"]["TimeISO8601"] = leg["Window"]["TimeISO8601"].removesuffix("+01:00")
    run, several = header(DateTime=f"{DAY}08:00:00"), header(ActivityType=2, DateTime=f"{DAY}17:00:00")
    folder(tmp_path / "moves", {"1.json": log(run), "2.json": log(several, windows=legs)})
    main = "timezone: {}\nsources: [{{name: suunto, type: suunto, path: moves}}]"
    home = Household(tmp_path, main=main.format("UTC"), shoes="shoes: []")
    for zone, hours in (("UTC", ("08", "17", "17")), ("Europe/Helsinki", ("06", "15", "15"))):
        home.write("main", main.format(zone))
        home.sync("2018-04-01T12:00:00")
        stored = home.rows("SELECT native_id, substr(started_at, 12, 2) FROM activities ORDER BY 1")
        assert stored == list(zip(("20180313T080000", "20180313T170000-1", "20180313T173000-2"), hours, strict=True))
