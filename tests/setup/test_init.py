"""`shoemon init` and `shoemon check`: from an export to a configuration that loads, and what is said about it."""

import json
import os
import re
import shlex
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import tzlocal
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import making
from kit.commands import Said, said_here
from kit.machines import SOURCE, Machine
from kit.places import REAL_DATA

from shoemon.cli.main import cli
from shoemon.config.load import load
from shoemon.config.reading import read_document
from shoemon.decide.find_shoes import Drafts, Sighting, find_shoes
from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import MistakeError
from shoemon.model.units import distance_m, plain_distance
from shoemon.setup.exports import Export
from shoemon.setup.summary import report_lines
from shoemon.setup.write_files import main_text, yaml_of
from shoemon.setup.zones import proposed_zone

SAMPLES = REAL_DATA / "strava_export"
HEADER = (
    "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Activity Gear,Filename,"
    "Elapsed Time,Moving Time,Distance,Bike,Gear,Dirt Distance\n"
)
NASTY_NAMES = [
    "plain", "two words", '"quoted"', "'single'", "it's", "back\\slash", "\\u0041", "colon: after", "a: {b: c}",
    "- dash", "# hash", "a # comment", "!tag", "&anchor", "*alias", "[list]", "{map}", "%directive", "@at", "`tick`",
    "| pipe", "> fold", "? question", "null", "~", "true", "No", "2024-03-01", "1e3", "0x1F", ".inf", "12:30",
    "Ünïcödé ß ẞ", "日本の靴", "👟🏃", "👨‍👩‍👧 family", "=SUM(A1)", "<script>alert(1)</script>", "---", "...", "${HOME}",
    "tab\there", "bell\x07 and escape \x1b[31m", "next\x85line and \u2028 separator", "right\u202eleft", "very " * 60 + "long",
]  # fmt: skip
"""What YAML may take for something else than a name, or not take at all."""


def row(
    id: int, day: str, gear_id: str = "", gear: str = "", *, sport: str = "Run", metres: float = 10_000, bike: str = ""
) -> str:
    gear = gear.replace('"', '""')
    shown = f"{metres / 1000:.2f}"
    return f'{id},"{day}, 6:00:00 AM",Run,{sport},3600,{shown},"{gear}",,3600.0,3500.0,{metres},{bike},{gear_id},\n'


