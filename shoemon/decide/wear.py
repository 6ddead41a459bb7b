"""From mileage to wear, and the stages it reaches. Pure; distances in metres, days as `datetime.date`."""

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from shoemon.decide.forecast import MONTH_DAYS, Forecast, forecast, mean
from shoemon.model.plan import Shoe
from shoemon.model.units import METRES
from shoemon.model.wear import ShoeUse, Status, Wear

_ROUNDING = 1e-9
"""Added to a share of the life, because 0.1 + 0.2 is not 0.3: the run that reaches a stage must count."""


class StageLimits(NamedTuple):
    """Shares of the life at which a pair is soon, due and (again) over, and days of forecast that make it soon."""

    soon: float = 0.9
    due: float = 1.0
    again: float = 0.1
    within_days: float = 21.0


def wear_of(
    shoe: Shoe,
    use: ShoeUse,
    runner_daily_m: Mapping[str, float],
    limits: StageLimits,
    today: date,
    rests_before: str = "",
) -> Wear:
    """Return how worn `shoe` is. `runner_daily_m` maps days (ISO) to metres in any shoe, for the last 182 days. A pair
    that was last worn before the day `rests_before` is resting."""
    worn_m = shoe.initial_m + use.worn_legs_m
    remaining_m = shoe.life_m - worn_m
    retired = shoe.retired_on is not None and shoe.retired_on <= today.isoformat()
    ahead = Forecast(no_day="retired") if retired else forecast(remaining_m, use, runner_daily_m, today)
    if not retired and remaining_m <= 0:
        ahead = ahead._replace(no_day="reached")
    early, middle, late = (day.isoformat() if day else None for day in ahead[:3])
    fraction = worn_m / shoe.life_m
    status = "retired" if retired else _status(_reached(fraction, middle, limits, today))
    known_m = sum(metres for ground, metres in use.ground_m.items() if ground != "unknown")
    total_m = shoe.initial_m + use.distance_m
    last_on = use.last_on or shoe.bought_on or rests_before
    return Wear(
        shoe=shoe.id, distance_m=use.distance_m, worn_m=worn_m, life_m=shoe.life_m, fraction=fraction,
        remaining_m=remaining_m, status=status, due_early_on=early, due_on=middle, due_late_on=late,
        hard_share=use.ground_m.get("hard", 0.0) / known_m if known_m > 0 else None,
        cost_per_km=shoe.price / (total_m / 1000) if shoe.price is not None and total_m > 0 else None,
        rate_m=ahead.rate_m, steadiness=ahead.steadiness, no_day=ahead.no_day,
        rotation_share=rotation_share(use, runner_daily_m, today),
        resting_since=last_on if last_on < rests_before and not retired else None,
    )  # fmt: skip


def rotation_share(use: ShoeUse, runner_daily_m: Mapping[str, float], today: date) -> float:
    """Return the pair's share of all metres of the last 28 days; 0 when there are none."""
    runner_m = mean(runner_daily_m, MONTH_DAYS, today)
    return mean(use.daily_m, MONTH_DAYS, today) / runner_m if runner_m > 0 else 0.0


def stages(wear: Wear, limits: StageLimits, today: date) -> tuple[str, ...]:
    """Return the stages that `wear` has reached, lowest first, such as `("soon", "100", "110")`; none once retired."""
    return () if wear.status == "retired" else _reached(wear.fraction, wear.due_on, limits, today)


def _reached(fraction: float, due_on: str | None, limits: StageLimits, today: date) -> tuple[str, ...]:
    near = due_on is not None and due_on <= (today + timedelta(days=limits.within_days)).isoformat()
    fraction += _ROUNDING
    reached = ["soon"] if fraction >= limits.soon or near else []
    if fraction >= limits.due:
        further = int((fraction - limits.due) / limits.again)
        reached += [f"{(limits.due + step * limits.again) * 100:.0f}" for step in range(further + 1)]
    return tuple(reached)


def _status(reached: tuple[str, ...]) -> Status:
    """Return the status: `over` from the second percentage on."""
    percentages = sum(stage != "soon" for stage in reached)
    if percentages:
        return "over" if percentages > 1 else "due"
    return "soon" if reached else "fresh"


def longer_life(life_m: float, worn_m: float, unit: str) -> str:
    """The life of a pair that is still good, as it is written: 100 km or mi beyond its limit, or beyond its wear."""
    return f"{longer_life_m(life_m, worn_m, unit) / METRES[unit]:.0f} {unit}"


def longer_life_m(life_m: float, worn_m: float, unit: str) -> float:
    """The same in metres."""
    return (math.ceil(round(max(life_m, worn_m) / METRES[unit] / 10, 6)) * 10 + 100) * METRES[unit]
