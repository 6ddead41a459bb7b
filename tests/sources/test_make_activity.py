"""From records to activities: when a run began by whatever an export says, what is refused and what is only left out."""

import ast
import datetime as dt
import json
import logging
import math
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.places import ROOT
from kit.rooms import Code, tree

from shoemon.model.activity import Activity, Problem
from shoemon.model.ids import ActivityId
from shoemon.model.sports import SPORTS
from shoemon.sources.kit.activities import (
    Moment,
    make_activity,
    moment_local,
    moment_since_1970,
    moment_utc,
    moment_with_offset,
    read_records,
)

HELSINKI, KATHMANDU = ZoneInfo("Europe/Helsinki"), ZoneInfo("Asia/Kathmandu")
NOON = Moment("2024-05-01T12:00:00Z", "2024-05-01", 0)


def made(**values: Any) -> Activity:
    """An activity of which only what the test says differs."""
    given = {
        "source": "app", "native_id": "1", "moment": NOON, "sport_raw": "Run", "distance_m": 10_000.0, "raw": {"id": 1},
        **values,
    }  # fmt: skip
    return make_activity(**given)


@pytest.mark.parametrize(
    ("start", "zone", "moment"),
    [
        ("2024-05-01T06:30:00", HELSINKI, Moment("2024-05-01T06:30:00Z", "2024-05-01", 10_800)),
        ("2024-05-01T06:30:00+00:00", HELSINKI, Moment("2024-05-01T06:30:00Z", "2024-05-01", 10_800)),
        ("2024-05-01T23:30:00-04:00", HELSINKI, Moment("2024-05-02T03:30:00Z", "2024-05-02", 10_800)),
        ("2024-01-31T22:00:00.999", HELSINKI, Moment("2024-01-31T22:00:00Z", "2024-02-01", 7200)),
        ("2024-05-01T18:15:00", KATHMANDU, Moment("2024-05-01T18:15:00Z", "2024-05-02", 20_700)),
        ("1950-01-01T00:00:00", dt.UTC, Moment("1950-01-01T00:00:00Z", "1950-01-01", 0)),
        ("2100-12-31T23:59:59", HELSINKI, Moment("2100-12-31T23:59:59Z", "2101-01-01", 7200)),
    ],
)
def test_a_moment_in_utc_falls_on_the_day_of_the_runner_s_zone(start: str, zone: dt.tzinfo, moment: Moment) -> None:
    assert moment_utc(dt.datetime.fromisoformat(start), zone) == moment


@pytest.mark.parametrize(
    ("start", "moment"),
    [
        ("2024-05-01T01:30:00+02:00", Moment("2024-04-30T23:30:00Z", "2024-05-01", 7200)),
        ("2024-05-01T08:30:00-03:30", Moment("2024-05-01T12:00:00Z", "2024-05-01", -12_600)),
        ("2024-05-01T08:30:00+00:00", Moment("2024-05-01T08:30:00Z", "2024-05-01", 0)),
    ],
)
def test_a_moment_with_an_offset_keeps_it(start: str, moment: Moment) -> None:
    assert moment_with_offset(dt.datetime.fromisoformat(start)) == moment


@pytest.mark.parametrize(
    ("start", "moment"),
    [
        ("2024-05-01T00:30:00", Moment("2024-04-30T21:30:00Z", "2024-05-01", 10_800, True)),
        ("2024-12-01T00:30:00", Moment("2024-11-30T22:30:00Z", "2024-12-01", 7200, True)),
        # On 31 March 2024 clocks in Finland leap from three to four: half past three is by the clock before.
        ("2024-03-31T03:30:00", Moment("2024-03-31T01:30:00Z", "2024-03-31", 7200, True)),
        # On 27 October they show half past three twice: the first is meant.
        ("2024-10-27T03:30:00", Moment("2024-10-27T00:30:00Z", "2024-10-27", 10_800, True)),
        # Some exports write a Z behind the time on the wrist.
        ("2024-05-01T08:00:00+00:00", Moment("2024-05-01T05:00:00Z", "2024-05-01", 10_800, True)),
    ],
)
def test_a_moment_by_the_wrist_is_reckoned_with_the_zone_of_the_runner_and_says_so(start: str, moment: Moment) -> None:
    assert moment_local(dt.datetime.fromisoformat(start), HELSINKI) == moment
    known = moment_local(dt.datetime.fromisoformat(start), HELSINKI, zone_assumed=False)
    assert known == moment._replace(zone_assumed=False)


def test_seconds_since_1970_are_utc() -> None:
    moment = Moment("2024-05-01T06:30:00Z", "2024-05-01", 10_800)
    assert [moment_since_1970(seconds, HELSINKI) for seconds in (1_714_545_000, 1_714_545_000.9)] == [moment, moment]


