"""From mileage to wear, and the day a pair will be done."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import shoe

from shoemon.model import ShoeUse, Wear
from shoemon.wear import Limits, forecast, stages, variation, wear_of

TODAY = date(2024, 7, 1)
LIMITS = Limits()


def used(km: float, *, ago: int = 200, factor: float = 1.0, **values: object) -> ShoeUse:
    """`km` of use, the first run `ago` days before today; none of it in the last 182 days."""
    first_on = (TODAY - timedelta(days=ago)).isoformat()
    return ShoeUse(**{"distance_m": km * 1000, "worn_legs_m": km * 1000 * factor, "first_on": first_on, **values})  # type: ignore[arg-type]


def every_day(km: float, days: int, *, until: int = 0) -> dict[str, float]:
    """`km` on each of `days` days, the last of them `until` days before today."""
    return {(TODAY - timedelta(days=until + ago)).isoformat(): km * 1000 for ago in range(days)}


def wear(km: float, life_km: float = 700, **values: object) -> Wear:
    return wear_of(shoe(life_m=life_km * 1000, **values), used(km), {}, LIMITS, TODAY)


def test_wear_is_the_initial_distance_and_every_leg_by_its_factor_as_a_share_of_the_life() -> None:
    """Cost is of the distance as run; the share of hard ground leaves out what is not known."""
    use = used(280, factor=1.25, ground_m={"hard": 60_000.0, "soft": 20_000.0, "unknown": 200_000.0})
    worn = wear_of(shoe(initial_m=120_000.0, price=130.0, currency="EUR"), use, {}, LIMITS, TODAY)
    assert worn == Wear(
        shoe="pegasus", distance_m=280_000.0, worn_m=470_000.0, life_m=700_000.0, fraction=470 / 700, remaining_m=230_000.0,
        status="fresh", hard_share=0.75, cost_per_km=0.325,
    )  # fmt: skip


def test_a_pair_without_runs_has_its_initial_distance_and_no_forecast() -> None:
    worn = wear_of(shoe(initial_m=120_000.0, price=130.0), ShoeUse(), every_day(10, 182), LIMITS, TODAY)
    assert worn == Wear(
        shoe="pegasus", distance_m=0.0, worn_m=120_000.0, life_m=700_000.0, fraction=120 / 700, remaining_m=580_000.0,
        status="fresh", cost_per_km=130 / 120,
    )  # fmt: skip


def test_a_pair_that_was_never_worn_costs_nothing_per_kilometre_yet() -> None:
    assert wear_of(shoe(price=130.0), ShoeUse(), {}, LIMITS, TODAY).cost_per_km is None


@pytest.mark.parametrize(
    ("km", "status", "reached"),
    [
        (0, "fresh", ()),
        (629.999, "fresh", ()),
        (630, "soon", ("soon",)),
        (699.999, "soon", ("soon",)),
        (700, "due", ("soon", "100")),
        (769.999, "due", ("soon", "100")),
        (770, "over", ("soon", "100", "110")),
        (840, "over", ("soon", "100", "110", "120")),
        (909.999, "over", ("soon", "100", "110", "120")),
        (910, "over", ("soon", "100", "110", "120", "130")),
    ],
)
def test_stages_begin_at_their_metre_and_not_before(km: float, status: str, reached: tuple[str, ...]) -> None:
    assert (wear(km).status, stages(wear(km), LIMITS, TODAY)) == (status, reached)


@given(st.integers(1, 30), st.sampled_from([1609.344, 914.4, 42.195, 21_097.5, 1_000.1]))
def test_the_run_that_reaches_a_stage_counts_though_the_sum_of_runs_is_not_quite_round(
    runs: int, metres: float
) -> None:
    """Forty runs of ten miles are 400 miles, also where the floats add up to a nanometre less."""
    total_m = 0.0
    for _ in range(10 * runs):
        total_m += metres
    for share, stage in ((0.9, "soon"), (1.0, "100"), (1.1, "110"), (1.3, "130")):
        use = ShoeUse(total_m, total_m, {}, "2023-01-01")
        worn = wear_of(shoe(life_m=10 * runs * metres / share), use, {}, LIMITS, TODAY)
        assert stages(worn, LIMITS, TODAY)[-1:] == (stage,)
        assert worn.status == {"soon": "soon", "100": "due"}.get(stage, "over")


@pytest.mark.parametrize(
    ("retired_on", "status", "reached"),
    [("2024-06-30", "retired", ()), ("2024-07-01", "retired", ()), ("2024-07-02", "due", ("soon", "100"))],
)
def test_a_retired_pair_is_silent_from_its_last_day(retired_on: str, status: str, reached: tuple[str, ...]) -> None:
    worn = wear(750, retired_on=retired_on)
    assert (worn.status, stages(worn, LIMITS, TODAY)) == (status, reached)


def test_other_limits_name_their_own_stages() -> None:
    limits = Limits(soon=0.5, due=0.8, again=0.25, within_days=0)
    reached = [stages(wear(km), limits, TODAY) for km in (349, 350, 560, 734, 735, 910)]
    assert reached == [
        (), ("soon",), ("soon", "80"), ("soon", "80"), ("soon", "80", "105"), ("soon", "80", "105", "130"),
    ]  # fmt: skip


def test_a_steady_pair_is_done_when_its_rate_says() -> None:
    """Ten kilometres a day and 100 left: ten days, times the multiples measured for steady runners."""
    use = used(600, daily_m=every_day(10, 182))
    early, middle, late = forecast(100_000.0, use, every_day(10, 182), TODAY)
    assert (early, middle, late) == (TODAY + timedelta(days=7), TODAY + timedelta(days=11), TODAY + timedelta(days=23))


def test_the_rate_is_half_the_last_28_days_and_half_the_last_182() -> None:
    daily = {**every_day(1, 182), **every_day(4, 28)}
    rate_km = (4 + (28 * 4 + 154 * 1) / 182) / 2
    use = used(600, daily_m=daily)
    (_, middle, _) = forecast(50_000.0, use, daily, TODAY)
    multiple = 1.09 if variation(daily, TODAY) > 0.4 else 1.14
    assert middle == TODAY + timedelta(days=round(50 / rate_km * multiple))


def test_a_young_pair_borrows_the_runners_rate_times_its_share() -> None:
    """Ten days old, worn for half of what the runner ran since: 5 of the 10 km a day."""
    runner = every_day(10, 182)
    young = used(50, ago=9, daily_m=every_day(10, 5))
    steady_half = used(500, ago=100, daily_m=every_day(5, 182))
    assert forecast(100_000.0, young, runner, TODAY) == forecast(100_000.0, steady_half, runner, TODAY)
    assert forecast(100_000.0, young, runner, TODAY)[1] == TODAY + timedelta(days=round(100 / 5 * 1.14))


@pytest.mark.parametrize(("ago", "borrows"), [(83, True), (84, False)])
def test_a_pair_is_young_for_84_days(ago: int, borrows: bool) -> None:
    runner = every_day(10, 182)
    own = every_day(10, ago + 1)
    with_runner = forecast(100_000.0, used(500, ago=ago, daily_m=own), runner, TODAY)
    alone = forecast(100_000.0, used(500, ago=ago, daily_m=own), own, TODAY)
    assert (with_runner != alone) is borrows


@pytest.mark.parametrize(
    ("remaining_km", "use"),
    [
        (5_000, used(600, daily_m=every_day(10, 182))),
        (100, used(600)),
        (100, used(600, daily_m=every_day(0.001, 182))),
        (100, ShoeUse()),
        (100, used(0, ago=3)),
        (100, used(600, ago=3)),
    ],
)
def test_no_day_is_named_beyond_26_weeks_or_without_runs(remaining_km: float, use: ShoeUse) -> None:
    """`due_on` is never a guess: nothing to go by is no date, not a far one."""
    assert forecast(remaining_km * 1000, use, {}, TODAY) == (None, None, None)


def test_only_the_days_within_26_weeks_are_named() -> None:
    use = used(600, daily_m=every_day(10, 182))
    early, middle, late = forecast(1_000_000.0, use, every_day(10, 182), TODAY)
    assert (early, middle, late) == (TODAY + timedelta(days=67), TODAY + timedelta(days=114), None)


def test_a_pair_past_its_life_has_no_forecast() -> None:
    worn = wear_of(shoe(), used(700, daily_m=every_day(10, 70)), every_day(10, 182), LIMITS, TODAY)
    assert (worn.status, worn.due_early_on, worn.due_on, worn.due_late_on) == ("due", None, None, None)


def test_wear_factors_bring_the_day_nearer() -> None:
    daily = every_day(10, 182)
    plain = forecast(100_000.0, used(600, daily_m=daily), daily, TODAY)[1]
    rough = forecast(100_000.0, used(600, factor=2.0, daily_m=daily), daily, TODAY)[1]
    assert (plain, rough) == (TODAY + timedelta(days=11), TODAY + timedelta(days=6))


@pytest.mark.parametrize(("km_left", "reached"), [(184, ("soon",)), (194, ())])
def test_soon_comes_before_ninety_percent_when_the_end_is_within_three_weeks(
    km_left: float, reached: tuple[str, ...]
) -> None:
    """At 10 km a day and a multiple of 1.14, 184 km are 21 days and 194 are 22."""
    use = used(2_000 - km_left, daily_m=every_day(10, 182))
    worn = wear_of(shoe(life_m=2_000_000.0 + 0.0), use, every_day(10, 182), Limits(soon=0.95), TODAY)
    assert stages(worn, Limits(soon=0.95), TODAY) == reached
    assert worn.status == ("soon" if reached else "fresh")


@pytest.mark.parametrize(
    ("daily", "expected"),
    [
        ({}, float("inf")),
        (every_day(10, 168), 0.0),
        (every_day(10, 28), 6**0.5),
        ({(TODAY + timedelta(days=3)).isoformat(): 5_000.0}, float("inf")),
    ],
)
def test_variation_is_of_28_day_totals(daily: Mapping[str, float], expected: float) -> None:
    assert variation(daily, TODAY) == pytest.approx(expected)


DAILY = st.dictionaries(
    st.integers(-3, 181).map(lambda ago: (TODAY - timedelta(days=ago)).isoformat()), st.floats(0, 60_000)
)


@given(DAILY, DAILY, st.floats(0.001, 2_000_000), st.integers(0, 400))
def test_a_forecast_is_in_order_ahead_and_within_26_weeks(
    own: dict[str, float], others: dict[str, float], remaining_m: float, ago: int
) -> None:
    runner = {day: own.get(day, 0.0) + others.get(day, 0.0) for day in {**own, **others}}
    first_on = min([*own, (TODAY - timedelta(days=ago)).isoformat()])
    total_m = sum(own.values())
    days = forecast(remaining_m, ShoeUse(total_m, total_m, {}, first_on, own), runner, TODAY)
    named = [day for day in days if day is not None]
    assert named == sorted(named)
    assert all(TODAY <= day <= TODAY + timedelta(days=182) for day in named)
    assert [day is None for day in days] == sorted(day is None for day in days)
