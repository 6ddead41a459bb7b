"""A year of a runner as a script: what happens when. Nothing of shoemon is asked here.

Runs come in by two tables, some of them days late and some by both; upstream they are corrected, deleted and added
again. The runner edits shoes.yaml and the settings of alerts (and breaks them now and then), snoozes and acknowledges;
the tables and the receivers of messages are away for hours and for days; the process is started anew.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from told_world import PERIODS, Event, Pair, Run

START = datetime(2026, 1, 1, 0, 0, 7, tzinfo=UTC)
PAIRS = ("alder", "birch", "cedar", "dogwood", "elm")
RETIRED, NEW = "elm", "fir"
OUTAGES = {
    "watch": (4, 9, 26, 80, 110), "phone": (6, 30, 90),
    "hook": (3, 4, 5, 7, 7, 9, 11, 13, 16, 16, 18, 20, 22, 25, 25, 28, 30, 33, 36, 36, 40, 44, 48, 48),
    "program": (4, 4, 6, 9, 9, 11, 14, 14, 17, 20, 20, 24, 26, 31, 31, 38, 42, 48),
}  # fmt: skip
"""How many hours each is away at a time, in a year."""


def script(seed: int, days: int = 365) -> list[Event]:
    """What happens in `days` days, in its order."""
    dice = random.Random(seed)
    swap, pause = dice.randint(days // 3, days // 2), dice.randint(days // 2, days * 2 // 3)
    events = [*_runs(dice, days, swap, range(pause, pause + 15)), *_edits_of_pairs(dice, days, swap)]
    events += _edits_of_settings(dice, days)
    for what, hours in OUTAGES.items():
        kinds = ("gone", "page") if what in PERIODS else ("500", "hang-up") if what == "hook" else ("fails",)
        for number, length in enumerate(hours):
            if length < days * 2:
                events += _for_hours(dice, days, length, "away", what, kinds[number % len(kinds)])
    both = START + timedelta(days=days * dice.uniform(0.1, 0.85))
    for table in PERIODS:  # both fail at once, and again while that is snoozed; and one for a moment while it is silent
        events += [Event(both, "away", (table, "gone")), Event(both + timedelta(days=3), "away", (table, None))]
    again = both + timedelta(days=20)
    events += [Event(again, "away", ("watch", "page")), Event(again + timedelta(days=4), "away", ("watch", None))]
    moment = START + timedelta(days=pause + 13, hours=1)
    events += [Event(moment, "away", ("watch", "page")), Event(moment + timedelta(hours=9), "away", ("watch", None))]
    events += [Event(_at(dice, days, 12), "snooze", (pair, 14)) for pair in PAIRS[:3]]
    events += [Event(_at(dice, days, 12), "snooze", (kind, 12)) for kind in ("unassigned", "stale", "longest")]
    events += [Event(both + timedelta(hours=50), "snooze", ("stale", 20))]
    events += [Event(_at(dice, days, 12), "ask", ("acknowledge",)) for _ in range(days // 60)]
    if seed % 2 == 0:
        events += _for_hours(dice, days, 40, "machine", True)
    broken = [*_breaks(dice, days)]
    restarts = (Event(_at(dice, days), "ask", ("restart",)) for _ in range(days // 12))
    events += [each for each in restarts if not any(one.when <= each.when <= other.when for one, other in broken)]
    events += [event for pair in broken for event in pair]
    return sorted(events, key=lambda event: event.when)


def _at(dice: random.Random, days: int, hour: int | None = None) -> datetime:
    hours = dice.uniform(0, 24) if hour is None else hour
    return START + timedelta(days=dice.randint(2, days - 2), hours=hours)


def _for_hours(dice: random.Random, days: int, hours: float, what: str, *args: Any) -> list[Event]:
    begin = _at(dice, days)
    return [Event(begin, what, args), Event(begin + timedelta(hours=hours), what, (*args[:-1], None))]


def _breaks(dice: random.Random, days: int) -> Iterator[tuple[Event, Event]]:
    for number in range(max(1, days // 90)):
        file = ("shoes.yaml", "shoemon.yaml")[number % 2]
        begin = START + timedelta(days=days * (number + dice.random() * 0.8) / (days // 90 + 1) + 1)
        yield (
            Event(begin, "breaks", (file,)),
            Event(begin + timedelta(hours=dice.uniform(3, 20)), "breaks", (None,)),
        )


def _runs(dice: random.Random, days: int, swap: int, pause: range) -> Iterator[Event]:
    """Runs, in the tables and what becomes of them there."""
    number = 0
    for day in range(-25, days):
        for hour in (5, 16):
            if dice.random() > (0.7 if hour == 5 else 0.12) or day in pause:
                continue
            number += 1
            weekend = (START + timedelta(days=day)).weekday() == 6 and hour == 5
            metres = dice.randint(17_000, 27_000) if weekend else dice.randint(5_000, 14_000)
            pair = dice.choices(PAIRS, (5, 4, 3, 2, 3))[0]
            pair = NEW if pair == RETIRED and day >= swap else pair
            surface = dice.choices(("asphalt", "grass", ""), (6, 3, 1) if day % 90 < 50 else (3, 6, 1))[0]
            start = START.replace(second=0) + timedelta(days=day, hours=hour, minutes=dice.randint(0, 59))
            run = Run(number, start, metres, pair if dice.random() > 0.05 else "", surface, round(metres * 0.36))
            yield from _records(dice, run, day)


def _records(dice: random.Random, run: Run, day: int) -> Iterator[Event]:
    end = run.start + timedelta(seconds=run.seconds)
    late = timedelta(days=dice.randint(1, 3)) if dice.random() < 0.15 else timedelta(0)
    comes = max(START, end + timedelta(minutes=dice.randint(20, 180)) + late) if day >= 0 else START
    yield Event(comes, "row", ("watch", run))
    copied = dice.random() < 0.35
    if copied:  # with what the watch said first; so that it is never asked who lends whom a pair
        copy = run._replace(metres=round(run.metres * dice.uniform(0.985, 1.015)))
        comes_too = max(START, end + timedelta(hours=dice.uniform(0.3, 20))) if day >= 0 else START
        yield Event(comes_too, "row", ("phone", copy))
    fate, later = dice.random(), comes + timedelta(days=dice.choice((0.1, 0.4, 1, 1.5, 2.5, 6)))
    if not run.pair:
        if fate < 0.6:
            yield Event(later, "row", ("watch", run._replace(pair=dice.choice(PAIRS[:4]))))
        elif fate > 0.8:
            yield Event(later, "delete", (run.number,))
    elif fate < 0.1:
        yield Event(later, "row", ("watch", run._replace(metres=round(run.metres * dice.uniform(0.75, 1.2)))))
    elif fate < 0.2:
        yield Event(later, "row", ("watch", run._replace(pair=dice.choice(PAIRS[:4]))))
    elif fate < 0.22 and not copied:
        yield Event(later, "row", ("watch", run._replace(pair="")))
    elif fate < 0.3:
        yield Event(later, "delete", (run.number,))
        if fate < 0.26:
            yield Event(later + timedelta(days=dice.uniform(0.3, 5)), "row", ("watch", run))


def _edits_of_pairs(dice: random.Random, days: int, swap: int) -> Iterator[Event]:
    pairs = {name: Pair(dice.randint(150, 280) * 1000, dice.randint(0, 120) * 1000) for name in PAIRS}
    yield Event(START, "setting", ("pairs", pairs))
    for day in range(20, days, 20):
        yield Event(START + timedelta(days=day, hours=dice.uniform(6, 20)), "cares", (dice.uniform(1.02, 1.2),))
    for _ in range(max(2, days // 60)):
        yield Event(_at(dice, days), "pair", (dice.choice(PAIRS[:4]), dice.uniform(1.08, 1.5)))
    yield Event(_at(dice, days), "pair", (dice.choice(PAIRS[:4]), 0.85))
    for change_m in (-40_000, -25_000, 30_000):
        yield Event(_at(dice, days), "pair", (dice.choice(PAIRS[:4]), 1.0, change_m))
    yield Event(START + timedelta(days=swap + 2, hours=9), "new_pair", (NEW, RETIRED))


def _edits_of_settings(dice: random.Random, days: int) -> Iterator[Event]:
    def day(share: float) -> datetime:
        return START + timedelta(days=round(days * share) + dice.randint(0, 5), hours=dice.randint(8, 20))

    yield Event(day(0.15), "setting", ("quiet", ("22:00", "07:00")))
    yield Event(day(0.8), "setting", ("quiet", ("23:30", "09:15")))
    yield Event(day(0.5), "setting", ("hold", timedelta(days=2)))
    for share, target in ((0.3, 0.7), (0.6, 0.55)):
        yield Event(day(share), "setting", ("hard_share", target))
    yield Event(day(0.4), "setting", ("failing", timedelta(days=1)))
    first = day(0.25)
    until = first + timedelta(days=40)
    yield Event(first, "setting", ("plan", (first.date().isoformat(), until.date().isoformat(), 60_000, 0.8)))
