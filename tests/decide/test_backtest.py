"""What forecasts would have been worth: what is asked, the rules beside ours, and scores that can be counted by hand."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from benchmarks.forecast import exported, made_up, measure

from shoemon.decide.backtest import (
    MOST_DAYS,
    NEEDED_DAYS,
    Past,
    Range,
    Score,
    bootstrap,
    mean_of_42_days,
    scores,
    shipped,
    trials,
)

FIRST = date(2022, 1, 1)


def every(step: int, days: int, km: float = 10.0, *, start: int = 0) -> dict[str, float]:
    """`km` on every `step`th of `days` days from `start` on, counted from the first of 2022."""
    return {(FIRST + timedelta(days=start + day)).isoformat(): km * 1000 for day in range(0, days, step)}


def past(daily: Mapping[str, float], now: int) -> Past:
    return Past(daily, now + 1, FIRST + timedelta(days=now))


@pytest.mark.parametrize(
    ("daily", "asked_on"),
    [
        ({}, 0),
        (every(1, NEEDED_DAYS[2] - 1), 0),
        (every(1, NEEDED_DAYS[2]), 1),
        (every(1, NEEDED_DAYS[2] + 13), 1),
        (every(1, NEEDED_DAYS[2] + 14), 2),
        ({**every(1, 59), **every(1, 1, start=NEEDED_DAYS[2])}, 0),
        ({**every(1, 60), **every(1, 1, start=NEEDED_DAYS[2])}, 1),
    ],
    ids=["nothing", "a day too short", "just enough", "not two weeks more", "two weeks more", "two in 28 days", "three in 28 days"],
)  # fmt: skip
def test_it_is_asked_each_two_weeks_with_12_weeks_before_26_after(daily: Mapping[str, float], asked_on: int) -> None:
    assert len(list(trials(daily))) == asked_on


def test_what_is_run_in_so_many_weeks_takes_them_when_nothing_changes() -> None:
    *_, shorter, asked = reversed(list(trials(every(1, NEEDED_DAYS[52]))))
    assert [(trial.weeks, trial.remaining_m, trial.true_days) for trial in asked] == [
        (2, 140_000.0, 14.0), (4, 280_000.0, 28.0), (8, 560_000.0, 56.0), (12, 840_000.0, 84.0),
        (26, 1_820_000.0, 182.0), (52, 3_640_000.0, 364.0),
    ]  # fmt: skip
    assert [trial.weeks for trial in shorter] == [2, 4, 8, 12, 26]
    assert asked[0].past.today == FIRST + timedelta(days=84)
    assert max(asked[0].past.daily_m) == "2022-03-26"  # nothing of the future


def test_the_truth_is_cut_at_26_weeks_or_later_for_more() -> None:
    """Ten kilometres a day, and after day 84 one a week."""
    asked = next(trials({**every(1, 85), **every(7, 1_000, start=85)}))
    assert [trial.true_days for trial in asked] == [13 * 7 + 1, 182.0, 182.0, 182.0, 455.0, 910.0]


def test_a_score_counts_what_lay_before_in_and_after_the_range() -> None:
    """True are 14, 28, 56 and 84 days; ranges are of whole days and at most 182."""
    days = list(trials(every(1, NEEDED_DAYS[2])))

    def rule(_: Past, remaining_m: Sequence[float]) -> list[Range]:
        return [Range(15, 16, 20), Range(10, 20, 27), Range(56.4, 60, 1e9), Range(80, 94, 100)]

    assert scores(days, rule) == {
        2: Score(1, 0.0, 1.0, 0.0, 2.0, 5.0),
        4: Score(1, 0.0, 0.0, 1.0, 8.0, 17.0),
        8: Score(1, 1.0, 0.0, 0.0, 4.0, 126.0),
        12: Score(1, 1.0, 0.0, 0.0, 10.0, 20.0),
        0: Score(4, 0.5, 0.25, 0.25, 6.0, 42.0),
    }


def test_our_rule_is_the_one_that_shoes_are_forecast_by() -> None:
    """Ten days at a steady 10 km a day, as tests/test_forecast.py has it."""
    (found,) = shipped(past(every(1, 200), 199), [100_000.0])
    assert found == pytest.approx(Range(6.7, 10.6, 22.8))


def test_the_mean_of_42_days_has_no_range_where_nothing_varies() -> None:
    (found,) = mean_of_42_days(past(every(1, 100), 99), [100_000.0])
    assert found == pytest.approx((10.0, 10.0, 10.0))


def test_the_range_of_the_mean_is_that_of_a_random_walk() -> None:
    """Beside two thousand walks of normal days with the same mean and variance."""
    rng, mean_m, wanted_m = random.Random(3), 5_000.0, 140_000.0
    daily = every(2, 84, 2 * mean_m / 1000)
    (found,) = mean_of_42_days(past(daily, 83), [wanted_m])
    deviation_m = mean_m * (42 / 41) ** 0.5  # every other day twice the mean
    arrivals = []
    for _ in range(2_000):
        total, day = 0.0, 0
        while total < wanted_m:
            total, day = total + rng.gauss(mean_m, deviation_m), day + 1
        arrivals.append(day)
    arrivals.sort()
    assert found.middle == pytest.approx(28.0)
    assert found.early == pytest.approx(arrivals[200], abs=1.5)
    assert found.late == pytest.approx(arrivals[1800], abs=1.5)


def test_a_long_way_in_small_steps_has_a_range_too() -> None:
    """The tail of the normal distribution is smaller than a float there."""
    daily = {day: metres + number % 2 for number, (day, metres) in enumerate(every(1, 100, 1.0).items())}
    (found,) = mean_of_42_days(past(daily, 99), [150_000.0])
    assert found == pytest.approx((150, 150, 150), abs=0.2)


def test_the_bootstrap_draws_weeks_of_the_last_84_days() -> None:
    """A runner of one kilometre a day so far cannot but take ten days for ten; a week's pattern is kept whole."""
    found = bootstrap(random.Random(1).randrange)(past(every(1, 100, 1.0), 99), [10_000.0, 300_000.0])
    assert found == [Range(10, 10, 10), Range(300, 300, 300)]
    weekly = bootstrap(random.Random(1).randrange)(past(every(7, 84, 7.0), 83), [70_000.0])[0]
    assert 64 <= weekly.early < weekly.middle < weekly.late <= 76


