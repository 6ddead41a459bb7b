"""A configuration directory to try things in: files written as a runner writes them, synced by a clock that is handed in."""

import copy
import csv
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shoemon.config.load import Config, load
from shoemon.config.reading import ConfigError
from shoemon.sync.pipeline import Report, preview, sync

COLUMNS = ("id", "start", "metres", "sport", "name", "shoe", "surface", "elapsed")
TABLE = """\
  - name: {name}
    type: table
    path: {name}.csv
    missing: {missing}
    {schedule}
    columns: {{id: {id}, start: start, distance: {{column: metres, unit: m}}, sport: sport, name: name, shoe: shoe,
              surface: surface, elapsed: elapsed}}
"""
STAMPS = {"last_attempt_at", "last_success_at", "last_seen_at"}
"""What the same sync done again may change, beside the history of syncs."""


def table_source(name: str, *, missing: str = "keep", schedule: str = "every: 6h", ids: bool = True) -> str:
    """The YAML of a source that reads `name`.csv."""
    return TABLE.format(name=name, missing=missing, schedule=schedule, id="id" if ids else "null")


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: str = "2024-06-01T12:00:00") -> None:
        self.now = datetime.fromisoformat(now).replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


class Home:
    """A configuration directory with its tables, database and clock."""

    def __init__(self, directory: Path, clock: HandClock | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory, self.clock = directory, clock or HandClock()
        self.main("sources:\n" + table_source("watch"))
        self.shoes("shoes: []\n")

    def copied(self, directory: Path) -> "Home":
        """The same, with all that was synced, in a directory of its own and with its own clock."""
        other = copy.deepcopy(self)
        other.directory = shutil.copytree(self.directory, directory)
        return other

    def main(self, text: str) -> None:
        (self.directory / "shoemon.yaml").write_text(text, encoding="utf-8")

    def shoes(self, text: str) -> None:
        (self.directory / "shoes.yaml").write_text(text, encoding="utf-8")

    def text(self, file: str = "shoes.yaml") -> str:
        return (self.directory / file).read_text(encoding="utf-8")

    def table(self, name: str, rows: Iterable[Sequence[object]]) -> Path:
        """Writes `name`.csv; a row may be cut short, the rest of its cells is then empty."""
        path = self.directory / f"{name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows([*row, *[""] * (len(COLUMNS) - len(row))] for row in rows)
        return path

    @property
    def config(self) -> Config:
        try:
            return load(self.directory)
        except ConfigError as error:
            error.add_note("\n".join(map(str, error.mistakes)))
            raise

    @property
    def database(self) -> Path:
        return self.directory / "shoemon.db"

    def sync(self, names: Iterable[str] | None = None) -> Report:
        return sync(self.config, names, self.clock)

    def preview(self, names: Iterable[str] | None = None) -> Report:
        return preview(self.config, names, self.clock)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True, timeout=300)) as connection:
            return connection.execute(sql, values).fetchall()

    def totals(self) -> dict[str | None, float]:
        """Metres by shoe."""
        sql = "SELECT shoe, round(sum(distance_m), 3) FROM shoe_surface_mileage GROUP BY shoe"
        return dict(self.rows(sql))

    def sent(self) -> list[tuple[str, str]]:
        """Alert and notifier of every delivery that is marked as sent."""
        return self.rows(
            "SELECT alert, notifier FROM deliveries WHERE state = 'sent' ORDER BY sent_at, alert, notifier"
        )


class Household(Home):
    """A home with its exports beside it, synced at the times a test says."""

    def __init__(self, directory: Path, **files: str) -> None:
        """`files` by name: `main` and `shoes` are the YAML, any other is an export called `<name>.csv`."""
        super().__init__(directory)
        for name, text in files.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        """Writes one file anew."""
        known = {"main": "shoemon.yaml", "shoes": "shoes.yaml"}
        (self.directory / known.get(name, f"{name}.csv")).write_text(text.strip("\n") + "\n", encoding="utf-8")

    def sync(self, at: str, *names: str) -> Report:  # type: ignore[override]
        """A sync at the UTC time `at`; nothing but a notifier may fail in it."""
        self.clock.now = datetime.fromisoformat(at).replace(tzinfo=UTC)
        report = super().sync(names or None)
        assert [outcome for outcome in report.outcomes if outcome.error] == []
        return report

    def km(self) -> dict[str | None, float]:
        """Kilometres by shoe (None: nobody's), from the totals."""
        return {shoe: round(metres / 1000, 6) for shoe, metres in self.totals().items()}

    def alerts(self) -> list[str]:
        """Ids of the alerts that speak for themselves, oldest first."""
        return [id for (id,) in self.rows("SELECT id FROM alerts WHERE covered_by IS NULL ORDER BY rowid")]


