"""Print `shoemon forecast`: when pairs will be done, the rotation, and the backtest on the runner's own runs."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from shoemon.decide.backtest import MOST_DAYS, NEEDED_DAYS, rules, scores, trials
from shoemon.decide.forecast import FEWEST_RUN_DAYS, MONTH_DAYS, YOUNG_DAYS
from shoemon.decide.rotation import Outlook, costs_a_year, outlook
from shoemon.model.units import METRES
from shoemon.pages.rows import overlap_of, settings_of
from shoemon.report.tables import Column, Note, labels, print_notes, print_table
from shoemon.store.snapshot import snapshot
from shoemon.words.forecast import in_columns
from shoemon.words.rotation import next_lines

_SEED = 1
"""The random rule beside ours draws the same numbers every time."""


def forecast_data(database: Path) -> dict[str, Any]:
    """The pairs neither retired nor resting, the next to be done first, as table shoe_wear has them, and what is ahead
    of them. Raises ShoemonError."""
    outlooks, overlap_m = _outlooks(database)
    pairs = [{**of.pair, **_ahead(of)} for of in outlooks]
    return {"shoes": pairs, "overlap_m": overlap_m, "cost_a_year": costs_a_year(outlooks)}


def _outlooks(database: Path) -> tuple[list[Outlook], float]:
    """The pairs with what is ahead of them, and the runner's overlap in metres. Raises ShoemonError."""
    sql = """SELECT w.shoe, s.name, w.status, w.distance_m, w.worn_m, w.life_m, w.remaining_m, w.due_early_on, w.due_on,
               w.due_late_on, w.rate_m, w.steadiness, w.no_day, w.rotation_share, s.price, s.currency
             FROM shoe_wear w JOIN shoes s ON s.id = w.shoe WHERE w.status != 'retired' AND w.resting_since IS NULL
             ORDER BY w.remaining_m > 0, w.due_on IS NULL, w.due_on, w.fraction DESC, w.shoe"""
    with snapshot(database) as rows:
        settings = settings_of(rows)
        unit, overlap_m = settings.get("units", "km"), overlap_of(settings)
        return [outlook(pair, overlap_m, unit) for pair in rows(sql)], overlap_m


def _ahead(of: Outlook) -> dict[str, Any]:
    """When the next pair should be there, what such pairs cost a year, and what a longer life would change."""
    buy, longer = of.buy, None
    if of.later_days is not None:
        longer = {"life_m": of.longer["life_m"], "later_days": of.later_days, "cost_a_year": of.longer_cost_a_year}
    return {
        "buy_by": {
            "early_on": buy["due_early_on"],
            "on": buy["due_on"],
            "late_on": buy["due_late_on"],
            "no_day": buy["no_day"],
        },
        "cost_a_year": of.cost_a_year,
        "longer_life": longer,
    }


def print_forecast(database: Path, unit: str) -> None:
    """Print those pairs with their forecast, then the next ones and the rotation. Raises ShoemonError."""
    outlooks, overlap_m = _outlooks(database)
    pairs = [of.pair for of in outlooks]
    name = labels(pairs)
    columns: dict[str, Column] = {"shoe": "wrapped", f"{unit} left": "right", f"{unit}/week": "right"}
    columns |= {"early": "left", "likely": "left", "late": "left"}
    print_table(columns, ((name[pair["shoe"]], *_cells(pair, unit)) for pair in pairs))
    print_notes(map(Note, [*next_lines(outlooks, name, overlap_m, unit), *rotation_lines(pairs, name)]))


def _cells(pair: Mapping[str, Any], unit: str) -> tuple[str, ...]:
    left, rate = pair["remaining_m"] / METRES[unit], (pair["rate_m"] or 0.0) * 7 / METRES[unit]
    return f"{left:,.1f}", f"{rate:,.1f}" if rate else "", *in_columns(pair)


def rotation_lines(pairs: Sequence[Mapping[str, Any]], name: Mapping[str, str]) -> Iterator[str]:
    """Which pairs were worn in the last 28 days, by their share of the metres, and which were not."""
    if not pairs:
        yield "There is no pair in use."
        return
    worn = sorted((pair for pair in pairs if pair["rotation_share"]), key=lambda pair: -pair["rotation_share"])
    rest = [name[pair["shoe"]] for pair in pairs if not pair["rotation_share"]]
    if worn:
        shares = ", ".join(f"{name[pair['shoe']]} {pair['rotation_share']:.0%}" for pair in worn)
        yield f"worn in the last {MONTH_DAYS} days: {shares}"
    if rest:
        yield f"not worn in the last {MONTH_DAYS} days: {', '.join(rest)}"


def backtest_data(database: Path) -> dict[str, Any]:
    """How the forecast and other rules would have done on the runner's own runs: shares, and days. `weeks` is None for
    all forecasts of a rule together. Raises ShoemonError."""
    sql = "SELECT local_date, sum(distance_m) AS metres FROM legs GROUP BY 1 ORDER BY 1"
    with snapshot(database) as rows:
        daily = {row["local_date"]: row["metres"] for row in rows(sql) if row["metres"] > 0}
    days = list(trials(daily))
    found = [
        {"rule": name, "weeks": weeks or None, **score._asdict()}
        for name, rule in rules(random.Random(_SEED).randrange).items()  # noqa: S311 a simulation, not a secret
        for weeks, score in (scores(days, rule).items() if days else ())
    ]
    return {
        "first_on": min(daily, default=None),
        "last_on": max(daily, default=None),
        "days": len(days),
        "scores": found,
    }


def print_backtest(database: Path) -> None:
    """Print the same as a table. Raises ShoemonError."""
    found = backtest_data(database)
    if not found["scores"]:
        print_notes([Note(_too_little(found["first_on"], found["last_on"]))])
        return
    numbers: dict[str, Column] = dict.fromkeys(("weeks", "forecasts", "in range", "off (days)", "wide (days)"), "right")
    print_table(
        {"rule": "left", **numbers},
        (
            (
                row["rule"], str(row["weeks"] or "all"), str(row["forecasts"]), f"{row['covered']:.0%}",
                f"{row['error_days']:.0f}", f"{row['width_days']:.0f}",
            )
            for row in found["scores"]
        ),
    )  # fmt: skip
    print_notes(map(Note, _explained(found)))


def _explained(found: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"Your own runs from {found['first_on']} to {found['last_on']}, all shoes together. On {found['days']} days, "
        "two weeks apart, each rule forecast how long the distance of so many weeks would take."
    )
    yield (
        "In range: how often the true day was between early and late; the aim is 80 %. Off: the median error of the "
        "likely day. Wide: the mean from early to late. All is cut after 26 weeks, for 26 and 52 weeks after 65 and "
        "130 weeks, also a range without an end."
    )
    if found["days"] < 26:
        yield f"{found['days']} overlapping forecasts of each kind are few: the figures are rough."


def _too_little(first_on: str | None, last_on: str | None) -> str:
    needed = NEEDED_DAYS[2]
    needs = (
        f"a backtest needs {needed} days (some {needed // 7} weeks) from the first run to the last: "
        f"{YOUNG_DAYS} to learn from, with {FEWEST_RUN_DAYS} days with a run in the last {MONTH_DAYS} of them, and "
        f"{MOST_DAYS[2]} to compare with"
    )
    if first_on is None or last_on is None:
        return f"There are no runs yet; {needs}."
    known = (date.fromisoformat(last_on) - date.fromisoformat(first_on)).days + 1
    if known < needed:
        return f"There are only {known} days of history; {needs}."
    return f"There are too few runs in {known} days of history; {needs}."
