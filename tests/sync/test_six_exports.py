"""Six exports of one runner over fifteen months, as Strava gave them: each replaces the one before, and nothing counts twice.

What changes between them was seen in the exports of one account: columns come, a name is blank until a certain day, pairs
are renamed in the old rows too, and ids are rounded to 32 bits. What the runner does in between is in `RUNNER`.
"""

import csv
import struct
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from kit.homes import HandClock, Home, dump, faults
from kit.trials import quick

from shoemon.report.sync_lines import sync_lines
from shoemon.setup.check import check_lines
from shoemon.setup.init import write_configuration

DAYS = ("2023-11-06", "2024-02-26", "2024-06-10", "2024-09-16", "2024-12-08", "2025-02-16")
"""When each export was made."""
FIRST = (
    "Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,Distance,Max Heart Rate,"
    "Relative Effort,Commute,Activity Private Note,Activity Gear,Filename,Athlete Weight,Bike Weight,Elapsed Time,"
    "Moving Time,Distance,Max Speed,Average Speed,Elevation Gain"
)
"""Columns that stand at the beginning of each of them; some names stand twice."""
LATER = (
    "Bike,Gear",
    "Weather,Bike,Gear,Dirt Distance,Newly Explored Distance",
    "Weather,Bike,Gear,Dirt Distance,Newly Explored Distance",
    "Weather,Precipitation,Bike,Gear,Dirt Distance,Newly Explored Distance,Activity Count",
    "Weather,Precipitation,Bike,Gear,Flagged,Dirt Distance,Activity Count,Total Steps",
    "Weather,Precipitation,Bike,Gear,Flagged,Dirt Distance,Total Steps,Carbon Saved,Pool Length",
)
"""The columns behind those, export by export."""


class Pair(NamedTuple):
    """A pair (or a bike) with its id, and what each of the six exports calls it."""

    id: int
    names: tuple[str, ...]
    column: str = "Gear"


LONG = "ASICS pulse gel 13 Asics Pulse Gel 13"
PULSE = Pair(9_876_543, ("Asics Pulse Gel 13",) * 4 + (LONG,) * 2)
GHOST = Pair(21_088_801, ("Ghost",) * 6)
PLAIN = Pair(12_345_678, ("",) * 4 + ("Brooks Catamount 2",) * 2)
"""Strava left the name of a pair without a nickname blank until 2024."""
BIKE = Pair(8_000_001, ("Gravel",) * 6, "Bike")
PAIRS = {"pulse": PULSE, "ghost": GHOST, "plain": PLAIN, "bike": BIKE}


class Run(NamedTuple):
    """What the runner's account holds of one activity. `started` in UTC; `run` is the run it is a record of."""

    run: int
    id: int
    started: date
    metres: float
    pair: str | None
    type: str = "Run"
    file: bool = True


Account = dict[int, Run]


def at_first() -> Account:
    """Eight months of runs in three pairs and in none, with rides, a walk, and runs entered by hand."""
    account = {}
    worn = ("pulse", "ghost", "pulse", "plain", None, "pulse", "bike", "ghost")
    for number in range(60):
        pair = worn[number % len(worn)]
        kind = "Ride" if pair == "bike" else "Walk" if number == 20 else "Run"
        metres = 4000.0 + 137.3 * number
        account[number] = Run(number, 7_000_000_000 + number, day(number), metres, pair, kind, number % 9 != 4)
    return account


def day(number: int) -> date:
    return date(2023, 3, 1) + timedelta(days=4 * number)


def new_runs(account: Account, first: int, until: str, pair: str) -> None:
    """Runs in `pair`, each fourth day until an export is made."""
    number = first
    while day(number).isoformat() < until:
        account[number] = Run(number, 7_000_000_000 + number, day(number), 8000.0 + number, pair)
        number += 1


def edited(account: Account) -> None:
    """The distance of a run on a short track was wrong; another run was a walk."""
    account[3] = account[3]._replace(metres=12_345.6)
    account[8] = account[8]._replace(type="Walk")
    new_runs(account, 63, DAYS[1], "pulse")


def gear_changed(account: Account) -> None:
    """One run was in another pair, one without a pair gets one, one loses its own."""
    account[0] = account[0]._replace(pair="ghost")
    account[4] = account[4]._replace(pair="plain")
    account[1] = account[1]._replace(pair=None)
    new_runs(account, 91, DAYS[2], "ghost")


def deleted(account: Account) -> None:
    """A run of another person's watch, and the last one."""
    del account[2], account[max(account)]
    new_runs(account, 120, DAYS[3], "plain")


