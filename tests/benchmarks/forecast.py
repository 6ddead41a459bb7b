"""How often the forecast's range holds the truth, and how far off its middle is, beside two rules that hold the rate fixed.

    python tests/benchmarks/forecast.py [HISTORIES] [--runners 60] [--seed 1]

HISTORIES is a file of JSON, {"name": {"2021-03-04": metres, ...}}, or a folder of folders with Strava's activities.csv
(by default ../shared/data/strava_export beside the checkout; left out when it is not there). Every one that is long
enough is a history, and so is every runner made up here: some years of
weeks with a level of their own, seasons, build-ups to races, holidays, illness, injuries with a slow return, and at
times half a year of nothing. What they are made of is a guess about runners, made before the rule was tried on them.

Every figure is the mean over histories, with its standard error; see shoemon.decide.backtest for what is asked. Ranges are
meant to hold 80 %. `error` is the median error of the middle day, `width` the days from early to late, both cut after 26
weeks, and for 26 and 52 weeks after 65 and 130; the last columns divide shoemon's by those of the rule in that row.
"""

import argparse
import json
import math
import random
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from shoemon.decide.backtest import MOST_DAYS, Score, rules, scores, trials
from shoemon.model.activity import Activity
from shoemon.model.sports import RUNS
from shoemon.sources import Context, strava_export

EXPORTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "strava_export"
FIRST = date(2018, 1, 1)
Daily = Mapping[str, float]
Scores = dict[str, dict[int, list[Score]]]
"""By rule and weeks (0: all), one score a history."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("histories", nargs="?", type=Path, default=EXPORTS)
    parser.add_argument("--runners", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.histories.is_dir():
        show("exports", measure(list(exported(options.histories)), options.seed))
    elif options.histories.is_file():
        given = json.loads(options.histories.read_text(encoding="utf-8"))
        show(options.histories.name, measure([given[name] for name in sorted(given)], options.seed))
    else:
        print(f"{options.histories} is not there: no histories but made-up ones")
    show("made-up runners", measure(list(made_up(options.runners, options.seed)), options.seed))


def exported(folder: Path) -> Iterator[Daily]:
    """Metres by day of every export in `folder`."""
    for path in sorted(folder.glob("*/activities.csv")):
        daily: dict[str, float] = {}
        for run in runs_of(path.parent):
            daily[run.local_date] = daily.get(run.local_date, 0.0) + run.distance_m
        yield daily


def runs_of(export: Path) -> list[Activity]:
    """The runs of one export of Strava."""
    settings = strava_export.Settings(name="strava", path=str(export))
    with closing(strava_export.make(settings, Context(Path("/"), "UTC")).pull(None)) as pull:
        return [each for each in pull if isinstance(each, Activity) and each.sport in RUNS and each.distance_m > 0]


def made_up(count: int, seed: int) -> Iterator[Daily]:
    """Metres by day of `count` runners, the same for the same seed."""
    return (runner(random.Random(f"{seed} {number}")) for number in range(count))


def runner(rng: random.Random) -> Daily:
    """Three to seven years of one runner."""
    weeks = rng.randrange(3 * 52, 7 * 52)
    level = [1.0] * weeks
    seasons(rng, level)
    build_ups(rng, level)
    pauses(rng, level)
    usual_m = 1000 * rng.lognormvariate(math.log(28), 0.5)
    days_a_week, fitness, spread = rng.uniform(1.5, 6), 0.0, rng.uniform(0.05, 0.25)
    daily: dict[str, float] = {}
    for week, share in enumerate(level):
        fitness = 0.95 * fitness + rng.gauss(0, spread / 2)
        planned_m = usual_m * share * math.exp(fitness + rng.gauss(0, spread))
        for day, metres in week_of(rng, planned_m, days_a_week * min(1.0, 0.4 + 0.6 * share)):
            daily[(FIRST + timedelta(days=7 * week + day)).isoformat()] = metres
    return daily


def seasons(rng: random.Random, level: list[float]) -> None:
    """More in one half of the year than in the other, for some a lot."""
    depth, turn = rng.choice((0.0, 0.15, 0.3, 0.6)), rng.uniform(0, math.tau)
    for week in range(len(level)):
        level[week] *= 1 + depth * math.sin(math.tau * week / 52 + turn)


def build_ups(rng: random.Random, level: list[float]) -> None:
    """No, one or two races a year: ten to eighteen weeks of more and more, two of less, three of little."""
    for _ in range(round(len(level) / 52 * rng.choice((0, 1, 2)))):
        start, length, peak = rng.randrange(len(level)), rng.randrange(10, 19), rng.uniform(1.2, 1.8)
        shape = [1 + (peak - 1) * week / length for week in range(length)] + [0.7, 0.5, 0.3, 0.5, 0.7]
        for week, share in enumerate(shape, start):
            if week < len(level):
                level[week] *= share


def pauses(rng: random.Random, level: list[float]) -> None:
    """Holidays and colds of a week or two, injuries of some weeks with a slow return, now and then months of nothing."""
    years = len(level) / 52
    lengths = [rng.randrange(1, 3) for _ in range(round(years * rng.uniform(1, 4)))]
    lengths += [min(26, round(rng.lognormvariate(math.log(4), 0.7))) for _ in range(round(years * rng.uniform(0, 1.5)))]
    lengths += [rng.randrange(12, 40) for _ in range(round(years)) if rng.random() < 0.15]
    for length in lengths:
        start = rng.randrange(len(level))
        back = [number / 6 for number in range(1, 6)] if length > 2 else []
        for week, share in enumerate([0.0] * length + back, start):
            if week < len(level):
                level[week] *= share


def week_of(rng: random.Random, planned_m: float, runs: float) -> list[tuple[int, float]]:
    """Some runs on some days, the one of Sunday longer."""
    days = [day for day in range(7) if rng.random() < runs / 7]
    weights = {day: (1.8 if day == 6 else 1.0) * rng.lognormvariate(0, 0.25) for day in days}
    typical = max(1.0, runs * 1.1)
    return [(day, round(planned_m * weight / typical)) for day, weight in weights.items() if planned_m * weight > 800]


def measure(histories: Sequence[Daily], seed: int) -> Scores:
    """Scores of every rule on every history that is long enough."""
    found: Scores = {}
    for number, daily in enumerate(histories):
        days = list(trials(daily))
        for name, rule in rules(random.Random(f"{seed} {number}").randrange).items() if days else ():
            for weeks, score in scores(days, rule).items():
                found.setdefault(name, {}).setdefault(weeks, []).append(score)
    return found


def show(title: str, found: Scores) -> None:
    if not found:
        print(f"{title}: no history is long enough")
        return
    ours = found["shoemon"]
    print(f"\n{title}")
    print(f"{'rule':12} weeks histories forecasts   in range (SE)   error   width   ours/its error   width")
    for name, by_weeks in found.items():
        for weeks in (weeks for weeks in (*MOST_DAYS, 0) if weeks in ours):
            own, its = figures(ours[weeks]), figures(by_weeks[weeks])
            ratios = "" if name == "shoemon" else f"{own[2] / its[2]:17.2f}{own[3] / its[3]:8.2f}"
            count, asked = len(ours[weeks]), sum(score.forecasts for score in ours[weeks])
            print(
                f"{name:12} {weeks or 'all':>5} {count:9} {asked:9,} {its[0]:8.1%} ({its[1] * 100:4.1f})"
                f" {its[2]:9.1f} {its[3]:7.1f}{ratios}"
            )


def figures(of: Sequence[Score]) -> tuple[float, float, float, float]:
    """Mean share in range with its standard error, mean of the median errors, mean width."""
    covered = [score.covered for score in of]
    error = statistics.stdev(covered) / math.sqrt(len(covered)) if len(covered) > 1 else math.nan
    means = (statistics.fmean(score.error_days for score in of), statistics.fmean(score.width_days for score in of))
    return statistics.fmean(covered), error, *means


if __name__ == "__main__":
    main()
