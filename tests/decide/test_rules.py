"""Every condition of the rule language, at its edges."""

import math
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.making import run

from shoemon.decide.fill_from_copies import Informed
from shoemon.decide.rules import Facts, compile_condition, local_start
from shoemon.model.activity import Activity
from shoemon.model.globe import distance_between_m
from shoemon.model.ids import SurfaceId
from shoemon.model.plan import Condition, Near, Window


def meets(condition: Condition, activity: Activity, *copies: Activity) -> bool:
    return compile_condition(condition)(Facts(Informed(activity, copies=copies), local_start(activity)))


def begun_at(clock: str, zone: str, fold: int = 0) -> Activity:
    """A run that began when the runner's clock in `zone` showed `clock`."""
    local = datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone), fold=fold)
    offset = local.utcoffset()
    assert offset is not None
    return run(started_at=f"{local.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", utc_offset_s=int(offset.total_seconds()))


def test_every_part_that_is_given_must_hold() -> None:
    assert meets(Condition(), run())
    condition = Condition(sport=("run",), name="tempo", weekday=(2,))
    assert meets(condition, run(name="tempo"))
    assert not meets(condition, run(name="easy"))
    assert not meets(condition, run(name="tempo", sport="trail-run"))
    assert not meets(condition, run(name="tempo", started_at="2024-05-02T06:00:00Z"))


def test_names_sources_and_devices_are_those_of_all_records_of_a_run() -> None:
    records = [run("watch:1", name="", device="x 7"), run("strava:1", name="Intervals"), run("sheet:1", name="Tempo")]
    for condition, expected in (
        (Condition(name="Interv"), True), (Condition(name="Tempo", source=("watch",)), True),
        (Condition(name="^$"), False), (Condition(source=("phone",)), False), (Condition(device="x"), True),
    ):  # fmt: skip
        for order in permutations(records):
            assert meets(condition, *order) is expected


@pytest.mark.parametrize(
    ("condition", "activity", "expected"),
    [
        (Condition(sport=("run", "walk")), run(sport="walk"), True),
        (Condition(sport=("run", "walk")), run(sport="trail-run"), False),
        (Condition(source=("watch",)), run("watch:1"), True),
        (Condition(source=("watch",)), run("watch2:1"), False),
        (Condition(name="interval"), run(name="Morning intervals"), True),
        (Condition(name="interval"), run(name="Intervals"), False),
        (Condition(name="(?i)interval"), run(name="INTERVALS"), True),
        (Condition(name="^$"), run(name=""), True),
        (Condition(gear="Peg"), run(gear_raw="g1", gear_name="Pegasus"), True),
        (Condition(gear="^g1$"), run(gear_raw="g1", gear_name="Pegasus"), True),
        (Condition(gear="Peg"), run(), False),
        (Condition(gear=""), run(), False),
        (Condition(indoor=True), run(indoor=True), True),
        (Condition(indoor=True), run(indoor=False), False),
        (Condition(indoor=False), run(indoor=False), True),
        (Condition(indoor=True), run(indoor=None), False),
        (Condition(indoor=False), run(indoor=None), False),
        (Condition(indoor=True), run(indoor=1), True),
        (Condition(indoor=False), run(indoor=0), True),
    ],
)
def test_words_and_flags(condition: Condition, activity: Activity, expected: bool) -> None:
    """SQLite gives `indoor` back as 0 and 1; that nothing is known is neither."""
    assert meets(condition, activity) is expected


@pytest.mark.parametrize(
    ("sign", "at_7999_m", "at_8000_m", "at_8001_m"),
    [
        (">=", False, True, True),
        (">", False, False, True),
        ("<=", True, True, False),
        ("<", True, False, False),
        ("=", False, True, False),
    ],
)
def test_distances_are_compared_at_the_metre(sign: str, at_7999_m: bool, at_8000_m: bool, at_8001_m: bool) -> None:
    condition = Condition(distance=((sign, 8000.0),))
    assert [meets(condition, run(km=km)) for km in (7.999, 8.0, 8.001)] == [at_7999_m, at_8000_m, at_8001_m]


