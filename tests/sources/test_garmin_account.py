"""The source `garmin-account`: a whole Garmin account in one zip, with its shoes, its treadmill and its tracks."""

import json
import logging
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kit import making
from kit.fit_files import NOON, file_id, fit, session, way
from kit.laid_exports import broken, folder, packed, zipped

from shoemon.model.activity import Activity, Gear, Problem
from shoemon.model.contracts import GearSource, TrackSource
from shoemon.model.errors import MistakeError, SourceError
from shoemon.model.recording import TrackError
from shoemon.sources import Context, RecordPull, recognise
from shoemon.sources.garmin_account import GarminAccount, Settings, make
from shoemon.sources.kit import find_tracks
from shoemon.sources.kit.files import ExportFiles
from shoemon.sources.kit.find_tracks import without_address
from shoemon.sources.kit.track_records import scan

EMAIL = "jo_doe+run@mail.example.org"
FITNESS, UPLOADED = "DI_CONNECT/DI-Connect-Fitness", "DI_CONNECT/DI-Connect-Uploaded-Files"
SUMMARIES, GEAR = f"{FITNESS}/{EMAIL}_0_summarizedActivities.json", f"{FITNESS}/{EMAIL}_gear.json"
PART = f"{UPLOADED}/UploadedFiles_0-_Part1.zip"
SHOWN_PART = f"{UPLOADED}/UploadedFiles_0-_Part1.zip/account"
Files = Mapping[str, bytes]


def listed(id: int = 1, at: float = NOON, **values: Any) -> dict[str, Any]:
    """A run of 10 km in an hour, by a clock two hours ahead of Greenwich."""
    made = {
        "activityId": id, "name": "Evening run", "activityType": "running", "sportType": "RUNNING", "beginTimestamp": int(at * 1000),
        "startTimeGmt": at * 1000.0, "startTimeLocal": (at + 7200) * 1000.0, "duration": 3_600_000.0,
        "elapsedDuration": 3_700_000.0, "movingDuration": 3_500_000.0, "distance": 1_000_000.0, "elevationGain": 12_300.0,
    }  # fmt: skip
    return {**made, **values}


def summaries(*records: object) -> bytes:
    return json.dumps([{"summarizedActivitiesExport": records}]).encode()


def pair(id: object, name: str | None = None, **values: Any) -> dict[str, Any]:
    made = {
        "gearPk": id,
        "displayName": name,
        "gearTypeName": "Shoes",
        "gearStatusName": "active",
        "maximumMeters": 0.0,
    }
    return {**made, **values}


def gear(*pairs: object, **worn: list[int]) -> bytes:
    """`worn` maps p and the id of a pair to activities."""
    links = {name[1:]: [{"activityId": id, "gearPk": int(name[1:])} for id in ids] for name, ids in worn.items()}
    return json.dumps([{"gearDTOS": pairs, "gearActivityDTOs": links, "gearActivityTypeDTOS": []}]).encode()


def uploaded(**tracks: bytes) -> bytes:
    """The zip in the zip; `tracks` maps f and the number of the upload to a FIT file."""
    return packed({f"{EMAIL}_{name[1:]}.fit": data for name, data in tracks.items()})


def track(second: float = 0, lasts: int = 600, **values: float) -> bytes:
    """A run that begins `second` after noon."""
    return fit(
        file_id(time_created=NOON + second),
        session(second, sport=1, total_elapsed_time=lasts, total_distance=1000, **values),
        *way(second + step for step in range(0, lasts, 60)),
    )


def account(directory: Path, files: Files) -> Path:
    return zipped(directory / "garmin.zip", files)


def source(path: Path, **context: Any) -> GarminAccount:
    return make(Settings(name="garmin", path=str(path)), Context(path.parent, "Europe/Berlin", **context))


def read(pull: RecordPull) -> tuple[list[Activity], list[tuple[str, str]]]:
    with closing(pull):
        records = list(pull)
    problems = [(record.place, record.message) for record in records if isinstance(record, Problem)]
    return [record for record in records if isinstance(record, Activity)], problems


def pulled(directory: Path, files: Files) -> tuple[list[Activity], list[tuple[str, str]]]:
    return read(source(account(directory, files)).pull(None))


