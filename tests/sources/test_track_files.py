"""The source `tracks`: folders and zips of track files, read once, watched, and every recording counted once."""

import errno
import gzip
import io
import json
import os
import random
import re
import shutil
import sys
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain, combinations, permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import making
from kit.fit_files import NOON, file_id, fit, record, session, way
from kit.homes import Home
from kit.laid_exports import folder as write
from kit.laid_exports import packed
from pydantic import ValidationError

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import TrackSource
from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources import Context, RecordPull
from shoemon.sources.kit import archives, find_tracks, open_tracks
from shoemon.sources.kit.archives import Archive, UnpackedMember
from shoemon.sources.kit.find_tracks import Listing
from shoemon.sources.kit.open_tracks import OpenTracks
from shoemon.sources.kit.track_records.path_pattern import compile_pattern
from shoemon.sources.kit.track_records.records import RecordReader
from shoemon.sources.kit.track_records.scan import StoredFile, flattened, scan, stored_in
from shoemon.sources.track_files import Settings, make, recognise
from shoemon.sources.track_files.recognise import evident_pattern

STEP_M = 55.6
"""0.0005 degrees of latitude."""


def gpx(start: str, points: int = 3, *, kind: str = "running", name: str = "", step_s: int = 20) -> bytes:
    """A run north, 55.6 m every 20 s; without a `start` its points have no times."""
    track = ""
    for number in range(points):
        time = datetime.fromisoformat(start) + timedelta(seconds=number * step_s) if start else None
        told = f"<time>{time.isoformat()}Z</time>" if time else ""
        track += f'<trkpt lat="{60 + number * 0.0005:.4f}" lon="25">{told}</trkpt>'
    kind = f"<type>{kind}</type>" if kind else ""
    return f"<gpx><trk><name>{name}</name>{kind}<trkseg>{track}</trkseg></trk></gpx>".encode()


POINT = re.compile(rb"<trkpt.*?</trkpt>")


def backwards(track: bytes) -> bytes:
    """The points of a GPX from the last to the first."""
    points = POINT.findall(track)
    return POINT.sub(lambda _: points.pop(), track)


def thinned(track: bytes) -> bytes:
    """A GPX with every eighth of its points."""
    points = POINT.findall(track)
    return POINT.sub(lambda match: match[0] if points.index(match[0]) % 8 == 0 else b"", track)


def tcx(start: str, metres: float, seconds: int, sport: str = "Running") -> bytes:
    lap = f"<Lap><TotalTimeSeconds>{seconds}</TotalTimeSeconds><DistanceMeters>{metres}</DistanceMeters></Lap>"
    return (
        f'<TrainingCenterDatabase><Activities><Activity Sport="{sport}"><Id>{start}Z</Id>{lap}</Activity>'
        "</Activities></TrainingCenterDatabase>"
    ).encode()


def watch(start_s: int = 0, *, sport: int = 1, metres: float = 1000, seconds: int = 600, serial: int = 77) -> bytes:
    """A FIT file of 2024-05-01, `start_s` after noon UTC."""
    began = {"timestamp": NOON + start_s + seconds, "start_time": NOON + start_s, "sport": sport}
    totals = {"total_distance": metres, "total_elapsed_time": seconds, "total_timer_time": seconds - 10}
    points = way(range(start_s, start_s + 3))
    return fit(file_id(time_created=NOON + start_s, serial_number=serial), *points, ("session", began | totals))


def pull(path: Path, cursor: Any = None, *, zone: str = "UTC", **settings: Any) -> tuple[list[Any], RecordPull]:
    """What a pull brings. The cursor goes through JSON, as it is kept."""
    source = make(Settings(name="watch", path=str(path), **settings), Context(path.parent, zone))
    pulled = source.pull(json.loads(json.dumps(cursor)) if cursor is not None else None)
    with closing(pulled):
        return list(pulled), pulled


def read(path: Path, **settings: Any) -> list[Activity]:
    records, _ = pull(path, **settings)
    assert not [record for record in records if isinstance(record, Problem) and not record.is_note]
    return [record for record in records if isinstance(record, Activity)]


def kept(path: Path, **settings: Any) -> list[tuple[str | None, int]]:
    """Track and whole metres of each activity."""
    return [(activity.track, round(activity.distance_m)) for activity in read(path, **settings)]


def test_a_fit_file_becomes_an_activity(tmp_path: Path) -> None:
    write(tmp_path / "in", {"Run/Pegasus/a.fit": watch()})
    (activity,) = read(tmp_path / "in", zone="Europe/Helsinki", pattern="*/{shoe}/*")
    assert json.loads(activity.raw) == {
        "sport": "running", "started_at": "2024-05-01T12:00:00+00:00", "distance_m": 1000.0, "distance_by": "device",
        "moving_s": 590.0, "elapsed_s": 600.0, "device": "garmin 77", "created_at": "2024-05-01T12:00:00+00:00",
        "points": 3, "trace": json.loads(activity.raw)["trace"],
    }  # fmt: skip
    assert activity._replace(raw="") == making.run(
        "watch:20240501T120000-garmin-77", "2024-05-01T12:00:00Z", utc_offset_s=10_800, sport="run",
        sport_raw="running", name="", distance_m=1000.0, moving_s=590.0, elapsed_s=600.0, gear_raw="Pegasus",
        gear_name="Pegasus", start_lat=pytest.approx(60), start_lon=pytest.approx(25), track="Run/Pegasus/a.fit",
        raw="", device="garmin 77", end_lat=pytest.approx(60, abs=0.1), end_lon=pytest.approx(25),
    )  # fmt: skip


def test_every_session_of_a_file_is_an_activity(tmp_path: Path) -> None:
    """A triathlon's run counts, its swim and ride do not."""
    write(tmp_path / "in", {"tri.fit": TRIATHLON})
    assert [(a.native_id, a.sport, a.distance_m, a.track) for a in read(tmp_path / "in")] == [
        ("20240501T120000-garmin-77", "swim", 500, "tri.fit#1"),
        ("20240501T120000-garmin-77-2", "ride", 20_000, "tri.fit#2"),
        ("20240501T120000-garmin-77-3", "run", 5000, "tri.fit#3"),
    ]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("UTC", "2024-05-03", 0), ("Asia/Tokyo", "2024-05-04", 9), ("America/New_York", "2024-05-03", -4)],
)
def test_the_day_by_the_offset_of_the_file_or_the_zone(tmp_path: Path, zone: str, day: str, hours: int) -> None:
    own = ("activity", {"timestamp": NOON + 600, "local_timestamp": NOON + 600 + 14 * 3600})
    told = fit(file_id(), session(0, sport=1, total_distance=100, total_elapsed_time=600), own)
    write(tmp_path / "in", {"a.fit": told, "b.gpx": gpx("2024-05-03T22:00:00")})
    first, second = read(tmp_path / "in", zone=zone)
    assert (first.local_date, first.utc_offset_s) == ("2024-05-02", 14 * 3600)
    assert (second.started_at, second.local_date, second.utc_offset_s) == ("2024-05-03T22:00:00Z", day, hours * 3600)