def test_seconds_beyond_all_runs_are_refused_in_words() -> None:
    for seconds in (-1, 4_133_980_800, 1_714_545_000_000, 1e18, 1e300, 10**400, math.nan, math.inf, -math.inf):
        with pytest.raises((ValueError, OverflowError), match=r"is not the time of a run|too large"):
            moment_since_1970(seconds, HELSINKI)


READERS: list[Callable[[dt.datetime], Moment]] = [
    lambda start: moment_utc(start.replace(tzinfo=dt.UTC), HELSINKI),
    lambda start: moment_utc(start, KATHMANDU),
    lambda start: moment_with_offset(start.replace(tzinfo=dt.timezone(dt.timedelta(hours=-12)))),
    lambda start: moment_local(start, KATHMANDU),
]


def test_an_impossible_year_is_refused_as_is_a_missing_offset() -> None:
    for year, read in product((1, 1949, 2101, 9999), READERS):
        for start in (dt.datetime(year, 1, 1), dt.datetime(year, 12, 31, 23, 59, 59)):  # noqa: DTZ001 what is tested
            with pytest.raises(ValueError, match=f"^the start is in the year {year}$"):
                read(start)
    with pytest.raises(ValueError, match=r"^the time 2024-05-01T08:30:00 has no offset$"):
        moment_with_offset(dt.datetime.fromisoformat("2024-05-01T08:30:00"))


@given(
    start=st.datetimes(dt.datetime(1951, 1, 1), dt.datetime(2099, 12, 31)),  # noqa: DTZ001 by the wrist
    zone=st.sampled_from(["Europe/Helsinki", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]),
)
def test_any_moment_by_the_wrist_shows_the_same_clock_again(start: dt.datetime, zone: str) -> None:
    moment = moment_local(start, ZoneInfo(zone))
    shown = dt.datetime.fromisoformat(moment.started_at) + dt.timedelta(seconds=moment.utc_offset_s or 0)
    assert shown.replace(tzinfo=None) == start.replace(microsecond=0)
    assert moment.local_date == start.date().isoformat()


def test_everything_that_is_known_of_a_record_stands_in_its_activity() -> None:
    activity = make_activity(
        "polar", "77", Moment("2024-05-01T05:00:00Z", "2024-05-01", 10_800, True), "TRAIL_RUNNING", 12_345.6,
        {"name": "Ääni", "distance": 12345.6}, name=" Ääni ", moving_s=3600.0, elapsed_s=3700.0, elevation_m=120.0,
        gear_raw=" g12 ", gear_name="Speedgoat", indoor=False, unpaved_m=9000.0, surface_raw="trail", start_lat=60.2,
        start_lon=24.9, track="tracks/77.gpx",
    )  # fmt: skip
    assert activity == Activity(
        id=ActivityId("polar:77"), source="polar", native_id="77", started_at="2024-05-01T05:00:00Z",
        local_date="2024-05-01", utc_offset_s=10_800, sport="trail-run", sport_raw="TRAIL_RUNNING", name="Ääni",
        distance_m=12_345.6, moving_s=3600.0, elapsed_s=3700.0, elevation_m=120.0, gear_raw="g12",
        gear_name="Speedgoat", indoor=False, unpaved_m=9000.0, surface_raw="trail", start_lat=60.2, start_lon=24.9,
        track="tracks/77.gpx", raw='{"name": "Ääni", "distance": 12345.6}', zone_assumed=True,
    )  # fmt: skip


