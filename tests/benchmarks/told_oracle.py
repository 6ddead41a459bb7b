"""What the runner has to be told in the year of told_script, and by when: reckoned from the script alone.

Nothing of shoemon is used. The promises, as the manual and `--help` give them: a pair is told of when it rises to a
stage it was not told of, and again after it had fallen below; a run that was known for less than the hold does not count
for that; a snooze or quiet hours put a message off and lose none; what was acknowledged is not told of further until the
pair has fallen below that stage or its life is raised; a source, the hard ground: once, and again after it had gone; a
run without a pair, a long run, a week: once.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from told_world import PERIODS, ZONE, Run, Settings, World

Key = tuple[str, ...]
"""What a message is about: its kind, and the pair and stage, the run, the source or the day."""


class Due(NamedTuple):
    """Something to be told from the tick `when` on; `newly`: of a pair that was not due before."""

    when: datetime
    key: Key
    newly: bool = False


def stage_of(worn_m: int, life_m: int) -> int:
    """0, 90 (soon), 100, 110 ..."""
    tenths = worn_m * 10 // life_m
    return tenths * 10 if tenths >= 9 else 0


class Pairs:
    """The stages of pairs that were told. The same edges serve what is promised and, without any hold, snooze or
    acknowledgement, what is newly due."""

    def __init__(self) -> None:
        self.told: dict[str, int] = {}
        self.acknowledged: dict[str, tuple[int, int]] = {}
        """Stage and life in metres at which the runner said so."""

    def rise(
        self, name: str, full: int, settled: int, life_m: int, *, silently: bool, snoozed: bool
    ) -> tuple[int, bool] | None:
        """The stage to tell of, and whether the pair was not due before."""
        told = min(self.told.get(name, 0), full)
        self.told[name] = told
        stage, seen_life_m = self.acknowledged.get(name, (0, life_m))
        if full < stage or life_m > seen_life_m:
            del self.acknowledged[name]
        if silently:
            self.told[name] = settled
        if settled <= told or silently or snoozed or name in self.acknowledged:
            return None
        self.told[name] = settled
        return settled, told < 100 <= settled


class Oracle:
    """Sees what a program that keeps its word would see, tick by tick. `due` is all that is to be told."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.seen: dict[str, dict[int, Run]] = {name: {} for name in PERIODS}
        self.success: dict[str, datetime] = {}
        self.failed: dict[str, datetime] = {}
        self.brought: dict[str, tuple[datetime, datetime]] = {}
        self.known: dict[int, datetime] = {}
        self.runs: list[Run] = []
        self.metres: dict[str, int] = {}
        self.due: list[Due] = []
        self.crossings: list[Due] = []
        self.awake: list[datetime] = []
        self.open: list[datetime] = []
        self._ids: dict[str, set[int]] = {name: set() for name in PERIODS}
        self._pairs, self._plain = Pairs(), Pairs()
        self._told: set[Key] = set()
        self._stands: dict[Key, float] = {}
        self._looks = 0
        self._found: tuple[object, dict[str, list[Key]], tuple[Key, bool, bool]] | None = None

    def tick(self, world: World, now: datetime) -> None:
        """A tick of a machine that is awake."""
        self.settings = world.good() or self.settings
        pulled = [name for name in PERIODS if self._pulls(world, name, now)]
        self._looks += bool(pulled)
        if pulled or not self.runs:
            rows = {**self.seen["phone"], **self.seen["watch"]}
            self.runs = sorted(rows.values(), key=lambda run: run.number)
            self._found = None
        self.awake.append(now)
        if not self._is_quiet(now):
            self.open.append(now)
        snoozed = {subject for subject, until in world.snoozes.items() if until > now}
        self.due += [Due(now, key, newly) for key, newly in self._look(now, snoozed)]

    def acknowledge(self, pair: str, stage: int) -> bool:
        """The runner has seen that `pair` is at `stage`; False if it is not any more."""
        if self._pairs.told.get(pair, 0) < stage:
            return False
        self._pairs.acknowledged[pair] = stage, self.settings.pairs[pair].life_m
        return True

    def _pulls(self, world: World, name: str, now: datetime) -> bool:
        """Pulls a table if it is time; whether it came."""
        if now - self.success.get(name, now - PERIODS[name]) < PERIODS[name]:
            return False
        if name in world.out:
            self.failed.setdefault(name, now)
            return False
        self.failed.pop(name, None)
        self.success[name] = now
        self.seen[name] = dict(world.tables[name])
        new = self.seen[name].keys() - self._ids[name]
        if new:
            self._ids[name] |= new
            self.brought[name] = (self.brought.get(name, (now,))[0], now)
        for number in new:
            self.known.setdefault(number, now)
        return True

    def _is_quiet(self, now: datetime) -> bool:
        if self.settings.quiet is None:
            return False
        begin, end = self.settings.quiet
        clock = f"{now.astimezone(ZONE):%H:%M}"
        return begin <= clock or clock < end

    def _look(self, now: datetime, snoozed: set[str]) -> Iterator[tuple[Key, bool]]:
        today = now.astimezone(ZONE).date()
        first = self._looks == 1
        start = self.awake[0]
        new = [run for run in self.runs if start < self.known[run.number]]
        free = [run for run in new if self.known[run.number] <= now - self.settings.hold]
        held = {run.number for run in new} - {run.number for run in free}
        yield from self._look_at_pairs(now, today.isoformat(), held, snoozed)
        if first:  # what holds at a first import, its digest says, or the next pull
            if len(self.awake) == 1:
                yield ("digest",), False
            return
        notices, hard = self._of_runs(free, today)
        for kind, keys in {**notices, "weekly": self._week(now)}.items():
            for key in keys if kind not in snoozed else ():
                if key not in self._told:
                    self._told.add(key)
                    yield key, False
        for key, holds, gone in (*self._stale(now), hard):
            if gone:
                self._stands.pop(key, None)
            if holds and key not in self._stands and key[0] not in snoozed:
                self._stands[key] = self.settings.hard_share
                yield key, False

    def _of_runs(self, free: Sequence[Run], today: date) -> tuple[dict[str, list[Key]], tuple[Key, bool, bool]]:
        """What follows from the runs, the settings and the day; kept while these are the same."""
        same = (today, len(free), self.settings, self._stands.get(("hard_share",)))
        if self._found is None or self._found[0] != same:
            homeless = (run for run in free if run.pair not in self.settings.pairs)
            notices: dict[str, list[Key]] = {
                "unassigned": [("unassigned", str(run.number)) for run in homeless],
                "longest": [("longest", day) for day in self._long_days(free, today)],
                "return_plan": [("return_plan", first) for first in self._weeks_beyond(today)],
            }
            self._found = same, notices, self._hard(today)
        return self._found[1:]

    def _look_at_pairs(
        self, now: datetime, today: str, held: set[int], snoozed: set[str]
    ) -> Iterator[tuple[Key, bool]]:
        full: dict[str, int] = defaultdict(int)
        settled: dict[str, int] = defaultdict(int)
        for run in self.runs:
            full[run.pair] += run.metres
            settled[run.pair] += run.metres if run.number not in held else 0
        self.metres = full
        silently = len(self.awake) == 1
        for name, pair in self.settings.pairs.items():
            if pair.retired and pair.retired <= today:
                continue
            at = stage_of(pair.initial_m + full[name], pair.life_m)
            settled_at = stage_of(pair.initial_m + settled[name], pair.life_m)
            told = self._pairs.rise(name, at, settled_at, pair.life_m, silently=silently, snoozed=name in snoozed)
            if told:
                yield (name, "soon" if told[0] < 100 else str(told[0])), told[1]
            plain = self._plain.rise(name, at, at, pair.life_m, silently=silently, snoozed=False)
            if plain and plain[1]:
                self.crossings.append(Due(now, (name,)))

    def _long_days(self, free: Sequence[Run], today: date) -> Iterator[str]:
        longest: dict[str, int] = {}
        for run in free:
            if (today - date.fromisoformat(run.day)).days <= 7:
                longest[run.day] = max(longest.get(run.day, 0), run.metres)
        for day, metres in longest.items():
            before = [run.metres for run in self.runs if 1 <= _days(run.day, day) <= 30]
            if len(before) >= 4 and metres * 10 > 11 * max(before):
                yield day

    def _weeks_beyond(self, today: date) -> Iterator[str]:
        if self.settings.plan is None:
            return
        begin, until, usual_m, share = self.settings.plan
        first, end = date.fromisoformat(begin), date.fromisoformat(until)
        while first < end:
            last = min(first + timedelta(days=6), end - timedelta(days=1))
            if first <= today <= last + timedelta(days=7):
                ran = sum(run.metres for run in self.runs if first.isoformat() <= run.day <= last.isoformat())
                if ran > usual_m * share + 0.5:
                    yield first.isoformat()
            first += timedelta(days=7)

    def _week(self, now: datetime) -> list[Key]:
        """The week that ended with the last Monday at 7:00."""
        local = now.astimezone(ZONE)
        monday = local.replace(hour=7, minute=0, second=0) - timedelta(days=local.weekday())
        monday -= timedelta(days=7 if monday > local else 0)
        return [("weekly", (monday.date() - timedelta(days=1)).isoformat())] if monday >= self.awake[0] else []

    def _stale(self, now: datetime) -> Iterator[tuple[Key, bool, bool]]:
        """Key, whether it holds, and whether it has gone."""
        for name in PERIODS:
            fails = name in self.failed
            long = now - self.success.get(name, self.awake[0]) >= self.settings.failing
            yield ("stale", f"failing:{name}"), fails and long, not fails
            first, last = self.brought.get(name, (now, now))
            silent = last > first and now - last >= self.settings.silent
            yield ("stale", f"silent:{name}"), silent and not fails, not silent

    def _hard(self, today: date) -> tuple[Key, bool, bool]:
        begin, target = (today - timedelta(days=27)).isoformat(), self.settings.hard_share
        recent = [run for run in self.runs if begin <= run.day <= today.isoformat()]
        metres = {surface: sum(run.metres for run in recent if run.surface == surface) for surface in ("asphalt", "grass", "")}  # fmt: skip
        known = metres["asphalt"] + metres["grass"]
        raised = target > self._stands.get(("hard_share",), 1.0) + 1e-9
        if not known or known < metres[""]:
            return ("hard_share",), False, raised
        share = metres["asphalt"] / known
        return ("hard_share",), round(share, 2) > target, raised or share <= target - 0.03


def _days(earlier: str, later: str) -> int:
    return (date.fromisoformat(later) - date.fromisoformat(earlier)).days