def test_a_range_of_distances_holds_its_start_and_not_its_end() -> None:
    condition = Condition(distance=((">=", 5000.0), ("<", 10_000.0)))
    assert [km for km in (4.999, 5.0, 9.999, 10.0) if meets(condition, run(km=km))] == [5.0, 9.999]


@pytest.mark.parametrize(
    ("window", "held"),
    [
        (Window("2024-05-02", None), ["2024-05-02", "2024-05-02T00:00:00", "2024-05-02T23:59:59", "2024-05-03"]),
        (Window(None, "2024-05-02"), ["2024-05-01T23:59:59"]),
        (Window("2024-05-02", "2024-05-03"), ["2024-05-02", "2024-05-02T00:00:00", "2024-05-02T23:59:59"]),
        (Window("2024-05-02T00:00:01", "2024-05-02T23:59:59"), []),
        (Window("2024-05-02T23:59:59", None), ["2024-05-02T23:59:59", "2024-05-03"]),
        (Window(), ["2024-05-01T23:59:59", "2024-05-02", "2024-05-02T00:00:00", "2024-05-02T23:59:59", "2024-05-03"]),
    ],
)
def test_windows_hold_their_start_and_not_their_end(window: Window, held: list[str]) -> None:
    """A day without a time of day stands for its first moment."""
    moments = ["2024-05-01T23:59:59", "2024-05-02", "2024-05-02T00:00:00", "2024-05-02T23:59:59", "2024-05-03"]
    assert [moment for moment in moments if window.holds(moment)] == held


DAYS = [None, "2024-05-01", "2024-05-02", "2024-05-03", "2024-05-04"]


@given(*[st.sampled_from(DAYS)] * 4)
def test_windows_overlap_when_a_day_lies_in_both(a: str | None, b: str | None, c: str | None, d: str | None) -> None:
    one, other = Window(a, b), Window(c, d)
    shared = [day for day in ("2024-04-30", *DAYS[1:], "2024-05-05") if one.holds(day) and other.holds(day)]
    orderly = all(w.start is None or w.end is None or w.start < w.end for w in (one, other))
    if orderly:
        assert one.overlaps(other) is bool(shared)
        assert one.overlaps(other) is other.overlaps(one)


@pytest.mark.parametrize(
    ("span", "held"),
    [
        (("05:00", "09:30"), ["05:00:00", "09:29:59"]),
        (("22:00", "05:00"), ["00:00:00", "04:59:59", "22:00:00", "23:59:59"]),
        (("22:00", "24:00"), ["22:00:00", "23:59:59"]),
        (
            ("00:00", "24:00"),
            ["00:00:00", "04:59:59", "05:00:00", "09:29:59", "09:30:00", "21:59:59", "22:00:00", "23:59:59"],
        ),
    ],
)
def test_a_span_of_the_day_is_half_open_and_may_pass_midnight(span: tuple[str, str], held: list[str]) -> None:
    clocks = ["00:00:00", "04:59:59", "05:00:00", "09:29:59", "09:30:00", "21:59:59", "22:00:00", "23:59:59"]
    assert [clock for clock in clocks if meets(Condition(time=span), run(started_at=f"2024-05-01T{clock}Z"))] == held
    assert not meets(Condition(time=span), run(started_at="2024-05-01")), "its time of day is not known"


MONDAY, WEDNESDAY, FRIDAY, SATURDAY, SUNDAY = 0, 2, 4, 5, 6


