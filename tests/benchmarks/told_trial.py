"""Lives through a scripted year and counts which messages were missed, repeated and late: for journeys/test_told_trial.py.

Everything but the clock is real: the tick that decides what is due, the files, the database, a web server and a program
that take the messages. told_script.py says what happens, told_oracle.py what has to be told and by when, from the script
alone; told_score.py counts. A message counts once for each of both channels as

- missed: the channel never took it;
- repeated: the channel took it again, or something that was not due;
- late: it was not tried at the first tick at which it was due, the hold was over, the machine was awake and the hour not
  quiet, or after a failed attempt not within the published waits. What came with such a wait is counted as `waited`.
"""

import sys
from collections import defaultdict
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
    everything: Score
    newly_due: Score
    tried_again: int
    wrong: list[str]
    faults: list[str]


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
    home = Home(directory / f"seed-{seed}", HandClock(START.replace(tzinfo=None).isoformat()))
    year = Year(home, seed, days)
    year.live()
    wrong: list[str] = []
    by_kind: dict[str, Score] = defaultdict(Score)
    for channel in CHANNELS:
        heard = Heard(channel, year.handed[channel], year.up[channel], year.withdrawn)
        scores, said = judge(year.oracle, heard)
        wrong += said
        for kind, score in scores.items():
            by_kind[kind] += score
    tried_again = sum(len({each.id for each in handed if not each.taken}) for handed in year.handed.values())
    everything = sum(by_kind.values(), Score())
    return Result(everything, by_kind["newly due"], tried_again, wrong, faults(home.database))