@pytest.mark.slow
def test_on_made_up_runners_the_range_holds_what_it_says_and_the_others_do_not() -> None:
    """Six of the runners of `benchmarks/forecast.py`, which does sixty and the exports there are."""
    found = measure(list(made_up(6, seed=2)), seed=2)

    def share(rule: str, weeks: int) -> float:
        of = found[rule][weeks]
        return sum(score.covered for score in of) / len(of)

    assert len(found["shoemon"][0]) == 6
    assert 0.74 <= share("shoemon", 0) <= 0.86
    assert all(0.70 <= share("shoemon", weeks) <= 0.90 for weeks in MOST_DAYS)
    assert max(share("42-day mean", 0), share("bootstrap", 0)) < 0.6
    errors = {name: sum(score.error_days for score in by_weeks[0]) for name, by_weeks in found.items()}
    assert errors["shoemon"] < 1.2 * min(errors.values())


def test_an_export_becomes_metres_by_day(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "activities.csv").write_text(
        "Activity ID,Activity Date,Activity Name,Activity Type,Distance,Distance\n"
        '1,"Jan 1, 2022, 6:00:00 AM",Run,Run,5.00,5000.0\n'
        '2,"Jan 1, 2022, 6:00:00 PM",Run,Run,3.00,3000.0\n'
        '3,"Jan 2, 2022, 6:00:00 AM",Ride,Ride,30.00,30000.0\n'
    )
    assert list(exported(tmp_path)) == [{"2022-01-01": 8_000.0}]
