"""The ready-made queries that charts are drawn from: their figures, against what they stand for, and how they are had."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from kit.homes import HandClock, Home, table_source
from kit.pages import QUERIES, SHOE, WEAR, build, change

from shoemon.decide.ground_target import share_of

UNWORN = {**SHOE, "initial_m": 0.0}
Run = tuple[str, str | None, str, float, str]
"""Activity, shoe, surface, metres, day."""
NO_DAYS = {"due_early_on": None, "due_on": None, "due_late_on": None}


def runs(path: Path, *rows: Run, shoes: Sequence[dict[str, Any]] = (SHOE,), wear: Sequence[dict[str, Any]] = (), units: str = "km") -> Path:  # fmt: skip
    """A database in which runs were done on those days."""
    legs, starts = [row[:4] for row in rows], {row[0]: f"{row[4]}T06:00:00Z" for row in rows}
    return build(path, shoes=shoes, wear=wear, units=units, legs=legs, starts=starts)


def ask(path: Path, query: str, **values: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        given = dict.fromkeys(QUERIES[query].get("params", []), "") | values
        return [dict(row) for row in connection.execute(QUERIES[query]["sql"], given)]


def today() -> date:
    """As SQLite has it."""
    return datetime.now(UTC).date()


def ago(days: int) -> str:
    return (today() - timedelta(days=days)).isoformat()


def life(path: Path, shoe: str = "pegasus") -> list[tuple[Any, ...]]:
    rows = ask(path, "life_of_a_shoe", shoe=shoe)
    assert {(row["life"], row["unit"]) for row in rows} == {(700.0, "km")}
    return [(row["day"], row["used"], row["what"]) for row in rows]


def test_a_life_goes_from_the_distance_before_through_every_day_to_the_forecast(tmp_path: Path) -> None:
    path = runs(
        tmp_path / "shoemon.db",
        ("s:2", "pegasus", "asphalt", 5000.0, "2025-03-03"), ("s:1", "pegasus", "gravel", 10_000.0, "2025-03-01"),
        ("s:3", "pegasus", "asphalt", 1000.0, "2025-03-03"), ("s:4", None, "asphalt", 7000.0, "2025-03-02"),
        wear=[{**WEAR, "due_early_on": "2099-01-01", "due_on": "2099-02-01", "due_late_on": None}],
    )  # fmt: skip
    change(path, "UPDATE surfaces SET wear_factor = 0.5 WHERE id = 'gravel'")
    assert life(path) == [
        ("2025-02-28", 120.0, "worn"), ("2025-03-01", 125.0, "worn"), ("2025-03-03", 131.0, "worn"),
        (ago(0), 131.0, "today"), ("2099-01-01", 700.0, "early"), ("2099-02-01", 700.0, "expected"),
    ]  # fmt: skip
    assert life(path, "NIKE pegasus 40") == life(path)
    assert ask(path, "life_of_a_shoe", shoe="nobody") == []


def test_a_life_is_in_the_unit_chosen(tmp_path: Path) -> None:
    path = runs(
        tmp_path / "shoemon.db", ("s:1", "pegasus", "asphalt", 16_093.44, "2025-03-01"), units="mi", wear=[WEAR]
    )
    rows = ask(path, "life_of_a_shoe", shoe="pegasus")
    assert [(row["used"], row["life"], row["unit"]) for row in rows[:2]] == [(74.6, 435.0, "mi"), (84.6, 435.0, "mi")]


def test_a_retired_pair_has_no_today_and_a_pair_without_runs_begins_when_it_was_bought(tmp_path: Path) -> None:
    old = {**SHOE, "id": "old", "name": "Old", "retired_on": "2025-03-05"}
    bought = {**SHOE, "id": "bought", "name": "Bought", "bought_on": "2025-02-01"}
    future = {**SHOE, "id": "future", "name": "Going", "retired_on": "2099-03-05"}
    path = runs(
        tmp_path / "shoemon.db", ("s:1", "old", "asphalt", 10_000.0, "2025-03-01"), shoes=[SHOE, old, bought, future],
        wear=[{**WEAR, "shoe": "old", "status": "retired"}, {**WEAR, "shoe": "future", **NO_DAYS}],
    )  # fmt: skip
    assert life(path, "old") == [("2025-02-28", 120.0, "worn"), ("2025-03-01", 130.0, "worn")]
    assert life(path, "bought") == [("2025-02-01", 120.0, "worn"), (ago(0), 120.0, "today")]
    assert life(path, "future") == [(ago(0), 120.0, "worn"), (ago(0), 120.0, "today")]


@pytest.mark.parametrize("days", [889, 890, 891, 5000])
def test_a_long_life_is_thinned_evenly_and_ends_with_its_last_day(tmp_path: Path, days: int) -> None:
    first = date(2010, 1, 1)
    rows: list[Run] = [(f"s:{n}", "pegasus", "asphalt", 1000.0, (first + timedelta(days=n)).isoformat()) for n in range(days)]  # fmt: skip
    worn = [row for row in life(runs(tmp_path / "shoemon.db", *rows, shoes=[UNWORN])) if row[2] == "worn"]
    assert (worn[0], worn[-1]) == (("2009-12-31", 0.0, "worn"), (rows[-1][4], float(days), "worn"))
    assert 440 < len(worn) <= 892
    steps = {after[1] - before[1] for before, after in pairwise(worn[:-1])}
    assert len(steps) == 1


def test_the_months_of_a_pair_are_its_own_part_of_all_months(tmp_path: Path) -> None:
    dash = {**SHOE, "id": "dash", "name": "Dash"}
    rows: list[Run] = [
        ("s:1", "pegasus", "asphalt", 10_000.0, "2025-03-01"), ("s:1", "dash", "asphalt", 5000.0, "2025-03-01"),
        ("s:2", "pegasus", "gravel", 4000.0, "2025-04-01"), ("s:3", None, "unknown", 4000.0, "2025-04-02"),
    ]  # fmt: skip
    path = runs(tmp_path / "shoemon.db", *rows, shoes=[SHOE, dash])
    mine = runs(tmp_path / "mine.db", *(row for row in rows if row[1] == "pegasus"))
    assert ask(path, "ground_of_a_shoe_by_month", shoe="pegasus") == ask(mine, "ground_by_month")
    assert [(row["month"], row["hard"]) for row in ask(path, "ground_of_a_shoe_by_month", shoe="dash")] == [("2025-03", 5.0)]  # fmt: skip


def test_a_run_in_two_pairs_is_one_run_on_its_surface(tmp_path: Path) -> None:
    path = runs(
        tmp_path / "shoemon.db",
        ("s:1", "pegasus", "asphalt", 10_000.0, "2025-03-01"), ("s:1", None, "asphalt", 5000.0, "2025-03-01"),
        ("s:1", "pegasus", "gravel", 1000.0, "2025-03-01"), ("s:2", "pegasus", "asphalt", 2000.0, "2025-03-09"),
        ("s:3", "pegasus", "asphalt", 3000.0, "2025-04-01"),
    )  # fmt: skip
    assert ask(path, "surfaces_by_month") == [
        {"month": "2025-04", "surface": "asphalt", "ground": "hard", "distance": 3.0, "unit": "km", "runs": 1},
        {"month": "2025-03", "surface": "asphalt", "ground": "hard", "distance": 17.0, "unit": "km", "runs": 2},
        {"month": "2025-03", "surface": "gravel", "ground": "soft", "distance": 1.0, "unit": "km", "runs": 1},
    ]


def test_the_weekly_share_of_hard_ground_is_the_one_the_alert_reckons(tmp_path: Path) -> None:
    mixed = ("asphalt", "gravel", "unknown", "tartan", "asphalt", "unknown", "treadmill")
    rows: list[Run] = []
    for n in range(130):
        surface = "unknown" if n < 12 else "gravel" if n < 30 else mixed[n % 7]
        if not 60 < n < 75:  # six weeks without a run
            rows.append((f"s:{n}", ("pegasus", None)[n % 2], surface, 1000.0 + 100 * n, ago(3 * n)))
    path = runs(tmp_path / "shoemon.db", *rows)
    found = ask(path, "hard_share_by_week")
    assert [row["day"] for row in found] == [ago(7 * week) for week in range(52, -1, -1)]
    kinds = {"asphalt": "hard", "gravel": "soft", "unknown": "unknown", "tartan": "synthetic", "treadmill": "treadmill"}
    said = []
    for row in found:
        until = date.fromisoformat(row["day"])
        ground: dict[str, float] = {}
        for _, _, surface, metres, day in rows:
            if (until - timedelta(days=27)).isoformat() <= day <= row["day"]:
                ground[kinds[surface]] = ground.get(kinds[surface], 0.0) + metres
        share = share_of("hard", [ground])
        said.append(None if share is None else round(100 * round(share, 4), 1))
        known = sum(metres for kind, metres in ground.items() if kind != "unknown")
        figures = (row["hard"], row["known"], row["distance"])
        assert figures == tuple(round(m / 1000, 1) for m in (ground.get("hard", 0.0), known, sum(ground.values())))
    assert [row["hard_percent"] for row in found] == said
    assert None in said and 0.0 in said and len(set(said)) > 10
    assert {row["target_percent"] for row in found} == {None}


def test_the_target_of_the_settings_stands_beside_the_share(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", HandClock(f"{ago(0)}T12:00:00"))
    home.main("alerts: {hard_share: 33.3%}\nunits: mi\nsources:\n" + table_source("watch"))
    home.table("watch", [(1, f"{ago(1)}T07:00:00Z", 16_093.44, "run", "Run", "", "asphalt", 4000)])
    home.sync()
    rows = ask(home.database, "hard_share_by_week")
    assert rows[-1] == {
        "day": ago(0), "hard_percent": 100.0, "target_percent": 33.3, "hard": 10.0, "known": 10.0, "distance": 10.0, "unit": "mi",
    }  # fmt: skip


def test_the_weeks_are_counted_from_the_day_it_is_where_the_runner_is(tmp_path: Path) -> None:
    path = runs(tmp_path / "shoemon.db", ("s:1", "pegasus", "asphalt", 1000.0, "2025-03-01"),
                ("s:2", "pegasus", "gravel", 3000.0, "2025-03-29"))  # fmt: skip
    ends = {day: ask(path, "hard_share_by_week", today=day)[-1] for day in ("2025-03-28", "2025-03-29", "not a day")}
    assert {day: (row["day"], row["hard_percent"]) for day, row in ends.items()} == {
        "2025-03-28": ("2025-03-28", 100.0), "2025-03-29": ("2025-03-29", 0.0), "not a day": (ago(0), None),
    }  # fmt: skip


@pytest.mark.parametrize(
    "query", ["life_of_a_shoe", "ground_of_a_shoe_by_month", "surfaces_by_month", "hard_share_by_week"]
)
def test_no_chart_goes_through_all_legs_or_records(tmp_path: Path, query: str) -> None:
    with closing(sqlite3.connect(build(tmp_path / "shoemon.db"))) as connection:
        plan = [
            row[3]
            for row in connection.execute(
                "EXPLAIN QUERY PLAN " + QUERIES[query]["sql"], {"shoe": "pegasus", "today": ""}
            )
        ]
    scans = {step for step in plan if step.startswith("SCAN") and step.split()[1] in ("l", "a", "legs", "activities")}
    # An index alone tells which runs met a surface in two pairs; `l` there is what is left of them.
    known = {"SCAN legs USING COVERING INDEX legs_once", "SCAN l"} if query == "surfaces_by_month" else set()
    assert scans == known
    assert any("legs_shoe (shoe=?" in step for step in plan) == (query in ("life_of_a_shoe", "hard_share_by_week"))
