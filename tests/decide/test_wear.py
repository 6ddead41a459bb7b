"""From mileage to wear and its stages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.making import USED_ON as TODAY
from kit.making import every_day, shoe, used

from shoemon.decide.forecast import forecast
from shoemon.decide.wear import StageLimits, rotation_share, stages, wear_of
from shoemon.model.wear import ShoeUse, Wear

LIMITS = StageLimits()


def wear(km: float, life_km: float = 700, **values: object) -> Wear:
    return wear_of(shoe(life_m=life_km * 1000, **values), used(km), {}, LIMITS, TODAY)


def test_wear_is_the_initial_distance_and_every_leg_by_its_factor_as_a_share_of_the_life() -> None:
    """Cost is of the distance as run; the share of hard ground leaves out what is not known."""
    use = used(280, factor=1.25, ground_m={"hard": 60_000.0, "soft": 20_000.0, "unknown": 200_000.0})
    worn = wear_of(shoe(initial_m=120_000.0, price=130.0, currency="EUR"), use, {}, LIMITS, TODAY)
    assert worn == Wear(
        shoe="pegasus", distance_m=280_000.0, worn_m=470_000.0, life_m=700_000.0, fraction=470 / 700, remaining_m=230_000.0,
        status="fresh", hard_share=0.75, cost_per_km=0.325, no_day="not_worn",
    )  # fmt: skip


def test_a_pair_without_runs_has_its_initial_distance_and_no_forecast() -> None:
    worn = wear_of(shoe(initial_m=120_000.0, price=130.0), ShoeUse(), every_day(10, 182), LIMITS, TODAY)
    assert worn == Wear(
        shoe="pegasus", distance_m=0.0, worn_m=120_000.0, life_m=700_000.0, fraction=120 / 700, remaining_m=580_000.0,
        status="fresh", cost_per_km=130 / 120, no_day="no_run",
    )  # fmt: skip
    assert wear_of(shoe(price=130.0), ShoeUse(), {}, LIMITS, TODAY).cost_per_km is None


@pytest.mark.parametrize(
    ("last_on", "bought_on", "retired_on", "since"),
    [
        ("2023-06-30", "2020-01-01", None, "2023-06-30"),
        ("2023-07-01", "2020-01-01", None, None),
        (None, "2023-06-30", None, "2023-06-30"),
        (None, "2023-07-01", None, None),
        (None, None, None, None),
        ("2023-06-30", None, "2023-07-01", None),
    ],
)
def test_a_pair_rests_that_was_last_worn_or_bought_and_never_worn_before_a_day(
    last_on: str | None, bought_on: str | None, retired_on: str | None, since: str | None
) -> None:
    pair, use = shoe(bought_on=bought_on, retired_on=retired_on), used(300, last_on=last_on)
    assert wear_of(pair, use, {}, LIMITS, TODAY, "2023-07-01").resting_since == since


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
def test_the_run_that_reaches_a_stage_counts_though_the_sum_is_not_quite_round(runs: int, metres: float) -> None:
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
    assert (worn.no_day == "retired") == (status == "retired")


def test_other_limits_name_their_own_stages() -> None:
    limits = StageLimits(soon=0.5, due=0.8, again=0.25, within_days=0)
    reached = [stages(wear(km), limits, TODAY) for km in (349, 350, 560, 734, 735, 910)]
    assert reached == [
        (), ("soon",), ("soon", "80"), ("soon", "80"), ("soon", "80", "105"), ("soon", "80", "105", "130"),
    ]  # fmt: skip


def test_wear_says_what_its_forecast_rests_on_and_its_part_of_the_rotation() -> None:
    """Ten kilometres a day for half a year in two pairs, of which the last 28 days 4 in this one."""
    runner = every_day(10, 182)
    use = used(600, daily_m={**every_day(10, 154, until=28), **every_day(4, 28)})
    worn = wear_of(shoe(life_m=700_000.0), use, runner, LIMITS, TODAY)
    assert worn.rate_m == pytest.approx(((4 + (154 * 10 + 28 * 4) / 182) / 2) * 1000)
    assert (worn.steadiness, worn.rotation_share) == ("steady", pytest.approx(0.4))
    ahead = forecast(100_000.0, use, runner, TODAY)
    assert (worn.due_early_on, worn.due_on, worn.due_late_on) == tuple(day and day.isoformat() for day in ahead[:3])
    assert worn.due_late_on is not None and worn.no_day is None


def test_the_shares_of_a_rotation_are_one_together() -> None:
    uses = [used(600, daily_m=every_day(km, 40)) for km in (1, 2, 5)]
    shares = [rotation_share(use, every_day(8, 182), TODAY) for use in uses]
    assert shares == [pytest.approx(share) for share in (0.125, 0.25, 0.625)]
    assert rotation_share(used(600), {}, TODAY) == 0.0


def test_a_pair_past_its_life_has_a_rate_and_no_forecast() -> None:
    worn = wear_of(shoe(), used(700, daily_m=every_day(10, 70)), every_day(10, 182), LIMITS, TODAY)
    assert (worn.status, worn.due_early_on, worn.due_on, worn.due_late_on) == ("due", None, None, None)
    assert (worn.rate_m, worn.steadiness, worn.no_day, worn.rotation_share) == (pytest.approx(6923.08), "irregular", "reached", 1.0)  # fmt: skip


@pytest.mark.parametrize(("km_left", "reached"), [(200, ("soon",)), (210, ())])
def test_soon_comes_before_ninety_percent_within_three_weeks(km_left: float, reached: tuple[str, ...]) -> None:
    """At 10 km a day 200 km are 20 days, times 1.045 is 21; 210 are 21, times 1.042 is 22."""
    use = used(2_000 - km_left, daily_m=every_day(10, 182))
    worn = wear_of(shoe(life_m=2_000_000.0), use, every_day(10, 182), StageLimits(soon=0.95), TODAY)
    assert stages(worn, StageLimits(soon=0.95), TODAY) == reached
    assert worn.status == ("soon" if reached else "fresh")
