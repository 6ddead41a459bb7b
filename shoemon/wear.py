"""From mileage to wear, and when a pair will be done. Pure; distances in metres, days as `datetime.date`."""

import statistics
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from shoemon.model import Shoe, ShoeUse, Status, Wear

HORIZON_DAYS = 182
"""Forecasts further off than 26 weeks are not given as dates: the rule was never tested beyond."""
_YOUNG_DAYS = 84
_MONTH_DAYS, _SEASON_DAYS = 28, 182
_ROUNDING = 1e-9
"""Added to a share of the life, because 0.1 + 0.2 is not 0.3: the run that reaches a stage must count."""


class Steadiness(NamedTuple):
    """Up to which variation of 28-day totals (standard deviation over mean) which multiples of the plain date hold."""

    up_to: float
    early: float
    middle: float
    late: float


STEADINESS = (
    Steadiness(0.40, 0.67, 1.14, 2.28),
    Steadiness(0.75, 0.54, 1.09, 3.55),
    Steadiness(float("inf"), 0.32, 1.09, 4.49),
)
"""10th, 50th and 90th percentile of true over plain time to the limit, measured on 29 public run histories; on 34
others, opened after the rule was frozen, the range between held the truth 81 % of the time."""


class Limits(NamedTuple):
    """Shares of the life at which a pair is soon, due and (again) over, and days of forecast that make it soon."""

    soon: float = 0.9
    due: float = 1.0
    again: float = 0.1
    within_days: float = 21.0


def wear_of(shoe: Shoe, use: ShoeUse, runner_daily_m: Mapping[str, float], limits: Limits, today: date) -> Wear:
    """How worn `shoe` is. `runner_daily_m` maps days (ISO) to metres in any shoe, for the last 182 days."""
    worn_m = shoe.initial_m + use.worn_legs_m
    remaining_m = shoe.life_m - worn_m
    retired = shoe.retired_on is not None and shoe.retired_on <= today.isoformat()
    early, middle, late = (None, None, None)
    if not retired and remaining_m > 0:
        early, middle, late = forecast(remaining_m, use, runner_daily_m, today)
    fraction = worn_m / shoe.life_m
    status = "retired" if retired else _status(_reached(fraction, _iso(middle), limits, today))
    known_m = sum(metres for ground, metres in use.ground_m.items() if ground != "unknown")
    total_m = shoe.initial_m + use.distance_m
    return Wear(
        shoe=shoe.id, distance_m=use.distance_m, worn_m=worn_m, life_m=shoe.life_m, fraction=fraction,
        remaining_m=remaining_m, status=status,
        due_early_on=_iso(early), due_on=_iso(middle), due_late_on=_iso(late),
        hard_share=use.ground_m.get("hard", 0.0) / known_m if known_m > 0 else None,
        cost_per_km=shoe.price / (total_m / 1000) if shoe.price is not None and total_m > 0 else None,
    )  # fmt: skip


def forecast(
    remaining_m: float, use: ShoeUse, runner_daily_m: Mapping[str, float], today: date
) -> tuple[date | None, date | None, date | None]:
    """Early, middle and late day on which `remaining_m` (worn metres) will be used up; None beyond the horizon.

    The rate is half the mean of the last 28 days and half that of the last 182. A pair younger than 84 days borrows
    the runner's rate times its share of the runner's metres since its first run.
    """
    daily = use.daily_m
    if use.first_on is None or use.distance_m <= 0:
        return None, None, None
    share = 1.0
    if (today - date.fromisoformat(use.first_on)).days < _YOUNG_DAYS:
        runner_since = _sum_since(runner_daily_m, use.first_on)
        share = _sum_since(daily, use.first_on) / runner_since if runner_since else 0.0
        daily = runner_daily_m
    wear_factor = use.worn_legs_m / use.distance_m
    rate = share * wear_factor * (_mean(daily, _MONTH_DAYS, today) + _mean(daily, _SEASON_DAYS, today)) / 2
    if rate <= 0:
        return None, None, None
    steadiness = next(level for level in STEADINESS if variation(daily, today) <= level.up_to)
    days = remaining_m / rate
    multiples = (steadiness.early, steadiness.middle, steadiness.late)
    early, middle, late = (_within_horizon(days * multiple, today) for multiple in multiples)
    return early, middle, late


def variation(daily_m: Mapping[str, float], today: date) -> float:
    """Standard deviation over mean of the last six 28-day totals; infinite when there is nothing."""
    totals = [0.0] * 6
    for day, metres in daily_m.items():
        age = (today - date.fromisoformat(day)).days
        if 0 <= age < 6 * _MONTH_DAYS:
            totals[age // _MONTH_DAYS] += metres
    mean = statistics.fmean(totals)
    return statistics.stdev(totals) / mean if mean > 0 else float("inf")


def stages(wear: Wear, limits: Limits, today: date) -> tuple[str, ...]:
    """The stages that `wear` has reached, lowest first, such as `("soon", "100", "110")`; none once retired."""
    return () if wear.status == "retired" else _reached(wear.fraction, wear.due_on, limits, today)


def _reached(fraction: float, due_on: str | None, limits: Limits, today: date) -> tuple[str, ...]:
    near = due_on is not None and due_on <= (today + timedelta(days=limits.within_days)).isoformat()
    fraction += _ROUNDING
    reached = ["soon"] if fraction >= limits.soon or near else []
    if fraction >= limits.due:
        further = int((fraction - limits.due) / limits.again)
        reached += [f"{(limits.due + step * limits.again) * 100:.0f}" for step in range(further + 1)]
    return tuple(reached)


def _status(reached: tuple[str, ...]) -> Status:
    """`over` from the second percentage on."""
    percentages = sum(stage != "soon" for stage in reached)
    if percentages:
        return "over" if percentages > 1 else "due"
    return "soon" if reached else "fresh"


def _mean(daily_m: Mapping[str, float], days: int, today: date) -> float:
    since = (today - timedelta(days=days - 1)).isoformat()
    return _sum_since(daily_m, since) / days


def _sum_since(daily_m: Mapping[str, float], since: str) -> float:
    return sum(metres for day, metres in daily_m.items() if day >= since)


def _within_horizon(days: float, today: date) -> date | None:
    return today + timedelta(days=round(days)) if days <= HORIZON_DAYS else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
