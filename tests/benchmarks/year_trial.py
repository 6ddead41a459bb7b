"""Lives through some of 2026 in a time zone, with a clock that is handed in, and counts what was missed or said twice:
for sync/test_schedule.py.

The machine sleeps from 23:00 to 7:00 every night, both changes of the clocks come, and once its clock is set back by an
hour. One table is pulled `every: 6h`, the other daily by cron; each gets a run a day. Everything but the clock is real:
the tick that decides what is due, the files, the database, the posts and the server that takes them. A period counts as
missed when its source was not pulled by the first tick awake after it ended.
"""

import csv
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.kill_trial import due_in, told_in
from kit.homes import COLUMNS, HandClock, Home, faults, table_source
from kit.receivers import Hook, hook

TICK = timedelta(minutes=30)
EVERY = timedelta(hours=6)
PAIRS = 3
LIFE_M, INITIAL_M, RUN_M = 200_000, 170_000, 12_000
"""A run is shorter than the tenth of a life that is a stage, so every stage is crossed by a run of its own."""


class Result(NamedTuple):
    """What one zone counted. `due`, `lost` and `repeats` are alerts; the others pulls."""

    expected: int
    done: int
    missed: int
    due: int
    delivered: int
    lost: int
    repeats: int
    faults: list[str]


class Life:
    """A machine and its runner in one zone."""

    def __init__(self, home: Home, zone: str) -> None:
        from shoemon.sync.schedule import Watch

        self.home, self.zone = home, ZoneInfo(zone)
        self.watch = Watch(home.directory, home.clock)
        self.expected = self.missed = 0
        self.pulls: Counter[str] = Counter()
        self.pulled: dict[str, datetime] = {}
        self.numbers = Counter[str]()
        self.ran: set[tuple[str, str]] = set()

    def half_an_hour(self, *, runs: bool) -> None:
        """What happens before the next tick, and the tick itself, unless the machine sleeps."""
        now = self.home.clock.now
        local = now.astimezone(self.zone)
        if not 7 <= local.hour < 23:
            return
        if runs:
            for table, hour in (("daily", 8), ("often", 18)):
                if local.hour >= hour:
                    self._run_once(table, local)
        wanted = {name for name in ("often", "daily") if self._is_wanted(name, now)}
        self.expected += len(wanted)
        report = self.watch.tick()
        for outcome in report.outcomes if report else ():
            self.pulls[outcome.source] += outcome.error is None
            self.pulled[outcome.source] = now
        self.missed += sum(self.pulled.get(name) != now for name in wanted)

    def _is_wanted(self, name: str, now: datetime) -> bool:
        """Whether a source should be pulled now, reckoned without shoemon."""
        last = self.pulled.get(name)
        if last is None or last > now:
            return True
        if name == "often":
            return now - last >= EVERY
        quarter_past_six = now.replace(hour=6, minute=15, second=0)
        return last < (quarter_past_six if quarter_past_six <= now else quarter_past_six - timedelta(days=1))

    def _run_once(self, table: str, local: datetime) -> None:
        day = local.date().isoformat()
        if (table, day) in self.ran:
            return
        self.ran.add((table, day))
        number = self.numbers[table] = self.numbers[table] + 1
        pair = f"pair-{number % PAIRS}" if table == "often" else "tempo"
        ago = timedelta(hours=1 if table == "often" else 4)  # never at the same time, which would be the same run
        start = (self.home.clock.now - ago).strftime("%Y-%m-%dT%H:%M:%SZ")
        with (self.home.directory / f"{table}.csv").open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow((number, start, RUN_M, "run", "", pair, "road", 3000))


def _set_up(directory: Path, zone: str, start: str, receiver: Hook) -> Home:
    home = Home(directory, HandClock(f"{start}T00:00:07"))
    sources = table_source("often") + table_source("daily", schedule='cron: "15 6 * * *"')
    home.main(
        f"timezone: {zone}\nsources:\n{sources}"
        f"alerts: {{soon: {{within: 0d}}}}\nnotify:\n  - {{name: hook, type: webhook, url: {receiver.url}}}\n"
    )
    names = [*(f"pair-{n}" for n in range(PAIRS)), "tempo"]
    home.shoes(
        "shoes:\n"
        + "".join(f"  - {{id: {name}, name: {name}, life: {LIFE_M} m, initial: {INITIAL_M} m}}\n" for name in names)
    )
    for table in ("often", "daily"):
        (directory / f"{table}.csv").write_text(",".join(COLUMNS) + "\r\n")
    return home


def year_trial(
    directory: Path, zone: str, start: str = "2026-01-01", days: int = 365, set_back_on: int = 200
) -> Result:
    """Lives `days` days in `zone`, and two more without runs so that the last of them is told; then counts."""
    with hook() as receiver:
        home = _set_up(directory / zone.replace("/", "-"), zone, start, receiver)
        life = Life(home, zone)
        for turn in range((days + 2) * 48):
            life.half_an_hour(runs=turn < days * 48)
            home.clock.now += TICK
            if turn == set_back_on * 48 + 24:
                home.clock.now -= timedelta(hours=1)
        tables = [home.directory / f"{table}.csv" for table in ("often", "daily")]
        due, told = due_in(tables, INITIAL_M, LIFE_M), told_in(home.database)
        return Result(
            expected=life.expected,
            done=sum(life.pulls.values()),
            missed=life.missed,
            due=len(due),
            delivered=sum(receiver.counts[told.get(alert, "")] > 0 for alert in due),
            lost=sum(receiver.counts[told.get(alert, "")] == 0 for alert in due),
            repeats=sum(receiver.counts.values()) - len(receiver.counts),
            faults=faults(home.database),
        )