def test_an_id_stays_when_a_file_is_renamed_moved_packed_or_zipped(tmp_path: Path) -> None:
    files = {"a.fit": watch(), "b.gpx": gpx("2024-05-02T06:00:00"), "2024-05-03 c.gpx": gpx("")}
    layouts: list[dict[str, bytes]] = [
        files,
        {f"2024/x {name}": data for name, data in files.items()},
        {f"{name}.gz": gzip.compress(data) for name, data in files.items()},
        {"all.zip": packed(files)},
        {"all.zip": packed({"inner.zip": packed(files)})},
    ]
    ids = [[a.native_id for a in read(write(tmp_path / str(n), layout))] for n, layout in enumerate(layouts)]
    assert ids[0][:2] == ["20240501T120000-garmin-77", "20240502T060000Z-40"]
    assert ids == [ids[0]] * len(layouts)
    assert len(set(ids[0])) == 3


HALF, WHOLE = 1800, 3600
TREADMILL = b"<gpx><metadata><time>2024-05-01T12:00:00Z</time></metadata><trk><type>running</type></trk></gpx>"
TRIATHLON = fit(
    file_id(),
    session(0, sport=5, total_distance=500, total_elapsed_time=900),
    session(1000, sport=2, total_distance=20_000, total_elapsed_time=3000),
    session(4000, sport=1, total_distance=5000, total_elapsed_time=1500),
)
COPIES: dict[str, tuple[dict[str, bytes], list[tuple[str, int]]]] = {
    "the same file twice": ({"a.fit": watch(), "b/a.fit": watch()}, [("a.fit", 1000)]),
    "packed and not": ({"a.gpx": gpx("2024-05-01T06:00:00"), "a.gpx.gz": gzip.compress(gpx("2024-05-01T06:00:00"))},
                       [("a.gpx", 111)]),
    "the watch's own beside its GPX": ({"a.fit": watch(seconds=40), "a.gpx": gpx("2024-05-01T12:00:00")}, [("a.fit", 1000)]),
    "a GPX that begins later": ({"a.fit": watch(seconds=40), "a.gpx": gpx("2024-05-01T12:00:03")}, [("a.fit", 1000)]),
    "a GPX without a sport beside a ride": (
        {"a.fit": watch(sport=2, seconds=40), "a.gpx": gpx("2024-05-01T12:00:00", kind="")}, [("a.fit", 1000)]),
    "TCX calls a hike Other": ({"a.fit": watch(sport=17), "a.tcx": tcx("2024-05-01T12:00:00", 990, 600, "Other")}, [("a.fit", 1000)]),
    "the watch died half way": (
        {"a.fit": watch(seconds=HALF, metres=5000), "a.tcx": tcx("2024-05-01T12:00:00", 10_000, WHOLE)}, [("a.fit", 10_000)]),
    "the watch was started anew": (
        {"a.fit": watch(seconds=HALF), "b.fit": watch(HALF, seconds=HALF), "a.tcx": tcx("2024-05-01T12:00:00", 2100, WHOLE)},
        [("a.fit", 2100)]),
    "a neighbour of a copy": (
        {"a.fit": watch(0, seconds=600), "b.gpx": gpx("2024-05-01T12:05:00", 31), "c.fit": watch(600, seconds=600, metres=900)},
        [("a.fit", 1000), ("c.fit", 900)]),
    "two runs of a day": ({"a.fit": watch(0), "b.fit": watch(7200)}, [("a.fit", 1000), ("b.fit", 1000)]),
    "a run and a ride after it": ({"a.fit": watch(0), "b.fit": watch(600, sport=2)}, [("a.fit", 1000), ("b.fit", 1000)]),
    "a copy that knows no time": (
        {"a.gpx": gpx("2024-05-01T06:00:00"), "2024-05-01.gpx": gpx("")}, [("a.gpx", 111)]),
    "two ways of a day without time": (
        {"2024-05-01 a.gpx": gpx(""), "2024-05-01 b.gpx": gpx("", 9)}, [("2024-05-01 a.gpx", 111), ("2024-05-01 b.gpx", 445)]),
    "two ways of a day and of one length, without time": (
        {"2024-05-01 a.gpx": gpx("", 41), "2024-05-01 b.gpx": gpx("", 41).replace(b'lon="25"', b'lon="25.004"')},
        [("2024-05-01 a.gpx", 2224), ("2024-05-01 b.gpx", 2224)]),
    "there and back, without time": (
        {"2024-05-01 a.gpx": gpx("", 41), "2024-05-01 b.gpx": backwards(gpx("", 41))},
        [("2024-05-01 a.gpx", 2224), ("2024-05-01 b.gpx", 2224)]),
    "a run and another way that knows no time": (
        {"a.gpx": gpx("2024-05-01T06:00:00", 41), "2024-05-01.gpx": backwards(gpx("", 41))},
        [("2024-05-01.gpx", 2224), ("a.gpx", 2224)]),
    "a treadmill and a way that knows no time": (
        {"a.tcx": tcx("2024-05-01T12:00:00", 2220, 900), "2024-05-01.gpx": gpx("", 41)},
        [("2024-05-01.gpx", 2224), ("a.tcx", 2220)]),
    "a copy that knows no time, of fewer points, a little beside": (
        {"a.gpx": gpx("2024-05-01T06:00:00", 41), "2024-05-01.gpx": thinned(gpx("", 41)).replace(b'lon="25"', b'lon="25.0002"')},
        [("a.gpx", 2224)]),
    "a GPX of the whole triathlon": (
        {"a.fit": TRIATHLON, "a.gpx": gpx("2024-05-01T12:00:00", 276, kind="")},
        [("a.fit#1", 500), ("a.fit#2", 20_000), ("a.fit#3", 5000)]),
    "a hike here, a walk there": (
        {"a.fit": watch(sport=17, seconds=40), "a.gpx": gpx("2024-05-01T12:00:00", kind="walking")}, [("a.fit", 1000)]),
    "only the copy knows how far": (
        {"a.gpx": TREADMILL, "a.tcx": tcx("2024-05-01T12:00:00", 990, 600, "Other")}, [("a.gpx", 990)]),
    "glued to itself": ({"a.fit": watch() + watch()}, [("a.fit#1", 1000)]),
    "a treadmill that knows no distance": (
        {"a.gpx": TREADMILL, "a.fit": watch()},
        [("a.fit", 1000)]),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), COPIES.values(), ids=COPIES)
