"""Holds what came to a channel against what was due: what was missed, repeated and late, and how long it took.

Nothing of shoemon is used but the published waits after a failed attempt.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from told_oracle import Due, Key, Oracle

from shoemon.sync.tell.retries import WAITS_S


class Attempt(NamedTuple):
    """A message handed to a channel at the tick `when`; `about` are the pairs that it speaks of, and `made` is when it
    says that it was made."""

    when: datetime
    made: datetime
    id: str
    keys: tuple[Key, ...]
    about: frozenset[str]
    taken: bool


def first_at(ticks: Sequence[datetime], when: datetime) -> datetime | None:
    """The first of `ticks` at `when` or later."""
    index = bisect_left(ticks, when)
    return ticks[index] if index < len(ticks) else None


def not_tried_in_time(attempts: Iterable[Attempt], due: Mapping[str, datetime], ticks: Sequence[datetime]) -> set[str]:
    """Ids of messages that were not tried at the first of `ticks` after they were due, or after a failed attempt later
    than the published waits allow. A message may wait for an older one about the same pair."""
    tried: dict[str, dict[datetime, Attempt]] = defaultdict(dict)
    for each in attempts:
        tried[each.id][each.when] = each
    slow: set[str] = set()
    until: dict[str, dict[datetime, datetime | None]] = defaultdict(dict)  # by tick, when to try next at the latest
    earlier: list[str] = []
    for id in sorted(tried, key=lambda id: due.get(id, ticks[0])):
        about, failures = next(iter(tried[id].values())).about, 0
        latest = first_at(ticks, due.get(id, min(tried[id])))
        for tick in ticks[bisect_left(ticks, latest or ticks[-1]) :]:
            attempt = tried[id].get(tick)
            if attempt and attempt.taken:
                break
            before = [until[other][tick] for other in earlier if tick in until[other] and about & next(iter(tried[other].values())).about]  # fmt: skip
            if attempt:
                failures += 1
                wait_s = WAITS_S[min(failures, len(WAITS_S)) - 1] * 1.1 + 2
                latest = until[id][tick] = first_at(ticks, tick + timedelta(seconds=wait_s))
            elif latest and tick >= latest:
                if not before:
                    slow.add(id)
                    break
                latest = until[id][tick] = max((each for each in before if each), default=None)
        earlier.append(id)
    return slow


class Score(NamedTuple):
    """What an alerter did, in messages and channels."""

    due: int = 0
    delivered: int = 0
    missed: int = 0
    repeated: int = 0
    late: int = 0
    waited: int = 0

    def __add__(self, other: "Score") -> "Score":  # type: ignore[override]
        return Score(*(one + more for one, more in zip(self, other, strict=True)))


class Heard(NamedTuple):
    """What came to one channel, the ticks at which it took messages, and what the runner needed to hear no more."""

    channel: str
    attempts: Sequence[Attempt]
    up: Sequence[datetime]
    withdrawn: Mapping[Due, datetime]


def judge(oracle: Oracle, heard: Heard) -> tuple[dict[str, Score], list[str]]:
    """One channel's score by kind of message, pairs that became due apart from their other stages; and what is wrong."""
    scores: dict[str, Score] = defaultdict(Score)
    told, due_at, surplus = _matched(oracle, heard)
    wrong = [f"{' '.join(key)} ({each.id}) at {each.when:%m-%d %H:%M} was not due" for key, each in surplus]
    for key, _ in surplus:
        scores[_kind(Due(heard.up[0], key))] += Score(repeated=1)
    slow = not_tried_in_time(heard.attempts, due_at, oracle.open)
    allowed, up = set(oracle.open), set(heard.up)
    possible = [tick for tick in oracle.open if tick in up]
    for due in oracle.due:
        each = told.get(due)
        said = f"{' '.join(due.key)}, due {due.when:%m-%d %H:%M},"
        if each is None:
            if due not in heard.withdrawn:
                scores[_kind(due)] += Score(due=1, missed=1)
                wrong.append(f"{said} never came")
            continue
        wait = each.when - (first_at(possible, due.when) or each.when)
        late = each.id in slow or each.when not in allowed
        if late:
            wrong.append(f"{said} came {each.when:%m-%d %H:%M}")
        waited = not late and wait > timedelta(0)
        scores[_kind(due)] += Score(due=1, delivered=1, late=late, waited=waited)
    return scores, [f"{heard.channel}: {each}" for each in wrong]


def _matched(oracle: Oracle, heard: Heard) -> tuple[dict[Due, Attempt], dict[str, datetime], list[tuple[Key, Attempt]]]:
    """Which message told what was due; when each message was due; and what was told without being due, or again."""
    waiting: dict[Key, list[Due]] = defaultdict(list)
    for due in oracle.due:
        waiting[due.key].append(due)
    told: dict[Due, Attempt] = {}
    due_at: dict[str, datetime] = {}
    surplus: list[tuple[Key, Attempt]] = []
    taken: set[str] = set()
    for each in heard.attempts:
        for key in each.keys:
            # Of several occasions it is for that at which it says it was made.
            matching = sorted(
                (due for due in waiting[key] if due.when <= each.when), key=lambda due: due.when != each.made
            )
            if matching:
                due_at.setdefault(each.id, matching[0].when)
            if not each.taken:
                continue
            if not matching or each.id in taken or heard.withdrawn.get(matching[0], each.when) < each.when:
                surplus.append((key, each))
            else:
                told[matching[0]] = each
                waiting[key].remove(matching[0])
        if each.taken:
            taken.add(each.id)
    return told, due_at, surplus


def _kind(due: Due) -> str:
    """For the count: a pair's key begins with its name, all others with their kind."""
    kinds = ("digest", "hard_share", "unassigned", "stale", "weekly", "longest", "return_plan")
    return "newly due" if due.newly else due.key[0] if due.key[0] in kinds else "other stages"
