"""One run on a path of dirt, as Polar, Suunto and Samsung export it: each tells its ground, and all of them one run."""

import math
from pathlib import Path
from typing import Any

import pytest
from kit.homes import Home
from kit.laid_exports import folder
from kit.tracked import PATH, along, grounds, island

BEGUN = 1_714_543_200
"""2024-05-01 at six in the morning, by a clock on UTC; a point a second."""
LINE = along(PATH, 2400)
UUID = "10104cf7-1468-4616-8ef5-9b64e8716dc1"


def clock(second: int) -> str:
    return f"2024-05-01T{6 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def polar() -> dict[str, Any]:
    route = [
        {"dateTime": f"{clock(second)}.000", "latitude": lat, "longitude": lon}
        for second, (lat, lon) in enumerate(LINE)
    ]
    told = {"startTime": clock(0), "timezoneOffset": 0, "duration": f"PT{len(LINE)}S", "distance": 2400.0}
    exercise = {**told, "sport": "RUNNING", "samples": {"recordedRoute": route}}
    return {f"training-session-2024-05-01-12345-{UUID}.json": {"exercises": [exercise]}}


def suunto() -> dict[str, Any]:
    samples = [
        {"Latitude": math.radians(lat), "Longitude": math.radians(lon), "TimeISO8601": f"{clock(second)}+00:00"}
        for second, (lat, lon) in enumerate(LINE)
    ]
    header = {"ActivityType": 3, "DateTime": f"{clock(0)}+00:00", "Duration": len(LINE), "Distance": 2400}
    return {"move.json": {"DeviceLog": {"Header": header, "Samples": samples}}}


def samsung() -> dict[str, Any]:
    points = [
        {"start_time": 1000 * (BEGUN + second), "latitude": lat, "longitude": lon}
        for second, (lat, lon) in enumerate(LINE)
    ]
    table = (
        "com.samsung.shealth.exercise,1,1\ndatauuid,start_time,time_offset,exercise_type,duration,distance\n"
        f"a1,2024-05-01 06:00:00.000,UTC+0000,1002,{1000 * len(LINE)},2400,\n"
    )
    return {
        "com.samsung.shealth.exercise.2024.csv": table,
        "jsons/com.samsung.shealth.exercise/a/a1.com.samsung.health.exercise.location_data.json": points,
    }


EXPORTS = {"polar": polar, "suunto": suunto, "samsung": samsung}
RUNS = {"polar": "polar:12345", "suunto": "suunto:20240501T060000Z", "samsung": "samsung:a1"}


def home_with(directory: Path, *kinds: str) -> Home:
    home = Home(directory)
    sources = "".join(f"  - {{name: {kind}, type: {kind}, path: {kind}}}\n" for kind in kinds)
    home.main(f"timezone: UTC\nsources:\n{sources}ground: {{map: island.osm}}\n")
    home.shoes("shoes: [{id: pegasus, name: Pegasus}]\ndefault_shoe: pegasus\n")
    (directory / "island.osm").write_text(island(), encoding="utf-8")
    for kind in kinds:
        folder(directory / kind, EXPORTS[kind]())
    return home


@pytest.mark.parametrize("kind", EXPORTS)
def test_the_points_of_an_export_tell_the_ground(tmp_path: Path, kind: str) -> None:
    home = home_with(tmp_path, kind)
    assert [outcome.error for outcome in home.sync().outcomes] == [None]
    assert grounds(home) == {RUNS[kind]: {"dirt": 2400.0}}


def test_a_run_of_three_exports_counts_once(tmp_path: Path) -> None:
    home = home_with(tmp_path, *EXPORTS)
    assert [outcome.error for outcome in home.sync().outcomes] == [None] * 3
    assert home.totals() == {"pegasus": 2400.0}
    assert home.rows("SELECT id, duplicate_of FROM activities ORDER BY id") == [
        ("polar:12345", None),
        ("samsung:a1", "polar:12345"),
        ("suunto:20240501T060000Z", "polar:12345"),
    ]