def test_copies_are_one_activity(tmp_path: Path, files: dict[str, bytes], expected: list[tuple[str, int]]) -> None:
    """Named by the track that knows places; the distance is that of the one that went on to the end."""
    assert kept(write(tmp_path / "in", files)) == expected
    renamed = {f"z{len(files) - number} {name}": data for number, (name, data) in enumerate(files.items())}
    metres = [metres for _, metres in kept(write(tmp_path / "renamed", renamed))]
    assert sorted(metres) == sorted(metres for _, metres in expected), "not by the order of the names"


def test_what_one_copy_leaves_open_the_others_fill_in(tmp_path: Path) -> None:
    """The device's distance, the shoe of the folder, the place and name of the GPX."""
    bare = tcx("2024-05-01T12:00:00", 990, 40)
    files = {"all/a.tcx": bare, "shoes/Pegasus/a.gpx": gpx("2024-05-01T12:00:00", name="Along the bay")}
    (activity,) = read(write(tmp_path / "in", files), pattern="shoes/{shoe}/*")
    assert (activity.native_id, activity.distance_m, activity.gear_raw) == ("20240501T120000Z-40", 990, "Pegasus")
    assert (activity.name, activity.start_lat, activity.track) == ("Along the bay", 60.0, "shoes/Pegasus/a.gpx")
    assert json.loads(activity.raw)["copies"] == ["shoes/Pegasus/a.gpx"]


def test_the_record_changes_when_the_points_do(tmp_path: Path) -> None:
    """The ground has to be found anew, though start, metres and seconds of a mended track are what they were."""
    before, mended = gpx("2024-05-01T12:00:00"), gpx("2024-05-01T12:00:00").replace(b'lon="25"', b'lon="25.0001"')
    unplaced = tcx("2024-05-01T12:00:00", 990, 40)
    folders: list[dict[str, bytes]] = [
        {"a.gpx": before}, {"renamed.gpx": before}, {"a.gpx": mended}, {"a.tcx": unplaced, "b.gpx": before},
        {"a.tcx": unplaced, "b.gpx": mended},
    ]  # fmt: skip
    read_in = [read(write(tmp_path / str(number), files)) for number, files in enumerate(folders)]
    traces = [json.loads(activity.raw)["trace"] for (activity,) in read_in]
    assert [len(trace) for trace in traces] == [8] * len(folders)
    one, other = traces[0], traces[2]
    assert (traces, one == other) == ([one, one, other, one, other], False), "a copy's, where that is the track"
    (first,), _, (second,), *_ = read_in
    one, other = (each._replace(raw="", start_lon=None, end_lon=None) for each in (first, second))
    assert one == other


@pytest.mark.parametrize(
    ("north", "later_s", "points", "runs"),
    [
        # Some minutes long: where both were when the clock showed a fifth minute.
        (0.000, 0, 40, 1), (0.002, 0, 40, 1), (0.005, 0, 40, 2), (12.0, 0, 40, 2), (0.000, 80, 40, 1),
        # Shorter: where they began.
        (0.000, 10, 5, 1), (0.002, 10, 5, 1), (0.005, 10, 5, 2), (12.0, 10, 5, 2),
    ],
)  # fmt: skip
def test_nobody_runs_at_two_places_at_once(tmp_path: Path, north: float, later_s: int, points: int, runs: int) -> None:
    """Recordings that overlap in time are copies, unless one was so many degrees north of the other meanwhile."""
    start = datetime(2024, 5, 1, 12, 0, 30) + timedelta(seconds=later_s)  # noqa: DTZ001 in UTC, as all here
    first = gpx("2024-05-01T12:00:30", points)
    other = gpx(start.isoformat(), points)
    for number in range(points):
        ran = later_s / 20 + number
        moved = f'lat="{60 + north + ran * 0.0005:.4f}"'.encode()
        other = other.replace(f'lat="{60 + number * 0.0005:.4f}" lon="25"'.encode(), moved + b' lon="25.0"', 1)
    assert len(kept(write(tmp_path / "in", {"a.gpx": first, "b.gpx": other}))) == runs


@pytest.mark.parametrize(
    ("file", "shift_h", "local"),
    [
        # In Helsinki, three hours before UTC in May: local times marked Z, and a FIT file without an offset.
        ("a.gpx", None, ("2024-05-01T09:00:00Z", 10_800, True)),
        ("a.fit", None, ("2024-05-01T09:00:00Z", 10_800, True)),
        # Local time and UTC are swapped: at home, and four hours behind UTC; one file that is right.
        ("a.fit", -3, ("2024-05-01T09:00:00Z", 10_800, False)),
        ("a.fit", 4, ("2024-05-01T16:00:00Z", -14_400, False)),
        ("a.fit", 3, ("2024-05-01T12:00:00Z", 10_800, False)),
    ],
)
def test_times_can_be_local_whatever_letter_follows_them_and_the_id_stays(
    tmp_path: Path, file: str, shift_h: int | None, local: tuple[str, int, bool]
) -> None:
    shown = () if shift_h is None else (("activity", {"timestamp": NOON, "local_timestamp": NOON + shift_h * 3600}),)
    began = session(0, sport=1, total_distance=1000, total_elapsed_time=600)
    content = gpx("2024-05-01T12:00:00") if file == "a.gpx" else fit(file_id(), began, *shown)
    write(tmp_path / "in", {file: content})
    (usual,), (activity,) = (read(tmp_path / "in", zone="Europe/Helsinki", times=times) for times in ("utc", "local"))
    offset_s = 10_800 if shift_h is None else shift_h * 3600
    assert (usual.started_at, usual.utc_offset_s, usual.zone_assumed) == ("2024-05-01T12:00:00Z", offset_s, False)
    assert (activity.started_at, activity.utc_offset_s, activity.zone_assumed) == local
    assert activity.id == usual.id


def test_in_whatever_order_files_are_added_an_id_is_only_ever_of_one_run(tmp_path: Path) -> None:
    """Two FIT files of one file_id, and two GPX of one start and length at two places."""
    files = {f"{n}.fit": fit(file_id(), session(n * 7200, sport=1, total_elapsed_time=600)) for n in range(2)}
    files["here.gpx"] = gpx("2024-05-02T06:00:00")
    files["there.gpx"] = files["here.gpx"].replace(b'lon="25"', b'lon="26"')
    found = {}
    for names in chain.from_iterable(combinations(files, many) for many in (1, 2, 3, 4)):
        write(folder := tmp_path / "-".join(names), {name: files[name] for name in names})
        records = (record for record in pull(folder)[0] if isinstance(record, Activity))
        found[frozenset(names)] = {each.id: (each.started_at, each.start_lon) for each in records}
        assert len(found[frozenset(names)]) == len(names)
    for order in permutations(files):
        runs: dict[str, object] = {}
        for many in (1, 2, 3, 4):
            for id, run in found[frozenset(order[:many])].items():
                assert runs.setdefault(id, run) == run