def test_what_is_not_known_is_none_and_every_sport_has_its_own_name() -> None:
    assert {sport: made(sport=sport, sport_raw="?").sport for sport in SPORTS} == {sport: sport for sport in SPORTS}
    assert made() == Activity(
        id=ActivityId("app:1"), source="app", native_id="1", started_at="2024-05-01T12:00:00Z", local_date="2024-05-01",
        utc_offset_s=0, sport="run", sport_raw="Run", name="", distance_m=10_000.0, moving_s=None, elapsed_s=None,
        elevation_m=None, gear_raw=None, gear_name=None, indoor=None, unpaved_m=None, surface_raw=None, start_lat=None,
        start_lon=None, track=None, raw='{"id": 1}', zone_assumed=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field", "expected"),
    [
        ({"gear_name": "Pegasus"}, "gear_raw", "Pegasus"),
        ({"gear_raw": " ", "gear_name": " "}, "gear_raw", None),
        ({"moving_s": -1.0}, "moving_s", None),
        ({"elapsed_s": math.nan}, "elapsed_s", None),
        ({"elapsed_s": math.inf}, "elapsed_s", None),
        ({"elevation_m": 10**400}, "elevation_m", None),
        ({"unpaved_m": -0.5}, "unpaved_m", None),
        ({"unpaved_m": 0}, "unpaved_m", 0),
        ({"distance_m": 20_000.0, "moving_s": 600.0, "elapsed_s": 7200.0}, "distance_m", 20_000.0),
        ({"start_lat": 91.0, "start_lon": 24.0}, "start_lat", None),
        ({"start_lat": 60.0, "start_lon": math.nan}, "start_lat", None),
        ({"start_lat": 60.0}, "start_lat", None),
        ({"surface_raw": "  "}, "surface_raw", None),
        ({"sport": "treadmill-run"}, "sport", "treadmill-run"),
        ({"sport": "Running"}, "sport", "run"),
        ({"sport": "nothing known", "sport_raw": "Run"}, "sport", "unknown"),
        ({"name": "half a character \ud83d"}, "name", "half a character ?"),
        ({"gear_name": "\udcff"}, "gear_name", "?"),
        ({"native_id": "a\ud83d"}, "id", "app:a?"),
        ({"raw": '{"name": "\ud83d"}'}, "raw", '{"name": "?"}'),
        ({"raw": {"name": "\ud83d"}}, "raw", '{"name": "?"}'),
        ({"raw": {"pace": math.nan, "laps": [math.inf]}}, "raw", '{"pace": "NaN", "laps": ["Infinity"]}'),
        ({"raw": {"day": dt.date(2024, 5, 1)}}, "raw", '{"day": "2024-05-01"}'),
    ],
)
def test_what_cannot_be_beside_the_distance_is_left_out_or_mended(values: Any, field: str, expected: object) -> None:
    assert getattr(made(**values), field) == expected


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"native_id": " "}, "it has no id"),
        ({"distance_m": math.nan}, "a distance of nan m is impossible"),
        ({"distance_m": math.inf}, "a distance of inf m is impossible"),
        ({"distance_m": -1.0}, "a distance of -1 m is impossible"),
        ({"distance_m": 500_001.0}, "500 km in one activity are impossible"),
        ({"distance_m": 20_000.0, "elapsed_s": 600.0}, "20,000 m in 600 s is faster than anyone runs"),
        ({"distance_m": 20_000.0, "moving_s": 600.0}, "20,000 m in 600 s is faster than anyone runs"),
        ({"indoor": "yes"}, "indoor: 'yes' is neither true nor false"),
    ],
)
def test_what_cannot_be_is_refused_in_words(values: Any, reason: str) -> None:
    with pytest.raises(ValueError) as refused:
        made(**values)
    assert str(refused.value) == reason


def read(record: Any) -> Activity | None:
    """A mapper as sources have it."""
    if record["type"] == "note":
        return None
    km = {"marathon": 42.195}[record["km"]] if isinstance(record["km"], str) else record["km"]
    return made(native_id=record["id"], distance_m=km * 1000, raw=record)


def run(id: str = "1", km: Any = 5, **other: Any) -> dict[str, Any]:
    return {"id": id, "type": "run", "km": km, **other}


def test_records_are_read_one_by_one_and_what_cannot_be_is_a_problem_with_its_place() -> None:
    rows = [
        ("a:1", run("1")), ("a:2", {"type": "note"}), ("a:3", run("3", math.nan)), ("a:4", {"type": "run", "km": 1}),
        ("a:5", run("5", [1])), ("a:6", None), ("a:7", ValueError("the file is not JSON")), ("b:1", run("6", 6)),
    ]  # fmt: skip
    found = list(read_records(rows, read))
    assert found == [
        made(native_id="1", distance_m=5000, raw=run("1")),
        Problem("a:3", "a distance of nan m is impossible", '{"id": "3", "type": "run", "km": "NaN"}'),
        Problem("a:4", "it has no 'id'", '{"type": "run", "km": 1}'),
        Problem(
            "a:5",
            "its structure is unknown (float() argument must be a string or a real number, not 'list')",
            '{"id": "5", "type": "run", "km": [1]}',
        ),
        Problem("a:6", "its structure is unknown ('NoneType' object is not subscriptable)", "null"),
        Problem("a:7", "the file is not JSON"),
        made(native_id="6", distance_m=6000, raw=run("6", 6)),
    ]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KeyError("distance"), "it has no 'distance'"),
        (KeyError(1002), "its structure is unknown (1002)"),
        (KeyError(), "its structure is unknown (KeyError)"),
        (IndexError("list index out of range"), "its structure is unknown (list index out of range)"),
        (AttributeError("no get"), "its structure is unknown (no get)"),
        (StopIteration(), "its structure is unknown (StopIteration)"),
        (RecursionError("too deep"), "its structure is unknown (too deep)"),
        (ZeroDivisionError("division by zero"), "division by zero"),
        (OverflowError("int too large"), "int too large"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), "'utf-8' codec can't decode byte 0xff in position 0: no"),
        (ValueError("x" * 10_000), "x" * 500),
        (ValueError("half a character \ud83d"), "half a character ?"),
    ],
)
def test_whatever_a_mapper_stumbles_over_costs_one_record(error: Exception, message: str) -> None:
    def stumbles(record: Any) -> Activity | None:
        if record == "bad":
            raise error
        return made()

    assert list(read_records([("1", "bad"), ("2", "good")], stumbles)) == [Problem("1", message, "bad"), made()]


