"""Print `shoemon forecast`: when pairs will be done, the rotation, and the backtest on the runner's own runs."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoemon.decide.backtest import NEEDED_DAYS, Score, Trial, rules, scores, trials
from shoemon.decide.forecast import HORIZON_DAYS, MONTH_DAYS, YOUNG_DAYS
from shoemon.model.text import one_line
from shoemon.model.units import METRES
from shoemon.report.status import expected_of
from shoemon.store.snapshot import snapshot

if TYPE_CHECKING:
    from rich.table import Table

_SEED = 1
"""The random rule beside ours draws the same numbers every time."""

_WORDS = ("shoe", "rule", "runner", "expected at its limit")
"""Columns that hold no numbers."""


def print_forecast(database: Path, unit: str) -> None:
    """The pairs that are not retired, the next to be done first, then the rotation. Raises ShoemonError."""
    sql = """SELECT s.name, w.distance_m, w.remaining_m, w.due_early_on, w.due_on, w.due_late_on, w.rate_m,
               w.steadiness, w.rotation_share
             FROM shoe_wear w JOIN shoes s ON s.id = w.shoe WHERE w.status != 'retired'
             ORDER BY w.remaining_m > 0, w.due_on IS NULL, w.due_on, w.fraction DESC, w.shoe"""
    with snapshot(database) as rows:
        pairs = rows(sql)
    table = _table("shoe", f"{unit} left", f"{unit} a week", "of 28 days", "runner", "expected at its limit")
    for pair in pairs:
        left, rate = pair["remaining_m"] / METRES[unit], (pair["rate_m"] or 0.0) * 7 / METRES[unit]
        numbers = [f"{left:,.1f}", f"{rate:,.1f}" if rate else "", f"{pair['rotation_share'] or 0:.0%}"]
        _add(table, [pair["name"], *numbers, pair["steadiness"] or "", _when(pair)])
    _print(table if pairs else None, rotation_lines(pairs))


def rotation_lines(pairs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Which pairs were worn in the last 28 days, by their share of the metres, and which were not."""
    if not pairs:
        yield "There is no pair in use."
        return
    worn = sorted((pair for pair in pairs if pair["rotation_share"]), key=lambda pair: -pair["rotation_share"])
    rest = [pair["name"] for pair in pairs if not pair["rotation_share"]]
    if worn:
        shares = ", ".join(f"{pair['name']} {pair['rotation_share']:.0%}" for pair in worn)
        yield f"in rotation (worn in the last {MONTH_DAYS} days): {shares}"
    if rest:
        yield f"not worn in the last {MONTH_DAYS} days: {', '.join(rest)}"


def print_backtest(database: Path) -> None:
    """The table of how the forecast and other rules would have done on the runner's own runs. Raises ShoemonError."""
    sql = "SELECT local_date, sum(distance_m) AS metres FROM legs GROUP BY 1 ORDER BY 1"
    with snapshot(database) as rows:
        daily = {row["local_date"]: row["metres"] for row in rows(sql) if row["metres"] > 0}
    days = list(trials(daily))
    if not days:
        _print(None, [_too_little(daily)])
        return
    table = _table("rule", "weeks", "forecasts", "in range", "off by (days)", "wide (days)")
    for name, rule in rules(random.Random(_SEED).randrange).items():  # noqa: S311 a simulation, not a secret
        for weeks, score in scores(days, rule).items():
            _add(table, _cells(name, weeks, score))
    _print(table, _explained(daily, days))


def _cells(name: str, weeks: int, score: Score) -> list[str]:
    figures = (f"{score.covered:.0%}", f"{score.error_days:.0f}", f"{score.width_days:.0f}")
    return [name, str(weeks) if weeks else "all", str(score.forecasts), *figures]


def _explained(daily: Mapping[str, float], days: Sequence[Sequence[Trial]]) -> Iterator[str]:
    yield (
        f"One runner's history, yours: {min(daily)} to {max(daily)}, all shoes together, asked on {len(days)} days two "
        "weeks apart, how long the distance of so many weeks would take."
    )
    yield (
        "In range: how often the day lay between early and late; meant are 80 %. Off by: the median error of the "
        "middle day. Wide: from early to late on average; no end in sight counts as 26 weeks, and all is cut there."
    )
    if len(days) < 26:
        yield f"{len(days)} days, whose futures overlap, are few: the figures say little yet."


def _too_little(daily: Mapping[str, float]) -> str:
    needs = (
        f"a backtest needs {NEEDED_DAYS} days (some {NEEDED_DAYS // 7} weeks) from the first run to the last: "
        f"{YOUNG_DAYS} to learn from, with a run in the last {MONTH_DAYS} of them, and {HORIZON_DAYS} to see what came"
    )
    if not daily:
        return f"There are no runs yet; {needs}."
    known = (date.fromisoformat(max(daily)) - date.fromisoformat(min(daily))).days + 1
    if known < NEEDED_DAYS:
        return f"There is too little history, {known} days; {needs}."
    return f"There is too little to ask in {known} days of history; {needs}."


def _when(pair: dict[str, Any]) -> str:
    if pair["remaining_m"] <= 0:
        return "at its limit now"
    return expected_of(pair)


def _table(*titles: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, justify="left" if title in _WORDS else "right")
    return table


def _add(table: "Table", cells: Iterable[str]) -> None:
    from rich.markup import escape

    table.add_row(*(escape(one_line(cell)) for cell in cells))


def _print(table: "Table | None", lines: Iterable[str]) -> None:
    """The table, if any, and lines under it; never wrapped in a pipe."""
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    if table is not None:
        console.print(table)
    for line in lines:
        console.print(escape(one_line(line)), highlight=False, soft_wrap=not console.is_terminal)