@pytest.mark.parametrize("first", ["a.fit", "b.fit"])
def test_of_two_runs_with_one_id_neither_gets_what_is_of_the_other(tmp_path: Path, settled: None, first: str) -> None:
    """The first is ignored; later the file of the other is added, of an earlier hour or of a later one."""
    files = {
        name: fit(file_id(), session(second, sport=1, total_distance=metres, total_elapsed_time=600))
        for name, second, metres in (("a.fit", 0, 1000), ("b.fit", 7200, 2000))
    }
    home = Home(tmp_path)
    home.main("sources: [{name: watch, type: tracks, path: in}]")
    home.shoes('corrections: [{run: "watch:20240501T120000-garmin-77", ignore: true}]')
    write(tmp_path / "in", {first: files[first]})
    home.sync()
    assert home.rows("SELECT * FROM legs") == []
    write(tmp_path / "in", files)
    home.sync()
    assert home.rows("SELECT activity, distance_m FROM legs") == [
        ("watch:20240501T120000-garmin-77-20240501140000", 2000.0) if first == "a.fit"
        else ("watch:20240501T120000-garmin-77-20240501120000", 1000.0)
    ]  # fmt: skip


MAIN = "sources:\n  - {name: watch, type: tracks, path: in, missing: drop, pattern: '{shoe}/*'}\n"


def test_totals_are_those_of_the_files_through_copies_moves_and_deletions(tmp_path: Path, settled: None) -> None:
    home = Home(tmp_path)
    home.main(MAIN)
    home.shoes("shoes: [{id: pegasus, name: Pegasus}, {id: glide, name: Glide}]\n")
    folder = write(tmp_path / "in", {"Pegasus/a.gpx": gpx("2024-05-01T12:00:00"), "Glide/b.fit": watch(86_400)})
    metres = round(2 * STEP_M)

    def totals() -> dict[str | None, int]:
        report = home.sync()
        assert [outcome.outcome for outcome in report.outcomes] != ["failed"]
        home.clock.move(minutes=1)
        return {shoe: round(total) for shoe, total in home.totals().items()}

    assert totals() == {"pegasus": metres, "glide": 1000}
    write(folder, {"Pegasus/a.fit": watch(seconds=40)})  # the watch's own file of the same run comes later
    assert totals() == {"pegasus": 1000, "glide": 1000}
    (folder / "Pegasus/a.gpx").unlink()
    assert totals() == {"pegasus": 1000, "glide": 1000}
    shutil.move(folder / "Glide/b.fit", folder / "Pegasus/renamed.fit")
    assert totals() == {"pegasus": 2000}
    (folder / "Pegasus/renamed.fit").unlink()
    assert totals() == {"pegasus": 1000}
    write(folder, {"Pegasus/c.gpx": gpx("2024-05-01T12:00:00"), "Pegasus/a.fit": b""})  # one breaks, a copy is there
    assert totals() == {"pegasus": metres}
    write(folder, {"Pegasus/a.fit": watch(seconds=40)})
    assert totals() == {"pegasus": 1000}


def altered(path: Path, content: bytes) -> None:
    """Changes the content of a file behind the back of size and time."""
    status = path.stat()
    assert len(content) == status.st_size
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_only_new_and_changed_files_are_read_and_all_are_given(tmp_path: Path, settled: None) -> None:
    folder = write(tmp_path / "in", {"a.fit": watch(), "b.fit": watch(7200), "c.fit": watch(9000)})
    first, pulled = pull(folder)
    altered(folder / "a.fit", watch(metres=2000))  # not seen: neither size nor time tells
    assert pull(folder, pulled.cursor)[1].unchanged
    write(folder, {"b.fit": watch(7200, metres=3000), "d.fit": watch(20_000, metres=4000)})
    os.utime(folder / "b.fit", ns=(0, 0))
    (folder / "c.fit").unlink()
    second, again = pull(folder, pulled.cursor)
    assert again.whole
    assert {record.track: record.distance_m for record in second} == {"a.fit": 1000, "b.fit": 3000, "d.fit": 4000}
    assert second[0] == first[0]
    assert pull(folder, again.cursor)[1].unchanged


def test_a_file_that_may_still_be_written_is_read_again(tmp_path: Path) -> None:
    """Within two seconds of a change neither size nor time need tell the next one."""
    folder = write(tmp_path / "in", {"a.fit": watch()})
    _, pulled = pull(folder)
    again, same = pull(folder, pulled.cursor)
    assert (again, same.unchanged) == ([], True), "read again, and found the same"
    altered(folder / "a.fit", watch(metres=2000))
    ((activity,), _) = pull(folder, same.cursor)
    assert activity.distance_m == 2000


def test_a_file_that_was_cut_off_is_whole_later(tmp_path: Path, settled: None) -> None:
    whole = gpx("2024-05-01T06:00:00", 20)
    broken = {"a.gpx": whole[: len(whole) // 2], "b.gpx": b"", "c.zip": packed({"c.gpx": whole})[:99]}
    folder = write(tmp_path / "in", broken)
    records, pulled = pull(folder)
    (cut,) = (record for record in records if isinstance(record, Activity))
    assert 0 < cut.distance_m < 15 * STEP_M
    notes = [(r.place, r.message, r.is_note) for r in records if isinstance(r, Problem)]
    assert notes[:2] == [("a.gpx", "breaks off in line 1: no element found", True), ("b.gpx", "b.gpx is empty", False)]
    assert [place for place, *_ in notes[2:]] == ["c.zip"]
    write(folder, {"a.gpx": whole, "b.gpx": gpx("2024-05-02T06:00:00")})
    write(folder, {"c.zip": packed({"c.gpx": gpx("2024-05-03T06:00:00")})})
    records, _ = pull(folder, pulled.cursor)
    steps = {record.track: round(record.distance_m / STEP_M) for record in records}
    assert steps == {"a.gpx": 19, "b.gpx": 2, "c.zip/c.gpx": 2}


def test_what_is_broken_is_said_and_what_is_no_activity_is_not(tmp_path: Path, settled: None) -> None:
    files = {
        "broken.fit": watch()[:30],
        "course.gpx": b"<gpx><rte><rtept lat='1' lon='2'/></rte></gpx>",
        "fast.gpx": gpx("2024-05-01T06:00:00", 30, step_s=1),
        "good.gpx": gpx("2024-05-02T06:00:00"),
        "no time.gpx": gpx(""),
        "text.tcx": b"Dear runner",
        "treadmill.tcx": b"<TrainingCenterDatabase><Activities><Activity Sport='Running'><Id>2024-05-03T06:00:00Z</Id>"
        b"</Activity></Activities></TrainingCenterDatabase>",
        "settings.fit": fit(file_id(2)),
        "notes.txt": b"not looked at",
    }
    records, pulled = pull(write(tmp_path / "in", files))
    assert [(r.track, round(r.distance_m)) for r in records if isinstance(r, Activity)] == [
        ("good.gpx", 111), ("treadmill.tcx", 0),
    ]  # fmt: skip
    assert [(r.place, r.message) for r in records if isinstance(r, Problem) and r.place != "broken.fit"] == [
        ("treadmill.tcx", "it has no distance: it counts as 0 m until a correction gives the distance"),
        ("fast.gpx", "1,612 m in 29 s is faster than anyone runs"),
        ("no time.gpx", "it has no time; begin its name with the day, such as 2024-05-10, for it to count"),
        ("text.tcx", "text.tcx is not a FIT, TCX or GPX file"),
    ]
    assert [r.place for r in records if isinstance(r, Problem)].count("broken.fit") == 1
    assert pull(tmp_path / "in", pulled.cursor)[1].unchanged


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2024-05-10-19-32-04.gpx", "2024-05-10"), ("Run 20240510.gpx", "2024-05-10"),
        ("2024_05_10_bay.gpx.gz", "2024-05-10"), ("20240510-193204.gpx", "2024-05-10"),
        ("2024-13-10 2024-02-30 2024-02-29.gpx", "2024-02-29"), ("457327202405100000.gpx", None),
        ("20240510193204.gpx", "2024-05-10"), ("2024051019.gpx", None), ("120240510.gpx", None),
        ("2024-0510.gpx", None), ("10-05-2024.gpx", None),
    ],
)  # fmt: skip
def test_a_track_without_time_is_of_the_day_its_name_says(tmp_path: Path, name: str, day: str | None) -> None:
    content = gpx("") if name.endswith("gpx") else gzip.compress(gpx(""))
    (record,), _ = pull(write(tmp_path / "in", {f"2023-01-01/{name}": content}))
    found = (record.started_at, record.local_date, record.utc_offset_s) if isinstance(record, Activity) else None
    assert found == (day and (day, day, None))


