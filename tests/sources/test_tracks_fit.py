"""FIT files as watches write them, and as they are left when a watch goes out."""

import struct
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from kit.fit_files import NOON, Message, file_id, fit, framed, record, session, timer, way
from kit.places import REAL_DATA as DATA

from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.fit import read_fit
from shoemon.sources.formats.reading import read_track
from shoemon.sources.formats.sports import sport_of_recording

RUN = {"sport": 1, "sub_sport": 0, "total_distance": 1800, "total_timer_time": 590, "total_elapsed_time": 600}


def read(data: bytes) -> tuple[Recording, ...]:
    """By both decoders, which must tell the same."""
    fast, slow = read_track(BytesIO(data), "run.fit"), read_fit(data, fast=False)
    assert fast == slow
    return fast


def test_a_session_is_a_recording() -> None:
    local = ("activity", {"timestamp": NOON + 601, "local_timestamp": NOON + 601 + 10_800})
    (run,) = read(fit(file_id(), *way(range(3)), session(**RUN, total_ascent=12), local))
    assert run.trace.times.tolist() == [NOON, NOON + 1, NOON + 2]
    assert run.trace.lats.tolist() == pytest.approx([60, 60 + 3 / 111_195, 60 + 6 / 111_195], abs=1e-7)
    assert run.trace.distances_m.tolist() == [0, 3, 6]
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert run == Recording(
        number=1, started_at=noon, utc_offset_s=10_800, sport="running", sub_sport="", distance_m=1800.0, distance_by="device",
        moving_s=590.0, elapsed_s=600.0, elevation_m=12, device="garmin 77", created_at=noon, trace=run.trace,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shown_s", "offset_s"),
    [(-14_400, -14_400), (20_700, 20_700), (3_602, 3_600), (0, None), (1, None), (60_000, None)],
)
def test_a_clock_that_shows_utc_knows_no_zone(shown_s: int, offset_s: int | None) -> None:
    local = ("activity", {"timestamp": NOON, "local_timestamp": NOON + shown_s})
    assert [run.utc_offset_s for run in read(fit(file_id(), session(**RUN), local))] == [offset_s]


@pytest.mark.parametrize(
    ("sport", "sub_sport", "is_called", "is_"),
    [
        (1, 0, ("running", ""), ("run", None)), (1, 3, ("running", "trail"), ("trail-run", None)),
        (1, 4, ("running", "track"), ("track-run", None)), (1, 1, ("running", "treadmill"), ("treadmill-run", True)),
        (1, 45, ("running", "indoor_running"), ("treadmill-run", True)),
        (1, 58, ("running", "virtual_activity"), ("virtual-run", True)), (2, 58, ("cycling", "virtual_activity"), ("ride", True)),
        (11, 27, ("walking", "indoor_walking"), ("walk", True)), (17, 0, ("hiking", ""), ("hike", None)),
        (3, 0, ("transition", ""), ("other", None)), (201, 201, ("201", "201"), ("unknown", None)),
    ],
)  # fmt: skip
def test_names_of_sports_in_fit(
    sport: int, sub_sport: int, is_called: tuple[str, str], is_: tuple[str, bool | None]
) -> None:
    words = {"sport": sport, "sub_sport": sub_sport}
    lap: Message = ("lap", {"start_time": NOON, **words})
    for messages in ([session(**words, total_distance=1)], [session(sport=0), lap], [*way(range(5)), lap]):
        (run,) = read(fit(file_id(), *messages))
        assert (run.sport, run.sub_sport) == is_called
        assert sport_of_recording(run) == is_


LAPS: list[Message] = [
    ("lap", {"timestamp": NOON + 300, "start_time": NOON, "total_distance": 400}),
    ("lap", {"timestamp": NOON + 600, "start_time": NOON + 300, "total_distance": 500.5}),
]
PLACES = [record(second, lat=60 + second / 1000, lon=25) for second in (0, 2, 4)]


@pytest.mark.parametrize(
    ("messages", "distance_m", "distance_by"),
    [
        ([*way(range(5)), *LAPS, session(total_distance=2000)], 2000, "device"),
        ([*way(range(5)), *LAPS, session()], 12, "points"), ([*way(range(5)), *LAPS, session(total_distance=0)], 12, "points"),
        ([*PLACES, *LAPS, session()], 900.5, "laps"), ([*PLACES, session()], 444.78, "reckoned"),
        ([*PLACES, session(total_distance=0)], 444.78, "reckoned"), ([session(total_distance=0)], 0, "device"),
        ([session()], None, ""), ([session(total_distance=42_000_000)], None, ""), ([*way(range(5))], 12, "points"),
    ],
)  # fmt: skip
def test_the_devices_distance_comes_first(messages: list[Message], distance_m: float | None, distance_by: str) -> None:
    (run,) = read(fit(file_id(), *messages))
    assert (run.distance_m, run.distance_by) == (distance_m and pytest.approx(distance_m, abs=0.1), distance_by)