def export(path: Path, *rows: str) -> Path:
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def run(*arguments: object) -> str:
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def shoemon(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs a command as `shoemon` does, in this process."""
    return lambda *arguments: said_here(monkeypatch, capsys, *map(str, arguments))


def rows(directory: Path, sql: str) -> list[tuple[object, ...]]:
    return sqlite3.connect(directory / "shoemon.db").execute(sql).fetchall()


def test_an_export_becomes_a_configuration_that_loads_and_counts(tmp_path: Path) -> None:
    """Old ids are rounded and newer ones exact; names change; the bike and the walking shoes are no running shoes."""
    path = export(
        tmp_path / "activities.csv",
        row(1, "Jan 5, 2023", "4778236.0", "Old faithful"),
        row(2, "Jan 6, 2024", "24011812.0", "Glide"),
        row(3, "Jan 7, 2024", "24011813", "Brantwick Glide"),
        row(4, "Jan 8, 2024", "", "Brantwick Glide", metres=5_000),
        row(5, "Jan 9, 2024", "", "Gravel bike", sport="Ride", bike="77"),
        row(6, "Jan 9, 2024", "99", "Boots", sport="Hike"),
        row(7, "Jan 10, 2024"),
    )
    output = run("init", tmp_path / "conf", "--export", path)
    assert output.replace(str(tmp_path), "DIR").splitlines()[:12] == [
        "DIR/activities.csv: read as strava-export, called `strava`",
        "  7 activities, 5 of them runs, 2023-01-05 to 2024-01-10",
        "  shoe: known of 4 of 5 runs; 2 pairs",
        "  ground: not known",
        "  treadmill: 0 runs",
        "  tracks: not there",
        "  left out, as no run was in them: `Boots` (hike); add walk and hike to `sports` to count those",
        "2 pairs of shoes, last worn first:",
        "  brantwick-glide      25 km     3 runs  2024-01-06 to 2024-01-08  Brantwick Glide",
        "  old-faithful         10 km     1 run   2023-01-05 to 2023-01-05  Old faithful",
        "1 run names no shoe; `rules` and `default_shoe` in shoes.yaml can give it one.",
        "Written: DIR/conf/shoemon.yaml, and shoes.yaml beside it.",
    ]
    shoes = (tmp_path / "conf" / "shoes.yaml").read_text()
    assert shoes[shoes.index("\nshoes:") : shoes.index("\n# Used where")] == (
        """
shoes:
  # 25 km in 3 runs, 2024-01-06 to 2024-01-08
  - id: brantwick-glide
    name: Brantwick Glide
    gear: ["24011812", Brantwick Glide, Glide]

  # 10 km in 1 run, 2023-01-05 to 2023-01-05
  - id: old-faithful
    name: Old faithful
    gear: ["4778236", Old faithful]
    # retired: 2023-01-05    # not worn for a year; remove the # if it is retired
"""
    )
    assert "are valid" in run("check", "--config", tmp_path / "conf")
    run("sync", "--config", tmp_path / "conf")
    mileage = "SELECT shoe, sum(distance_m), sum(runs) FROM shoe_surface_mileage GROUP BY 1 ORDER BY 1"
    assert rows(tmp_path / "conf", mileage) == [
        (None, 10_000, 1),
        ("brantwick-glide", 25_000, 3),
        ("old-faithful", 10_000, 1),
    ]


def test_hostile_gear_names_come_back_as_they_were_and_find_their_runs(tmp_path: Path) -> None:
    assert len(NASTY_NAMES) >= 40
    lines = [row(n, f"Jan {n % 28 + 1}, 2024", str(100 + n), name) for n, name in enumerate(NASTY_NAMES, 1)]
    lines += [row(500 + n, f"Feb {n % 28 + 1}, 2024", "", f"{name}!") for n, name in enumerate(NASTY_NAMES, 1)]
    output = run("init", tmp_path / "conf", "--export", export(tmp_path / "a.csv", *lines))
    assert not any(character in output for character in "\x07\x1b\x85\u2028\u202e")
    plan = load(tmp_path / "conf").plan
    gear = {shoe.gear for shoe in plan.shoes}
    assert {(str(100 + n), name.strip()) for n, name in enumerate(NASTY_NAMES, 1)} <= gear
    assert {(f"{name}!".strip(),) for name in NASTY_NAMES} <= gear
    run("sync", "--config", tmp_path / "conf")
    assert rows(tmp_path / "conf", "SELECT count(*) FROM legs WHERE shoe IS NULL") == [(0,)]
    assert rows(tmp_path / "conf", "SELECT count(DISTINCT shoe) FROM legs") == [(2 * len(NASTY_NAMES),)]


@settings(max_examples=50)
@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_text_is_read_from_yaml_as_it_was_written(value: object) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.yaml"
        path.write_text(f"here: {yaml_of(value)}\n", encoding="utf-8")
        document = read_document(path)
    assert (document.mistakes, document.value) == ([], {"here": value})
    assert yaml_of("half \ud800") == '"half ?"'


def seen(gear_raw: str | None, gear_name: str | None, day: str = "2024-01-01", source: str = "strava") -> Sighting:
    return Sighting(source, gear_raw, gear_name, day, 1000.0)


@pytest.mark.parametrize(
    ("sightings", "gear", "ambiguous"),
    [
        ([seen("1", "A"), seen("2", "A")], [("1",), ("2",)], ()),
        ([seen("1", "A"), seen("2", "A"), seen("A", "A")], [("1",), ("2",)], ("A",)),
        ([seen("1", "A"), seen("A", "A")], [("1", "A")], ()),
        ([seen("1", "A"), seen("b-2", "a", source="watch")], [("1", "b-2", "a", "A")], ()),
        ([seen("A", None), seen("a ", None, "2024-02-01", "sheet")], [("a ", "A")], ()),
        ([seen("1", "A", "2024-01-01"), seen("1", "B", "2023-01-01")], [("1", "A", "B")], ()),
        ([seen("uuid-x", None), seen("uuid-x", "A", "2023-01-01")], [("uuid-x", "A")], ()),
        ([seen("1", None), seen(" ", None)], [("1",)], ()),
        ([seen("24011812", "A"), seen("24011813", "A", source="api")], [("24011812", "24011813", "A")], ()),
        ([seen("24011811", None), seen("24011813", None)], [("24011811",), ("24011813",)], ()),
        ([seen("a-2", "a-2"), seen("1", "a"), seen("2", "A!")], [("1", "a"), ("2", "A!"), ("a-2",)], ()),
    ],
)  # fmt: skip
def test_gear_is_put_together_to_pairs(
    sightings: list[Sighting], gear: list[tuple[str, ...]], ambiguous: tuple[str, ...]
) -> None:
    found = find_shoes(sightings)
    assert (sorted(shoe.gear for shoe in found.shoes), found.ambiguous) == (sorted(gear), ambiguous)
    assert len({shoe.id for shoe in found.shoes}) == len(gear)


def test_an_id_is_never_what_an_export_calls_another_pair() -> None:
    found = find_shoes([seen("1", "A"), seen("2", "A!"), seen("a-2", "a-2"), seen("3", "3 A"), seen("a", "a")])
    owners = {text: shoe.id for shoe in found.shoes for text in shoe.gear}
    assert all(owners.get(shoe.id, shoe.id) == shoe.id for shoe in found.shoes)


def test_an_id_keeps_the_letters_of_every_script_and_is_no_bare_number(tmp_path: Path) -> None:
    names = ["Пегас 40", "日本の靴", "Ünïcödé ß", "हिन्दी जूते", "40", "Shoe", "👟", "❤️ Pegasus"]
    lines = [row(n, f"Jan {n}, 2024", str(100 + n), name) for n, name in enumerate(names, 1)]
    run("init", tmp_path / "conf", "--export", export(tmp_path / "a.csv", *lines))
    ids = {shoe.name: shoe.id for shoe in load(tmp_path / "conf").plan.shoes}
    assert [ids[name] for name in names] == [
        "пегас-40", "日本の靴", "unicode-ss", "हिन्दी-जूते", "pair-40", "pair-shoe", "pair", "pegasus"]  # fmt: skip


def test_a_folder_with_one_known_list_beside_other_files_is_read(tmp_path: Path, shoemon: Callable[..., Said]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    export(folder / "my list.csv", row(1, "Jan 5, 2024", "11", "Glide"))
    for name, text in {
        "photo.jpg": "",
        "notes.txt": "Dear diary\n",
        "runs.csv": "Run,Date,Distance\n1,2026-10-01,8\n",
    }.items():
        (folder / name).write_text(text)
    run("init", tmp_path / "conf", "--export", folder)
    assert [source.path for source in load(tmp_path / "conf").sources] == [f"{folder}/my list.csv"]
    export(folder / "other.csv", row(2, "Jan 6, 2024", "11", "Glide"))
    said = shoemon("init", tmp_path / "more", "--export", folder)
    assert f"{folder}: several files in it can be read; name one, or more: my list.csv, other.csv" in said.err
    for name in ("my list.csv", "other.csv"):
        (folder / name).unlink()
    assert (
        f"{folder}/runs.csv: nothing says in which unit" in shoemon("init", tmp_path / "more", "--export", folder).err
    )


def test_check_looks_at_the_first_records_of_each_source(tmp_path: Path) -> None:
    bad = row(3, "Jan 7, 2024").replace("10000", "far")
    export(tmp_path / "activities.csv", row(1, "Jan 5, 2024"), row(2, "Jan 6, 2024", sport="Ride"), bad)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.gpx").write_text(gpx(1))
    (tmp_path / "shoemon.yaml").write_text(
        "sources: [{name: old, type: strava-export, path: activities.csv}, {name: watch, type: tracks, path: in},\n"
        "  {name: cut, type: strava-export, path: in/1.gpx}]"
    )
    (tmp_path / "shoes.yaml").write_text("")
    lines = run("check", "--config", tmp_path).replace(str(tmp_path), "DIR").splitlines()
    assert lines[3:9] == [
        "source old (strava-export): DIR/activities.csv",
        "  a look at its first records: 1 of 3 count, 10.0 km, 2024-01-05 to 2024-01-05",
        "warning: source old (strava-export): 1 x the distance is unreadable: could not convert string to float: '.far' "
        "(activities.csv:4)",
        "source watch (tracks): DIR/in",
        "  a look at its first records: 1 of 1 count, 0.3 km, 2024-01-01 to 2024-01-01",
        "source cut (strava-export): DIR/in/1.gpx",
    ]
    assert lines[9].startswith("warning: source cut (strava-export): DIR/in/1.gpx is not a table but a web page")


def test_two_exports_of_one_runner_share_their_shoes_and_count_a_run_once(tmp_path: Path) -> None:
    first = export(tmp_path / "one.csv", row(1, "Jan 5, 2024", "11", "Glide"))
    second = export(tmp_path / "two.csv", row(8, "Jan 5, 2024", "11", "Glide"), row(9, "Jan 6, 2024", "11", "Glide"))
    run("init", tmp_path / "conf", "--export", first, "--export", second)
    assert [source.name for source in load(tmp_path / "conf").sources] == ["strava", "strava-2"]
    assert "# 20 km in 2 runs" in (tmp_path / "conf" / "shoes.yaml").read_text()
    assert [shoe.gear for shoe in load(tmp_path / "conf").plan.shoes] == [("11", "Glide")]


def garmin(
    path: Path, *records: dict[str, object], pairs: tuple[dict[str, object], ...] = (), **worn: list[int]
) -> Path:
    """An account in a zip; `worn` maps g and the id of a pair to activities."""
    links = {name[1:]: [{"activityId": id} for id in ids] for name, ids in worn.items()}
    with zipfile.ZipFile(path, "w") as archive:
        listed = [{"summarizedActivitiesExport": records}]
        archive.writestr("DI_CONNECT/DI-Connect-Fitness/me@example.org_0_summarizedActivities.json", json.dumps(listed))
        gear = [{"gearDTOS": pairs, "gearActivityDTOs": links}]
        archive.writestr("DI_CONNECT/DI-Connect-Fitness/me@example.org_gear.json", json.dumps(gear))
        archive.writestr("DI_CONNECT/DI-Connect-Uploaded-Files/UploadedFiles_0-_Part1.zip", b"")
    return path


def recorded(id: int, day: int, *, kind: str = "running", km: float = 10.0) -> dict[str, object]:
    """A run at six in the morning of a day in January 2024."""
    start = datetime(2024, 1, day, 6, tzinfo=UTC).timestamp() * 1000
    lasts = {"elapsedDuration": 3_600_000, "distance": km * 100_000}
    return {"activityId": id, "activityType": kind, "startTimeGmt": start, "startTimeLocal": start, **lasts}


def pair(id: int, name: str, **values: object) -> dict[str, object]:
    return {"gearPk": id, "displayName": name, "gearTypeName": "Shoes", **values}


def test_an_account_gives_its_pairs_with_life_and_end_and_what_each_export_knows_is_said(tmp_path: Path) -> None:
    """A pair bought for later is kept, one retired before its first run is not, and one worn after its end was worn."""
    account = garmin(
        tmp_path / "garmin.zip",
        recorded(1, 5), recorded(2, 6, kind="treadmill_running"), recorded(3, 7), recorded(4, 8),
        recorded(5, 9, kind="cycling"), {"activityId": 6}, {"activityId": 7}, {"activityType": "running"},
        pairs=(
            pair(31, "Glide", maximumMeters=724_204.8),
            pair(32, "Dash", gearStatusName="retired", dateEnd="2024-01-06T00:00:00.0", maximumMeters=400_000),
            pair(33, "Spare", maximumMeters=650_500),
            pair(34, "Gone", gearStatusName="retired", dateEnd="2020-01-01"),
        ),
        g31=[1, 3], g32=[2, 3, 4],
    )  # fmt: skip
    output = run("init", tmp_path / "conf", "--export", account).replace(str(tmp_path), "DIR")
    assert output.splitlines()[:15] == [
        "DIR/garmin.zip: read as garmin-account, called `garmin`",
        "  5 activities, 4 of them runs, 2024-01-05 to 2024-01-08",
        "  shoe: known of 3 of 4 runs; 3 pairs",
        "    1 run more with several pairs at once: a correction divides it",
        "  ground: not known",
        "  treadmill: 1 run",
        "  tracks: not there",
        "  3 records cannot be read; after a sync, table problems lists all:",
        "    2 x it has no start time (DI_CONNECT/DI-Connect-Fitness/account_0_summarizedActivities.json:6)",
        "    1 x it has no activityId (DI_CONNECT/DI-Connect-Fitness/account_0_summarizedActivities.json:8)",
        "3 pairs of shoes, last worn first:",
        "  dash       20 km     2 runs  2024-01-06 to 2024-01-08  Dash, life 400 km, retired 2024-01-08",
        "  glide      10 km     1 run   2024-01-05 to 2024-01-05  Glide, life 450 mi",
        "  spare       0 km     0 runs  never worn                Spare, life 650.5 km",
        "Written: DIR/conf/shoemon.yaml, and shoes.yaml beside it.",
    ]
    shoes = (tmp_path / "conf" / "shoes.yaml").read_text()
    assert shoes[shoes.index("\nshoes:") : shoes.index("\n# Used where")] == (
        """
shoes:
  # 20 km in 2 runs, 2024-01-06 to 2024-01-08
  - id: dash
    name: Dash
    gear: ["32", Dash]
    life: 400 km
    retired: 2024-01-08

  # 10 km in 1 run, 2024-01-05 to 2024-01-05
  - id: glide
    name: Glide
    gear: ["31", Glide]
    life: 450 mi

  # not worn on any run so far
  - id: spare
    name: Spare
    gear: ["33", Spare]
    life: 650.5 km
"""
    )
    run("check", "--config", tmp_path / "conf")
    run("sync", "--config", tmp_path / "conf")
    km = "SELECT shoe, round(sum(distance_m) / 1000) FROM shoe_surface_mileage GROUP BY 1 ORDER BY 1"
    assert rows(tmp_path / "conf", km) == [(None, 10.0), ("dash", 20.0), ("glide", 10.0)]
    assert rows(tmp_path / "conf", "SELECT shoe_reason, shoe_detail FROM legs WHERE shoe IS NULL") == [
        ("gear_unknown", '{"gear": "Glide + Dash"}')
    ]


def test_a_run_in_two_exports_counts_once_for_the_shoe_that_either_names(tmp_path: Path) -> None:
    """The account knows the shoe of one, Strava's export that of two; their common pair has the names and ids of both."""
    account = garmin(
        tmp_path / "g.zip", recorded(1, 5), recorded(2, 6), recorded(3, 7), pairs=(pair(31, "glide"),), g31=[1]
    )
    strava = export(tmp_path / "a.csv", *(row(80 + day, f"Jan {day}, 2024", "24011812", "Glide") for day in (6, 8)))
    output = run("init", tmp_path / "conf", "--export", account, "--export", strava)
    assert "1 run is in both exports: each counts once." in output
    assert "1 run names no shoe" in output
    assert "  glide      30 km     3 runs  2024-01-05 to 2024-01-08  Glide" in output
    assert [shoe.gear for shoe in load(tmp_path / "conf").plan.shoes] == [("31", "24011812", "Glide", "glide")]
    run("sync", "--config", tmp_path / "conf")
    km = "SELECT shoe, round(sum(distance_m) / 1000) FROM shoe_surface_mileage GROUP BY 1 ORDER BY 1"
    assert rows(tmp_path / "conf", km) == [(None, 10.0), ("glide", 30.0)]


def test_two_names_for_the_same_runs_are_pointed_out_and_not_joined(tmp_path: Path) -> None:
    days = (5, 6, 7, 8)
    pairs = (pair(31, "My blue ones"), pair(32, "Dash"))
    account = garmin(tmp_path / "g.zip", *(recorded(day, day) for day in days), pairs=pairs, g31=[5, 6, 7], g32=[8])
    strava = export(tmp_path / "a.csv", *(row(80 + day, f"Jan {day}, 2024", "24011813", "Glide") for day in days[:3]),
                    row(99, "Jan 8, 2024", "77", "Sprint"))  # fmt: skip
    output = run("init", tmp_path / "conf", "--export", account, "--export", strava)
    assert "4 runs are in both exports: each counts once." in output
    assert [line for line in output.splitlines() if "the same" in line] == [
        "  `glide` and `my-blue-ones` were worn on the same 3 runs: if they are one pair, give one the `gear` of both in "
        "shoes.yaml, and remove the other"
    ]


def export_of(*runs: Activity, settings: dict[str, object] | None = None, **values: Any) -> Export:
    return Export("a.zip", {"name": "watch", "type": "odd", **(settings or {})}, len(runs), runs, (), {}, **values)


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (export_of(), ["  0 activities, none of them runs"]),
        (export_of(making.run(surface_raw="gravel")),
         ["  1 activity, a run, 2024-05-01 to 2024-05-01", "  shoe: not known", "  ground: known of all runs",
          "  treadmill: 0 runs", "  tracks: not there"]),
        (export_of(making.run(track="a.fit", indoor=True, gear_raw="A"), making.run("watch:2", unpaved_m=0.0)),
         ["  2 activities, 2 of them runs, 2024-05-01 to 2024-05-01", "  shoe: known of 1 of 2 runs; 1 pair",
          "  ground: known of 1 of 2 runs, of others from the tracks, with a map", "  treadmill: 1 run",
          "  tracks: there of 1 of 2 runs"]),
        (export_of(making.run(), waiting_tracks=1200),
         ["  1 activity, a run, 2024-05-01 to 2024-05-01", "  shoe: not known",
          "  ground: not known, but found from the tracks, with a map", "  treadmill: 0 runs",
          "  tracks: 1,200 files; the first sync finds the run of each"]),
        (export_of(making.run(zone_assumed=True), settings={"unit": "km"}, warnings=("nothing says\nkm",)),
         ["  1 activity, a run, 2024-05-01 to 2024-05-01", "  shoe: not known", "  ground: not known",
          "  treadmill: 0 runs", "  tracks: not there",
          "  times: it has no time zone, so Asia/Tokyo is assumed: runs abroad are off by hours",
          "  to check: nothing says km"]),
        (export_of(making.run())._replace(problems=(Problem("a:1", "it is odd\x1b[2J"),), idle_gear={"Boots": "hike"}),
         ["  1 activity, a run, 2024-05-01 to 2024-05-01", "  shoe: not known", "  ground: not known",
          "  treadmill: 0 runs", "  tracks: not there", "  1 record cannot be read; after a sync, table problems lists all:",
          "    1 x it is odd\N{REPLACEMENT CHARACTER}[2J (a:1)",
          "  left out, as no run was in them: `Boots` (hike); add walk and hike to `sports` to count those"]),
        (export_of(warnings=("once",))._replace(problems=(Problem("a:1", "odd", is_note=True), Problem("a", "once", is_note=True))),
         ["  0 activities, none of them runs", "  to check: once", "  1 note on what was read; after a sync, table problems lists all:",
          "    1 x odd (a:1)"]),
        (export_of()._replace(problems=tuple(Problem(f"a:{n}", f"no {n}") for n in range(5))),
         ["  0 activities, none of them runs", "  5 records cannot be read; after a sync, table problems lists all:",
          "    1 x no 0 (a:0)", "    1 x no 1 (a:1)", "    1 x no 2 (a:2)", "    2 for other reasons"]),
    ],
)  # fmt: skip
def test_what_an_export_knows_is_said_plainly(given: Export, lines: list[str]) -> None:
    found = list(report_lines([given], Drafts((), ()), {}, "Asia/Tokyo"))
    assert found[: len(lines) + 1] == ["a.zip: read as odd, called `watch`", *lines]