@pytest.mark.parametrize(
    ("kind", "folder", "settings", "sport"),
    [
        ("running", "Ride", {}, "run"), ("trail_running", "Ride", {}, "trail-run"), ("", "", {}, "run"),
        ("", "", {"sport": "ride"}, "ride"), ("", "Spaziergang", {}, "walk"), ("", "Trail run", {"sport": "ride"}, "trail-run"),
        ("", "Fell", {}, "unknown"), ("", "Fell", {"sport_map": {"Fell": "trail-run"}}, "trail-run"), ("unknown", "", {}, "unknown"), ("", "Hike", {"sport_map": {"": "ride"}}, "hike"),
        ("unknown", "Hike", {}, "hike"), ("kite_surfing", "Run", {}, "other"),
        ("kite_surfing", "", {"sport_map": {"kite_surfing": "swim"}}, "swim"),
    ],
)  # fmt: skip
def test_sport_of_file_or_folder(tmp_path: Path, kind: str, folder: str, settings: dict[str, Any], sport: str) -> None:
    write(tmp_path / "in", {f"{folder}/a.gpx" if folder else "a.gpx": gpx("2024-05-01T06:00:00", kind=kind)})
    assert [activity.sport for activity in read(tmp_path / "in", pattern="{sport}/*", **settings)] == [sport]
    if not kind and not folder:  # a device has a word for running; without one it was something else
        write(tmp_path / "in", {"a.gpx": watch(sport=0)})
        assert [activity.sport for activity in read(tmp_path / "in", **settings)] == [settings.get("sport", "unknown")]


@pytest.mark.parametrize(
    ("speeds", "folder", "settings", "sport"),
    [
        ([3.3], "", {}, "run"), ([2.1], "", {}, "run"), ([1.4], "", {}, "unknown"), ([6.9], "", {}, "unknown"),
        ([2.0, 8.0], "", {}, "unknown"), ([3.3], "Hike", {}, "hike"), ([3.3], "", {"sport": "ride"}, "ride"),
    ],
)  # fmt: skip
def test_a_watch_that_died_recorded_a_run_if_nobody_else_moves_so(
    tmp_path: Path, speeds: list[float], folder: str, settings: dict[str, Any], sport: str
) -> None:
    """Each speed for ten minutes, and no session at the end."""
    metres = accumulate((10 * speed for speed in speeds for _ in range(60)), initial=0.0)
    records = [
        record(10 * number, lat=60 + north / 111_195, lon=25, distance=north) for number, north in enumerate(metres)
    ]
    write(tmp_path / "in", {f"{folder}/a.fit" if folder else "a.fit": fit(file_id(), *records)})
    (activity,) = read(tmp_path / "in", pattern="{sport}/*", **settings)
    assert activity.sport == sport


def test_a_folder_is_searched_through_without_what_computers_leave_there(tmp_path: Path) -> None:
    run = [gpx(f"2024-05-{day:02}T06:00:00") for day in range(1, 12)]
    folder = write(
        tmp_path / "in",
        {"a.GPX": run[1], "2024/05/b.gpx": run[2], ".trash/c.gpx": run[3], ".d.gpx": run[4], "__MACOSX/._e.gpx": run[5],
         "@eaDir/f.gpx": run[6], "g.gpx.part": run[7], "h.jpg": b"", "$RECYCLE.BIN/i.gpx": run[8]},
    )  # fmt: skip
    write(tmp_path / "elsewhere", {"j.gpx": run[9]})
    (folder / "2024/loop").symlink_to(folder)
    (folder / "2024/again").symlink_to(folder / "2024/05")
    (folder / "2024/00 before").symlink_to(folder / "2024/05")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "nowhere.gpx").symlink_to(tmp_path / "nothing.gpx")
    os.mkfifo(folder / "pipe.gpx")
    assert [track for track, _ in kept(folder)] == ["a.GPX", "2024/05/b.gpx", "linked/j.gpx"]


def layouts(folder: Path) -> dict[str, Path]:
    """The same two runs, as a folder, zips in and out of folders, a pattern, and one of them alone."""
    files = {"x/a.gpx": gpx("2024-05-01T06:00:00"), "b #1.fit": watch(86_400)}
    runs = (session(second, sport=1, total_distance=9, total_elapsed_time=9) for second in (0, 99))
    write(folder / "plain", files)
    write(folder, {
        "zips/deep/all.zip": packed(files), "zips/junk.zip": packed({"a.jpg": b"", "c.gpx": gpx("2024-05-09T06:00:00")}),
        "all.zip": packed(files), "parts.zip": packed({f"{n}.zip": packed({name: files[name]}) for n, name in enumerate(files)}),
        "both.fit": fit(file_id(), *runs), "20/23/x/a.gpx": files["x/a.gpx"], "20/24/b #1.fit": files["b #1.fit"],
        "20/c/c.gpx": files["b #1.fit"],
    })  # fmt: skip
    return {
        "folder": folder / "plain", "folder of zips": folder / "zips", "zip": folder / "all.zip",
        "zip of zips": folder / "parts.zip", "pattern": folder / "20/2*", "pattern of files": folder / "20/**/?*.*t",
        "file": folder / "plain/x/a.gpx", "file of two": folder / "both.fit",
    }  # fmt: skip


