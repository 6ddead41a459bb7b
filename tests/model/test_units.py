"""What people write is read exactly, or refused with a remedy."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoemon.model.sports import SPORTS, sport_of
from shoemon.model.units import (
    METRES,
    climb_m,
    comparisons,
    distance_m,
    pace_spm,
    share,
    span_s,
    time_s,
    write_distance,
)


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("700 km", 700_000.0),
        ("400 m", 400.0),
        ("5 mi", 8_046.72),
        ("100 yd", 91.44),
        ("8.2km", 8_200.0),
        ("8,2 km", 8_200.0),
        ("  0.5  mi ", 804.672),
        ("0 km", 0.0),
        ("1.125 km", 1_125.0),
    ],
)
def test_a_distance_is_read_to_the_millimetre(text: str, metres: float) -> None:
    assert distance_m(text) == pytest.approx(metres, abs=1e-3)


@pytest.mark.parametrize(
    "text", ["700", "", "km", "7 00 km", "-5 km", "1e3 km", "5 leagues", "5 km 3", "nan km", "inf km", 700, None, True]
)
def test_what_is_no_distance_is_refused_with_the_remedy(text: object) -> None:
    with pytest.raises(ValueError, match="write a number and a unit"):
        distance_m(text)


@pytest.mark.parametrize("text", ["1,000 km", "12,500 m", "1,000,000 m"])
def test_a_comma_that_may_part_thousands_is_refused_and_not_guessed(text: str) -> None:
    """A life of `1,000 km` read as one kilometre would announce every pair at once."""
    with pytest.raises(ValueError, match="write"):
        distance_m(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("90%", 0.9), ("100 %", 1.0), ("7.5%", 0.075), ("0%", 0.0), (" 110% ", 1.1)]
)
def test_a_share_is_read_from_a_percentage(text: str, expected: float) -> None:
    assert share(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["0.9", 0.9, 90, "90", "-5%", "%", "90 percent"])
def test_a_bare_number_is_no_share_because_nobody_knows_whether_it_is_90_or_0_9(text: object) -> None:
    with pytest.raises(ValueError, match="90%"):
        share(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15m", 900),
        ("6h", 21_600),
        ("1h 30m", 5_400),
        ("1h30m", 5_400),
        ("21d", 1_814_400),
        ("2w", 1_209_600),
        ("0.5h", 1_800),
    ],
)
def test_a_span_is_the_sum_of_its_parts(text: str, seconds: float) -> None:
    assert span_s(text) == seconds


@pytest.mark.parametrize("text", ["6", 6, "", "six hours", "6h later", "-6h", "6 hours"])
def test_what_is_no_span_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="not a span of time"):
        span_s(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (">= 8 km", ((">=", 8000.0),)),
        (">8km", ((">", 8000.0),)),
        ("<= 400 m", (("<=", 400.0),)),
        ("< 5 mi", (("<", 8046.72),)),
        ("= 10 km", (("=", 10_000.0),)),
        ("5 km .. 10 km", ((">=", 5000.0), ("<", 10_000.0))),
        ("5 km to 10 km", ((">=", 5000.0), ("<", 10_000.0))),
        ("800 m – 1 mi", ((">=", 800.0), ("<", 1609.344))),
    ],
)
def test_comparisons_are_read_in_metres_and_ranges_are_half_open(text: str, expected: object) -> None:
    assert comparisons(text) == expected


@pytest.mark.parametrize("text", ["8 km", "", ">=", ">= 8", "=> 8 km", "5 .. 10 km", "10 km .. 5 km", "5 km .. 5 km"])
def test_what_compares_nothing_or_can_never_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        comparisons(text)


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (climb_m, "300 m", 300.0), (climb_m, "1000ft", 304.8), (climb_m, "300", None), (climb_m, "1 km", None),
        (climb_m, "1,000 ft", None), (time_s, "45 min", 2700.0), (time_s, "45m", 2700.0), (time_s, "1h30m", 5400.0),
        (time_s, "1 h 30 min 5 s", 5405.0), (time_s, "1:30:05", 5405.0), (time_s, "1:30", None), (time_s, "", None),
        (time_s, " ", None), (time_s, "45", None), (time_s, "1:60:00", None), (pace_spm, "4:30 /km", 0.27),
        (pace_spm, "4:30min/km", 0.27), (pace_spm, "7:00 /mi", 420 / 1609.344), (pace_spm, "4:30", None),
        (pace_spm, "4:75 /km", None), (pace_spm, "270", None),
    ],
)  # fmt: skip
def test_climbs_times_and_paces_are_read_or_refused_with_the_remedy(
    read: Callable[[object], float], text: str, expected: float | None
) -> None:
    if expected is not None:
        assert read(text) == pytest.approx(expected)
        return
    with pytest.raises(ValueError, match="write"):
        read(text)


@given(st.integers(0, 10_000_000), st.sampled_from(["m", "km", "mi", "yd"]))
def test_writing_and_reading_a_distance_agree(hundredths: int, unit: str) -> None:
    metres = hundredths / 100 * METRES[unit]
    assert distance_m(write_distance(metres, unit, 2).replace(",", "")) == pytest.approx(metres, abs=1e-6)


@pytest.mark.parametrize(
    ("metres", "unit", "digits", "text"),
    [
        (412_340.0, "km", 1, "412.3 km"),
        (1_609_344.0, "mi", 0, "1,000 mi"),
        (0.0, "km", 1, "0.0 km"),
        (-5_000.0, "km", 0, "-5 km"),
    ],
)
def test_a_distance_is_written_in_the_unit_asked_for(metres: float, unit: str, digits: int, text: str) -> None:
    assert write_distance(metres, unit, digits) == text


SPELLINGS = {
    "run": ["Run", "run", "RUN", "Running", "running", "STREET_RUNNING", "ultra_run", "Obstacle Running",
            "HKWorkoutActivityTypeRunning", "Running Race", "Interval Run", "Stroller Run"],
    "trail-run": ["TrailRun", "Trail Run", "trail_running", "TRAIL_RUNNING", "Trail-Run", "trail", "Trail Run / Jog"],
    "track-run": ["track_running", "Track Running"],
    "treadmill-run": ["treadmill_running", "Treadmill Running", "TREADMILL_RUNNING", "indoor_running", "Indoor Run / Jog"],
    "virtual-run": ["VirtualRun", "virtual_run", "VIRTUAL_RUNNING"],
    "walk": ["Walk", "walking", "HKWorkoutActivityTypeWalking"],
    "hike": ["Hike", "hiking", "HKWorkoutActivityTypeHiking"],
    "ride": ["Ride", "cycling", "Biking", "GravelRide", "VirtualRide", "EBikeRide", "MountainBikeRide",
             "HKWorkoutActivityTypeCycling"],
    "swim": ["Swim", "lap_swimming", "open_water_swimming", "HKWorkoutActivityTypeSwimming"],
    "other": ["Badminton", "Ski Run", "Aqua Jogging"],
    "unknown": ["", "other", "runner's block", "Rundfahrt", "9", "Walk / Run", "Run Club Drive"],
}  # fmt: skip


@pytest.mark.parametrize(("sport", "raw"), [(sport, raw) for sport, raws in SPELLINGS.items() for raw in raws])
def test_every_dialect_of_a_sport_is_understood_and_nothing_is_guessed(sport: str, raw: str) -> None:
    assert sport_of(raw) == sport


def test_every_sport_understands_its_own_name() -> None:
    assert {sport: of for sport in SPORTS if (of := sport_of(sport)) != sport} == {"other": "unknown"}