def deleted_and_added_again(account: Account) -> None:
    """Its file was loaded up once more: another id, another name of the file, a few metres more."""
    account[5] = account[5]._replace(id=13_000_000_005, metres=account[5].metres + 6)
    account[7] = account[7]._replace(id=13_000_000_007, metres=account[7].metres - 11)
    new_runs(account, 142, DAYS[4], "pulse")


def nothing(account: Account) -> None:
    new_runs(account, 163, DAYS[5], "pulse")


RUNNER: tuple[Callable[[Account], None], ...] = (
    lambda account: None, edited, gear_changed, deleted, deleted_and_added_again, nothing
)  # fmt: skip


def accounts() -> list[Account]:
    """The account as it was when each export was made."""
    account, found = at_first(), []
    for change in RUNNER:
        change(account)
        found.append(dict(account))
    return found


def write_export(path: Path, account: Account, number: int) -> None:
    """activities.csv as the export of that number has it: its columns, its names, its ids."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow([*FIRST.split(","), *LATER[number].split(",")])
        table.writerows(row(run, number) for run in account.values())


def rounded(id: int) -> str:
    """The id as the export has it, with 32 bits."""
    return f"{struct.unpack('f', struct.pack('f', id))[0]:.1f}"


def row(run: Run, number: int) -> list[str]:
    pair = PAIRS[run.pair] if run.pair else None
    seconds = int(run.metres / 3)
    cells: dict[str, Any] = {
        "Weather": "10.5", "Dirt Distance": f"{run.metres / 4:.1f}" if run.id % 3 else "", "Activity Count": "1.0",
    }  # fmt: skip
    if pair:
        cells[pair.column] = rounded(pair.id)
    began = run.started.strftime("%b %d, %Y, ").replace(" 0", " ") + "6:01:54 AM"
    filename = f"activities/{run.id + 77}.fit.gz" if run.file else ""
    shown = f"{int(run.metres / 10) / 100:.2f}"
    first = [
        run.id, began, "Morning Run", run.type, 'with "quotes"\nand lines', seconds, shown, "", "", "false", "",
        pair.names[number] if pair else "", filename, "", "", f"{seconds}.0", f"{seconds - 5}.0", f"{run.metres:.2f}",
        "", "", "12.0",
    ]  # fmt: skip
    return [str(cell) for cell in (*first, *(cells.get(name, "") for name in LATER[number].split(",")))]


# ------------------------------------------------------------------ what the totals must be


OWN = {pair: pair for pair in ("pulse", "ghost", "plain")}


def metres(account: Account, shoes: Mapping[str, str] = OWN) -> dict[str | None, float]:
    """Metres by shoe, added up from the account. `shoes` are called by their pairs."""
    sums: dict[str | None, float] = defaultdict(float)
    for run in account.values():
        if run.type == "Run":
            sums[shoes.get(run.pair or "")] += run.metres
    return {shoe: round(total, 3) for shoe, total in sums.items()}


def history(missing: str, begun: int = 0) -> Iterator[tuple[int, Account, Account]]:
    """Number and account of each export, and the runs that count after it: deleted ones too if they are kept."""
    counted: Account = {}
    for number, account in enumerate(accounts()):
        if number >= begun:
            counted = {**counted, **account} if missing == "keep" else account
            yield number, account, counted


MAIN = """
timezone: Europe/Lisbon
sources: [{name: strava, type: strava-export, path: activities.csv, missing: %s}]
"""
BY_ID = """
shoes:
  - {id: pulse, name: Pulse, gear: [g9876543]}
  - {id: ghost, name: Ghost, gear: ["21088801"]}
  - {id: plain, name: Plain, gear: ["12345678"]}
"""
BY_OLD_NAME = """
shoes:
  - {id: pulse, name: Pulse, gear: [Asics Pulse Gel 13]}
  - {id: ghost, name: Ghost, gear: [Ghost]}
  - {id: plain, name: Plain, gear: ["12345678"]}
"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> list[Home]:
    """Of each export a home that has seen it only, on the day on which it was read."""
    homes, clock = [], HandClock()
    for number, account in enumerate(accounts()):
        clock.move(days=60)
        homes.append(home := Home(tmp_path_factory.mktemp("new") / str(number), clock))
        home.main(MAIN % "keep")
        home.shoes(BY_ID)
        write_export(home.directory / "activities.csv", account, number)
        home.sync()
        assert home.totals() == metres(account), number
    return homes


