"""Three plain alerters to stand beside shoemon in the trial of what is told, and how they are judged.

They see the same runs as the oracle, already sorted into pairs and without duplicates, and talk to the same channels.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from told_oracle import Oracle
from told_score import Score, first_at, hours
from told_world import CHANNELS, ZONE, World


class Rival:
    """An alerter as it is often written. `sent` holds channel, tick and pair of what was taken."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sent: list[tuple[str, datetime, str]] = []

    def tick(self, oracle: Oracle, now: datetime) -> None:
        raise NotImplementedError

    def _send(self, channel: str, now: datetime, pair: str) -> bool:
        if channel in self._world.down:
            return False
        self.sent.append((channel, now, pair))
        return True

    def _worn_out(self, oracle: Oracle, metres: dict[str, int], now: datetime) -> list[str]:
        today = now.astimezone(ZONE).date().isoformat()
        return [
            name
            for name, pair in oracle.settings.pairs.items()
            if not (pair.retired and pair.retired <= today) and pair.initial_m + metres.get(name, 0) >= pair.life_m
        ]


class Daily(Rival):
    """Looks every morning at 8:00 and writes of every pair that is over its limit; remembers nothing."""

    _day = ""

    def tick(self, oracle: Oracle, now: datetime) -> None:
        local = now.astimezone(ZONE)
        if local.hour >= 8 and self._day != local.date().isoformat():
            self._day = local.date().isoformat()
            for name in self._worn_out(oracle, oracle.metres, now):
                for channel in CHANNELS:
                    self._send(channel, now, name)


class OneFlag(Rival):
    """Looks after every sync; marks the pair as told, then writes, once. The flag stays for good."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._told: set[str] = set()

    def tick(self, oracle: Oracle, now: datetime) -> None:
        for name in self._worn_out(oracle, oracle.metres, now):
            if name not in self._told:
                self._told.add(name)
                for channel in CHANNELS:
                    self._send(channel, now, name)


class AddsUp(Rival):
    """Adds each run to its pair when it first sees it, so that what is corrected later stays as it was. In all else
    careful: the flag falls when the limit is raised, and what was not taken is tried again at every tick."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._metres: Counter[str] = Counter()
        self._added: set[int] = set()
        self._told: set[str] = set()
        self._waits: list[tuple[str, str]] = []

    def tick(self, oracle: Oracle, now: datetime) -> None:
        for run in oracle.runs:
            if run.number not in self._added:
                self._added.add(run.number)
                self._metres[run.pair] += run.metres
        over = self._worn_out(oracle, self._metres, now)
        self._waits += [(channel, name) for name in over if name not in self._told for channel in CHANNELS]
        self._told = set(over)
        self._waits = [(channel, name) for channel, name in self._waits if not self._send(channel, now, name)]


def judge_rival(rival: Rival, oracle: Oracle, channel: str, up: Sequence[datetime]) -> Score:
    """By pairs that have become due. Any message about the pair from then on will do, once; `up` are the ticks at which
    the channel took messages."""
    score = Score(type(rival).__name__)
    waiting = {pair: [] for pair in oracle.settings.pairs}
    for due in oracle.crossings:
        waiting[due.key[0]].append(due.when)
    messages = [(when, pair) for at, when, pair in rival.sent if at == channel]
    score = score._replace(due=len(oracle.crossings), sent=len(messages))
    for when, pair in messages:
        came = [due for due in waiting[pair] if due <= when]
        if not came:
            score += Score("", repeated=1)
            continue
        del waiting[pair][: len(came)]  # it is about the last of them; the others were never told
        wait = when - (first_at(up, came[-1]) or when)
        score += Score("", delivered=1, late=wait > timedelta(0), longest_h=hours(wait))
    return score._replace(missed=score.due - score.delivered)