@pytest.mark.parametrize("counts_on", [True, False])
def test_a_triathlon_is_several_recordings_with_points_and_laps_of_their_own(counts_on: bool) -> None:
    first, later = way(range(10)), way(range(20, 30))
    if not counts_on:
        later = [record(s, lat=60.01, lon=25 + s / 1000, distance=(s - 20) * 3) for s in range(20, 30)]
    swim = ("session", {"timestamp": NOON + 10, "start_time": NOON, "sport": 5, "sub_sport": 18})
    change = ("session", {"timestamp": NOON + 20, "start_time": NOON + 10, "sport": 3, "total_distance": 5})
    run = ("session", {"timestamp": NOON + 30, "start_time": NOON + 20, "sport": 1})
    recordings = read(fit(file_id(), *first, *later, run, swim, change))
    assert [(made.number, made.sport, made.distance_m, len(made.trace)) for made in recordings] == [
        (1, "swimming", 27, 10),
        (2, "transition", 5, 0),
        (3, "running", 60 if counts_on else 27, 10),
    ]
    assert recordings[2].trace.distances_m.tolist() == [s * 3 + (33 if counts_on else 0) for s in range(10)]


def test_files_in_a_row_are_read_one_after_the_other() -> None:
    first = fit(file_id(), session(sport=1, total_distance=10))
    second = fit(file_id(serial_number=8), session(sport=11, total_distance=20), big_endian=True)
    recordings = read(first + second)
    assert [(made.number, made.sport, made.distance_m, made.device) for made in recordings] == [
        (1, "running", 10, "garmin 77"),
        (2, "walking", 20, "garmin 8"),
    ]


NOT_TOLD = [record(second, lat=60 + second * 3 / 111_195, lon=25) for second in range(7)]
"""A way without the device's metres."""
TOLD: dict[str, tuple[list[Message], dict[str, Any]]] = {
    "no summary": (way(range(11)), {
        "notes": ("the file has no summary of the activity",), "times": [*range(11)], "elapsed_s": 10, "moving_s": None}),
    "where the watch was stopped a new piece begins, and points between are nobody's": (
        [*way(range(12)), timer(0, 0), timer(3, 4), timer(3, 1), timer(8, 0), timer(10, 4), session(**RUN)],
        {"times": [0, 1, 2, 3, 8, 9, 10, 11], "starts": (0, 4)}),
    "a leap of the clock costs the points that leapt": (
        [*way(range(2)), record(-500, lat=60, lon=25), *way([3]), record(9_000_000, lat=60, lon=25), *way([5]), session(**RUN)],
        {"times": [0, 1, 3, 5], "notes": ("points out of time, left out: 2",)}),
    "points without a place, and a place nobody can reach": (
        [*NOT_TOLD[:3], record(3, lat=0, lon=0), record(4, lat=10, lon=10), *NOT_TOLD[5:]],
        {"distance_m": pytest.approx(18, abs=0.1), "starts": (0,), "notes": (
            "the file has no summary of the activity", "points without a place, left out: 1",
            "points that the GPS put aside, left out: 1")}),
    "distances that contradict each other": (
        [*(record(s, lat=60 + s / 1e5, lon=25, distance=9 - s) for s in range(5)), session(**RUN)], {"distances": []}),
}  # fmt: skip


@pytest.mark.parametrize(("messages", "expected"), TOLD.values(), ids=TOLD)
def test_what_is_told_is_read(messages: list[Message], expected: dict[str, Any]) -> None:
    (run,) = read(fit(file_id(), *messages))
    trace = run.trace
    of_points = {
        "times": [time - NOON for time in trace.times],
        "starts": trace.starts,
        "distances": list(trace.distances_m),
    }
    assert {name: of_points[name] if name in of_points else getattr(run, name) for name in expected} == expected


def test_a_wrong_checksum_is_no_reason_to_lose_a_run() -> None:
    data = fit(file_id(), *way(range(3)), session(**RUN))
    assert read(data[:-2] + b"\0\0") == read(data)


