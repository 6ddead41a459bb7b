"""`shoemon forecast`: each pair, the pairs that are worn, and the backtest on one's own runs."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from kit.commands import Said
from kit.homes import HandClock, Home

from shoemon.decide.backtest import NEEDED_DAYS

FIRST = date(2024, 1, 1)
SHOES = """\
shoes:
  - {id: road, name: "Road [bold]", gear: [Road], life: 2000 km, price: 150 EUR}
  - {id: trail, name: Trail, gear: [Trail], life: 300 km}
  - {id: new, name: New, life: 600 km}
  - {id: spike, name: Spike, gear: [Spike], life: 600 km}
  - {id: done, name: Done, gear: [Done], life: 5 km}
  - {id: old, name: Old, gear: [Old], retired: 2024-01-02}
"""
Say = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home", HandClock("2024-07-01T12:00:00"))
    home.shoes(SHOES)
    return home


@pytest.fixture
def say(shoemon: Callable[..., Said]) -> Say:
    """What the command prints for the home, in a pipe."""

    def run(*options: str) -> str:
        said = shoemon("forecast", *options)
        return said.out or said.err

    return run


def runs(km: float, *days: int, shoe: str = "Road") -> list[tuple[object, ...]]:
    """One run of `km` in `shoe` on each of `days`, counted from the first of 2024."""
    return [
        (f"{shoe}{day}", f"{FIRST + timedelta(days=day)}T07:00:00Z", km * 1000, "run", "", shoe, "road") for day in days
    ]


def lines_of(said: str, *starts: str) -> list[str]:
    return [" ".join(line.split()) for line in said.splitlines() if line.startswith(starts)]


def test_every_pair_in_use_is_said_with_what_its_day_rests_on(home: Home, say: Say) -> None:
    """Today is day 182. Road: 8 km a day for half a year; 2,000 km less 1,456 are 68 days, times 0.74, 1.05 and 2.30.
    Trail: 20 km on six Sundays, 92 days ago the first; 180 km left at half of 60 in 28 and 120 in 93 days are 105, times
    0.65 and 1.53. Spike is new: 2 of the 126 km since it came, of 9.5 km a day. The others: worn out, never worn,
    retired."""
    home.table("watch", [
        *runs(8, *range(1, 183)),
        *runs(20, 90, 97, 104, 160, 167, 174, shoe="Trail"),
        *runs(2, 170, shoe="Spike"),
        *runs(6, 100, shoe="Done"),
        *runs(6, 1, shoe="Old"),
    ])  # fmt: skip
    home.main("overlap: 50 km\n" + (home.directory / "shoemon.yaml").read_text())
    home.sync()
    said = say()
    assert lines_of(said, "Road", "Trail", "New", "Spike", "Done", "Old") == [
        "Done -1.0 now",
        "Road [bold] 544.0 56.0 2024-08-21 2024-09-10 2024-12-05",
        "Trail 180.0 12.0 2024-09 2024-12 or later",
        "Spike 598.0 1.1 11 years",
        "New 600.0 no run yet",
    ]  # fmt: skip
    assert "worn in the last 28 days: Road [bold] 78%, Trail 21%, Spike 1%\n" in said
    assert "not worn in the last 28 days: Done, New\n" in said
    assert lines_of(said, "next after", "1 of") == [
        "next after Done: now, as its life is used up",
        "next after Road [bold]: about 2024-09-04 (2024-08-15 to 2024-11-18); 219 EUR a year; 2,000 to 2,100 km: about 13 days later, 10 EUR a year less",
        "next after Trail: about October 2024 (August 2024 or later); 300 to 400 km: about four months later",
        "next after Spike: about ten years at 1.1 km a week; 600 to 700 km: about 22 months later",
        "1 of 5 pairs: 219 EUR a year at the present habits; the others have no price or no rate",
    ]  # fmt: skip


def test_the_next_pair_in_json_is_the_forecast_where_no_overlap_is_wished(home: Home, say: Say) -> None:
    home.table("watch", runs(8, *range(1, 183)))
    for overlap, is_same in (("", True), ("overlap: 50 km\n", False)):
        home.main(overlap + (home.directory / "shoemon.yaml").read_text())
        home.sync()
        told = json.loads(say("--json"))
        road = told["shoes"][0]
        buy = [road["buy_by"][key] for key in ("early_on", "on", "late_on")]
        assert (buy == [road["due_early_on"], road["due_on"], road["due_late_on"]]) is is_same
        assert (told["overlap_m"], told["cost_a_year"]) == (50_000.0 * (not is_same), {"EUR": road["cost_a_year"]})
        assert road["longer_life"] == {"life_m": 2_100_000.0, "later_days": 13, "cost_a_year": pytest.approx(208.57, abs=0.01)}  # fmt: skip


def test_a_runner_of_miles_reads_miles_and_one_without_pairs_that_there_is_none(home: Home, say: Say) -> None:
    home.main("units: mi\n" + (home.directory / "shoemon.yaml").read_text())
    home.table("watch", runs(8.04672, *range(1, 183)))
    home.sync()
    said = say()
    assert said.splitlines()[0].split()[:6] == ["shoe", "mi", "left", "mi/week", "early", "likely"]
    assert " 35.0 " in lines_of(said, "Road")[0]
    home.shoes("shoes: []\n")
    home.sync()
    assert say() == "There is no pair in use.\n"


def test_the_backtest_is_of_all_counted_runs_whatever_the_shoe(home: Home, say: Say) -> None:
    """Two pairs in turn, runs without a pair, and a ride that is no run: every day 8 km."""
    home.table("watch", [
        *runs(8, *range(0, 300, 3)),
        *runs(8, *range(1, 300, 3), shoe="Trail"),
        *runs(8, *range(2, 300, 3), shoe="Unheard of"),
        ("ride", "2024-02-01T07:00:00Z", 90000, "ride"),
    ])  # fmt: skip
    home.clock.move(days=366)
    home.sync()
    said = say("--backtest")
    assert lines_of(said, "shoemon", "42-day mean", "bootstrap") == [
        "shoemon 2 3 100% 1 23", "shoemon 4 3 100% 1 46", "shoemon 8 3 100% 3 84", "shoemon 12 3 100% 3 116",
        "shoemon all 12 100% 2 67",
        "42-day mean 2 3 100% 0 0", "42-day mean 4 3 100% 0 0", "42-day mean 8 3 100% 0 0",
        "42-day mean 12 3 100% 0 0", "42-day mean all 12 100% 0 0",
        "bootstrap 2 3 100% 0 0", "bootstrap 4 3 100% 0 0", "bootstrap 8 3 100% 0 0", "bootstrap 12 3 100% 0 0",
        "bootstrap all 12 100% 0 0",
    ]  # fmt: skip
    assert "Your own runs from 2024-01-01 to 2024-10-26, all shoes together. On 3 days, two weeks apart" in said
    assert "3 overlapping forecasts of each kind are few: the figures are rough.\n" in said
    assert say("--backtest") == said


@pytest.mark.parametrize(
    ("days", "begins"),
    [
        ((), "There are no runs yet; a backtest needs 267 days"),
        ((0, NEEDED_DAYS[2] - 2), "There are only 266 days of history; a backtest needs 267 days"),
        ((0, NEEDED_DAYS[2] - 1), "There are too few runs in 267 days of history; a backtest needs 267 days"),
    ],
)
def test_too_little_history_says_how_much_is_needed(home: Home, say: Say, days: tuple[int, ...], begins: str) -> None:
    home.table("watch", runs(8, *days))
    home.clock.move(days=366)
    home.sync()
    said = say("--backtest")
    assert said.startswith(begins)
    assert said.count("\n") == 1


def test_it_writes_nothing(home: Home, say: Say) -> None:
    home.table("watch", runs(8, *range(0, 300, 3)))
    home.sync()
    before = home.database.read_bytes()
    for options in ((), ("--json",), ("--backtest",), ("--backtest", "--json")):
        assert say(*options)
        assert home.database.read_bytes() == before


def test_a_database_of_before_is_brought_up_to_date_by_a_sync(home: Home, say: Say) -> None:
    home.table("watch", runs(8, 1))
    home.sync()
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute("PRAGMA legacy_alter_table = ON")  # views that show the column are let be
        connection.execute("ALTER TABLE shoe_wear RENAME COLUMN rotation_share TO unknown_then")
    assert say().endswith("to bring it up to date: shoemon sync\n")
