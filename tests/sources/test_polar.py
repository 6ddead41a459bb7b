"""Polar Flow's export: sessions old and new, several sports in one, and their routes."""

import json
from pathlib import Path
from typing import Any

import pytest
from kit import making
from kit.fit_files import NOON, fit, session, way
from kit.homes import Household
from kit.laid_exports import activities, broken, folder, problems, read, recording, source_of, traces, zipped

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import TrackSource
from shoemon.model.errors import SourceError
from shoemon.model.ids import ActivityId
from shoemon.model.recording import TrackError
from shoemon.setup.exports import read_exports
from shoemon.sources import polar, recognise

UUID = "10104cf7-1468-4616-8ef5-9b64e8716dc1"
OLD_FILE = f"training-session-2024-05-01-3142858899-{UUID}.json"
NEW_FILE = f"training-session_2026-05-01T08-00-00_5022701696-{UUID}.json"
OLD_TIMES = {"startTime": "2024-05-01T08:00:00.384", "stopTime": "2024-05-01T09:00:00.384", "duration": "PT3500.5S", "distance": 10000.5}  # fmt: skip
ROUTE = [
    {"dateTime": "2024-05-01T08:00:01.000", "longitude": 24.0, "latitude": 60.0, "altitude": 5.0},
    {"dateTime": "2024-05-01T08:00:31.000", "longitude": 24.0, "latitude": 60.001, "altitude": 5.0},
]
OLD_EXERCISE = {
    **OLD_TIMES, "timezoneOffset": 180, "ascent": 42.5, "latitude": 60.0, "longitude": 24.0, "sport": "TRAIL_RUNNING",
    "heartRate": {"avg": 150},
    "samples": {"heartRate": [{"dateTime": "2024-05-01T08:00:00.384", "value": 150}], "recordedRoute": ROUTE},
}  # fmt: skip
OLD = {
    **OLD_TIMES, "exportVersion": "2.6", "name": "Morning run", "timeZoneOffset": 180, "averageHeartRate": 150,
    "physicalInformationSnapshot": {"weight, kg": 70.0}, "exercises": [OLD_EXERCISE],
}  # fmt: skip
NEW_TIMES = {"startTime": "2026-05-01T08:00:00", "timezoneOffsetMinutes": 180, "durationMillis": 3500500, "distanceMeters": 10000.5, "sport": {"id": "27"}}  # fmt: skip
POINTS = [
    {"longitude": 24.0, "latitude": 60.0 + second / 10_000, "elapsedMillis": 1000 * second} for second in range(5)
]
NEW_EXERCISE = {
    **NEW_TIMES, "ascentMeters": 42.5,
    "samples": {"samples": [{"type": "SPEED", "intervalMillis": 1000, "values": [float("nan"), 12.0]}]},
    "routes": {"route": {"startTime": "2026-05-01T08:00:01", "wayPoints": POINTS}, "transitionRoute": {}},
    "pauseTimes": [{"startTime": "2026-05-01T08:00:02.500", "endTime": "2026-05-01T08:00:03.500"}],
}  # fmt: skip
NEW = {
    **NEW_TIMES, "identifier": {"id": "5022701696"}, "name": "", "stopTime": "2026-05-01T09:00:00", "hrAvg": 150,
    "exercises": [NEW_EXERCISE],
}  # fmt: skip
THE_RUN = making.run(
    "polar:3142858899", "2024-05-01T05:00:00Z", utc_offset_s=10800, sport="trail-run", sport_raw="TRAIL_RUNNING",
    name="Morning run", distance_m=10000.5, moving_s=3500.5, elapsed_s=3600.0, elevation_m=42.5, indoor=False,
    start_lat=60.0, start_lon=24.0, track=OLD_FILE, raw="",
)  # fmt: skip
source = source_of("polar")


def exercise(**values: Any) -> dict[str, Any]:
    """An exercise of the older exports, of 10 km in an hour."""
    made = {"startTime": "2024-05-01T08:00:00.000", "duration": "PT1H", "distance": 10000.0, "sport": "RUNNING"}
    return {**made, **values}


def of(tmp_path: Path, *exercises: dict[str, Any], **settings: Any) -> list[Activity | Problem]:
    """What a session with `exercises` gives."""
    session = {"startTime": "2024-05-01T08:00:00.000", "timeZoneOffset": 180, "exercises": exercises}
    return read(source(folder(tmp_path / "export", {OLD_FILE: session}), **settings))