def test_what_stands_before_a_break_is_kept_and_the_break_is_noted() -> None:
    data = fit(file_id(), *way(range(10)), session(**RUN))
    for end in range(200, len(data) - 2):
        (run,) = read(data[:end])
        assert "the file is cut off" in run.notes
        assert run.trace.times.tolist() == [NOON + second for second in range(len(run.trace))]
    assert len(run.trace) == 10


def test_a_file_that_goes_wrong_in_the_middle_is_kept_up_to_there() -> None:
    good = fit(file_id(), *way(range(10)))[14:-2]
    (run,) = read(framed(good + b"\x0f" * 50))
    assert (len(run.trace), run.notes[0]) == (10, f"the file is broken after {len(good):,} bytes")


def test_a_file_whose_length_was_never_written_is_read_to_its_end() -> None:
    data = fit(file_id(), *way(range(10)))
    (run,) = read(data[:4] + b"\0\0\0\0" + data[8:])
    assert len(run.trace) == 10


def test_what_follows_a_file_and_is_none_is_noted() -> None:
    data = fit(file_id(), session(**RUN))
    (run,) = read(data + b"rubbish")
    assert run.notes == (f"after {len(data)} bytes it is not FIT",)


def test_times_in_the_head_of_a_message_and_distances_packed_with_the_speed_are_unpacked() -> None:
    packed = [struct.pack("<HB", 100 | (metres * 16 & 0xF) << 12, metres * 16 >> 4 & 0xFF) for metres in (0, 3, 6)]
    start, end = fit(file_id(), record(0, lat=60, lon=25)), fit(session(sport=1))
    definition = bytes((0x41, 0, 0)) + struct.pack("<HB", 20, 3) + bytes((0, 4, 0x85, 1, 4, 0x85, 8, 3, 0x0D))
    places = [struct.pack("<ii", round(60 * 2**31 / 180), round((25 + s / 1e5) * 2**31 / 180)) for s in range(3)]
    low = (NOON - 631_065_600) & 0x1F
    rows = [bytes((0x80 | 1 << 5 | (low + 4 * s) & 0x1F,)) + places[s] + packed[s] for s in range(3)]
    (run,) = read(framed(start[14:-2] + definition + b"".join(rows) + end[14:-2]))
    assert [time - NOON for time in run.trace.times][-2:] == [4, 8]
    assert (run.distance_m, run.distance_by) == (6, "points")


def test_developer_fields_and_kinds_nobody_knows_are_passed_over() -> None:
    good = fit(file_id(), *way(range(3)), ("unknown", {"timestamp": NOON, "a": 5}))[14:-2]
    with_developer_field = bytes((0x60, 0, 0)) + struct.pack("<HB", 18, 1) + bytes((9, 4, 0x86, 1, 0, 2, 0))
    (run,) = read(framed(good + with_developer_field + b"\0" + struct.pack("<I", 500_000) + b"xx"))
    assert (run.distance_m, len(run.trace), run.notes) == (5000, 3, ())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (fit(file_id(5)), "run.fit contains no activity but a workout to be done"),
        (fit(file_id(6), *way(range(5))), "run.fit contains no activity but a course"),
        (fit(file_id(2)), "run.fit contains no activity but settings"),
        (fit(file_id(9)), "run.fit contains no activity but weights"),
        (fit(file_id(32)), "run.fit contains no activity but a day's monitoring"),
        (fit(file_id(4)), "run.fit contains no activity"),
        (fit(file_id(4), record(0)), "run.fit contains no activity"),
        (fit(), "run.fit contains no activity"),
        (b"\x0e\x20\0\0\0\0\0\0.FIT", "run.fit contains no activity"),
        (fit() * 200, "run.fit is more than 100 FIT files in a row, or more than 1,000,000 messages"),
    ],
)
def test_what_is_no_activity_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(TrackError) as refusal:
        read_track(BytesIO(data), "run.fit")
    assert str(refusal.value) == says


@pytest.mark.skipif(not DATA.exists(), reason="needs the sample files")
@pytest.mark.parametrize(
    "path", sorted(path for path in DATA.rglob("*") if path.suffix.lower() == ".fit" and path.stat().st_size < 130_000), ids=lambda path: path.name
)  # fmt: skip
def test_both_decoders_tell_the_same_of_the_files_of_many_makers(path: Path) -> None:
    def told(fast: bool) -> object:
        try:
            return read_fit(path.read_bytes(), fast=fast)
        except TrackError as error:
            return str(error)

    assert told(True) == told(False)