@pytest.mark.parametrize(
    ("activity", "weekday", "day"),
    [
        (begun_at("2024-05-01T23:30:00", "America/Los_Angeles"), WEDNESDAY, "2024-05-01"),
        (begun_at("2024-05-01T00:00:00", "Pacific/Kiritimati"), WEDNESDAY, "2024-05-01"),
        (begun_at("2024-05-05T23:59:59", "Europe/Helsinki"), SUNDAY, "2024-05-05"),
        (begun_at("2024-05-06T00:00:00", "Europe/Helsinki"), MONDAY, "2024-05-06"),
        # On 31 March 2024 clocks in Helsinki went from 03:00 to 04:00, on 27 October from 04:00 back to 03:00.
        (begun_at("2024-03-31T00:30:00", "Europe/Helsinki"), SUNDAY, "2024-03-31"),
        (begun_at("2024-03-31T23:30:00", "Europe/Helsinki"), SUNDAY, "2024-03-31"),
        (begun_at("2024-10-27T03:30:00", "Europe/Helsinki", fold=0), SUNDAY, "2024-10-27"),
        (begun_at("2024-10-27T03:30:00", "Europe/Helsinki", fold=1), SUNDAY, "2024-10-27"),
        (begun_at("2024-10-27T23:30:00", "Europe/Helsinki"), SUNDAY, "2024-10-27"),
        (run(started_at="2024-05-03"), FRIDAY, "2024-05-03"),
    ],
)
def test_the_weekday_is_the_one_on_the_runners_wrist(activity: Activity, weekday: int, day: str) -> None:
    assert [number for number in range(7) if meets(Condition(weekday=(number,)), activity)] == [weekday]
    assert activity.local_date == day


@pytest.mark.parametrize("fold", [0, 1])
def test_an_hour_that_occurs_twice_shows_the_same_clock_twice(fold: int) -> None:
    activity = begun_at("2024-10-27T03:30:00", "Europe/Helsinki", fold)
    assert activity.started_at == ("2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z")[fold]
    assert local_start(activity) == "2024-10-27T03:30:00"
    assert meets(Condition(time=("03:00", "04:00")), activity)


def test_dates_are_the_runners_too() -> None:
    before_midnight = begun_at("2024-04-30T23:30:00", "America/Los_Angeles")
    assert before_midnight.started_at == "2024-05-01T06:30:00Z"
    assert not meets(Condition(dates=Window("2024-05-01")), before_midnight)
    assert meets(Condition(dates=Window(None, "2024-05-01")), before_midnight)


@given(st.integers(0, 2**31), st.integers(-12 * 3600, 14 * 3600))
def test_the_runners_clock_is_utc_and_the_offset(second: int, offset_s: int) -> None:
    activity = run(started_at=f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%SZ}", utc_offset_s=offset_s)
    assert datetime.fromisoformat(local_start(activity) + "Z").timestamp() - second == offset_s
    assert local_start(activity)[:10] == activity.local_date


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        (Condition(climb=((">=", 300.0),)), {"elevation_m": 300.0}, True),
        (Condition(climb=((">=", 300.0),)), {"elevation_m": 299.9}, False),
        (Condition(climb=(("<", 300.0),)), {}, False),
        (Condition(moving_time=(("<", 2700.0),)), {"moving_s": 2699.0, "elapsed_s": 4000.0}, True),
        (Condition(moving_time=(("<", 2700.0),)), {"moving_s": 2700.0}, False),
        (Condition(moving_time=(("<", 2700.0),)), {"elapsed_s": 2000.0}, False),
        (Condition(pace=(("<", 0.27),)), {"moving_s": 2699.0, "elapsed_s": 4000.0}, True),
        (Condition(pace=(("<", 0.27),)), {"moving_s": 2700.0}, False),
        (Condition(pace=(("<", 0.27),)), {"elapsed_s": 2699.0}, True),
        (Condition(pace=(("<", 0.27),)), {}, False),
        (Condition(pace=(("<", 0.27),)), {"moving_s": 600.0, "distance_m": 0.0}, False),
        (Condition(pace=((">=", 0.25), ("<", 0.27))), {"moving_s": 2600.0}, True),
        (Condition(device="(?i)stryd"), {"device": "Stryd 7"}, True),
        (Condition(device=""), {}, False),
        (Condition(ends_near=Near(60.0, 25.0, 500.0)), {"end_lat": 60.001, "end_lon": 25.0}, True),
        (Condition(ends_near=Near(60.0, 25.0, 500.0)), {"start_lat": 60.0, "start_lon": 25.0}, False),
    ],
)
def test_figures_and_what_a_run_does_not_know(condition: Condition, values: dict[str, Any], expected: bool) -> None:
    assert meets(condition, run(**values)) is expected