LAYOUTS = {
    "folder": ["x/a.gpx", "b #1.fit"],
    "folder of zips": ["deep/all.zip/x/a.gpx", "deep/all.zip/b #1.fit", "junk.zip/c.gpx"],
    "zip": ["x/a.gpx", "b #1.fit"],
    "zip of zips": ["0.zip/x/a.gpx", "1.zip/b #1.fit"],
    "pattern": ["23/x/a.gpx", "24/b #1.fit"],
    "pattern of files": ["24/b #1.fit"],
    "file": ["a.gpx"],
    "file of two": ["both.fit#1", "both.fit#2"],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_track_can_be_opened_again_by_its_path(tmp_path: Path, layout: str) -> None:
    path = layouts(tmp_path)[layout]
    before = sorted(tmp_path.rglob("*"))
    source = make(Settings(name="watch", path=str(path)), Context(tmp_path))
    assert isinstance(source, TrackSource)
    activities = [record for record in source.pull(None) if isinstance(record, Activity)]
    assert [activity.track for activity in activities] == LAYOUTS[layout]
    assert recognise(path) == {"type": "tracks", "path": str(path)}
    with closing(source.open_tracks()) as tracks:
        for activity in [*activities, *reversed(activities)]:
            (recording,) = tracks.recordings(str(activity.track))
            assert recording.started_at is not None
            assert f"{recording.started_at:%Y-%m-%dT%H:%M:%SZ}" == activity.started_at
        for nothing in ("gone.gpx", "../plain/x/a.gpx", "x/../x/a.gpx", "/etc/hosts", "", "x", "b #1.fit#7", "a" * 300):
            with pytest.raises(SourceError):
                tracks.recordings(nothing)
    assert sorted(tmp_path.rglob("*")) == before, "nothing was unpacked"


@pytest.mark.parametrize("path", ["in", "in/*.gpx", "*/a.gpx", "in/[ab].gpx", "**"])
def test_a_path_starts_from_a_folder_of_any_name(tmp_path: Path, path: str) -> None:
    """Only what stands in `path` is a pattern."""
    base = tmp_path / "runs [1] *"
    write(base, {"in/a.gpx": gpx("2024-05-01T06:00:00")})
    source = make(Settings(name="watch", path=path), Context(base))
    (activity,) = source.pull(None)
    assert isinstance(activity, Activity)
    with closing(source.open_tracks()) as tracks:
        assert len(tracks.recordings(str(activity.track))) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no such names")
def test_a_name_that_is_not_utf_8_stops_nothing(tmp_path: Path) -> None:
    """As old disks have them: the run counts, and its track is found again."""
    home = Home(tmp_path)
    home.main("sources:\n  - {name: watch, type: tracks, path: in}\n")
    folder = tmp_path / "in" / os.fsdecode(b"For\xeat")
    files = {b"\xe9t\xe9.gpx": gpx("2024-05-01T06:00:00"), b"\xe8.gpx": b"", b"\xea.zip": b""}
    files[b"\xe9.zip"] = packed({"a.gpx": gpx("2024-05-02T06:00:00")})
    write(folder, {os.fsdecode(name): data for name, data in files.items()})
    assert [(outcome.outcome, outcome.error) for outcome in home.sync().outcomes] == [("stored", None)]
    tracks = [track for (track,) in home.rows("SELECT track FROM activities ORDER BY started_at")]
    assert tracks == [r"For\xeat/\xe9t\xe9.gpx", r"For\xeat/\xe9.zip/a.gpx"]
    assert home.rows("SELECT place, message FROM problems ORDER BY place") == [
        (r"For\xeat/\xe8.gpx", r"\xe8.gpx is empty"),
        (r"For\xeat/\xea.zip", r"\xea.zip is a broken zip, or not yet copied to its end (File is not a zip file)"),
    ]
    with closing(make(Settings(name="watch", path="in"), Context(tmp_path)).open_tracks()) as there:
        assert [len(there.recordings(track)) for track in tracks] == [1, 1]
        with pytest.raises(SourceError, match="no longer exists"):
            there.recordings(r"For\xeat/\xff.gpx")
        with pytest.raises(TrackError, match=r"^\\xea.zip is a broken zip"):
            there.recordings(r"For\xeat/\xea.zip/a.gpx")


def test_only_new_members_of_a_zip_are_read(tmp_path: Path, settled: None) -> None:
    """A zip made anew with one more run in it, as a new download of an account is."""
    runs = {f"{day}.gpx": gpx(f"2024-05-0{day}T06:00:00") for day in (1, 2)}
    write(tmp_path, {"all.zip": packed({**runs, "settings.fit": fit(file_id(2))})})
    _, pulled = pull(tmp_path / "all.zip")
    cursor = json.loads(json.dumps(pulled.cursor))
    members = cursor["files"][""][3]
    members["1.gpx"][1][0][0][9] = 123.0  # as if it had been read so: seen again only if it is not read
    write(tmp_path, {"all.zip": packed({**runs, "3.gpx": gpx("2024-05-03T06:00:00"), "settings.fit": fit(file_id(2))})})
    records, _ = pull(tmp_path / "all.zip", cursor)
    assert [(r.track, round(r.distance_m)) for r in records] == [("1.gpx", 123), ("2.gpx", 111), ("3.gpx", 111)]


def test_a_hostile_zip_harms_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = gpx("2024-05-01T06:00:00")
    hostile = {
        "../up.gpx": gpx("2024-05-02T06:00:00"), "/abs.gpx": gpx("2024-05-03T06:00:00"),
        "bomb.gpx": b" " * (12 << 20), "good.gpx": good, "__MACOSX/._good.gpx": b"\0",
        "deep.zip": packed({"deeper.zip": packed({"too deep.gpx": gpx("2024-05-04T06:00:00")})}), "no.zip": b"PK\3\4",
    }  # fmt: skip
    write(tmp_path / "in", {"a.zip": packed({**hostile, "nameless": b""}).replace(b"nameless", b"\0ameless")})
    records, _ = pull(tmp_path / "in")
    assert [r.track for r in records if isinstance(r, Activity)] == ["a.zip/good.gpx", "a.zip//abs.gpx"]
    assert {r.place: r.message for r in records if isinstance(r, Problem)} == {
        "a.zip/bomb.gpx": "bomb.gpx unpacks to more than any track has; it is not read",
        "a.zip/deep.zip/deeper.zip": "is a zip in a zip in a zip; unpack it, and name the folder in `path`",
        "a.zip/no.zip": "a.zip/no.zip is a broken zip, or not yet copied to its end (File is not a zip file)",
    }
    monkeypatch.setattr("shoemon.sources.kit.archives.MOST_MEMBERS", 6)
    (problem,), _ = pull(tmp_path / "in")
    assert problem == Problem("a.zip", "a.zip contains more than 6 files; it is not read")
    monkeypatch.setattr("shoemon.sources.kit.archives.MOST_LIST_BYTES", 200)
    (problem,), _ = pull(tmp_path / "in")
    assert problem.message == "a.zip lists more files than any export; it is not read"
    with pytest.raises(SourceError, match="lists more files"):
        pull(tmp_path / "in/a.zip")


def test_nested_zips_count_against_the_limit_of_a_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    within = {f"{n}.zip": packed({f"{n}.gpx": gpx(f"2024-05-0{n}T06:00:00", 300)}) for n in range(1, 5)}
    write(tmp_path, {"all.zip": packed(within)})
    monkeypatch.setattr("shoemon.sources.kit.archives.MOST_ARCHIVE_BYTES", 60_000)
    records, _ = pull(tmp_path / "all.zip")
    assert [record.track for record in records if isinstance(record, Activity)] == ["1.zip/1.gpx", "2.zip/2.gpx"]
    places = {record.place: record.message for record in records if isinstance(record, Problem)}
    assert places == {
        "3.zip/3.gpx": "3.gpx is not read, as its zip unpacks to more than 0 GB",
        "4.zip": "all.zip/4.zip is not read, as its zip unpacks to more than 0 GB",
    }


class Counted(io.FileIO):
    """A file that knows how many bytes were read of it."""

    read_bytes = 0

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer) or 0
        self.read_bytes += count
        return count


