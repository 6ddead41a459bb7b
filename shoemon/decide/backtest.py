"""Test forecasts on a past history, beside two other rules. Pure; days are numbers.

Every two weeks, from the first day with 84 days of history, if the last 28 have three days with a run: how long will it
take to run the distance of 2, 4, 8, 12, 26 or 52 weeks at the rate of those 84 days? The truth is the day on which it
was run, at most 26 weeks later, and for 26 and 52 weeks at most 65 and 130; so much more must be known. Forecasts are
cut at the same days.
"""

import math
import statistics
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from shoemon.decide.forecast import (
    FEWEST_RUN_DAYS,
    KNOTS,
    MEASURED_DAYS,
    SEASON_DAYS,
    YOUNG_DAYS,
    Range,
    mean,
    range_of,
    rate,
    run_days,
    steadiness_of,
)

MOST_DAYS = {round(days / 7): most for days, most in zip(KNOTS, MEASURED_DAYS, strict=True)}
"""By weeks: the days after which truth and forecasts are cut."""
NEEDED_DAYS = {weeks: YOUNG_DAYS + most + 1 for weeks, most in MOST_DAYS.items()}
"""From the first run to the last, both included."""
_MOST_DAYS = max(MOST_DAYS.values())
_STEP_DAYS = 14
_MEAN_DAYS = 42
_BLOCK_DAYS = 7
_PATHS = 200
_NORMAL = statistics.NormalDist()

RandomBelow = Callable[[int], int]
"""A random whole number from 0 to below the one given, such as `random.Random(1).randrange`."""


class Past(NamedTuple):
    """The history known on one day: metres by ISO day (of the last 182 days), and its length."""

    daily_m: Mapping[str, float]
    known_days: int
    today: date


class Trial(NamedTuple):
    """One possible forecast, and the days it took in truth."""

    past: Past
    weeks: int
    remaining_m: float
    true_days: float


class Score(NamedTuple):
    """The score of one rule: shares of forecasts, and days. `early` ended before the range, `late` after it."""

    forecasts: int
    covered: float
    early: float
    late: float
    error_days: float
    """Median of the absolute errors of the middle."""
    width_days: float
    """Mean from early to late; a range without an end ends where forecasts are cut."""


ForecastRule = Callable[[Past, Sequence[float]], list[Range]]
"""The ranges, in days, for several remaining distances (metres) on one day."""


def trials(daily_m: Mapping[str, float]) -> Iterator[list[Trial]]:
    """Yield the forecasts of each day, those for so many weeks as enough is known after it; none from too short a
    history.

    `daily_m` maps days (ISO) to metres; its first and last day are where the history begins and ends.
    """
    if not daily_m:
        return
    first, last = (date.fromisoformat(day) for day in (min(daily_m), max(daily_m)))
    length = (last - first).days + 1
    metres = [daily_m.get((first + timedelta(days=day)).isoformat(), 0.0) for day in range(length)]
    sums = [0.0, *accumulate(metres)]
    for now in range(YOUNG_DAYS, length - min(MOST_DAYS.values()), _STEP_DAYS):
        today = first + timedelta(days=now)
        days = ((first + timedelta(days=day)).isoformat() for day in range(max(0, now + 1 - SEASON_DAYS), now + 1))
        past = Past({day: daily_m[day] for day in days if day in daily_m}, now + 1, today)
        if run_days(past.daily_m, today) < FEWEST_RUN_DAYS:
            continue
        week_m = 7 * mean(past.daily_m, YOUNG_DAYS, today)
        known = [weeks for weeks, most in MOST_DAYS.items() if now + most < length]
        taken = _days_until([week_m * weeks for weeks in known], sums[now + 1 : now + 2 + _MOST_DAYS])
        yield [
            Trial(past, weeks, week_m * weeks, min(days, MOST_DAYS[weeks]))
            for weeks, days in zip(known, taken, strict=True)
        ]


def scores(days: Sequence[Sequence[Trial]], rule: ForecastRule) -> dict[int, Score]:
    """Score `rule` on `trials`, by weeks; 0 is all of them together. Needs at least one day."""
    outcomes: dict[int, list[tuple[Range, float]]] = {}
    for asked in days:
        ranges = rule(asked[0].past, [trial.remaining_m for trial in asked])
        for trial, answer in zip(asked, ranges, strict=True):
            outcomes.setdefault(trial.weeks, []).append((_cut(answer, trial.weeks), trial.true_days))
    outcomes[0] = [outcome for weeks in sorted(outcomes) for outcome in outcomes[weeks]]
    return {weeks: _score(found) for weeks, found in outcomes.items()}