def of(directory: Path, *records: object) -> tuple[list[Activity], list[tuple[str, str]]]:
    return pulled(directory, {SUMMARIES: summaries(*records)})


def test_an_account_gives_the_run_its_shoe_and_its_track(tmp_path: Path) -> None:
    files = {
        SUMMARIES: summaries(listed(7001, laps=[{"of": "no use"}])),
        GEAR: gear(pair(31, "Brantwick Glide", maximumMeters=700_000.0), p31=[7001]),
        PART: uploaded(f900=track()),
    }
    ((activity,), problems) = pulled(tmp_path, files)
    assert problems == []
    raw = json.loads(activity.raw)
    known = raw["activityId"], raw["gear"][0]["life_m"], len(raw["trace"]), "laps" in raw
    assert known == (7001, 700_000.0, 8, False)
    assert activity == making.run(
        "garmin:7001", "2024-05-01T12:00:00Z", utc_offset_s=7200, sport="run", sport_raw="running", name="Evening run",
        moving_s=3500.0, elapsed_s=3700.0, elevation_m=123.0, gear_raw="31", gear_name="Brantwick Glide",
        start_lat=activity.start_lat, start_lon=activity.start_lon, track=f"{SHOWN_PART}_900.fit", raw=activity.raw,
        device="garmin 77", end_lat=activity.end_lat, end_lon=activity.end_lon,
    )  # fmt: skip
    assert (round(activity.start_lat or 0, 3), round(activity.start_lon or 0, 3)) == (60.0, 25.0)
    assert (round(activity.end_lat or 0, 1), round(activity.end_lon or 0, 1)) == (60.0, 25.0)


@pytest.mark.parametrize("below", ["", "export/", "DI_CONNECT"])
def test_the_folder_reads_as_the_zip_does(tmp_path: Path, below: str) -> None:
    """Also the folder DI_CONNECT itself, and tracks that were unpacked too."""
    files = {SUMMARIES: summaries(listed()), GEAR: gear(pair(31, "Glide"), p31=[1]), PART: uploaded(f900=track())}
    top = tmp_path / "in"
    folder(top / (below if below.endswith("/") else ""), files)
    root = top / below if below == "DI_CONNECT" else top
    ((found,), problems) = read(source(root).pull(None))
    ((zipped_one,), _) = pulled(tmp_path, files)
    assert (problems, found.track is not None) == ([], True)
    assert found._replace(track=None) == zipped_one._replace(track=None)
    assert recognise(root) == {"type": "garmin-account", "path": str(root)}
    assert len(opened(source(root), found.track)) == 1


def opened(account: GarminAccount, path: str | None) -> list[datetime | None]:
    with closing(account.open_tracks()) as tracks:
        return [recording.started_at for recording in tracks.recordings(path or "")]


