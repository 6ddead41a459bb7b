"""The world at one moment of a scripted year, and how it is written for the program: tables as exports write them, YAML as
the runner does. What happens changes it; what the runner asks the program to do is kept until it was asked.
"""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from kit.homes import COLUMNS, Home, table_source

ZONE = ZoneInfo("Europe/Berlin")
PERIODS = {"watch": timedelta(hours=4), "phone": timedelta(hours=12)}
"""The tables, the one that is believed first, and how often each is pulled."""
CHANNELS = ("hook", "program")


class Run(NamedTuple):
    """A row of a table; `pair` is empty where the runner named none."""

    number: int
    start: datetime
    metres: int
    pair: str
    surface: str
    seconds: int

    @property
    def day(self) -> str:
        return _day(self.start)


@cache
def _day(start: datetime) -> str:
    return start.astimezone(ZONE).date().isoformat()


class Pair(NamedTuple):
    life_m: int
    initial_m: int
    retired: str | None = None


@dataclass
class Settings:
    """What the runner has written: the pairs, and when and of what to be told."""

    pairs: dict[str, Pair] = field(default_factory=dict)
    quiet: tuple[str, str] | None = None
    hold: timedelta = timedelta(0)
    failing: timedelta = timedelta(days=2)
    silent: timedelta = timedelta(days=10)
    hard_share: float = 0.65
    plan: tuple[str, str, int, float] | None = None
    """First day, first day after, usual metres in a week and the share of them that is allowed."""


class Event(NamedTuple):
    """Something that happens: `what` names the method of World that does it."""

    when: datetime
    what: str
    args: tuple[Any, ...] = ()


@dataclass
class World:
    """All that is so at one moment. `broken` is the file in which the runner has made a mistake; `out` and `down` say
    how a table or a receiver is away; `asked` is what the runner asks the program to do now."""

    settings: Settings = field(default_factory=Settings)
    tables: dict[str, dict[int, Run]] = field(default_factory=lambda: {name: {} for name in PERIODS})
    broken: str | None = None
    out: dict[str, str] = field(default_factory=dict)
    down: dict[str, str] = field(default_factory=dict)
    snoozes: dict[str, datetime] = field(default_factory=dict)
    off: bool = False
    asked: list[Event] = field(default_factory=list)
    dirty: set[str] = field(default_factory=lambda: {"settings", *PERIODS})

    def apply(self, event: Event) -> None:
        getattr(self, event.what)(event, *event.args)

    def row(self, _: Event, table: str, run: Run) -> None:
        self.tables[table][run.number] = run
        self.dirty.add(table)

    def delete(self, _: Event, number: int) -> None:
        self.tables["watch"].pop(number, None)
        self.dirty.add("watch")

    def pair(self, _: Event, name: str, life: float = 1.0, initial_m: int = 0, **changes: Any) -> None:
        """Multiplies the life, adds to what a pair had run before, or writes what `changes` says."""
        pair = self.settings.pairs[name]
        pair = pair._replace(
            life_m=round(pair.life_m * life / 1000) * 1000, initial_m=max(0, pair.initial_m + initial_m)
        )
        self.settings.pairs[name] = pair._replace(**changes)
        self.dirty.add("settings")

    def cares(self, _: Event, life: float) -> None:
        """Gives every pair that is worn far beyond its life a longer one."""
        for name, pair in self.settings.pairs.items():
            rows = {**self.tables["phone"], **self.tables["watch"]}.values()
            worn_m = pair.initial_m + sum(run.metres for run in rows if run.pair == name)
            if worn_m > pair.life_m * 1.12 and not pair.retired:
                self.settings.pairs[name] = pair._replace(life_m=round(worn_m * life / 1000) * 1000)
        self.dirty.add("settings")

    def new_pair(self, event: Event, name: str, retired: str) -> None:
        self.settings.pairs[retired] = self.settings.pairs[retired]._replace(retired=event.when.date().isoformat())
        self.settings.pairs[name] = Pair(230_000, 0)
        self.dirty.add("settings")

    def setting(self, _: Event, name: str, value: Any) -> None:
        self.settings = replace(self.settings, **{name: value})
        self.dirty.add("settings")

    def breaks(self, _: Event, file: str | None) -> None:
        self.broken = file
        self.dirty.add("settings")

    def away(self, _: Event, name: str, how: str | None) -> None:
        where = self.out if name in PERIODS else self.down
        where.pop(name, None)
        if how:
            where[name] = how
        self.dirty.add(name)

    def machine(self, _: Event, off: bool) -> None:
        self.off = off

    def snooze(self, event: Event, subject: str, days: int) -> None:
        self.snoozes[subject] = event.when + timedelta(days=days)
        self.asked.append(event)

    def ask(self, event: Event, *_: Any) -> None:
        """Restarts, and acknowledges the last message about a pair that is due."""
        self.asked.append(event)

    def write(self, home: Home, notify: str) -> None:
        """Writes what has changed since, as the runner and the exports write it."""
        for table in self.dirty & PERIODS.keys():
            path, how = home.directory / f"{table}.csv", self.out.get(table)
            if how == "gone":
                path.unlink(missing_ok=True)
            elif how:
                path.write_text("<!doctype html><title>503</title>\n<p>Back soon\n", encoding="utf-8")
            else:
                rows = self.tables[table].values()
                home.table(table, ((r.number, f"{r.start:%Y-%m-%dT%H:%M:%SZ}", r.metres, "run", "", r.pair, r.surface, r.seconds) for r in rows))  # fmt: skip
        if "settings" in self.dirty:
            mistake = "\nalters: {soon: [\n"
            home.main(_main_yaml(self.settings) + notify + (mistake if self.broken == "shoemon.yaml" else ""))
            home.shoes(_shoes_yaml(self.settings) + (mistake if self.broken == "shoes.yaml" else ""))
        self.dirty.clear()

    def good(self) -> Settings | None:
        """The settings as they can be read now, if they can."""
        return None if self.broken else deepcopy(self.settings)


assert COLUMNS == ("id", "start", "metres", "sport", "name", "shoe", "surface", "elapsed")


def _main_yaml(settings: Settings) -> str:
    hours = {name: int(getattr(settings, name).total_seconds() // 3600) for name in ("hold", "failing", "silent")}
    sources = "".join(
        table_source(name, missing="drop", schedule=f"every: {period // timedelta(hours=1)}h")
        for name, period in PERIODS.items()
    )
    more = f", quiet: {'-'.join(settings.quiet)}" if settings.quiet else ""
    if settings.plan:
        first, until, usual_m, share = settings.plan
        more += f", return_plan: {{usual: {usual_m} m, steps: {{from: {first}, share: {share:.0%}}}, until: {until}}}"
    return (
        f"timezone: {ZONE.key}\nsources:\n{sources}"
        f"alerts: {{soon: {{within: 0d}}, weekly: mon 07:00, longest: true, hard_share: {settings.hard_share:.0%}, "
        f"hold: {hours['hold']}h, stale: {{failing: {hours['failing']}h, silent: {hours['silent']}h}}{more}}}\n"
    )


def _shoes_yaml(settings: Settings) -> str:
    return "shoes:\n" + "".join(
        f"  - {{id: {name}, name: {name}, life: {pair.life_m} m, initial: {pair.initial_m} m"
        f"{f', retired: {pair.retired}' if pair.retired else ''}}}\n"
        for name, pair in settings.pairs.items()
    )