def rules(draw: RandomBelow) -> dict[str, ForecastRule]:
    """Return the rule of shoemon's forecasts and those beside it, by name."""
    return {"shoemon": shipped, "42-day mean": mean_of_42_days, "bootstrap": bootstrap(draw)}


def shipped(past: Past, remaining_m: Sequence[float]) -> list[Range]:
    """Forecast as shoemon does."""
    rate_m = rate(past.daily_m, past.known_days, past.today)
    steadiness = steadiness_of(past.daily_m, past.known_days, past.today)
    return [range_of(metres / rate_m, steadiness) for metres in remaining_m]


def mean_of_42_days(past: Past, remaining_m: Sequence[float]) -> list[Range]:
    """Forecast by the mean of the last 42 days; the range is the 10th and 90th percentile of the time of a random walk
    with the mean and variance of those days (the inverse Gaussian distribution)."""
    metres = _last(past, _MEAN_DAYS)
    rate_m, variance = statistics.fmean(metres), statistics.variance(metres)
    ranges = []
    for remaining in remaining_m:
        middle, shape = remaining / rate_m, remaining**2 / variance if variance > 0 else math.inf
        early, late = (_inverse_gaussian(share, middle, shape) for share in (0.1, 0.9))
        ranges.append(Range(min(early, middle), middle, max(late, middle)))
    return ranges


def bootstrap(draw: RandomBelow) -> ForecastRule:
    """Forecast by two hundred futures made of random weeks of the last 84 days; 10th, 50th, 90th percentile."""

    def rule(past: Past, remaining_m: Sequence[float]) -> list[Range]:
        metres = _last(past, YOUNG_DAYS)
        found: list[list[float]] = [[] for _ in remaining_m]
        for _ in range(_PATHS):
            sums = [0.0]
            while sums[-1] < max(remaining_m) and len(sums) <= _MOST_DAYS:
                start = draw(YOUNG_DAYS - _BLOCK_DAYS + 1)
                sums += accumulate(metres[start : start + _BLOCK_DAYS], initial=sums.pop())
            for days, taken in zip(found, _days_until(remaining_m, sums), strict=True):
                days.append(taken)
        ranked = [sorted(days) for days in found]
        return [Range(*(days[round(share * (_PATHS - 1))] for share in (0.1, 0.5, 0.9))) for days in ranked]

    return rule


def _days_until(wanted_m: Sequence[float], sums: Sequence[float]) -> list[float]:
    """Return after how many days each distance is run, at most 130 weeks; `sums` are the metres so far, today's first,
    and never fall."""
    most = min(len(sums) - 1, _MOST_DAYS)
    found = (bisect_left(sums, sums[0] + wanted - 1e-3, 1, most + 1) for wanted in wanted_m)
    return [float(day) if day <= most else float(_MOST_DAYS) for day in found]


def _last(past: Past, days: int) -> list[float]:
    """Return the metres of each of the last `days` days, oldest first."""
    return [past.daily_m.get((past.today - timedelta(days=ago)).isoformat(), 0.0) for ago in reversed(range(days))]


def _cut(days: Range, weeks: int) -> Range:
    """Round to whole days, as dates are, none beyond the last that was observed."""
    return Range(*(float(round(min(each, MOST_DAYS[weeks]))) for each in days))


def _score(outcomes: Sequence[tuple[Range, float]]) -> Score:
    count = len(outcomes)
    early = sum(true < days.early for days, true in outcomes) / count
    late = sum(true > days.late for days, true in outcomes) / count
    errors = [abs(days.middle - true) for days, true in outcomes]
    widths = [days.late - days.early for days, _ in outcomes]
    return Score(count, 1 - early - late, early, late, statistics.median(errors), statistics.fmean(widths))


def _inverse_gaussian(share: float, mean_days: float, shape: float) -> float:
    """Return the day by which `share` of walks with that mean and shape have arrived, by bisection; 130 weeks
    at most."""
    if math.isinf(shape):
        return mean_days
    low, high = 0.0, float(_MOST_DAYS)
    while high - low > 0.05:
        middle = (low + high) / 2
        low, high = (low, middle) if _arrived(middle, mean_days, shape) >= share else (middle, high)
    return high


def _arrived(days: float, mean_days: float, shape: float) -> float:
    """Return the cumulative distribution of the inverse Gaussian."""
    root = math.sqrt(shape / days)
    above, exponent = root * (days / mean_days + 1), 2 * shape / mean_days
    if above > 30:  # the normal tail is smaller than floats are: its logarithm by its leading term
        tail = math.exp(exponent - above**2 / 2) / (above * math.sqrt(math.tau))
    else:
        tail = math.exp(exponent) * _NORMAL.cdf(-above)
    return _NORMAL.cdf(root * (days / mean_days - 1)) + tail
