"""Find gear that exports name and that belongs to no pair in shoes.yaml, and the pairs that it could become."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from shoemon.decide.find_shoes import Draft, Sighting, find_shoes
from shoemon.decide.gear_names import known_as, renames
from shoemon.decide.which_shoe import Wardrobe
from shoemon.model.plan import Plan
from shoemon.store.gear_names import gear_names

_SIGHTINGS = """
    WITH loose AS (SELECT activity, sum(distance_m) AS metres FROM legs INDEXED BY legs_shoe
        WHERE shoe IS NULL AND shoe_reason = 'gear_unknown' {only} GROUP BY activity),
      record AS (SELECT loose.*, a.* FROM loose JOIN activities a ON a.id = loose.activity
        UNION ALL SELECT loose.*, a.* FROM loose JOIN activities a ON a.duplicate_of = loose.activity)
    SELECT source, gear_raw, gear_name, local_date, metres, activity FROM record
    WHERE coalesce(gear_raw, gear_name, '') != ''"""


def new_gear(conn: sqlite3.Connection, plan: Plan, runs: Sequence[str] | None = None) -> Sequence[Draft]:
    """Find the pairs behind gear that is nobody's by `plan`, last worn first; `runs` are those to look at, else all.

    Left out are pairs that were only renamed, and runs of several known pairs at once.
    """
    only = "" if runs is None else "AND activity IN (SELECT value FROM json_each(:runs))"
    rows = conn.execute(_SIGHTINGS.format(only=only), {"runs": json.dumps(runs)})
    sightings = [Sighting(*row) for row in rows]
    if not sightings:
        return ()
    names = gear_names(conn)
    renamed = {(each.source, each.new) for each in renames(names, plan)}
    wardrobe = Wardrobe(plan, known_as(names))
    found = [
        each
        for each in sightings
        if renamed.isdisjoint((each.source, text) for text in (each.gear_raw, each.gear_name) if text)
        and not wardrobe.owners(each.source, each.gear_raw, each.gear_name).shoes
    ]
    return find_shoes(_without_copies(_single(found, wardrobe)), taken=[shoe.id for shoe in plan.shoes]).shoes


def _single(sightings: Sequence[Sighting], wardrobe: Wardrobe) -> Iterator[Sighting]:
    """Leave out gear that stands for several pairs, each of which is known alone: a correction divides such a run."""
    alone = {(each.source, text) for each in sightings for text in (each.gear_raw, each.gear_name)}
    for each in sightings:
        parts = (each.gear_raw or each.gear_name or "").split(" + ")
        known = (wardrobe.owners(each.source, part, None).shoes or (each.source, part) in alone for part in parts)
        if len(parts) == 1 or not all(known):
            yield each


def _without_copies(sightings: Iterable[Sighting]) -> Iterator[Sighting]:
    """Count the metres of a run once, whichever of its records name gear."""
    seen = set[str]()
    for each in sightings:
        yield each._replace(distance_m=None) if each.run in seen else each
        seen.add(each.run)
