"""The day a pair will be done: its rate, its range, and the words for it."""

import math
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.making import USED_ON as TODAY
from kit.making import every_day, used

from shoemon.decide.forecast import (
    KNOTS,
    MEASURED_DAYS,
    MULTIPLES,
    Forecast,
    Range,
    forecast,
    range_of,
    steadiness_of,
    variation,
)
from shoemon.model.wear import ShoeUse, Steadiness

STEADINESS: tuple[Steadiness, ...] = ("steady", "middle", "irregular")


def ahead(remaining_km: float, use: ShoeUse, runner: Mapping[str, float] | None = None) -> Forecast:
    made = forecast(remaining_km * 1000, use, use.daily_m if runner is None else runner, TODAY)
    assert made.no_day is None
    return made


def days_ahead(made: Forecast) -> list[int | None]:
    return [None if day is None else (day - TODAY).days for day in (made.early, made.middle, made.late)]


def test_a_steady_pair_is_done_when_its_rate_says() -> None:
    """Ten kilometres a day and 100 left: ten days, times 0.67, 1.06 and 2.28."""
    made = ahead(100, used(600, daily_m=every_day(10, 182)))
    assert made == Forecast(
        date(2024, 7, 8), date(2024, 7, 12), date(2024, 7, 24), pytest.approx(10_000.0), "steady"
    )  # fmt: skip


def test_the_rate_is_half_the_last_28_days_and_half_the_last_182() -> None:
    """(4 + (28 x 4 + 154 x 1) / 182) / 2 is 2.73 km a day, 50 km are 18.3 days; totals of 112 and five of 28 km vary by
    0.82, so irregular: 39 % of the way (in logarithms) from 14 to 28 days, 1.48 and 1.23 are 1.38."""
    made = ahead(50, used(600, daily_m={**every_day(1, 182), **every_day(4, 28)}))
    assert made.rate_m == pytest.approx(2_730.77, abs=0.01)
    assert (made.steadiness, made.middle) == ("irregular", TODAY + timedelta(days=25))
    assert made.late is None


@pytest.mark.parametrize("ago", [84, 99, 140, 181, 400])
def test_a_pair_is_not_taken_for_slow_because_it_is_new(ago: int) -> None:
    """The season is no longer than the pair has been worn."""
    made = ahead(100, used(500, ago=ago, daily_m=every_day(10, min(ago + 1, 182))))
    assert (made.rate_m, made.steadiness) == (pytest.approx(10_000.0), "steady")


def test_a_young_pair_borrows_the_runners_rate_times_its_share() -> None:
    """Ten days old, worn for half of what the runner ran since: 5 of the 10 km a day."""
    runner = every_day(10, 182)
    young = ahead(100, used(50, ago=9, daily_m=every_day(10, 5)), runner)
    assert young == ahead(100, used(500, ago=100, daily_m=every_day(5, 182)), runner)
    assert days_ahead(young) == [14, 21, 46]  # 20 days; half way to 28, 0.67 and 0.69 are 0.68


def test_a_pair_that_is_seldom_worn_borrows_the_rate_and_not_the_steadiness() -> None:
    """Worn on two of the last 28 days and the hundred before: for 1,020 of 1,820 km, of 10 a day."""
    use = used(1_020, daily_m={**every_day(10, 2), **every_day(10, 100, until=28)})
    made = ahead(100, use, every_day(10, 182))
    assert (made.rate_m, made.steadiness) == (pytest.approx(10_000 * 1_020 / 1_820), "irregular")


def test_a_young_pair_of_an_irregular_runner_is_forecast_as_irregular() -> None:
    runner = every_day(10, 40)
    made = ahead(100, used(100, ago=9, daily_m=every_day(10, 10)), runner)
    assert (made.steadiness, made.late) == ("irregular", None)


@pytest.mark.parametrize(("ago", "borrows"), [(2, True), (83, True), (84, False)])
def test_a_pair_is_young_for_84_days(ago: int, borrows: bool) -> None:
    """Its own 10 km a day since it came, or those and the runner's 2 km a day before."""
    own = every_day(10, ago + 1)
    use = used(500, ago=ago, daily_m=own)
    assert (ahead(100, use, {**every_day(2, 182), **own}) != ahead(100, use, own)) is borrows


@pytest.mark.parametrize(
    ("use", "runner", "no_day"),
    [
        (ShoeUse(), every_day(10, 182), "no_run"),
        (used(0, ago=3), {}, "no_run"),
        (used(600), every_day(10, 182), "not_worn"),
        (used(600, daily_m=every_day(10, 20, until=182)), {}, "not_worn"),
        (used(600, daily_m=every_day(10, 100, until=28)), every_day(10, 182), "few_runs"),
        (used(600, daily_m=every_day(10, 2)), every_day(10, 2), "few_runs"),
        (used(600, daily_m=every_day(10, 3, until=26)), every_day(10, 3, until=26), "few_runs"),
        (used(600, daily_m=every_day(10, 3, until=25)), {}, None),
        (used(5, ago=3, daily_m=every_day(5, 1)), every_day(5, 2), "few_runs"),
        (used(5, ago=3, daily_m=every_day(5, 1)), every_day(5, 3), None),
    ],
)
def test_without_three_days_with_a_run_in_28_there_is_a_reason_and_no_forecast(
    use: ShoeUse, runner: Mapping[str, float], no_day: str | None
) -> None:
    made = forecast(10_000.0, use, runner, TODAY)
    assert made.no_day == no_day
    assert no_day is None or made == Forecast(no_day=made.no_day)