def test_a_time_beyond_all_clocks_costs_one_record() -> None:
    def stumbles(record: Any) -> Activity | None:
        dt.datetime.fromtimestamp(record, dt.UTC)
        return made()

    first, second = read_records([("1", 1e17), ("2", 0)], stumbles)
    assert isinstance(first, Problem) and second == made()


@pytest.mark.parametrize("error", [OSError("the disk is gone"), MemoryError(), RuntimeError("a fault")])
def test_what_is_no_fault_of_a_record_is_not_taken_for_one(error: Exception) -> None:
    def fails(record: Any) -> Activity | None:
        raise error

    with pytest.raises(type(error)):
        list(read_records([("1", "record")], fails))


def test_a_fault_in_a_mapper_can_be_found_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """A KeyError may be the record's fault or ours; the Problem cannot tell, so the log shows where it came from."""
    with caplog.at_level(logging.INFO, "shoemon.sources.kit.activities"):
        list(read_records([("a:1", run(km="ultra")), ("a:2", run("2", math.nan))], read))
    assert [record.getMessage() for record in caplog.records] == ["the record at a:1 cannot be read"]
    assert 'km = {"marathon": 42.195}[record["km"]]' in caplog.text


def test_a_record_that_stands_twice_counts_once_and_a_different_one_is_a_problem() -> None:
    rows = [("a", run("1")), ("a", run("1")), ("b", run("1")), ("b", run("1", 7)), ("c", run("2"))]
    assert list(read_records(rows, read)) == [
        made(native_id="1", distance_m=5000, raw=run("1")),
        Problem("b", "activity 1 is already in a, with other content", json.dumps(run("1", 7))),
        made(native_id="2", distance_m=5000, raw=run("2")),
    ]


def test_a_record_too_deep_or_too_strange_to_be_kept_is_a_problem() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    around: Any = {}
    around["self"] = around
    rows = [("1", run("1", laps=deep)), ("2", {**run("2"), (1, 2): 3}), ("3", run("3", around=around)), ("4", run("4"))]
    found = list(read_records(rows, read))
    assert [record.place for record in found if isinstance(record, Problem)] == ["1", "2", "3"]
    assert [record.raw for record in found if isinstance(record, Problem)] == ["", "", ""]
    assert found[3] == made(native_id="4", distance_m=5000, raw=run("4"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["id", "type", "km", "name", "lat", "indoor", "moving"]), JSON))
def test_whatever_an_export_holds_can_be_stored_or_is_a_problem_that_can(record: dict[str, Any]) -> None:
    def read_all(record: Any) -> Activity:
        return make_activity(
            "app", record["id"], NOON, record["type"], record["km"], record, name=record.get("name"),
            start_lat=record.get("lat"), start_lon=record.get("lat"), indoor=record.get("indoor"),
            moving_s=record.get("moving"), gear_raw=record.get("name"),
        )  # fmt: skip

    (found,) = read_records([("1", record)], read_all)
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"SELECT {', '.join('?' * len(found))}", found)
        (valid,) = database.execute("SELECT json_valid(?)", (found.raw,)).fetchone()
    assert valid or isinstance(found, Problem)


def test_an_activity_is_made_of_a_record_in_make_activity_alone() -> None:
    """Elsewhere it may only be read again from the database (`Activity._make`) or from what a pull remembered
    (`stored_in`), and copied with `_replace`."""
    makes = [
        f"{name}:{node.lineno}"
        for name, path in Code(ROOT).files.items()
        if re.search(r"Activity(\(|\._make)", path.read_text())
        for part in tree(path).body
        if not (isinstance(part, ast.FunctionDef) and part.name in ("make_activity", "stored_in"))
        for node in ast.walk(part)
        if is_called_activity(node) or (name.startswith("shoemon.sources") and is_make(node))
    ]
    assert makes == []


def is_called_activity(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and "Activity" in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))


def is_make(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "_make" and ast.unparse(node).endswith("Activity._make")
