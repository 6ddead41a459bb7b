"""Lives through a scripted year and counts which messages were missed, repeated and late.

    python tests/benchmarks/told_trial.py [seed ...]

Everything but the clock is real: the tick that decides what is due, the files, the database, a web server and a program
that take the messages. told_script.py says what happens, told_oracle.py what has to be told and by when, from the script
alone; told_score.py counts. A message counts once for each of both channels as

- missed: the channel never took it;
- repeated: the channel took it again, or something that was not due;
- late: it was not tried at the first tick at which it was due, the hold was over, the machine was awake and the hour not
  quiet, or after a failed attempt not within the published waits. What came with such a wait is counted as `waited`.
"""

import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from kit.homes import HandClock, Home, faults
from told_channels import Channels
from told_oracle import Due, Oracle
from told_score import Attempt, Heard, Score, judge
from told_script import START, script
from told_world import CHANNELS, ZONE, Event, World

from shoemon.config import edits
from shoemon.model.clock import iso
from shoemon.store.database import open_database
from shoemon.sync.schedule import Watch
from shoemon.sync.tell.snooze import acknowledge, snooze

TICK = timedelta(minutes=30)
TAIL_DAYS = 6
"""So long after the last event, what waits has its time to arrive."""


class Result(NamedTuple):
    seed: int
    scores: list[Score]
    kinds: Counter[str]
    tried_again: int
    wrong: list[str]
    faults: list[str]
    seconds: float


class Year:
    """One year of one seed, lived through."""

    def __init__(self, home: Home, seed: int, days: int) -> None:
        self.home, self.seed, self.days = home, seed, days
        self.world, self.oracle = World(), Oracle()
        self.handed: dict[str, list[Attempt]] = {channel: [] for channel in CHANNELS}
        self.withdrawn: dict[Due, datetime] = {}
        self.up: dict[str, list[datetime]] = {channel: [] for channel in CHANNELS}
        self.watch = Watch(home.directory, home.clock)

    def live(self) -> None:
        edits.SETTLE_S = 0.0  # the edits of half an hour are made in the same second
        events = script(self.seed, self.days)
        with Channels(self.home.directory, self.world).open() as channels:
            for _ in range((self.days + TAIL_DAYS) * 48):
                now = self.home.clock.now
                while events and events[0].when <= now:
                    self.world.apply(events.pop(0))
                self.world.write(self.home, channels.notify)
                if not self._sleeps(now):
                    self._awake(channels, now)
                self.home.clock.now += TICK

    def _sleeps(self, now: datetime) -> bool:
        """In the years of even seeds the machine sleeps at night, and is off now and then."""
        return self.world.off or (self.seed % 2 == 0 and not 7 <= now.astimezone(ZONE).hour < 23)

    def _awake(self, channels: Channels, now: datetime) -> None:
        for event in self.world.asked:
            self._ask(event, now)
        self.world.asked.clear()
        channels.before_tick()
        self.watch.tick()
        for channel, attempt in channels.attempts(now):
            self.handed[channel].append(attempt)
        self.oracle.tick(self.world, now)
        for channel in CHANNELS:
            if channel not in self.world.down:
                self.up[channel].append(now)

    def _ask(self, event: Event, now: datetime) -> None:
        if event.args == ("restart",):
            self.watch = Watch(self.home.directory, self.home.clock)
            return
        with closing(open_database(self.home.database, "km")) as database:
            if event.what == "snooze":
                snooze(database, event.args[0], iso(self.world.snoozes[event.args[0]]), iso(now))
                return
            handed = [
                each for channel in CHANNELS for each in self.handed[channel] if each.taken and len(each.keys) == 1
            ]
            # Of each pair the last: an alert that was given before its total fell stands no more.
            last = {due.key[0]: due for due in self.oracle.due if due.key[0] in self.world.settings.pairs}
            for due in sorted(last.values(), key=lambda due: due.when, reverse=True):
                seen = next((each for each in handed if due.key in each.keys and each.made == due.when), None)
                if due.key[1] != "soon" and seen and self.oracle.acknowledge(due.key[0], int(due.key[1])):
                    acknowledge(database, [seen.id], iso(now))
                    self.withdrawn[due] = now
                    return


def told_trial(directory: Path, seed: int, days: int = 365) -> Result:
    """Lives through the year of `seed` in `directory`, and counts."""
    began = time.monotonic()
    home = Home(directory / f"seed-{seed}", HandClock(START.replace(tzinfo=None).isoformat()))
    year = Year(home, seed, days)
    year.live()
    wrong: list[str] = []
    by_kind: dict[str, Score] = defaultdict(lambda: Score("shoemon"))
    for channel in CHANNELS:
        heard = Heard(channel, year.handed[channel], year.up[channel], year.withdrawn)
        scores, said = judge(year.oracle, heard)
        wrong += said
        for kind, score in scores.items():
            by_kind[kind] += score
    sent = sum(len({each.id for each in handed if each.taken}) for handed in year.handed.values())
    everything = sum(by_kind.values(), Score("shoemon, everything"))._replace(sent=sent)
    newly = Score("shoemon, newly due") + by_kind["newly due"]
    newly = newly._replace(sent=newly.delivered + newly.repeated)
    kinds = Counter({kind: score.due for kind, score in by_kind.items()})
    tried_again = sum(len({each.id for each in handed if not each.taken}) for handed in year.handed.values())
    seconds = round(time.monotonic() - began, 1)
    return Result(seed, [everything, newly], kinds, tried_again, wrong, faults(home.database), seconds)


def _one(seed: int) -> Result:
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as directory:
        return told_trial(Path(directory), seed)


HEADS = ("due", "delivered", "missed", "repeated", "late", "waited", "longest delay", "sent", "sent/due", "missed/due")


def _line(score: Score) -> str:
    cells: list[object] = [*score[1:7], f"{score.longest_h:.1f} h", score.sent]
    cells += [f"{part / score.due:.3g}" if score.due else "-" for part in (score.sent, score.missed)]
    return f"  {score.who:22}" + "".join(f"{cell!s:>{len(head) + 2}}" for cell, head in zip(cells, HEADS, strict=True))


def main() -> None:
    import logging

    logging.disable(logging.CRITICAL)
    seeds = [int(word) for word in sys.argv[1:]] or list(range(1, 9))
    print(f"{'':24}" + "".join(f"  {head}" for head in HEADS))
    results: list[Result] = []
    with ProcessPoolExecutor() as pool:
        for result in pool.map(_one, seeds):
            results.append(result)
            print(
                f"seed {result.seed}, {result.seconds} s; not taken at the first attempt: {result.tried_again}; "
                f"faults of the database: {len(result.faults)}"
            )
            print("\n".join(_line(score) for score in result.scores), flush=True)
            for each in (*result.wrong, *result.faults):
                print(f"    {each}")
    print(f"all {len(seeds)} seeds; due by kind: " + ", ".join(f"{kind} {count}" for kind, count in sum((r.kinds for r in results), Counter[str]()).most_common()))  # fmt: skip
    for same in zip(*(result.scores for result in results), strict=True):
        print(_line(sum(same[1:], same[0])))
    sys.exit(1 if any(result.wrong or result.faults for result in results) else 0)


if __name__ == "__main__":
    main()
