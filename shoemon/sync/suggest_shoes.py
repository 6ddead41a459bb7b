"""Suggest pairs for runs: the likeliest by the runs around, and whatever else was in use that day."""

import json
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TypedDict

from shoemon.decide.gear_names import known_as
from shoemon.decide.likely_shoes import KNOWN_GROUND, PAST_DAYS, Likely, Outing, Worn, ground_of, likely_shoes
from shoemon.decide.which_shoe import Wardrobe
from shoemon.model.ids import ShoeId
from shoemon.model.plan import Plan
from shoemon.store.gear_names import gear_names

LIKELIEST = 3
"""So many pairs are suggested; more would be a list to read."""
MOST_AROUND = 100
"""So many runs before a day and after it are compared: the last of them weigh nothing any more, also for who runs twice
a day. More would make the list of runs slow."""
MOST_BEFORE = 400
"""So many are compared with a run to come: two a day, and some more."""


class Choice(TypedDict):
    """A pair to choose; `share` is how likely it was worn, 0 to 1, and 0 for those that are not suggested."""

    shoe: str
    name: str
    share: float


def choices(conn: sqlite3.Connection, runs: Iterable[str], plan: Plan) -> dict[str, list[Choice]]:
    """For each of `runs` that is stored, the likeliest pairs, best first, then all others in use that day."""
    found = {}
    for run, outing, around in _with_runs_around(conn, runs, plan):
        ranked = likely_shoes(outing, around, plan.shoes, most=len(plan.shoes))
        every = ranked
        if outing.owners is not None:
            every = likely_shoes(outing._replace(owners=None), around, plan.shoes, most=len(plan.shoes))
        shares = {each.shoe: each.share for each in ranked[:LIKELIEST]}
        names = {each.shoe: each.name for each in (*ranked, *every)}
        found[run] = [Choice(shoe=str(shoe), name=name, share=shares.get(shoe, 0.0)) for shoe, name in names.items()]
    return found


def likely_of(conn: sqlite3.Connection, runs: Iterable[str], plan: Plan) -> dict[str, list[Likely]]:
    """For each of `runs` that is stored, the likeliest pairs, best first."""
    return {
        run: likely_shoes(outing, around, plan.shoes, most=LIKELIEST)
        for run, outing, around in _with_runs_around(conn, runs, plan)
    }


def _with_runs_around(
    conn: sqlite3.Connection, runs: Iterable[str], plan: Plan
) -> Iterator[tuple[str, Outing, list[Worn]]]:
    """Each of `runs` that is stored, and the runs around it whose pair is known. The pair that it counts for itself is
    left out."""
    outings = _outings(conn, runs, plan)
    if not outings:
        return
    days = sorted(outing.local_date for outing in outings.values())
    past = sorted(_past_runs(conn, days[0], days[-1]), key=lambda item: item[1].outing.local_date)
    dates = [worn.outing.local_date for _, worn in past]
    for run, outing in outings.items():
        first, last = (_day(outing.local_date, later) for later in (-PAST_DAYS, PAST_DAYS))
        since = max(bisect_left(dates, first), bisect_left(dates, outing.local_date) - MOST_AROUND)
        until = min(bisect_right(dates, last), bisect_right(dates, outing.local_date) + MOST_AROUND)
        yield run, outing, [worn for id, worn in past[since:until] if id != run]


def runs_before(conn: sqlite3.Connection, today: date) -> tuple[list[Outing], list[Worn]]:
    """The runs of the 182 days up to `today`, and those whose pair is known, one for each pair of a run."""
    first = _day(today.isoformat(), -PAST_DAYS)
    parts = [*_parts(conn, first, today.isoformat(), f"ORDER BY a.started_at DESC LIMIT {MOST_BEFORE}")]
    runs: dict[str, Outing] = {}
    for run, _, outing in parts:
        runs[run] = outing._replace(distance_m=outing.distance_m + (runs[run].distance_m if run in runs else 0.0))
    return [*runs.values()], [Worn(shoe, outing) for _, shoe, outing in parts if shoe is not None]


def _past_runs(conn: sqlite3.Connection, first: str, last: str) -> Iterator[tuple[str, Worn]]:
    """Runs whose pair is known, with their ids, around the days from `first` to `last`."""
    for id, shoe, outing in _parts(conn, _day(first, -PAST_DAYS), _day(last, PAST_DAYS)):
        if shoe is not None:
            yield id, Worn(shoe, outing)


_GROUND = ", ".join(f"total(iif(f.ground = '{ground}', l.distance_m, 0))" for ground in KNOWN_GROUND)


def _parts(
    conn: sqlite3.Connection, first: str, last: str, latest: str = ""
) -> Iterator[tuple[str, ShoeId | None, Outing]]:
    """The parts of the runs of these days, one for each pair of a run, with its id; None is no pair. `latest`: SQL
    that picks some."""
    sql = f"""SELECT a.id, l.shoe, a.local_date, a.sport, ifnull(a.name, ''), sum(l.distance_m), a.indoor, {_GROUND}
              FROM activities a JOIN legs l ON l.activity = a.id JOIN surfaces f ON f.id = l.surface
              WHERE a.started_at BETWEEN date(:first, '-1 day') AND date(:last, '+2 days')
                AND l.local_date BETWEEN :first AND :last GROUP BY a.id, l.shoe {latest}"""
    for id, shoe, *run in conn.execute(sql, {"first": first, "last": last}):
        yield id, shoe and ShoeId(shoe), _outing(*run)


def _outing(day: str, sport: str, name: str, metres: float, indoor: int | None, *ground_m: float) -> Outing:
    ground = ground_of(dict(zip(KNOWN_GROUND, ground_m, strict=True)), metres)
    return Outing(day, sport, name, metres, bool(indoor), ground=ground)


def _outings(conn: sqlite3.Connection, runs: Iterable[str], plan: Plan) -> dict[str, Outing]:
    """The runs as they are compared; those without a shoe with the pairs that the gear of any of their records can
    mean. Who corrects a run that has its pair looks for another."""
    asked = json.dumps(list(runs))
    sql = f"""SELECT a.id, a.local_date, a.sport, ifnull(a.name, ''), coalesce(sum(l.distance_m), a.distance_m),
                a.indoor, {_GROUND}
              FROM json_each(?) AS asked JOIN activities a ON a.id = asked.value
                LEFT JOIN legs l ON l.activity = a.id LEFT JOIN surfaces f ON f.id = l.surface GROUP BY a.id"""
    found = {id: _outing(*run) for id, *run in conn.execute(sql, (asked,))}
    sql = """SELECT asked.value, a.source, a.gear_raw, a.gear_name
             FROM json_each(?) AS asked JOIN activities a ON a.id = asked.value OR a.duplicate_of = asked.value
             WHERE coalesce(a.gear_raw, a.gear_name, '') != ''
               AND EXISTS (SELECT 1 FROM legs WHERE activity = asked.value AND shoe IS NULL)"""
    wardrobe = Wardrobe(plan, known_as(gear_names(conn)))
    for id, *gear in conn.execute(sql, (asked,)):
        owners = {shoe.id for shoe in wardrobe.owners(*gear).shoes}
        found[id] = found[id]._replace(owners=owners | set(found[id].owners or ()))
    return found


def _day(day: str, later: int) -> str:
    number = date.fromisoformat(day).toordinal() + later
    return date.fromordinal(min(max(number, date.min.toordinal()), date.max.toordinal())).isoformat()