@pytest.mark.parametrize(
    ("name", "comparison", "ground", "expected"),
    [
        ("soft", (">=", 0.6), {"dirt": 0.4, "grass": 0.2, "asphalt": 0.4}, True),
        ("soft", (">=", 0.6), {"dirt": 0.4, "grass": 0.19, "asphalt": 0.41}, False),
        # What is unknown may be anything: it counts for neither side.
        ("soft", (">=", 0.6), {"dirt": 0.5}, False),
        ("soft", (">=", 0.6), {"dirt": 0.6}, True),
        ("soft", ("<", 0.6), {"dirt": 0.1}, False),
        ("soft", ("<", 0.6), {"dirt": 0.1, "asphalt": 0.5}, True),
        ("soft", ("<=", 0.5), {"dirt": 0.1, "asphalt": 0.5}, True),
        ("soft", ("=", 0.5), {"dirt": 0.5}, False),
        ("soft", ("=", 0.5), {"dirt": 0.5, "paved": 0.5}, True),
        ("soft", ("<", 1.0), {}, False),
        # A surface: what is only known as soft may be any soft one.
        ("gravel", (">", 0.3), {"gravel": 0.4, "unpaved": 0.6}, True),
        ("gravel", (">", 0.3), {"gravel": 0.2, "unpaved": 0.8}, False),
        ("gravel", ("<", 0.3), {"gravel": 0.2, "unpaved": 0.8}, False),
        ("gravel", ("<", 0.3), {"gravel": 0.2, "paved": 0.8}, True),
        ("tartan", ("<", 0.3), {"tartan": 0.2, "unpaved": 0.4, "paved": 0.4}, True),
        ("treadmill", ("=", 1.0), {"treadmill": 1.0}, True),
    ],
)
def test_shares_of_ground_hold_where_what_is_known_suffices(
    name: str, comparison: tuple[str, float], ground: dict[SurfaceId, float], expected: bool
) -> None:
    condition = Condition(ground=((name, (comparison,)),))
    assert compile_condition(condition)(Facts(Informed(run()), "2024-05-01", ground)) is expected


STADIUM = Near(60.1870, 24.9270, 500.0)


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        (60.1870, 24.9270, True),
        (60.1870 + math.degrees(499 / 6_371_008.8), 24.9270, True),
        (60.1870 + math.degrees(501 / 6_371_008.8), 24.9270, False),
        (None, None, False),
        (60.1870, None, False),
        (0.0, 0.0, False),
    ],
)
def test_near_holds_within_the_radius_of_a_known_start(lat: float | None, lon: float | None, expected: bool) -> None:
    assert meets(Condition(near=STADIUM), run(start_lat=lat, start_lon=lon)) is expected


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((0.0, 0.0), (0.0, 1.0), 111_195.08),
        ((0.0, 179.9995), (0.0, -179.9995), 111.195),
        ((90.0, 0.0), (90.0, 120.0), 0.0),
        ((0.0, 0.0), (0.0, 180.0), 20_015_114.4),
        ((60.17, 24.94), (59.44, 24.75), 81_865.0),
    ],
)
def test_distances_on_the_globe(one: tuple[float, float], other: tuple[float, float], metres: float) -> None:
    """Across the date line, at a pole, to the antipodes; Helsinki to Tallinn as the crow flies."""
    assert distance_between_m(*one, *other) == pytest.approx(metres, rel=1e-3, abs=0.01)