def test_a_unit_that_no_export_tells_is_marked_in_the_file(tmp_path: Path) -> None:
    settings = {"name": "old", "type": "garmin-csv", "path": "a.csv", "unit": "km"}
    said = "    # check it: the export does not say whether it is km or mi"
    assert f"    unit: km{said}\n" in main_text("UTC", None, [(settings, False)])
    assert said not in main_text("UTC", None, [(settings, True)])


@pytest.mark.parametrize(
    ("metres", "text"),
    [(700_000, "700 km"), (724_204.8, "450 mi"), (643_737.6, "400 mi"), (650_500, "650.5 km"), (1_000, "1 km")],
)
def test_a_life_is_written_as_the_runner_gave_it(metres: float, text: str) -> None:
    assert (plain_distance(metres), abs(distance_m(text) - metres) < 100) == (text, True)


def gpx(day: int) -> str:
    points = "".join(
        f'<trkpt lat="{60 + n / 1000}" lon="24"><time>2024-01-0{day}T06:{n:02}:00Z</time></trkpt>' for n in range(4)
    )
    return f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>"


def test_a_folder_of_tracks_becomes_a_configuration_with_the_shoes_its_folders_are_named_for(tmp_path: Path) -> None:
    for day, folder in enumerate(["Laufen/Glide", "Laufen/Glide", "Laufen/Dash 2", "Wanderung/Boots"], 1):
        (tmp_path / "in" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / folder / f"{day}.gpx").write_text(gpx(day))
    output = run("init", tmp_path / "conf", "--export", tmp_path / "in")
    assert f"{tmp_path}/in: read as tracks, called `tracks`" in output
    assert "its folders are named for sport or shoe: `pattern: {sport}/{shoe}/*` says which" in output
    assert "4 activities, 3 of them runs, 2024-01-01 to 2024-01-03" in output
    assert "`Boots` (hike)" in output
    (source,) = load(tmp_path / "conf").sources
    written = source.model_dump(include={"name", "type", "path", "pattern", "every"})
    assert written == {"name": "tracks", "type": "tracks", "path": str(tmp_path / "in"), "pattern": "{sport}/{shoe}/*",
                       "every": 900.0}  # fmt: skip
    run("check", "--config", tmp_path / "conf")
    run("sync", "--config", tmp_path / "conf")
    mileage = "SELECT shoe, round(sum(distance_m)), sum(runs) FROM shoe_surface_mileage GROUP BY 1 ORDER BY 1"
    assert rows(tmp_path / "conf", mileage) == [("dash-2", 334, 1), ("glide", 667, 2)]