def test_a_session_of_an_older_export_is_read_whole_without_what_it_tells_of_the_heart(tmp_path: Path) -> None:
    (run,) = activities(read(source(zipped(tmp_path / "polar.zip", {OLD_FILE: OLD}))))
    assert run._replace(raw="") == THE_RUN
    assert json.loads(run.raw) == {
        "name": "Morning run", "timeZoneOffset": 180, "timezoneOffset": 180, "startTime": "2024-05-01T08:00:00.384",
        "stopTime": "2024-05-01T09:00:00.384", "duration": "PT3500.5S", "distance": 10000.5, "ascent": 42.5,
        "latitude": 60.0, "longitude": 24.0, "sport": "TRAIL_RUNNING",
    }  # fmt: skip


def test_a_session_of_a_newer_export_says_the_same_in_other_words(tmp_path: Path) -> None:
    (run,) = activities(read(source(folder(tmp_path, {NEW_FILE: NEW}))))
    assert run._replace(raw="") == THE_RUN._replace(
        id=ActivityId("polar:5022701696"), native_id="5022701696", started_at="2026-05-01T05:00:00Z",
        local_date="2026-05-01", name="", start_lat=None, start_lon=None, track=NEW_FILE,
    )  # fmt: skip


def test_the_route_is_the_track_and_pauses_part_it(tmp_path: Path) -> None:
    export = source(folder(tmp_path, {OLD_FILE: OLD, NEW_FILE: NEW}))
    assert isinstance(export, TrackSource)
    old, new = (recording(export, name).trace for name in (OLD_FILE, NEW_FILE))
    assert (list(old.lats), old.times[1] - old.times[0], old.starts) == ([60.0, 60.001], 30.0, (0,))
    # Second 2 lies in the pause, which lasts from 1.5 to 2.5 after the route began.
    assert ([round(lat, 4) for lat in new.lats], new.starts) == ([60.0, 60.0001, 60.0003, 60.0004], (0, 2))
    assert [time - new.times[0] for time in new.times] == [0.0, 1.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("file", "identifier", "id"),
    [
        (OLD_FILE, None, "3142858899"),
        (f"training-session-2026-05-05T12:30:35-{UUID}-{UUID}.json", None, UUID),
        (f"training-session_2023-11-15T12-23-32_7766215556-{UUID}.json", None, "7766215556"),
        (f"training-session_2023-11-15T12-23-32_7766215556-{UUID}.json", {"id": "7"}, "7"),
        (OLD_FILE, {"id": None}, "3142858899"),
        ("training-session-2024-05-01 (1).json", None, "20240501T080000"),
    ],
)
def test_the_id_is_polars_number_in_every_export(tmp_path: Path, file: str, identifier: Any, id: str) -> None:
    export = zipped(tmp_path / "p.zip", {f"a/{file}": {**OLD, "identifier": identifier}})
    assert [run.native_id for run in activities(read(source(export)))] == [id]


def test_every_exercise_of_a_multisport_is_a_record_of_its_own_with_its_own_route(tmp_path: Path) -> None:
    records = of(
        tmp_path,
        exercise(sport="TRIATHLON_SWIMMING", distance=1500.0, duration="PT30M"),
        exercise(sport="TRIATHLON_CYCLING", startTime="2024-05-01T08:31:00.000", distance=40000.0),
        exercise(sport="TRIATHLON_RUNNING", startTime="2024-05-01T09:32:00.000", samples={"recordedRoute": ROUTE}),
    )
    assert [(run.native_id, run.sport, run.distance_m, run.track) for run in activities(records)] == [
        ("3142858899-1", "swim", 1500.0, None),
        ("3142858899-2", "ride", 40000.0, None),
        ("3142858899-3", "run", 10000.0, f"{OLD_FILE}#3"),
    ]
    assert len(recording(source(tmp_path / "export"), f"{OLD_FILE}#3").trace) == 2


def test_what_a_session_sums_up_is_not_taken_for_a_part_of_it(tmp_path: Path) -> None:
    parts = [
        {"startTime": "2024-05-01T08:00:00", "sport": "RUNNING"},
        exercise(sport="CYCLING", latitude=0, longitude=0),
    ]
    records = read(source(folder(tmp_path, {OLD_FILE: {**OLD, "latitude": 60.0, "exercises": parts}})))
    assert [(run.name, run.distance_m, run.moving_s, run.start_lat) for run in activities(records)] == [
        ("Morning run", 0.0, None, None),
        ("Morning run", 10000.0, 3600.0, None),
    ]
    assert list(problems(records)) == [f"{OLD_FILE}#1"]


