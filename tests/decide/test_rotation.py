"""The next pair, the cost of a year and a longer life follow from the forecast alone."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoemon.decide.forecast import Forecast, forecast_at_rate
from shoemon.decide.rotation import Outlook, cost_a_year, costs_a_year, outlook, with_life
from shoemon.model.wear import Steadiness

TODAY = date(2026, 5, 1)
STEADINESS: tuple[Steadiness, ...] = ("steady", "middle", "irregular")


def pair(life_km: float, left_km: float, km_a_week: float = 28.0, steadiness: Steadiness = "steady", **more: Any) -> dict[str, Any]:  # fmt: skip
    """A row of shoe_wear as a sync of today writes it."""
    rate_m = km_a_week * 1000 / 7
    made = forecast_at_rate(1000 * left_km, rate_m, steadiness, TODAY)
    return {
        "shoe": "road", "life_m": 1000 * life_km, "worn_m": 1000 * (life_km - left_km), "remaining_m": 1000 * left_km,
        "rate_m": rate_m, "steadiness": steadiness, "price": 130.0, "currency": "EUR", **days_of(made), **more,
    }  # fmt: skip


def days_of(made: Forecast) -> dict[str, Any]:
    days = [day.isoformat() if day else None for day in made[:3]]
    return dict(zip(("due_early_on", "due_on", "due_late_on"), days, strict=True)) | {"no_day": made.no_day}


@given(st.floats(1, 3000), st.floats(0, 500), st.floats(3, 150), st.sampled_from(STEADINESS))
def test_the_next_pair_and_a_longer_life_have_the_days_that_a_forecast_of_today_gives(
    left_km: float, overlap_km: float, km_a_week: float, steadiness: Steadiness
) -> None:
    """Of the same runner; without an overlap they are the days of the end. Beyond what was measured there is none."""
    row = pair(3000, left_km, km_a_week, steadiness)
    assert outlook(row, 0.0, "km").buy == row
    ahead = outlook(row, 1000 * overlap_km, "km")
    for other, left in ((ahead.buy, left_km - overlap_km), (ahead.longer, left_km + 100)):
        if row["due_on"] and left > 0.001:
            assert days_of(forecast_at_rate(1000 * left, row["rate_m"], steadiness, TODAY)).items() <= other.items()
    if left_km < overlap_km - 0.001:
        assert (ahead.buy["no_day"], ahead.buy["due_on"]) == ("reached", None)


def test_the_next_pair_is_there_before_the_end_and_a_longer_life_ends_later_and_costs_less() -> None:
    """100 km at 4 a day are 25 days, 50 km 12.5, 200 km 50; times 0.69, 1.03 and 2.33 or so."""
    ahead = outlook(pair(640, 100), 50_000.0, "km")
    days = [(date.fromisoformat(each["due_on"]) - TODAY).days for each in (ahead.buy, ahead.pair, ahead.longer)]
    assert days == [13, 26, 53]
    assert (ahead.longer["life_m"], ahead.later_days) == (740_000.0, 27)
    assert ahead.cost_a_year == pytest.approx(365 * 4 / 640 * 130)
    assert ahead.longer_cost_a_year == pytest.approx(365 * 4 / 740 * 130)
    assert outlook(pair(640, 100), 0.0, "mi").longer["life_m"] == pytest.approx(500 * 1609.344)


@pytest.mark.parametrize(
    ("row", "later_days", "buy"),
    [
        (pair(3000, 2900), 25, {"due_on": None, "no_day": "beyond"}),
        (pair(640, 300, 6), 117, {"no_day": None}),
        (pair(640, 0, rate_m=None, due_on=None, no_day="reached"), None, {"due_on": None, "no_day": "reached"}),
        (pair(640, -20), 25, {"due_on": None, "no_day": "reached"}),
        (pair(640, 30, rate_m=None, due_on=None, no_day="few_runs"), None, {"due_on": None, "no_day": "few_runs"}),
        (pair(640, 300, rate_m=None, steadiness="steady"), None, {"due_on": None}),
    ],
)  # fmt: skip
def test_where_no_day_is_forecast_none_is_made_up(row: dict[str, Any], later_days: int | None, buy: dict[str, Any]) -> None:  # fmt: skip
    """Beyond a year the pace alone tells how much later; a row of an earlier version has days and no rate."""
    ahead = outlook(row, 50_000.0, "km")
    assert ahead.later_days == later_days
    assert buy.items() <= ahead.buy.items()
    assert with_life(row, row["life_m"]) == row


def test_costs_are_added_up_by_currency_of_the_pairs_that_have_a_price_and_a_rate() -> None:
    rows = [pair(365, 90, 7), pair(365, 90, 14, price=100.0), pair(365, 90, 7, currency="USD"), pair(365, 90, price=None),
            pair(365, 0, rate_m=None, due_on=None)]  # fmt: skip
    outlooks: list[Outlook] = [outlook(row, 0.0, "km") for row in rows]
    assert costs_a_year(outlooks) == {"EUR": pytest.approx(330.0), "USD": pytest.approx(130.0)}
    assert [cost_a_year(row) is None for row in rows] == [False, False, False, True, True]