def test_an_unpacked_strava_export_is_not_taken_for_a_folder_of_tracks(tmp_path: Path) -> None:
    export(tmp_path / "activities.csv", row(1, "Jan 5, 2024", "11", "Glide"))
    (tmp_path / "activities").mkdir()
    for day in range(1, 5):
        (tmp_path / "activities" / f"{day}.gpx").write_text(gpx(day))
    assert f"{tmp_path}: read as strava-export" in run("init", tmp_path / "conf", "--export", tmp_path)


def test_an_export_below_home_is_written_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    export(tmp_path / "my runs: #1.csv", row(1, "Jan 5, 2024", "11", "Glide"))
    run("init", tmp_path / "conf", "--export", "~/my runs: #1.csv")
    assert '    path: "~/my runs: #*.csv"\n' in (tmp_path / "conf" / "shoemon.yaml").read_text()
    assert "1 new" in run("sync", "--config", tmp_path / "conf")


@pytest.mark.parametrize(
    ("name", "others", "path"),
    [
        ("export_12345.csv", [], "export_*.csv"),
        ("export_12345 (2).csv", ["export_12345.csv"], "export_*.csv"),
        ("2024-05-01_strava_5f0b1c2d-0a1b-4c2d-8e3f-0123456789ab.csv", [], "*_strava_*.csv"),
        # Another pattern would match what is none of Strava's, is newer, or anything at all.
        ("export_12345.csv", ["export_photos_1.csv", "export_9.csv: Shoe,Price"], "export_12345.csv"),
        ("export_1.csv", ["newer: export_2.csv"], "export_1.csv"),
        ("2024.csv", [], "2024.csv"),
        ("run 2024v2.csv", [], "run 2024v2.csv"),
        ("[1] export_1.csv", [], "[1] export_1.csv"),
    ],
)
def test_the_pattern_matches_later_downloads_alone(tmp_path: Path, name: str, others: list[str], path: str) -> None:
    given = export(tmp_path / name, row(1, "Jan 5, 2024", "11", "Glide"))
    for written in others:
        other, _, text = written.removeprefix("newer: ").partition(": ")
        export(tmp_path / other, row(1, "Jan 5, 2024", "11", "Glide"))
        if text:
            (tmp_path / other).write_text(text)
        os.utime(tmp_path / other, ns=(0, given.stat().st_mtime_ns + (1 if "newer" in others[0] else -1)))
    output = run("init", tmp_path / "conf", "--export", given)
    assert [source.path for source in load(tmp_path / "conf").sources] == [f"{tmp_path}/{path}"]
    assert (f"  later downloads: `path: {tmp_path}/{path}` matches them too" in output.splitlines()) == ("*" in path)
    if "*" in path:
        export(tmp_path / path.replace("*", "777"), row(2, "Jan 6, 2024", "11", "Glide"))
    assert "1 new" in run("sync", "--config", tmp_path / "conf")