def test_a_single_point_is_no_route(tmp_path: Path) -> None:
    (run,) = activities(of(tmp_path, exercise(samples={"recordedRoute": [{"latitude": 60.0, "longitude": 24.0}]})))
    assert (run.track, run.indoor) == (None, None)


SPORTS: list[tuple[Any, str, bool | None]] = [
    ("RUNNING", "run", None), ("JOGGING", "run", None), ("ROAD_RUNNING", "run", None), ("TRAIL_RUNNING", "trail-run", None),
    ("ULTRARUNNING_RUNNING", "run", None), ("TREADMILL_RUNNING", "treadmill-run", True), ("ORIENTEERING", "trail-run", None),
    ("TRACK_AND_FIELD_RUNNING", "track-run", None), ("OFFROADDUATHLON_RUNNING", "trail-run", None),
    ("CROSS_COUNTRY_RUNNING", "run", None), ("WATER_RUNNING", "other", None), ("WALKING", "walk", None),
    ("NORDIC_WALKING", "walk", None), ("HIKING", "hike", None), ("INDOOR_CYCLING", "ride", True), ("OTHER_INDOOR", "unknown", True),
    ("PADEL", "other", None), ({"id": "1"}, "run", None), ({"id": 17}, "treadmill-run", True), ({"id": "27"}, "trail-run", None),
    ({"id": "36"}, "track-run", None), ({"id": "92"}, "run", None), ({"id": "13"}, "other", None), ("19", "run", None),
]  # fmt: skip


def test_words_and_numbers_of_sports_are_known(tmp_path: Path) -> None:
    records = of(tmp_path, *(exercise(sport=said) for said, _, _ in SPORTS))
    assert [(run.sport, run.indoor) for run in activities(records)] == [(sport, indoor) for _, sport, indoor in SPORTS]
    assert problems(records) == {}


def test_what_the_runner_says_of_a_sport_goes_before_what_is_known(tmp_path: Path) -> None:
    for said in ("17", "TREADMILL_RUNNING", "treadmill_running"):
        (run,) = activities(of(tmp_path, exercise(sport={"id": "17"}), sport_map={said: "walk"}))
        assert (run.sport, run.sport_raw) == ("walk", "TREADMILL_RUNNING")


def test_local_time_with_offset_or_zone(tmp_path: Path) -> None:
    for offset, started_at in (
        ({"timezoneOffset": -300}, "2024-05-01T13:00:00Z"), ({"timezoneOffset": 345}, "2024-05-01T02:15:00Z"),
        ({"timezoneOffset": 0}, "2024-05-01T08:00:00Z"), ({}, "2024-05-01T05:00:00Z"),
    ):  # fmt: skip
        export = folder(tmp_path, {OLD_FILE: {"exercises": [exercise(**offset)]}})
        (run,) = activities(read(source(export)))
        assert (run.started_at, run.zone_assumed, run.local_date) == (started_at, not offset, "2024-05-01")


def test_a_session_without_exercises_is_one_and_what_lacks_a_distance_is_kept_and_said(tmp_path: Path) -> None:
    session = {"startTime": "2024-05-01T08:00:00.000", "sport": "TREADMILL_RUNNING", "duration": "PT30M0.5S"}
    records = read(source(folder(tmp_path, {OLD_FILE: session})))
    (run,) = activities(records)
    assert (run.sport, run.distance_m, run.moving_s, run.track) == ("treadmill-run", 0.0, 1800.5, None)
    assert problems(records) == {OLD_FILE: "it has no distance: it counts as 0 m until a correction gives the distance"}


UNREADABLE: list[tuple[Any, str]] = [
    (json.dumps(OLD)[:700], "the file is not JSON, or was cut off (line 1)"),
    ([OLD], "it is not a training session"),
    ({"exercises": [7]}, "it is not an exercise"),
    ({"exercises": [{}] * 101}, "it has more than 100 exercises"),
    ({}, "it has no startTime"),
    ({"exercises": [exercise(distance="far")]}, "distance: 'far' is not a number"),
    ({"exercises": [exercise(timezoneOffset=1e6)]}, "timezoneOffset: an offset of 1e+06 minutes is impossible"),
    ({"exercises": [exercise(startTime="yesterday")]}, "startTime: 'yesterday' is not a time"),
    (json.dumps(OLD) + " " * (1 << 20), "the file has more than 1 MB"),
]


