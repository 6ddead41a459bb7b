"""How often the pair that was worn is suggested: every run of an export that names shoes, asked as if it did not.

    python tests/benchmarks/likely.py [path of a Strava export ...]

Each run knows only the runs before it, once two pairs are known. After a run (a message that asks which pair it was) its
title is known too; before it (`shoemon which`) its day, sport, distance and, where the export has it, its ground. Beside
both stand plain guesses: the pairs worn last, and those with most metres in the 182 days before. `which` is tried as it
is, with a life of 640 km for every pair, and by habit alone, with no limit.

What a runner took is a habit, not the right answer: a suggestion that differs from it may be as good.
Without a path: the exports beside the project.
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from forecast import EXPORTS, runs_of

from shoemon.decide.likely_shoes import PAST_DAYS, Outing, Worn, ground_of, likely_shoes
from shoemon.decide.which_pair import NextRun, PairNow, ranked
from shoemon.model.activity import Activity
from shoemon.model.ids import ShoeId
from shoemon.model.plan import LIFE_M, Shoe


class Guess(NamedTuple):
    """The pairs that one way of guessing names for a run, best first."""

    after: list[ShoeId]
    which: list[ShoeId]
    habit: list[ShoeId]
    last: list[ShoeId]
    most: list[ShoeId]


def replay(export: Path) -> list[tuple[ShoeId, Guess]]:
    """The pair of each run, with what is guessed before it is known."""
    past: list[Worn] = []
    found = []
    for run in sorted(runs_of(export), key=lambda run: run.started_at):
        if not run.gear_raw:
            continue
        shoe, outing = ShoeId(run.gear_raw), outing_of(run)
        recent = list(dict.fromkeys(worn.shoe for worn in reversed(past)))
        if len(recent) > 1 and shoe in recent:
            found.append((shoe, guess(outing, past, recent)))
        past.append(Worn(shoe, outing))
    return found


def outing_of(run: Activity) -> Outing:
    soft_m = run.unpaved_m
    ground = {} if soft_m is None else {"soft": soft_m, "hard": max(0.0, run.distance_m - soft_m)}
    ground = ground_of(ground, run.distance_m)
    return Outing(run.local_date, run.sport, run.name, run.distance_m, bool(run.indoor), ground=ground)


def guess(outing: Outing, past: Sequence[Worn], recent: Sequence[ShoeId]) -> Guess:
    today, lately = date.fromisoformat(outing.local_date), past[-400:]
    ran: dict[ShoeId, float] = defaultdict(float)
    season: dict[ShoeId, float] = defaultdict(float)
    for worn in past:
        ran[worn.shoe] += worn.outing.distance_m
        is_late = (today - date.fromisoformat(worn.outing.local_date)).days <= PAST_DAYS
        season[worn.shoe] += worn.outing.distance_m * is_late
    coming = NextRun(outing._replace(name=""), "asked")
    pairs = [Shoe(id, id, LIFE_M["daily"]) for id in recent]
    now = [PairNow(shoe, ran[shoe.id], ran[shoe.id], shoe.life_m - ran[shoe.id]) for shoe in pairs]
    endless = [pair._replace(remaining_m=1e9) for pair in now]
    return Guess(
        [each.shoe for each in likely_shoes(outing, lately, pairs)],
        [each.shoe for each in ranked(coming, lately, now, today)],
        [each.shoe for each in ranked(coming, lately, endless, today)],
        list(recent),
        sorted(season, key=lambda id: -season[id]),
    )


COLUMNS = (
    ("after", 1, "after: first"), ("last", 1, "last worn"), ("after", 3, "among 3"), ("last", 3, "last 3"),
    ("which", 1, "which: first"), ("which", 2, "among 2"), ("habit", 2, "by habit"), ("last", 2, "last 2"),
    ("most", 2, "most worn 2"),
)  # fmt: skip


def main() -> None:
    print(f"only runs of the last {PAST_DAYS} days count; shares of runs")
    print(f"{'export':24}{'runs':>6}" + "".join(f"{title:>14}" for *_, title in COLUMNS))
    for path in [Path(each) for each in sys.argv[1:]] or [
        each.parent for each in sorted(EXPORTS.glob("*/activities.csv"))
    ]:
        if found := replay(path):
            shares = [
                sum(shoe in getattr(guess, way)[:most] for shoe, guess in found) / len(found)
                for way, most, _ in COLUMNS
            ]
            print(f"{path.name:24}{len(found):6}" + "".join(f"{share:14.0%}" for share in shares))


if __name__ == "__main__":
    main()