def test_exports_of_two_sources_are_not_written_as_one_pattern(tmp_path: Path) -> None:
    both = [export(tmp_path / f"export_{n}.csv", row(n, f"Jan {n}, 2024", "11", "Glide")) for n in (1, 2)]
    run("init", tmp_path / "conf", "--export", both[0], "--export", both[1])
    assert [source.path for source in load(tmp_path / "conf").sources] == [str(path) for path in both]


@pytest.mark.parametrize("name", ["shoemon.yaml", "shoes.yaml"])
def test_what_is_there_is_never_overwritten(tmp_path: Path, shoemon: Callable[..., Said], name: str) -> None:
    (tmp_path / name).write_text("mine")
    said = shoemon("init", tmp_path)
    assert (said.code, [path.name for path in tmp_path.iterdir()]) == (2, [name])
    assert f"{name} exists already and is not changed" in said.err
    assert (tmp_path / name).read_text() == "mine"


def test_files_that_no_source_reads_are_refused_with_the_reason(tmp_path: Path, shoemon: Callable[..., Said]) -> None:
    polish = (
        '"Identyfikator","Data","Nazwa","Dystans","Dystans"\n9000000001,"14 paź 2024, 07:01:02",Bieg,"10,2",10200\n'
    )
    texts = {"letter.txt": "Dear runner,\n", "pl.csv": polish, "runs.csv": "Run,Date,Distance\n1,2026-10-01,10.2\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    with zipfile.ZipFile(tmp_path / "cut.zip", "w") as archive:
        archive.writestr("activities.csv", HEADER)
    secret = bytearray((tmp_path / "cut.zip").read_bytes())
    secret[6] = secret[secret.find(b"PK\1\2") + 8] = 1  # says that it is encrypted
    (tmp_path / "secret.zip").write_bytes(secret)
    (tmp_path / "cut.zip").write_bytes(secret[:-30])
    given = [f"--export={tmp_path / name}" for name in ("nothing.zip", *texts, "cut.zip", "secret.zip")]
    said = shoemon("init", tmp_path / "conf", *given)
    assert (said.code, (tmp_path / "conf").exists()) == (2, False)
    assert said.err.replace(str(tmp_path), "DIR").splitlines() == [
        "shoemon: there is no file or folder DIR/nothing.zip",
        "DIR/letter.txt: no type of source reads this",
        "Types that read files and folders: strava-export, garmin-account, apple-health,",
        "polar, suunto, samsung, adidas-running, runkeeper, google-health, fitbit, zepp,",
        "withings, mapmyrun, garmin-csv, tracks, table",
        "DIR/pl.csv: this is a Strava export, but the names of its columns (the second Distance, in metres) are in a "
        "language that shoemon does not read; set the language of Strava to English, and download the export again",
        "DIR/runs.csv: nothing says in which unit `Distance` is: km, mi or m",
        "Leave it out of `shoemon init`, then write it into `sources:` in shoemon.yaml:",
        "    - {name: runs, type: table, path: DIR/runs.csv, columns: {distance: {column: Distance, unit: km}}}",
        "cut.zip is a broken zip, or not yet copied to its end (File is not a zip file); download it again",
        "DIR/secret.zip has a password; unpack it, and give the folder",
    ]


def test_after_exports_that_name_no_shoe_the_first_steps_make_a_pair_that_gets_the_runs(tmp_path: Path) -> None:
    conf = tmp_path / "conf"
    output = run("init", conf, "--export", export(tmp_path / "a.csv", row(1, "Jan 5, 2024")))
    steps = output[output.index("Next:") :].splitlines()
    add, default = shlex.split(steps[2]), shlex.split(steps[4])
    assert (add[:3], default[0], default[2:]) == (["shoemon", "shoes", "add"], "echo", [">>", str(conf / "shoes.yaml")])
    run(*add[1:])
    with (conf / "shoes.yaml").open("a") as file:
        file.write(default[1] + "\n")
    run("sync", "--config", conf)
    assert rows(conf, "SELECT shoe, distance_m FROM legs") == [("my-shoes", 10_000)]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("~nobody-here/a.zip", "there is no user nobody-here on this machine; write the whole"),
        ("a" * 5000, f"cannot read {'a' * 200}: File name too long"),
    ],
)
def test_a_path_that_can_be_none_is_said_in_words(tmp_path: Path, path: str, said: str) -> None:
    result = CliRunner().invoke(cli, ["init", str(tmp_path / "conf"), "--export", path])
    assert isinstance(result.exception, MistakeError)
    assert said in str(result.exception)
    (tmp_path / "shoemon.yaml").write_text(f"sources: [{{name: old, type: strava-export, path: {path}}}]")
    (tmp_path / "shoes.yaml").write_text("")
    assert f"warning: source old (strava-export): {said}" in run("check", "--config", tmp_path)