def dump(database: Path, without: Iterable[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but the history of syncs, without the stamps of attempts and the columns `without`."""
    left_out = {*STAMPS, *without}
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=300)) as connection:
        connection.row_factory = sqlite3.Row
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(
                (
                    {key: row[key] for key in row.keys() if key not in left_out}  # noqa: SIM118 a Row iterates over its values
                    for row in connection.execute(f"SELECT * FROM {name}")
                ),
                key=repr,
            )
            for name in names
            if name != "syncs" and not name.startswith("sqlite_")
        }


Totals = dict[tuple[Any, ...], tuple[Any, ...]]
"""By table and key: metres, number of runs and, for a pair on a surface, its first and last day."""


def recount(connection: sqlite3.Connection) -> Totals:
    """The totals, counted in Python from the legs alone."""
    groups: dict[tuple[Any, ...], list[tuple[str, float, str]]] = defaultdict(list)
    sql = "SELECT activity, shoe, surface, distance_m, local_date FROM legs"
    for activity, shoe, surface, metres, day in connection.execute(sql):
        groups["month_mileage", day[:7], shoe, surface].append((activity, metres, day))
        groups["shoe_surface_mileage", shoe, surface].append((activity, metres, day))
        groups["surface_mileage", surface].append((activity, metres, day))
    counted: Totals = {}
    for key, legs in groups.items():
        runs, metres, days = zip(*legs, strict=True)
        ends = (min(days), max(days)) if key[0] == "shoe_surface_mileage" else ()
        counted[key] = (sum(metres), len(set(runs)), *ends)
    return counted


def stored_totals(connection: sqlite3.Connection) -> Totals:
    """The totals as the tables have them, in the shape of `recount`."""
    columns = {
        "month_mileage": ("month, shoe, surface", "distance_m, runs"),
        "shoe_surface_mileage": ("shoe, surface", "distance_m, runs, first_on, last_on"),
        "surface_mileage": ("surface", "distance_m, runs"),
    }
    return {
        (table, *row[: key.count(",") + 1]): tuple(row[key.count(",") + 1 :])
        for table, (key, values) in columns.items()
        for row in connection.execute(f"SELECT {key}, {values} FROM {table}")
    }


def differences(one: Totals, other: Totals) -> list[str]:
    """Where two sets of totals differ by more than a thousandth of a millimetre."""
    found = []
    for key in {*one, *other}:
        left, right = one.get(key), other.get(key)
        if left is None or right is None or abs(left[0] - right[0]) > 1e-6 or left[1:] != right[1:]:
            found.append(f"{key}: {left} is not {right}")
    return sorted(found)


def _lent(connection: sqlite3.Connection, id: str) -> list[float]:
    """The metres that copies of a record may lend it: of one of them, or of all parts in one export together."""
    sql = """SELECT distance_m FROM activities WHERE duplicate_of = ?1
             UNION ALL SELECT sum(distance_m) FROM activities WHERE duplicate_of = ?1 GROUP BY source"""
    return [metres for (metres,) in connection.execute(sql, (id,)) if metres]


def faults(database: Path, corrected: Mapping[str, float] | None = None) -> list[str]:
    """Everything that is wrong in a database: totals that are no recount, runs whose legs do not add up, broken rows.

    `corrected` maps activities to their corrected distance in metres.
    """
    corrected = corrected or {}
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=300)) as connection:
        found = differences(stored_totals(connection), recount(connection))
        for id, counted, metres, legs, run in connection.execute(
            """SELECT a.id, a.counted, a.distance_m, count(l.activity), coalesce(sum(l.distance_m), 0)
               FROM activities a LEFT JOIN legs l ON l.activity = a.id GROUP BY a.id"""
        ):
            if counted is None:
                found.append(f"{id} is undecided")
            elif bool(counted) != (legs > 0):
                found.append(f"{id} has counted = {counted} and {legs} legs")
            elif (
                counted
                and id not in corrected
                and metres == 0
                and any(abs(run - m) <= 1e-6 for m in _lent(connection, id))
            ):
                continue  # a record without a distance has that of another one of the run
            elif counted and abs(run - corrected.get(id, metres)) > 1e-6:
                found.append(f"{id} has legs of {run} m for {corrected.get(id, metres)} m")
        found += [f"foreign key: {row}" for row in connection.execute("PRAGMA foreign_key_check")]
        found += [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        wrong_day = (
            "SELECT l.activity FROM legs l JOIN activities a ON a.id = l.activity WHERE l.local_date <> a.local_date"
        )
        found += [f"{id} has a leg on another day" for (id,) in connection.execute(wrong_day)]
    return found