def test_an_unreadable_session_is_a_problem_and_others_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shoemon.sources.polar.MOST_JSON_BYTES", 1 << 20)
    sessions = {f"training-session-2024-06-{day:02}.json": content for day, (content, _) in enumerate(UNREADABLE)}
    records = read(source(zipped(tmp_path / "polar.zip", {**sessions, f"2024/{OLD_FILE}": OLD, OLD_FILE: OLD})))
    assert [run.native_id for run in activities(records)] == ["3142858899"]  # once, though it lies there twice
    assert problems(records) == dict(zip(sessions, [message for _, message in UNREADABLE], strict=True))


@pytest.mark.parametrize("session", [OLD, NEW], ids=["old", "new"])
def test_nothing_that_stands_in_a_session_stops_the_others(tmp_path: Path, session: dict[str, Any]) -> None:
    sessions = {f"training-session-2024-{number}.json": made for number, made in enumerate(broken(session))}
    export = source(folder(tmp_path, {**sessions, NEW_FILE: {**NEW, "identifier": {"id": "sound"}}}))
    assert "sound" in {run.native_id for run in activities(read(export))}
    for trace in traces(export, [f"{name}#{number}" for name in sessions for number in (1, 2)]):
        assert len(trace) <= 5


def test_a_huge_or_missing_route_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export = source(folder(tmp_path, {OLD_FILE: OLD}))
    monkeypatch.setattr("shoemon.sources.formats.points.MOST_POINTS", 1)
    with pytest.raises(TrackError, match="has more than 1 points"):
        recording(export, OLD_FILE)
    with pytest.raises(SourceError, match=r"\.\./secret\.json no longer exists; sync its source again"):
        recording(export, "../secret.json")
    with pytest.raises(TrackError, match="structure is unknown"):
        recording(export, f"{OLD_FILE}#2")


@pytest.mark.parametrize(
    ("files", "known"),
    [
        ({OLD_FILE: OLD}, True),
        ({f"polar/{NEW_FILE}": NEW, "polar/activity-2026-05-01-x.json": {}}, True),
        ({"activity-2026-05-01-x.json": NEW, "other.json": OLD}, False),
        ({OLD_FILE: b"\x00\x01", "training-session-2024-notes.txt": b"{}"}, False),
        ({OLD_FILE: [1, 2]}, False),
        ({}, False),
    ],
)
def test_an_export_is_recognised_by_names_and_beginnings(tmp_path: Path, files: dict[str, Any], known: bool) -> None:
    (tmp_path / "export").mkdir()
    for path in (folder(tmp_path / "export", files), zipped(tmp_path / "export.zip", files)):
        assert polar.recognise(path) == ({"type": "polar", "path": str(path)} if known else None)


def test_a_folder_with_more_tracks_than_sessions_is_for_tracks_else_init_awaits_none_of_them(tmp_path: Path) -> None:
    tracks = {f"{day}.fit": fit(*way(range(60)), session(NOON + 86400 * day)) for day in range(3)}
    path = folder(tmp_path / "export", {OLD_FILE: OLD, **tracks})
    assert (recognise(path) or {})["type"] == "tracks"
    for name in ("1.fit", "2.fit"):
        (path / name).unlink()
    (found,) = read_exports([str(path)], "Europe/Helsinki")
    assert (found.settings["type"], len(found.runs), found.waiting_tracks) == ("polar", 1, 0)


def test_what_holds_no_session_says_so(tmp_path: Path) -> None:
    for path in (zipped(tmp_path / "other.zip", {"notes.json": {}}), tmp_path / "none.zip"):
        with pytest.raises(SourceError, match="export again"):
            source(path).pull(None)


def test_init_finds_the_runs_and_edits_and_deletions_follow(tmp_path: Path) -> None:
    """As of every export that is read whole."""
    export = zipped(tmp_path / "polar.zip", {OLD_FILE: OLD, NEW_FILE: NEW})
    (found,) = read_exports([str(export)], "Europe/Helsinki")
    assert (found.settings["type"], len(found.runs)) == ("polar", 2)
    main = "timezone: Europe/Helsinki\nsources: [{name: x, type: polar, path: polar.zip, missing: drop}]"
    home = Household(tmp_path, main=main, shoes="shoes: [{id: pegasus, name: Pegasus}]\ndefault_shoe: pegasus")
    home.sync("2026-06-01T12:00:00")
    assert home.km() == {"pegasus": 20.001}
    zipped(export, {OLD_FILE: {**OLD, "exercises": [{**OLD_EXERCISE, "distance": 8000.0}]}})
    home.sync("2026-06-01T13:00:00")
    assert home.km() == {"pegasus": 8.0}