def test_a_configuration_may_lie_in_a_folder_whose_name_looks_like_a_pattern(tmp_path: Path) -> None:
    home = tmp_path / "runs [1]"
    home.mkdir()
    for name in ("a1.csv", "a2.csv"):
        export(home / name, row(1, "Jan 5, 2024", "11", "Glide"))
    (home / "shoemon.yaml").write_text('sources: [{name: old, type: strava-export, path: "a*.csv"}]')
    (home / "shoes.yaml").write_text("")
    assert f"source old (strava-export): {home}/a*.csv (2 files match)" in run("check", "--config", home).splitlines()


def test_an_export_of_a_package_need_not_lie_at_a_setting_called_path_and_none_is_kept_from_it(tmp_path: Path) -> None:
    """A package that raises an error in words keeps no other from a look at an export."""
    machine, table = Machine(tmp_path), tmp_path / "runs.csv"
    table.write_text("id,date,km\n1,2024-05-01,5\n")
    code = SOURCE.replace("path: str", "folder: str").replace("settings.path", "settings.folder")
    machine.install("folders", code + '\ndef recognise(path):\n    return {"folder": str(path)}\n')
    raises = 'from shoemon.extend import SourceError\ndef recognise(path):\n    raise SourceError("it is torn")\n'
    machine.install("a-torn", f"{SOURCE}\n{raises}".replace("demo-runs", "torn-runs"))
    made = machine.run("init", str(machine.home / "new"), "--export", str(table))
    assert (made.code, "it is torn" in made.err) == (0, True)
    assert f"{table}: read as demo-runs, called `demo-runs`" in made.out


