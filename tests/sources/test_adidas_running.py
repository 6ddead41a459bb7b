"""adidas Running (Runtastic): a session a file, the pairs with their lives, tracks as JSON or GPX."""

import json
from pathlib import Path
from typing import Any

import pytest
from kit import making
from kit.laid_exports import activities, broken, folder, problems, read, recording, source_of, traces, zipped

from shoemon.model.activity import Gear
from shoemon.model.contracts import GearSource
from shoemon.model.errors import SourceError
from shoemon.setup.init import write_configuration
from shoemon.sources import recognise

GPX = (
    '<gpx><trk><trkseg><trkpt lat="60" lon="25"><time>2026-03-01T06:00:00Z</time></trkpt>'
    '<trkpt lat="60.001" lon="25"><time>2026-03-01T06:00:40Z</time></trkpt></trkseg></trk></gpx>'
)
source = source_of("adidas-running", "adidas", "Europe/Berlin")


def session(id: str = "s1", **values: Any) -> dict[str, Any]:
    """A run of 10 km in an hour, five minutes of it a pause, before six in the morning of a zone two hours ahead."""
    return {
        "start_time": 1772334000000, "end_time": 1772337600000, "created_at": 1772340000000,
        "start_time_timezone_offset": 7200000, "end_time_timezone_offset": 7200000, "distance": 10000,
        "duration": 3300000, "pause_duration": 300000, "elevation_gain": 74, "notes": "Long one\nwith friends",
        "manual": False, "indoor": False, "latitude": 60.0, "longitude": 25.0, "id": id, "surface_id": "1",
        "sport_type_id": "1", "user_equipment_ids": ["p1"], **values,
    }  # fmt: skip


def pair(id: str = "p1", **values: Any) -> dict[str, Any]:
    return {
        "name": "Glide  2", "initial_distance": 120000, "size": {"value": 44}, "color": "red", "id": id,
        "milestones": [{"value": 1, "type": "other"}, {"value": 500000, "type": "retirement_distance"}],
        "equipment_type": "shoe", "samples_ids": ["s1"], **values,
    }  # fmt: skip


def export(*sessions: dict[str, Any], pairs: tuple[dict[str, Any], ...] = (pair(),), **more: Any) -> dict[str, Any]:
    return {
        **{f"Sport-sessions/{each['id']}.json": each for each in sessions},
        **{f"User/Shoes/{each['id']}.json": each for each in pairs},
        "User/user.json": {"id": 7, "start_time": 1, "sport_type_id": "1"},
        "Sport-sessions/Elevation-data/s1.json": [{"start_time": 1, "sport_type_id": "1"}],
        **more,
    }


def test_a_session_is_read_whole_with_its_pair_wherever_the_export_lies(tmp_path: Path) -> None:
    there = folder(tmp_path / "out", export(session(), **{"Sport-sessions/GPS-data/s1.gpx": GPX}))
    packed = zipped(tmp_path / "export-20260901-000.zip", export(session(), **{"Sport-sessions/GPS-data/s1.gpx": GPX}))
    for path in (there, packed, there / "Sport-sessions"):
        assert recognise(path) == {"type": "adidas-running", "path": str(path)}
        [run] = activities(read(source(path)))
        has_pairs = path.name != "Sport-sessions"
        assert run == making.run(
            "adidas:s1", "2026-03-01T03:00:00Z", utc_offset_s=7200, sport="run", sport_raw="Running", name="Long one",
            moving_s=3300.0, elapsed_s=3600.0, elevation_m=74.0, gear_raw="p1",
            gear_name="Glide 2" if has_pairs else None, surface_raw="1", start_lat=60.0, start_lon=25.0,
            track="Sport-sessions/GPS-data/s1.gpx" if has_pairs else "GPS-data/s1.gpx", raw=json.dumps(session()),
        )  # fmt: skip
        assert len(recording(source(path), run.track).trace.times) == 2
    made = source(packed)
    assert isinstance(made, GearSource)
    assert made.gear() == [Gear("p1", "Glide 2", 500000.0, None, 120000.0)]
    lone = there / "Sport-sessions" / "s1.json"
    assert recognise(lone) == {"type": "adidas-running", "path": str(lone)}
    assert [run.gear_raw for run in activities(read(source(lone)))] == ["p1"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"sport_type_id": "14"}, {"sport": "treadmill-run", "indoor": True}),
        ({"sport_type_id": "82"}, {"sport": "trail-run"}),
        ({"sport_type_id": "84"}, {"sport": "run"}),
        ({"sport_type_id": "2"}, {"sport": "walk"}),
        ({"sport_type_id": "22"}, {"sport": "ride"}),
        ({"sport_type_id": 1, "indoor": True}, {"sport": "run", "indoor": True}),
        ({"latitude": -1, "longitude": -1}, {"start_lat": None, "start_lon": None}),
        ({"start_time_timezone_offset": None}, {"utc_offset_s": 3600}),
        ({"start_time_timezone_offset": 1e12}, {"utc_offset_s": 3600}),
        ({"end_time": 0}, {"elapsed_s": None, "moving_s": 3300.0}),
        ({"duration": None, "end_time": None}, {"moving_s": None, "elapsed_s": None}),
        ({"user_equipment_ids": []}, {"gear_raw": "p1", "gear_name": "Glide 2"}),
        ({"user_equipment_ids": ["bike", "p1"]}, {"gear_raw": "p1"}),
        ({"user_equipment_ids": ["p1", "p2"]}, {"gear_raw": "p1 + p2", "gear_name": "Glide 2 + p2"}),
        ({"user_equipment_ids": ["gone"], "id": "s2"}, {"gear_raw": "gone", "gear_name": None}),
        ({"user_equipment_ids": None, "id": "s2"}, {"gear_raw": None}),
        ({"surface_id": None}, {"surface_raw": None}),
        ({"surface_id": "4"}, {"surface_raw": "gravel"}),
    ],
)  # fmt: skip
def test_what_a_session_means(tmp_path: Path, values: dict[str, Any], expected: dict[str, Any]) -> None:
    files = export(
        session(**values), pairs=(pair(), pair("p2", name=None, samples_ids=[]), pair("b", equipment_type="bike"))
    )
    [run] = activities(read(source(folder(tmp_path / "out", files), surface_map={"4": "gravel"})))
    assert {key: getattr(run, key) for key in expected} == expected