@pytest.mark.parametrize("missing", ["keep", "drop"])
@pytest.mark.parametrize("shoes", [BY_ID, BY_OLD_NAME], ids=["by id", "by old name"])
def test_each_of_six_exports_counts_like_the_first(tmp_path: Path, fresh: list[Home], missing: str, shoes: str) -> None:
    """By the old name alone, a new database cannot know the pair that was renamed since; one that saw it can."""
    home = Home(tmp_path / "home")
    home.main(MAIN % missing)
    home.shoes(shoes)
    for number, account, counted in history(missing):
        write_export(home.directory / "activities.csv", account, number)
        home.clock.move(days=60)
        home.sync()
        assert faults(home.database) == []
        assert home.totals() == metres(counted), number
        if missing == "drop" and shoes == BY_ID:
            ours, theirs = dump(home.database), dump(fresh[number].database)
            for table in ("legs", "shoe_wear", "shoe_surface_mileage", "surface_mileage", "month_mileage"):
                assert _rounded(ours[table]) == _rounded(theirs[table]), (number, table)
    assert home.rows("SELECT count(*) FROM activities WHERE missing_since IS NOT NULL") == [(4,)]
    assert home.rows("SELECT count(*) FROM problems WHERE NOT is_note") == [(0,)]


def _rounded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sums in another order differ in the last bits; what gear is called is in the detail of the reason."""
    for row in rows:
        row.pop("shoe_detail", None)
        row |= {key: round(value, 6) for key, value in row.items() if isinstance(value, float)}
    return sorted(rows, key=repr)


@pytest.mark.parametrize("case", quick(product(("keep", "drop"), (0, 2, 4)), [("keep", 0), ("drop", 4)]))
def test_shoes_as_init_writes_them_outlast_every_later_export(tmp_path: Path, case: tuple[str, int]) -> None:
    """Whichever of the exports a runner begins with; no pair is without a shoe, or told as renamed."""
    missing, begun = case
    export = tmp_path / "activities.csv"
    write_export(export, accounts()[begun], begun)
    directory = tmp_path / "home"
    said = list(write_configuration(directory, [str(export)]))
    assert "read as strava-export" in said[0]
    main = (directory / "shoemon.yaml").read_text()
    home = Home(tmp_path / "unused", HandClock("2026-06-01T12:00:00"))
    home.directory = directory
    home.main(main.replace("type: strava-export", f"type: strava-export\n    missing: {missing}"))
    # Which shoe in shoes.yaml is which pair, by its rounded id.
    keys = {str(int(float(rounded(pair.id)))): name for name, pair in PAIRS.items()}
    pairs = {keys[gear]: shoe.id for shoe in home.config.plan.shoes for gear in shoe.gear if gear in keys}
    assert sorted(pairs) == ["ghost", "plain", "pulse"]
    for number, account, counted in history(missing, begun):
        write_export(export, account, number)
        home.clock.move(days=60)
        report = home.sync()
        assert not [line for line in sync_lines(home.config, report, dry_run=False) if "called" in line]
        assert faults(home.database) == []
        assert home.totals() == metres(counted, pairs), number
    assert not [line for line in check_lines(home.config) if "gear" in line]


def test_a_renamed_pair_is_told_once_an_export_and_in_check_until_its_id_is_written_down(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.main(MAIN % "keep")
    home.shoes(BY_OLD_NAME)
    said = []
    for number, account in enumerate(accounts()):
        write_export(home.directory / "activities.csv", account, number)
        home.clock.move(days=60)
        said.append([line for line in sync_lines(home.config, home.sync(), dry_run=False) if "called" in line])
    told = (
        f'gear `Asics Pulse Gel 13` is now called `{LONG}` in strava and stays with `pulse`; add "9876543", its id there, '
        "or the new name to the `gear` of `pulse`"
    )
    assert said == [[], [], [], [], [told], [told]]
    assert [line for line in check_lines(home.config) if "gear" in line] == [f"warning: {told}"]
    assert home.rows("SELECT gear, name, renamed_to FROM gear_names WHERE renamed_to IS NOT NULL ORDER BY gear") == [
        ("12345678", "12345678", "Brooks Catamount 2"),
        ("9876543", "Asics Pulse Gel 13", LONG),
    ]
    reasons = home.rows("SELECT DISTINCT shoe_detail FROM legs WHERE shoe = 'pulse' ORDER BY 1")
    # The one that was deleted is known by the name it had.
    assert reasons == [
        ('{"gear": "ASICS pulse gel 13 Asics Pulse Gel 13", "formerly": "Asics Pulse Gel 13"}',),
        ('{"gear": "Asics Pulse Gel 13"}',),
    ]
    home.shoes(BY_ID)
    home.sync()
    assert not [line for line in check_lines(home.config) if "gear" in line]