def test_without_an_export_the_files_load_with_and_without_their_examples(tmp_path: Path) -> None:
    """Examples begin with `#` alone, words for the reader with `# `."""
    assert "name an export in shoemon.yaml" in run("init", tmp_path)
    assert load(tmp_path).sources == ()
    for name in ("shoemon.yaml", "shoes.yaml"):
        text = (tmp_path / name).read_text()
        (tmp_path / name).write_text(re.sub(r"(?m)^#(?! \S)", "", text))
    config = load(tmp_path)
    assert [source.type for source in config.sources] == [
        "strava-export",
        "garmin-account",
        "intervals-icu",
        "tracks",
        "table",
    ]
    assert (len(config.plan.shoes), len(config.plan.rules), len(config.plan.corrections)) == (1, 2, 2)


@pytest.fixture
def at_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Moves this process, and what it has read of the machine's zone, to another one."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        tzlocal.reload_localzone()

    yield move
    monkeypatch.undo()
    time.tzset()
    tzlocal.reload_localzone()


@pytest.mark.parametrize(
    ("machine", "hours", "zone", "said"),
    [
        ("America/Bogota", None, "America/Bogota   # this machine's; check it", None),
        ("America/Bogota", -5, "America/Bogota   # this machine's; check it", None),
        ("America/Bogota", 9, "Asia/Tokyo   # it fits the times in your exports", "Asia/Tokyo, which fits the times"),
        ("Etc/UTC", 1, "Europe/Berlin   # it fits the times in your exports", "Europe/Berlin, which fits the times"),
        ("Etc/UTC", 0, "Etc/UTC   # write your own", "Etc/UTC, as neither this machine nor an export names yours"),
        ("Etc/UTC", None, "Etc/UTC   # write your own", "Etc/UTC, as neither this machine nor an export names yours"),
    ],
)  # fmt: skip
def test_the_zone_is_that_of_the_exports_or_the_machine_and_utc_is_never_taken_in_silence(
    tmp_path: Path, at_zone: Callable[[str], None], machine: str, hours: int | None, zone: str, said: str | None
) -> None:
    """The account's clock shows the hour in winter and, in Berlin, one more in summer."""
    winter, summer = recorded(1, 5), recorded(2, 6)
    for run_, start, more in ((winter, 1704434400, hours or 0), (summer, 1720159200, (hours or 0) + (hours == 1))):
        run_.update(startTimeGmt=start * 1000.0, startTimeLocal=(start + more * 3600) * 1000.0)
    given = [] if hours is None else ["--export", garmin(tmp_path / "garmin.zip", winter, summer)]
    at_zone(machine)
    out = run("init", tmp_path / "conf", *given)
    assert f"timezone: {zone}" in (tmp_path / "conf" / "shoemon.yaml").read_text()
    assert load(tmp_path / "conf").main.timezone == zone.split(maxsplit=1)[0]
    assert [line for line in out.splitlines() if line.startswith("Time zone: ")] == (
        [line for line in out.splitlines() if line.startswith(f"Time zone: {said}")] if said else []
    )
    assert said is None or f"Time zone: {said}" in out