def test_no_address_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in activities, problems and errors, nor in what is remembered or logged."""
    caplog.set_level(logging.DEBUG)
    files = {
        SUMMARIES: summaries(listed(), {"name": "no id"}, "text"),
        GEAR: gear(pair(31, "Glide"), {"gearTypeName": "Shoes"}, p31=[1]),
        PART: uploaded(f1=track(), f2=b"\x0e\x10broken", f3=track(9000)),
    }
    made = source(account(tmp_path, files))
    pull = made.pull(None)
    with closing(pull):
        told = [*map(repr, pull), json.dumps(pull.cursor), caplog.text]
    for path in (f"{SHOWN_PART}_2.fit", f"{SHOWN_PART}_4.fit"):
        with pytest.raises((TrackError, SourceError)) as error:
            opened(made, path)
        told.append(str(error.value))
    with pytest.raises(SourceError) as broken:
        pulled(tmp_path, {**files, GEAR: b"{"})
    text = "\n".join([*told, str(broken.value)])
    assert [word for word in ("jo_doe", "example.org") if word in text] == []
    assert "account_0_summarizedActivities.json:2" in text
    assert "account_2.fit" in text
    assert opened(made, f"{SHOWN_PART}_1.fit") == [datetime(2024, 5, 1, 12, tzinfo=UTC)]


def test_only_what_is_an_address_before_a_name_is_left_out() -> None:
    for name, called in {
        f"a/{EMAIL}_0_summarizedActivities.json": "a/account_0_summarizedActivities.json",
        "me@example.org_123.fit": "account_123.fit",
        "me@example.org_b/me@example.org_123.fit": "account_b/account_123.fit",
    }.items():
        assert without_address(name) == called
    no_addresses = ("run@lake.gpx", "run@lake_1.fit", "10k @ 4.30_1.fit", "@example.org_1.fit")
    for name in (*no_addresses, "a@" * 30_000 + "b.cc_", "a" * 30_000 + "@" + "b." * 30_000):
        assert without_address(name) == name


def test_an_unpacked_track_is_opened_though_its_name_is_not_told(tmp_path: Path) -> None:
    root = folder(tmp_path / "in", {SUMMARIES: summaries(listed()), f"{UPLOADED}/{EMAIL}_5.fit": track()})
    ((found,), _) = read(source(root).pull(None))
    assert found.track == f"{UPLOADED}/account_5.fit"
    assert opened(source(root), found.track) == [datetime(2024, 5, 1, 12, tzinfo=UTC)]


SPORTS: list[tuple[object, str | None, str, bool | None]] = [
    ("running", "RUNNING", "run", None), ("street_running", "RUNNING", "run", None),
    ("ultra_run", "RUNNING", "run", None), ("obstacle_run", "RUNNING", "run", None),
    ("trail_running", "RUNNING", "trail-run", None), ("track_running", "RUNNING", "track-run", None),
    ("treadmill_running", "RUNNING", "treadmill-run", True), ("indoor_running", "RUNNING", "treadmill-run", True),
    ("virtual_run", "RUNNING", "virtual-run", True), ("some_new_running_thing", "RUNNING", "run", None),
    ({"typeKey": "trail_running"}, None, "trail-run", None), (None, "RUNNING", "run", None),
    ("hiking", "HIKING", "hike", None), ("casual_walking", "WALKING", "walk", None),
    ("road_biking", "CYCLING", "ride", None), ("yoga", "TRAINING", "strength", None),
    ("breathwork", "TRAINING", "other", None), (17, None, "unknown", None),
]  # fmt: skip


def test_words_for_sports(tmp_path: Path) -> None:
    records = [listed(number, activityType=kind, sportType=wide) for number, (kind, wide, _, _) in enumerate(SPORTS)]
    activities, problems = of(tmp_path, *records)
    assert ([(each.sport, each.indoor) for each in activities], problems) == ([case[2:] for case in SPORTS], [])


@pytest.mark.parametrize(
    ("times", "moment"),
    [
        ({}, ("2024-05-01T12:00:00Z", "2024-05-01", 7200, False)),
        ({"startTimeLocal": (NOON - 45 * 900) * 1000}, ("2024-05-01T12:00:00Z", "2024-05-01", -40500, False)),
        ({"startTimeLocal": (NOON + 13 * 3600) * 1000.0}, ("2024-05-01T12:00:00Z", "2024-05-02", 46800, False)),
        ({"startTimeLocal": str((NOON + 3600) * 1000)}, ("2024-05-01T12:00:00Z", "2024-05-01", 3600, False)),
        ({"startTimeGmt": None}, ("2024-05-01T12:00:00Z", "2024-05-01", 7200, False)),
        ({"startTimeGmt": "2024-05-01 12:00:00", "startTimeLocal": "2024-05-01T15:00:00.0"},
         ("2024-05-01T12:00:00Z", "2024-05-01", 10800, False)),
        ({"startTimeLocal": None}, ("2024-05-01T12:00:00Z", "2024-05-01", 7200, False)),
        ({"startTimeLocal": (NOON + 1e6) * 1000}, ("2024-05-01T12:00:00Z", "2024-05-01", 7200, False)),
        ({"startTimeGmt": None, "beginTimestamp": None}, ("2024-05-01T12:00:00Z", "2024-05-01", 7200, True)),
    ],
)  # fmt: skip
def test_two_clocks_give_the_zone(tmp_path: Path, times: dict[str, Any], moment: tuple[str, str, int, bool]) -> None:
    """The runner lives at UTC+2 in May; a clock on the wrist alone is taken for that of home, and marked."""
    ((run,), problems) = of(tmp_path, listed(**times))
    assert (run.started_at, run.local_date, run.utc_offset_s, run.zone_assumed, problems) == (*moment, [])


def test_the_parts_of_a_triathlon_count_and_the_whole_does_not(tmp_path: Path) -> None:
    whole = listed(1, activityType="multi_sport", sportType="MULTISPORT", parent=True, distance=5_000_000)
    parts = [
        listed(2, activityType="open_water_swimming", parentId=1),
        listed(3, NOON + 900, activityType="road_biking", sportType="CYCLING", parentId=1),
        listed(4, NOON + 4000, parentId=1, parent=False),
    ]
    race = fit(
        file_id(),
        session(0, sport=5, total_elapsed_time=800),
        session(900, sport=2, total_elapsed_time=3000),
        session(4000, sport=1, total_elapsed_time=1500),
    )
    activities, problems = pulled(tmp_path, {SUMMARIES: summaries(whole, *parts), PART: uploaded(f9=race)})
    assert problems == []
    assert [(each.native_id, each.sport, each.track) for each in activities] == [
        ("2", "swim", f"{SHOWN_PART}_9.fit#1"),
        ("3", "ride", f"{SHOWN_PART}_9.fit#2"),
        ("4", "run", f"{SHOWN_PART}_9.fit#3"),
    ]


@pytest.mark.parametrize(
    ("starts", "tracks", "laid"),
    [
        ([0], {"f1": track(0)}, ["_1"]),
        ([0], {"f1": track(60)}, ["_1"]),
        ([0], {"f1": track(60), "f2": track(0), "f3": track(30)}, ["_2"]),
        ([0, 30], {"f1": track(0), "f2": track(31)}, ["_1", "_2"]),
        ([0, 86_400], {"f1": track(86_400)}, [None, "_1"]),
        ([0], {"f1": track(40_000)}, [None]),
        ([0, 10], {"f1": track(4)}, ["_1", None]),
        ([0], {"f1": fit(file_id(), session(0, sport=2, total_elapsed_time=3700)), "f2": track(0)}, ["_2"]),
        ([0], {"f1": fit(file_id(), session(9, sport=2, total_elapsed_time=3700))}, [None]),
        ([0], {"f1": track(0, 300), "f2": track(0, 3600)}, ["_2"]),
        ([0], {"f1": fit(file_id(6), *way(range(0, 600, 60)))}, [None]),
        ([0], {"f1": fit(file_id(), ("session", {"sport": 1, "total_elapsed_time": 600}))}, [None]),
    ],
    ids=["same-second", "a-minute-off", "the-exact-one", "two-watches", "each-its-own", "deleted", "one-track-for-one",
         "the-sport", "another-sport", "as-long", "a-course", "no-time"],
)  # fmt: skip
def test_tracks_match_by_start(
    tmp_path: Path, starts: list[float], tracks: dict[str, bytes], laid: list[str | None]
) -> None:
    records = [listed(number, NOON + start) for number, start in enumerate(starts, 1)]
    activities, problems = pulled(tmp_path, {SUMMARIES: summaries(*records), PART: uploaded(**tracks)})
    assert problems == []
    assert [each.track for each in activities] == [None if name is None else f"{SHOWN_PART}{name}.fit" for name in laid]


def test_unlisted_tracks_do_not_count_and_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    files = {SUMMARIES: summaries(listed()), PART: uploaded(f1=track(), f2=track(0, 590), f3=track(50_000))}
    activities, _ = pulled(tmp_path, files)
    assert len(activities) == 1
    assert "source garmin: tracks without a listed activity, which do not count: 1" in caplog.text


@pytest.mark.parametrize(
    ("pairs", "worn", "told"),
    [
        ([pair(31, " Brantwick  Glide ")], {"p31": [1]}, ("31", "Brantwick Glide")),
        ([pair(31, None, customMakeModel="Nike Pegasus")], {"p31": [1]}, ("31", "Nike Pegasus")),
        ([pair(31)], {"p31": [1]}, ("31", None)),
        ([pair("31", "Glide"), pair(32, "Dash")], {"p31": [1], "p32": [1]}, ("31 + 32", "Glide + Dash")),
        ([pair(31, "Bike", gearTypeName="Bike"), pair(32, "Dash")], {"p31": [1], "p32": [1]}, ("32", "Dash")),
        ([pair(31, "Strap", gearTypeName="Other")], {"p31": [1]}, (None, None)),
        ([pair(31, "Glide", gearTypeName=None)], {"p31": [1, 1]}, ("31", "Glide")),
        ([pair(31, "Glide")], {"p31": [2]}, (None, None)),
        ([], {"p31": [1]}, (None, None)),
    ],
)  # fmt: skip
def test_worn_shoes(
    tmp_path: Path, pairs: list[object], worn: dict[str, list[int]], told: tuple[str | None, str | None]
) -> None:
    """Never a bike; with two pairs at once nobody can say which, so both are named."""
    ((run,), problems) = pulled(tmp_path, {SUMMARIES: summaries(listed()), GEAR: gear(*pairs, **worn)})
    assert ((run.gear_raw, run.gear_name), problems) == (told, [])


def test_the_account_lists_its_pairs_with_their_lives(tmp_path: Path) -> None:
    pairs = [
        pair(1, "Glide", maximumMeters=724_204.8),
        pair(2, "Old", gearStatusName="retired", dateEnd="2023-03-04T00:00:00.0"),
        pair(3, "Older", gearStatusName="Retired", dateEnd=1_600_000_000_000),
        pair(4, "Still worn", dateEnd="2023-03-04T00:00:00.0", maximumMeters="much"),
        pair(5, "Bike", gearTypeName="Bike"),
        pair(6, "Odd", gearStatusName="retired", dateEnd="soon", maximumMeters=1e300),
        pair(7, None, maximumMeters=-5),
    ]
    made = source(account(tmp_path, {SUMMARIES: summaries(), GEAR: gear(*pairs)}))
    assert isinstance(made, GearSource)
    assert isinstance(made, TrackSource)
    assert made.gear() == [
        Gear("1", "Glide", 724_204.8),
        Gear("2", "Old", None, "2023-03-04"),
        Gear("3", "Older", None, "2020-09-13"),
        Gear("4", "Still worn"),
        Gear("6", "Odd"),
        Gear("7"),
    ]


def test_the_lists_of_two_accounts_are_both_read_though_no_address_is_told(tmp_path: Path) -> None:
    other, third = (SUMMARIES.replace(EMAIL, f"{name}@example.org") for name in ("ann", "zoe"))
    days = {name: summaries(listed(day, NOON + day * 86400)) for day, name in enumerate((SUMMARIES, other, third), 1)}
    for path in (account(tmp_path, days), folder(tmp_path / "unpacked", days)):
        activities, problems = read(source(path).pull(None))
        assert (sorted(activity.native_id for activity in activities), problems) == (["1", "2", "3"], [])
        names = [f"{FITNESS}/account_{part}0_summarizedActivities.json" for part in ("", "no2_", "no3_")]
        with ExportFiles(path, bool) as found:
            assert found.names == names


def test_several_lists_are_one_account_and_each_record_counts_once(tmp_path: Path) -> None:
    """The root is a list, or an object, or the records themselves."""
    more = f"{FITNESS}/{EMAIL}_1001_summarizedActivities.json"
    third = f"{FITNESS}/{EMAIL}_2002_summarizedActivities.json"
    files = {
        SUMMARIES: summaries(listed(1), listed(2)),
        more: json.dumps({"summarizedActivitiesExport": [listed(2), listed(3, name="other"), listed(4)]}).encode(),
        third: json.dumps([listed(3), listed(5)]).encode(),
    }
    activities, problems = pulled(tmp_path, files)
    assert sorted(each.native_id for each in activities) == ["1", "2", "3", "4", "5"]
    first = f"{FITNESS}/account_1001_summarizedActivities.json:2"
    assert problems == [
        (f"{FITNESS}/account_2002_summarizedActivities.json:1", f"activity 3 is already in {first}, with other content")
    ]


def test_two_exports_side_by_side_are_not_taken_for_one(tmp_path: Path) -> None:
    """The older would bring back what was deleted since, and undo what was edited."""
    newer = [listed(1, distance=2_110_000)]
    for year, records in {"2024": [listed(1), listed(2)], "2025": newer}.items():
        folder(tmp_path / "garmin" / year, {SUMMARIES: summaries(*records)})
    assert recognise(tmp_path / "garmin/2025") == {"type": "garmin-account", "path": str(tmp_path / "garmin/2025")}
    with pytest.raises(SourceError) as refused:
        source(tmp_path / "garmin").pull(None)
    assert str(refused.value) == (
        f"garmin contains several exports of Garmin (2024/{FITNESS}, 2025/{FITNESS}); name one in `path`"
    )
    assert (recognise(tmp_path / "garmin") or {}).get("type") != "garmin-account"


UNREADABLE: list[tuple[object, str]] = [
    ({"name": "no id"}, "it has no activityId"),
    (listed(distance="far"), "distance: 'far' is not a number"),
    (
        listed(distance=10_000_000, duration=60_000, elapsedDuration=60_000, movingDuration=0),
        "100,000 m in 60 s is faster than anyone runs",
    ),
    (listed(startTimeGmt=1e300), "startTimeGmt: 1e+300 is not a time"),
    (listed(startTimeGmt="yesterday-ish"), "startTimeGmt: 'yesterday-ish' is not a time"),
    (listed(startTimeGmt=None, beginTimestamp=None, startTimeLocal=None), "it has no start time"),
    (listed(startTimeGmt=9e13), "the start is in the year 4821"),
    ("a text", "its structure is unknown ('str' object has no attribute 'get')"),
    ({"activityId": [1], "distance": 5}, "it has no activityId"),
]


def test_a_record_that_cannot_be_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    activities, problems = of(tmp_path, *(record for record, _ in UNREADABLE), listed(8))
    assert [each.native_id for each in activities] == ["8"]
    places = [f"{FITNESS}/account_0_summarizedActivities.json:{number}" for number in range(1, len(UNREADABLE) + 1)]
    assert problems == list(zip(places, [message for _, message in UNREADABLE], strict=True))


def test_figures_beside_that_cannot_be_are_left_out(tmp_path: Path) -> None:
    odd = listed(movingDuration="long", duration=None, elapsedDuration=-1, elevationGain=[3], startLatitude=91,
                 startLongitude=5, name={"a": 1})  # fmt: skip
    ((run,), problems) = of(tmp_path, odd)
    assert (run.moving_s, run.elapsed_s, run.elevation_m, run.start_lat, run.name) == (None, None, None, None, "")
    assert problems == []


@pytest.mark.parametrize("distance", [None, 0.0])
def test_where_the_list_knows_no_distance_the_track_does(tmp_path: Path, distance: float | None) -> None:
    records = [listed(1, distance=distance), listed(2, NOON + 90_000, distance=distance),
               listed(3, distance=distance, activityType="yoga", sportType=None, startTimeGmt=NOON * 1000 + 9e7)]  # fmt: skip
    activities, problems = pulled(tmp_path, {SUMMARIES: summaries(*records), PART: uploaded(f1=track())})
    assert [each.distance_m for each in activities] == [1000.0, 0.0, 0.0]
    assert [place for place, message in problems if "it has no distance" in message] == ["activity 2"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({SUMMARIES: b'[{"summarizedActivitiesExport": [{"activityId": 1'}, "is not JSON, or was cut off"),
        ({SUMMARIES: b"\xff\xfe\xfa"}, "_0_summarizedActivities.json: the file"),
        ({SUMMARIES: b"[" * 200_000}, "nested deeper than any export"),
        ({SUMMARIES: summaries(listed()), GEAR: b"<html>"}, "account_gear.json: the file is not JSON"),
        ({GEAR: gear()}, "garmin.zip contains no list of Garmin activities; correct `path`"),
        ({PART: uploaded(f1=track())}, "contains no list of Garmin activities"),
    ],
)  # fmt: skip
def test_a_part_is_never_taken_for_the_whole(tmp_path: Path, files: Files, message: str) -> None:
    """A list that is broken would make its runs seem deleted, one of gear would take every run its shoe."""
    with pytest.raises(SourceError, match=message):
        pulled(tmp_path, files)


def test_a_list_longer_than_any_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shoemon.sources.garmin_account.summaries.MOST_RECORDS", 8)
    assert len(of(tmp_path, *map(listed, range(8)))[0]) == 8
    with pytest.raises(SourceError, match=r"^garmin\.zip lists more than 8 activities$"):
        of(tmp_path, *map(listed, range(9)))


def test_a_file_that_is_no_export_is_refused_with_the_way_to_get_one(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(summaries(listed()))
    for name, message in {
        "a.json": "neither a zip nor a folder",
        "none.zip": "there is no file or folder .*export again",
    }.items():
        with pytest.raises(SourceError, match=message):
            source(tmp_path / name).pull(None)
    with suppress(MistakeError):  # a table could have it, were its unit known
        assert (recognise(tmp_path / "a.json") or {}).get("type") != "garmin-account"


def test_an_account_is_recognised_before_its_tracks_are(tmp_path: Path) -> None:
    path = account(tmp_path, {SUMMARIES: summaries(listed()), PART: uploaded(f1=track(), f2=track(900))})
    assert recognise(path) == {"type": "garmin-account", "path": str(path)}
    (tmp_path / "part.zip").write_bytes(uploaded(f1=track(), f2=track(900)))
    assert recognise(tmp_path / "part.zip") == {"type": "tracks", "path": str(tmp_path / "part.zip")}
    deep = account(tmp_path, {f"a/b/{SUMMARIES}": summaries(listed())})
    assert recognise(deep) is None
    other = account(tmp_path, {SUMMARIES: b'{"sleep": []}'})
    assert recognise(other) is None


def test_only_new_tracks_of_a_changed_account_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_tracks, "SETTLED_NS", 0)
    files = {SUMMARIES: summaries(listed()), PART: uploaded(f1=track())}
    path = account(tmp_path, files)
    first = source(path).pull(None)
    before, _ = read(first)
    cursor = json.loads(json.dumps(first.cursor))
    again = source(path).pull(cursor)
    assert (again.unchanged, list(again), again.cursor) == (True, [], cursor)
    names: list[str] = []
    genuine = scan.read_track
    monkeypatch.setattr(scan, "read_track", lambda stream, name: names.append(name) or genuine(stream, name))
    edited = {
        SUMMARIES: summaries(listed(name="Renamed"), listed(2, NOON + 9000)),
        GEAR: gear(pair(31, "Glide"), p31=[1, 2]),
        PART: uploaded(f1=track(), f2=track(9000)),
    }
    second = source(account(tmp_path, edited)).pull(cursor)
    after, _ = read(second)
    assert names == ["account_2.fit"]
    assert [(each.name, each.gear_raw, each.track) for each in after] == [
        ("Renamed", "31", before[0].track),
        ("Evening run", "31", f"{SHOWN_PART}_2.fit"),
    ]


def test_a_first_look_leaves_the_tracks_closed(tmp_path: Path) -> None:
    path = account(tmp_path, {SUMMARIES: summaries(listed()), PART: uploaded(f1=b"\x0e\x10broken")})
    ((run,), problems) = read(source(path, glance=True).pull(None))
    assert (run.track, problems) == (None, [])


def test_nothing_that_stands_in_an_account_stops_the_others(tmp_path: Path) -> None:
    activities, problems = of(
        tmp_path, *(record | {"activityId": number} for number, record in enumerate(broken(listed()))), listed(-8)
    )
    assert "-8" in {each.native_id for each in activities} and len(activities) > len(problems) > 0
    wardrobe = {
        "gearDTOS": [pair(32, "Dash", dateEnd="2024-01-06")],
        "gearActivityDTOs": {"32": [{"activityId": 1}]},
    }
    for odd in (*broken(wardrobe), None, "text", []):
        files = {SUMMARIES: summaries(listed()), GEAR: json.dumps([{"gearDTOS": [pair(7, "Boots")]}, odd]).encode()}
        made = source(account(tmp_path, files))
        assert [each.native_id for each in read(made.pull(None))[0]] == ["1"]
        assert Gear("7", "Boots") in made.gear()