def test_what_the_export_does_not_name_is_asked_about_once(tmp_path: Path) -> None:
    files = export(
        session(), session("s2"), session("s3", sport_type_id="300", surface_id="4"), session("s4", distance=None),
        session("s5", elevation_gain="high", end_time=[1], surface_id=None),
    )  # fmt: skip
    made = source(folder(tmp_path / "out", {**files, "Sport-sessions/bad.json": "{", "User/Shoes/bad.json": []}))
    assert len(activities(read(made))) == 5
    assert problems(read(made)) == {
        "User/Shoes/bad.json": "its structure is unknown",
        "Sport-sessions/bad.json": "the file is not JSON, or was cut off (line 1)",
        "Sport-sessions/s5.json": "elevation_gain: 'high' is not a number; the session counts without it",
        "Sport-sessions/s4.json": "it has no distance: it counts as 0 m until a correction gives the distance",
        "Sport-sessions/s3.json": (
            "a session was on surface 4, of which the export gives no name; if you know it, set it to a surface, such as "
            'paved or gravel: surface_map: {"4": paved}'
        ),
        "Sport-sessions/s1.json": (
            "3 sessions were on surface 1, of which the export gives no name; if you know it, set it to a surface, such as "
            'paved or gravel: surface_map: {"1": paved}'
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    "times", [("2018-09-01 11:28:34 +0200", "2018-09-01 11:28:44 +0200"), (1535794114000, 1535794124000)]
)
def test_a_track_in_json_has_the_times_of_either_form(tmp_path: Path, times: tuple[Any, Any]) -> None:
    points = [
        {"version": 1, "timestamp": time, "longitude": 3.0, "latitude": 50.0 + number / 10000, "distance": number * 11}
        for number, time in enumerate(times)
    ]
    path = folder(tmp_path / "out", export(session(), **{"Sport-sessions/GPS-data/s1.json": points}))
    [run] = activities(read(source(path)))
    found = recording(source(path), run.track)
    assert (str(found.started_at), list(found.trace.distances_m)) == ("2018-09-01 09:28:34+00:00", [0.0, 11.0])


def test_init_writes_each_pair_with_its_life_and_what_it_had_run_before(tmp_path: Path) -> None:
    unworn = pair("p3", name="Spare", milestones=[], initial_distance=0, samples_ids=[])
    path = zipped(tmp_path / "export-20260901-000.zip", export(session(), pairs=(pair(), unworn)))
    list(write_configuration(tmp_path / "home", [str(path)]))
    text = (tmp_path / "home" / "shoes.yaml").read_text()
    assert "    gear: [p1, Glide 2]\n    initial: 120 km\n    life: 500 km\n" in text
    assert "  - id: spare\n    name: Spare\n    gear: [p3, Spare]\n\n" in text.replace("# Used", "\n# Used")
    assert f'path: "{tmp_path}/export-*.zip"' in (tmp_path / "home" / "shoemon.yaml").read_text()


def test_whatever_an_export_contains_is_read_or_reported(tmp_path: Path) -> None:
    points = [{"timestamp": 1535794114000 + n, "longitude": 3.0, "latitude": 50.0, "distance": n} for n in range(2)]
    files: dict[str, Any] = {}
    for number, made in enumerate([*broken(session()), *broken(pair())]):
        kind = "User/Shoes" if "milestones" in made else "Sport-sessions"
        files[f"{kind}/{number}.json"] = made
    for number, made in enumerate(broken(points)):
        files[f"Sport-sessions/GPS-data/{number}.json"] = made
    there = source(folder(tmp_path / "out", files))
    found = activities(read(there))
    assert found and all(run.distance_m >= 0 for run in found)
    there.gear()
    assert list(traces(there, [name for name in files if "GPS-data" in name]))
    with pytest.raises(SourceError, match="contains no session of adidas Running"):
        read(source(folder(tmp_path / "none", {"User/Shoes/p1.json": pair()})))
