"""The pairs to choose from for runs: the likeliest by the runs around, and whatever else was in use that day."""

import json
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TypedDict

from shoemon.decide.likely_shoes import PAST_DAYS, Outing, Worn, likely_shoes
from shoemon.model.ids import ShoeId
from shoemon.model.plan import Shoe

LIKELIEST = 3
"""So many pairs are put forward; more would be a list to read."""
MOST_AROUND = 100
"""So many runs before a day and after it are asked: the last of them weigh nothing any more, also of who runs daily or
twice a day. More would make the list of runs slow where there are several a day."""


class Choice(TypedDict):
    """A pair to choose; `share` is how likely it was worn, 0 to 1, and 0 for those that are not put forward."""

    shoe: str
    name: str
    share: float


def choices(conn: sqlite3.Connection, runs: Iterable[str], shoes: Sequence[Shoe]) -> dict[str, list[Choice]]:
    """For each of `runs` that is stored, the likeliest pairs, best first, then all others in use that day. What the run
    itself counts for now says nothing."""
    outings = _outings(conn, runs)
    if not outings:
        return {}
    days = sorted(outing.local_date for outing in outings.values())
    past = sorted(past_runs(conn, days[0], days[-1]), key=lambda item: item[1].outing.local_date)
    dates = [worn.outing.local_date for _, worn in past]
    found = {}
    for run, outing in outings.items():
        first, last = (_day(outing.local_date, later) for later in (-PAST_DAYS, PAST_DAYS))
        since = max(bisect_left(dates, first), bisect_left(dates, outing.local_date) - MOST_AROUND)
        until = min(bisect_right(dates, last), bisect_right(dates, outing.local_date) + MOST_AROUND)
        around = past[since:until]
        ranked = likely_shoes(outing, [worn for id, worn in around if id != run], shoes, most=len(shoes))
        found[run] = [
            Choice(shoe=str(each.shoe), name=each.name, share=each.share if place < LIKELIEST else 0.0)
            for place, each in enumerate(ranked)
        ]
    return found


def past_runs(conn: sqlite3.Connection, first: str, last: str) -> Iterator[tuple[str, Worn]]:
    """Runs whose pair is known, with their ids, around the days from `first` to `last`."""
    sql = """SELECT a.id, l.shoe, a.local_date, a.sport, ifnull(a.name, ''), sum(l.distance_m), a.indoor
             FROM legs l JOIN activities a ON a.id = l.activity
             WHERE l.shoe IS NOT NULL AND l.local_date BETWEEN date(?, ?) AND date(?, ?) GROUP BY a.id, l.shoe"""
    rows = conn.execute(sql, (first, f"-{PAST_DAYS} days", last, f"+{PAST_DAYS} days"))
    for id, shoe, day, sport, name, metres, indoor in rows:
        yield id, Worn(ShoeId(shoe), Outing(day, sport, name, metres, bool(indoor)))


def _outings(conn: sqlite3.Connection, runs: Iterable[str]) -> dict[str, Outing]:
    """The runs as they are compared."""
    sql = """SELECT a.id, a.local_date, a.sport, ifnull(a.name, ''),
               coalesce((SELECT sum(distance_m) FROM legs WHERE activity = a.id), a.distance_m), a.indoor,
               coalesce(a.gear_name, a.gear_raw, '')
             FROM json_each(?) AS asked JOIN activities a ON a.id = asked.value"""
    rows = conn.execute(sql, (json.dumps(list(runs)),))
    return {
        id: Outing(day, sport, name, metres, bool(indoor), gear) for id, day, sport, name, metres, indoor, gear in rows
    }


def _day(day: str, later: int) -> str:
    number = date.fromisoformat(day).toordinal() + later
    return date.fromordinal(min(max(number, date.min.toordinal()), date.max.toordinal())).isoformat()