def test_days_are_named_as_far_as_they_were_measured() -> None:
    """840 km are 84 days: times 0.78 and 1.04, and 2.40 is more than 26 weeks; beyond 364 days there is the pace."""
    use = used(600, daily_m=every_day(10, 182))
    assert days_ahead(ahead(840, use)) == [66, 87, None]
    assert None not in days_ahead(ahead(3_640, use))
    assert forecast(3_641_000.0, use, {}, TODAY) == Forecast(
        rate_m=pytest.approx(10_000.0), steadiness="steady", no_day="beyond"
    )


def test_wear_factors_bring_the_day_nearer() -> None:
    daily = every_day(10, 182)
    plain, rough = (ahead(100, used(600, factor=factor, daily_m=daily)) for factor in (1.0, 2.0))
    assert (days_ahead(plain)[1], days_ahead(rough)[1]) == (11, 5)


@pytest.mark.parametrize(
    ("daily", "months", "expected_variation"),
    [
        ({}, 6, math.inf),
        (every_day(10, 168), 6, 0.0),
        (every_day(10, 28), 6, 6**0.5),
        (every_day(10, 28), 2, 2**0.5),
        ({(TODAY + timedelta(days=3)).isoformat(): 5_000.0}, 6, math.inf),
    ],
)
def test_variation_is_of_28_day_totals(daily: Mapping[str, float], months: int, expected_variation: float) -> None:
    assert variation(daily, TODAY, months) == pytest.approx(expected_variation)


@pytest.mark.parametrize(
    ("months", "steadiness"),
    [
        ((100, 100, 100, 50, 100, 100), "steady"),
        ((100, 100, 100, 100, 100, 0), "middle"),
        ((100, 100, 100, 100, 0, 0), "irregular"),
    ],
)
def test_months_without_runs_make_a_runner_less_steady(months: tuple[int, ...], steadiness: str) -> None:
    """They vary by 0.22, 0.49 and 0.77."""
    daily = {
        day: metres for number, km in enumerate(months) for day, metres in every_day(km, 1, until=28 * number).items()
    }
    assert steadiness_of(daily, 182, TODAY) == steadiness


@pytest.mark.parametrize("steadiness", STEADINESS)
def test_the_table_names_no_earlier_day_for_a_longer_distance(steadiness: Steadiness) -> None:
    """Between two knots the multiple may fall, but never faster than the days grow."""
    rows = MULTIPLES[steadiness]
    for (days, row), (more_days, next_row) in zip(
        zip(KNOTS[:-1], rows[:-1], strict=True), zip(KNOTS[1:], rows[1:], strict=True), strict=True
    ):
        assert all(days * one <= more_days * other for one, other in zip(row, next_row, strict=True))
    assert all(row.early < row.middle < row.late for row in rows)


@pytest.mark.parametrize("steadiness", STEADINESS)
def test_at_a_knot_the_multiples_are_those_of_its_row(steadiness: Steadiness) -> None:
    for days, most, row in zip(KNOTS, MEASURED_DAYS, MULTIPLES[steadiness], strict=True):
        late = days * row.late if days * row.late <= most else math.inf
        assert range_of(days, steadiness) == pytest.approx(Range(days * row.early, days * row.middle, late))
    assert range_of(2.0, steadiness).early == pytest.approx(2 * MULTIPLES[steadiness][0].early)
    assert range_of(500.0, steadiness).middle == pytest.approx(500 * MULTIPLES[steadiness][-1].middle)


@given(st.sampled_from(STEADINESS), st.floats(0.01, 2_000), st.floats(1.0, 3.0))
def test_a_longer_distance_is_never_done_earlier(steadiness: Steadiness, days: float, times: float) -> None:
    near, far = range_of(days, steadiness), range_of(days * times, steadiness)
    assert all(one <= other * (1 + 1e-12) for one, other in zip(near[:2], far[:2], strict=True))
    assert 0 < near.early <= near.middle <= near.late


DAILY = st.dictionaries(
    st.integers(-3, 181).map(lambda ago: (TODAY - timedelta(days=ago)).isoformat()), st.floats(0, 60_000)
)


@given(DAILY, DAILY, st.floats(0.001, 2_000_000), st.integers(0, 400))
def test_a_forecast_is_in_order_and_ahead_or_has_a_reason(
    own: dict[str, float], others: dict[str, float], remaining_m: float, ago: int
) -> None:
    runner = {day: own.get(day, 0.0) + others.get(day, 0.0) for day in {**own, **others}}
    first_on = min([*own, (TODAY - timedelta(days=ago)).isoformat()])
    total_m = sum(own.values())
    made = forecast(remaining_m, ShoeUse(total_m, total_m, {}, first_on, own), runner, TODAY)
    early, middle, late = made[:3]
    assert (made.no_day is None) == (early is not None) == (middle is not None)
    assert (made.rate_m is None) == (made.steadiness is None) == (made.no_day not in (None, "beyond"))
    if early is not None and middle is not None:
        assert TODAY <= early <= middle <= (late or middle) <= TODAY + timedelta(days=MEASURED_DAYS[-1])