@pytest.mark.parametrize(
    ("place", "offset_s", "zone"),
    [
        ((52.1, 5.1), 7200, "Europe/Amsterdam"),
        ((60.2, 24.9), 10800, "Europe/Helsinki"),
        (None, -14400, "America/New_York"),
    ],
)
def test_of_zones_that_fit_the_nearest_is_proposed(place: tuple[float, float] | None, offset_s: int, zone: str) -> None:
    lat, lon = place or (None, None)
    days = (("2024-07-01", 0), ("2024-08-01", 0), ("2024-01-01", -3600))
    runs = [
        making.run(started_at=f"{day}T12:00:00Z", utc_offset_s=offset_s + more, start_lat=lat, start_lon=lon)
        for day, more in days
    ]
    assert (proposed_zone(runs, "UTC"), proposed_zone(runs, zone)) == (zone, None)
    assert proposed_zone([*runs, *(making.run(started_at="2024-05-05") for _ in range(9))], "Asia/Kolkata") == zone


@pytest.mark.parametrize(
    ("winter", "summer", "zone"),
    [
        ({1: 30, 9: 5}, {2: 30}, "Europe/Berlin"),
        ({1: 30}, {2: 30, -4: 5}, "Europe/Berlin"),
        ({0: 30, 9: 5}, {0: 30}, None),  # runs without an offset of their own, and a journey
        ({0: 5, 9: 1}, {}, None),
        ({0: 31, 1: 30}, {0: 30, 2: 30}, None),  # of two exports one has offsets, and not of most runs
        ({0: 30, 1: 30}, {0: 30, 2: 30}, "Europe/Berlin"),
        ({0: 35, -5: 5}, {1: 25}, "Europe/London"),
        ({0: 35, -5: 25}, {-4: 5}, None),
    ],
)
def test_no_journey_decides_the_zone(winter: dict[int, int], summer: dict[int, int], zone: str | None) -> None:
    """Hours from UTC, and so many runs, read on a machine that nobody told its zone."""
    runs = [
        making.run(started_at=f"2024-0{month}-10T12:00:00Z", utc_offset_s=hours * 3600)
        for month, counts in ((1, winter), (7, summer))
        for hours, count in counts.items()
        for _ in range(count)
    ]
    assert proposed_zone(runs, "UTC") == zone


@pytest.mark.parametrize(
    "sample", sorted(SAMPLES.glob("*/activities.csv")) or [None], ids=lambda path: path.parent.name if path else ""
)
def test_real_exports_leave_no_gear_without_a_shoe(tmp_path: Path, sample: Path | None) -> None:
    if sample is None:
        pytest.skip("the sample exports are not on this machine")
    run("init", tmp_path, "--export", sample.parent)
    run("check", "--config", tmp_path)
    run("sync", "--config", tmp_path)
    sql = """SELECT DISTINCT a.gear_raw FROM legs l JOIN activities a ON a.id = l.activity
             WHERE l.shoe IS NULL AND coalesce(a.gear_raw, a.gear_name, '') != ''"""
    assert rows(tmp_path, sql) == []
    assert "belongs to no shoe" not in run("check", "--config", tmp_path)


def test_check_says_what_may_be_a_slip_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(tmp_path / "a.csv", row(1, "Jan 5, 2024", "11", "Glide"), row(2, "Jan 6, 2024", "12", "Dash"))
    (tmp_path / "shoemon.yaml").write_text("sources: [{name: old, type: strava-export, path: a.csv}]")
    (tmp_path / "shoes.yaml").write_text("")
    run("sync", "--config", tmp_path)
    (tmp_path / "shoemon.yaml").write_text(
        """
sources: [{name: new, type: strava-export, path: none.zip}]
notify:
  - {name: hook, type: webhook, url: "https://example.org/hook", secret: {env: HOOK_KEY}}
  - {name: mail, type: email, to: me@example.org, host: smtp.example.org, username: me, password: {env: NO_SUCH_KEY}}
"""
    )
    (tmp_path / "shoes.yaml").write_text(
        """
shoes: [{id: glide, name: Glide, gear: "11", retired: 2024-02-01}]
corrections:
  - {run: "old:1", duplicate_of: "odl:2"}
  - {run: "old:2", duplicate_of: none}
  - {run: "new:3", duplicate_of: none}
"""
    )
    wrong = "warning: shoes.yaml:{}:{}:"
    monkeypatch.setenv("HOOK_KEY", "whsec_c2hvZXNob2VzaG9lc2hvZXNob2VzaG9l")
    output = run("check", "--config", tmp_path)
    assert output.replace(str(tmp_path), "DIR").splitlines() == [
        "DIR: shoemon.yaml and shoes.yaml are valid",
        "1 shoe (1 retired), 0 rules, 3 corrections, 0 default shoes",
        "warning: source new (strava-export): there is no DIR/none.zip",
        "notifier hook (webhook): ready",
        "notifier mail (email)",
        "warning: notifier mail: environment variable NO_SUCH_KEY is not set",
        "DIR/shoemon.db: 2 runs",
        "warning: source old is no longer in shoemon.yaml; its 2 records still count",
        f"{wrong} corrections[0].run: shoemon.yaml has no source `old`; if that is `new` now, write new:1".format(4, 6),
        f"{wrong} corrections[0].duplicate_of: shoemon.yaml has no source `odl`; known are new".format(4, 20),
        f"{wrong} corrections[1].run: shoemon.yaml has no source `old`; if that is `new` now, write new:2".format(5, 6),
        f"{wrong} corrections[2].run: a correction is about new:3, which is not stored".format(6, 6),
        "warning: gear `Dash` of 1 run belongs to no pair in shoes.yaml; to add it:",
        "    shoemon shoes add dash --name Dash --gear 12 --config DIR",
    ]