def padded(days: range) -> bytes:
    """A zip of a run for each day, and half a megabyte of something else after each."""
    something = random.Random(1).randbytes
    runs = {f"{day}.gpx": gpx(f"2024-05-{day:02}T06:00:00", 1000) for day in days}
    return packed({name: data for run in runs for name, data in ((run, runs[run]), (f"{run}.jpg", something(1 << 19)))})


def test_nested_zips_are_not_unpacked_again_for_each_track(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest runs are laid on the map first, and lie last, now in the one, now in the other."""
    write(tmp_path, {"all.zip": packed({"even.zip": padded(range(2, 14, 2)), "odd.zip": padded(range(1, 13, 2))})})
    counted = Counted(tmp_path / "all.zip")
    monkeypatch.setattr(open_tracks, "open_archive", lambda path, label: Archive(io.BufferedReader(counted), label))
    with closing(OpenTracks(tmp_path / "all.zip")) as tracks:
        for day in range(12, 0, -1):
            (recording,) = tracks.recordings(f"{'odd' if day % 2 else 'even'}.zip/{day}.gpx")
            assert (recording.started_at, len(recording.trace)) == (datetime(2024, 5, day, 6, tzinfo=UTC), 1000)
    assert counted.read_bytes < 3 * (tmp_path / "all.zip").stat().st_size


class Failing(io.FileIO):
    """A file on a disk that fails in its middle; its end, where a zip lists its members, can be read."""

    def readinto(self, buffer: Any) -> int:
        place, size = self.tell(), os.fstat(self.fileno()).st_size
        if 0.4 * size < place < 0.6 * size:
            raise OSError(errno.EIO, "Input/output error")
        return super().readinto(memoryview(buffer)[: max(1, int(0.1 * size))]) or 0


@pytest.mark.parametrize("nested", [False, True])
def test_a_zip_on_a_failing_disk_is_not_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settled: None, nested: bool
) -> None:
    """It is read again though nothing of it changed."""
    runs = padded(range(1, 5))
    folder = write(tmp_path / "in", {"all.zip": packed({"runs.zip": runs}) if nested else runs})
    before, _ = pull(folder)
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.open", lambda path, mode: io.BufferedReader(Failing(path, mode)))
        failed, pulled = pull(folder)
    assert failed == [Problem("all.zip", "cannot be read: Input/output error")]
    assert pull(folder, pulled.cursor)[0] == before


@given(st.lists(st.tuples(st.integers(0, 70_000), st.integers(0, 5_000)), max_size=20), st.integers(0, 9))
def test_a_packed_member_reads_from_any_place_as_from_its_start(places: list[tuple[int, int]], level: int) -> None:
    data = random.Random(3).randbytes(20_000) + b"way " * 11_000
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        archive.writestr("x", data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archives, "_LEAST_APART", 1000)
        unpacked = io.BufferedReader(UnpackedMember(content, archive.infolist()[0]), 100)
        for place, size in places:
            unpacked.seek(place)
            assert unpacked.read(size) == data[place : place + size]


def test_what_cannot_be_read_for_now_stays_as_it_was(tmp_path: Path) -> None:
    """A folder without permission, or a file that vanished since it was found: its runs are not missing."""
    folder = write(tmp_path / "in", {"a.gpx": gpx("2024-05-01T06:00:00"), "b/c.gpx": gpx("2024-05-02T06:00:00")})
    write(folder, {"d.gpx": gpx("2024-05-03T06:00:00"), "z.zip": packed({"z.gpx": gpx("2024-05-04T06:00:00")})})
    known = stored_in(json.loads(json.dumps(pull(folder)[1].cursor))["files"])
    away = [f._replace(path=Path(f"{f.path}.gone.zip")) for f in find_tracks.find_files(str(folder), tmp_path).files]
    gone = [file for file in away if file.name in ("a.gpx", "z.zip")]
    reader = RecordReader(ZoneInfo("UTC"))
    now = scan(Listing(folder, gone, {"b": "cannot be read: Permission denied"}, 0), known, reader)
    assert now == {
        "a.gpx": StoredFile([], known["a.gpx"].records, [], {}),
        "z.zip": StoredFile([], [], [], known["z.zip"].members),
        "b/c.gpx": StoredFile([], known["b/c.gpx"].records, [], {}),
        "b/": StoredFile([], [], ["cannot be read: Permission denied"], {}),
    }
    assert [len(list(file.records)) for _, file in flattened(now)] == [1, 0, 1, 1, 0]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("none", "there is no file or folder DIR/none; correct `path`, which starts from DIR"),
        ("none/*.fit", "no file or folder matches DIR/none/*.fit; correct `path`, which starts from DIR/none"),
        ("~nobody such/*.fit", "there is no user nobody such on this machine; write the whole `path`"),
        ("bad.zip", "bad.zip is a broken zip, or not yet copied to its end (File is not a zip file)"),
    ],
)
def test_a_path_that_leads_nowhere_is_an_error_of_the_source(tmp_path: Path, path: str, sentence: str) -> None:
    write(tmp_path, {"bad.zip": b"PK\3\4"})
    with pytest.raises(SourceError) as caught:
        pull(Path(path) if path.startswith("~") else tmp_path / path)
    assert str(caught.value).replace(str(tmp_path), "DIR") == sentence


@pytest.mark.parametrize(
    ("pattern", "path", "said"),
    [
        ("*/{shoe}/*", "Run/Pegasus 40/a.fit", {"shoe": "Pegasus 40"}),
        ("*/{shoe}/*", "Pegasus 40/a.fit", {}),
        ("*/{shoe}/*", "x/Run/Pegasus 40/a.fit", {}),
        ("{sport}/{shoe}/{name}", "Run/Pegasus/Along the bay.fit.gz", {"sport": "Run", "shoe": "Pegasus", "name": "Along the bay"}),
        ("**/{shoe}/*", "a/b/Pegasus/c.gpx", {"shoe": "Pegasus"}),
        ("**/{shoe}/*", "Pegasus/c.gpx", {"shoe": "Pegasus"}),
        ("**/{shoe}/*", "c.gpx", {}),
        ("{sport}/**", "Run/2024/05/c.gpx", {"sport": "Run"}),
        ("{sport}/**/{name}", "Run/c.gpx", {"sport": "Run", "name": "c"}),
        ("2024/**/{surface}/*", "2024/x/y/dirt/c.gpx", {"surface": "dirt"}),
        ("2024/**/{surface}/*", "2023/x/y/dirt/c.gpx", {}),
        ("{sport}-{shoe}", "run-nike-pegasus.tcx", {"sport": "run", "shoe": "nike-pegasus"}),
        ("{sport}-{shoe}", "-run-pegasus.tcx", {"sport": "-run", "shoe": "pegasus"}),
        ("*_{shoe}_*", "2024_Pegasus_40_x.tcx", {"shoe": "Pegasus"}),
        ("* ({shoe})", "Along (the bay) (Pegasus).tcx", {"shoe": "the bay) (Pegasus"}),
        ("{name}.v2", "a.v2.v2.fit", {"name": "a.v2"}),
        ("{shoe}.old", ".old.fit", {}),
        ("{shoe}", " .fit", {}),
        ("[{shoe}]+", "[a]+.fit", {"shoe": "a"}),
        ("[{shoe}]+", "aaa.fit", {}),
        ("/{shoe}/*/", "Pegasus/a.fit", {"shoe": "Pegasus"}),
    ],
)  # fmt: skip
def test_a_pattern_reads_what_folders_are_named_for(pattern: str, path: str, said: dict[str, str]) -> None:
    assert compile_pattern(pattern).read(path) == said


@pytest.mark.parametrize(
    ("tracks", "pattern"),
    [
        (["Running/Glide/1.fit", "Hiking/Boots/2.fit"], "{sport}/{shoe}/*"),
        (["Running/2024/1.fit", "Running/2023/2.fit"], "{sport}/*/*"),
        (["in/Other/1.fit", "in/Other/2.fit", *(f"at/sea/Running/Boots/{n}.fit" for n in range(3))], "at/sea/{sport}/{shoe}/*"),
        (["Pegasus 40/1.gpx", "Old blue/2.gpx", "Brooks Ghost/3.gpx"], "{shoe}/*"),
        (["2024/Pegasus 40/1.gpx", "2024/2.gpx", "2023/Ghost 15/3.gpx"], "*/{shoe}/*"),
        (["New Balance 1080/2024/1.gpx", "Пегас/2023/2.gpx"], "{shoe}/*/*"),
        (["shoes/blue/1.gpx", "mine/shoes/red/2.gpx"], "**/{shoe}/*"),
        (["2024/01/1.gpx", "2024/02/2.gpx"], None), (["Boston/1.gpx", "Berlin/2.gpx", "Wien/3.gpx"], None), (["1.gpx"], None),
    ],
)  # fmt: skip
def test_the_folders_of_shoes_are_found_and_nothing_is_taken_for_one(tracks: list[str], pattern: str | None) -> None:
    assert evident_pattern(tracks) == pattern
    assert pattern is None or any("shoe" in compile_pattern(pattern).read(track) for track in tracks) == (
        "shoe" in pattern
    )


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "is not a pattern"), ("///", "is not a pattern"), ("*/*", "must contain at least one part"), ("{shoe}/{shoe}", "none twice"),
        ("{shoes}/*", "there is no {shoes}; there are {shoe}, {surface}, {sport}, {name}"), ("**/{shoe}/**", "more than once"),
        ("{sport}{shoe}", "write some text between"), ("*{shoe}", "write some text between"),
        ("{shoe", "must contain at least one part"), ("{shoe}}/*", "a brace too many"), ("{shoe}/" * 200, "is not a pattern"),
    ],
)  # fmt: skip
def test_a_pattern_that_says_too_little_is_a_mistake(pattern: str, reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(name="watch", path=".", pattern=pattern)
    assert reason in str(caught.value)


WORDS = st.text(st.characters(blacklist_characters="/*{}", blacklist_categories=("Cs",)), min_size=1, max_size=9)


@given(WORDS, WORDS, WORDS)
def test_what_a_path_was_made_of_is_read_from_it(sport: str, shoe: str, file: str) -> None:
    said = compile_pattern("**/{sport}/{shoe}/*").read(f"x/{sport}/{shoe}/{file}.fit")
    expected = {"sport": sport.strip(), "shoe": shoe.strip()}
    assert said == {part: text for part, text in expected.items() if text}


@given(st.text(alphabet="{}*/ab-.nameshoe", max_size=40), st.text(alphabet="ab/-.é", max_size=40))
def test_any_pattern_is_compiled_or_refused_and_reads_any_path(pattern: str, path: str) -> None:
    try:
        compiled = compile_pattern(pattern)
    except ValueError:
        return
    assert compiled.read(path).keys() <= {"shoe", "surface", "sport", "name"}


RUNS = {f"Run/Pegasus/{day}.gpx": gpx(f"2024-05-0{day}T06:00:00") for day in range(1, 6)}
RECOGNISED: dict[str, tuple[dict[str, bytes], str | None, bool]] = {
    "kind and shoe": (RUNS, "{sport}/{shoe}/*", True),
    "further up": ({f"My runs/{name}": data for name, data in RUNS.items()}, "**/{sport}/{shoe}/*", True),
    "kind alone": ({f"{name[:4]}{name[12:]}": data for name, data in RUNS.items()}, "{sport}/*", True),
    "by year": ({f"2024/{name[12:]}": data for name, data in RUNS.items()}, None, True),
    "zips": ({"a.zip": packed({name[12:]: data for name, data in RUNS.items()})}, None, True),
    "a home": (RUNS | {f"{n}.jpg": b"" for n in range(9)}, None, False),
    "no track among them": ({"a.gpx": b"none"}, None, False),
    "nothing": ({}, None, False),
}


@pytest.mark.parametrize(("files", "pattern", "known"), RECOGNISED.values(), ids=RECOGNISED)
def test_folders_have_their_pattern(tmp_path: Path, files: dict[str, bytes], pattern: str | None, known: bool) -> None:
    folder = write(tmp_path / "in", files)
    folder.mkdir(exist_ok=True)
    settings = {"type": "tracks", "path": str(folder)} | ({"pattern": pattern} if pattern else {})
    assert recognise(folder) == (settings if known else None)
