"""The list of runs: the latest hundred, further back page by page, all or those of a filter.

Serves `/-/runs`. Each page begins where the one before ended, by an index, so that the last is as quick as the first.
"""

import json
from functools import partial
from typing import Any, NamedTuple

from pluggy import HookimplMarker

from shoemon.model.plan import NO_PAIR
from shoemon.model.reason import BY_SETTINGS
from shoemon.pages.dates import month_name
from shoemon.pages.months import on_ground
from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.run_filter import WITHOUT, RunFilter, choices
from shoemon.pages.site import Site, route
from shoemon.pages.units import unit_of

hookimpl = HookimplMarker("datasette")

READ = ("activities", "legs", "shoes", "surfaces", "month_mileage")
"""Readers who may not see all of these tables do not see this page."""
SHOWN = 100
SEARCHED = 5000
"""How many runs one page searches; it links to the runs before."""
LONGEST = 200
"""The limit of a parameter, in characters."""

LATEST = """
    SELECT a.id, a.name, a.local_date, a.started_at AS place, {fits} AS fits FROM activities a
    WHERE a.counted = 1 {earlier} ORDER BY a.started_at DESC, a.id DESC LIMIT :limit"""
OF_PAIR = """
    SELECT a.id, a.name, a.local_date, l.local_date AS place, {fits} AS fits
    FROM (SELECT DISTINCT local_date, activity FROM legs WHERE {pair} {earlier}
        ORDER BY local_date DESC, activity DESC LIMIT :limit) l CROSS JOIN activities a ON a.id = l.activity
    ORDER BY l.local_date DESC, l.activity DESC"""
LEGS = """
    SELECT l.activity, l.shoe, l.shoe_reason, coalesce(s.name, l.shoe) AS name, l.surface, l.distance_m,
      coalesce(f.ground, 'unknown') AS ground
    FROM json_each(?) wanted CROSS JOIN legs l ON l.activity = wanted.value LEFT JOIN shoes s ON s.id = l.shoe
      LEFT JOIN surfaces f ON f.id = l.surface
    ORDER BY l.distance_m DESC"""
MONTHS = """
    SELECT month, sum(distance_m) AS distance_m FROM month_mileage
    WHERE month IN (SELECT value FROM json_each(:months)) AND (:shoe = '' OR shoe = :shoe) GROUP BY month"""


class Asked(NamedTuple):
    """The parameters of the address: a filter, and the place and id that the runs come before."""

    filter: RunFilter
    before: str = ""
    id: str = ""


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [(route("runs"), page)]


async def page(request: Any, datasette: Any) -> Any:
    site = Site(datasette, request)
    database = await site.database(request, READ)
    if database is None:
        return await site.missing(request, "No runs here", "There is no database of runs that you may see.")
    before, id = ((request.args.get(key) or "")[:LONGEST] for key in ("before", "id"))
    asked = Asked(RunFilter.of(request.args), before, id)
    shown = shaped(asked, await site.read(database, partial(load, asked)))
    return await site.page(request, "shoemon_runs.html", database, shown, forms=True)


def load(asked: Asked, rows: Rows) -> dict[str, Any]:
    """Load the rows of the page, and find where the page of earlier runs begins."""
    settings = settings_of(rows)
    faults = asked.filter.faults(unit_of(settings))
    found, further = ([], None) if faults else find(asked, unit_of(settings), rows)
    ids = json.dumps([run["id"] for run in found])
    months = json.dumps(sorted({run["local_date"][:7] for run in found}))
    values = {"months": months, "shoe": asked.filter.shoe}
    return {
        "found": found,
        "further": further,
        "faults": faults,
        "legs": rows(LEGS, ids),
        "months": {row["month"]: row["distance_m"] for row in rows(MONTHS, values)},
        "any": bool(rows("SELECT 1 FROM legs LIMIT 1")),
        "settings": settings,
        "choices": choices(rows),
    }


def find(asked: Asked, unit: str, rows: Rows) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Find at most SHOWN runs, and the last one before possible earlier ones, or None."""
    wanted = asked.filter
    most = SEARCHED if wanted.given().keys() - {"shoe"} else SHOWN
    columns = "local_date, activity" if wanted.shoe else "a.started_at, a.id"
    earlier = f"AND ({columns}) < (:before, :id)" if asked.before else ""
    fits, values = wanted.sql(unit)
    sql = (OF_PAIR if wanted.shoe else LATEST).format(fits=fits, earlier=earlier, pair=wanted.of_pair())
    found = rows(sql, {**values, "before": asked.before, "id": asked.id, "limit": most + 1})
    read, is_more = found[:most], len(found) > most
    found = [run for run in read if run["fits"] and wanted.fits(run["name"])]
    if len(found) > SHOWN:
        return found[:SHOWN], found[SHOWN - 1]
    return found, read[-1] if is_more else None


def shaped(asked: Asked, read: dict[str, Any]) -> dict[str, Any]:
    """Prepare the values of the template: the runs by month, each with its pairs, the longest first, and its ground;
    `distance_m` is the part of it in the requested pair."""
    wanted = asked.filter
    empty = {"distance_m": 0.0, "whole_m": 0.0, "loose": False}
    runs = {run["id"]: {**run, **empty, "shoes": {}, "legs": []} for run in read["found"]}
    for leg in read["legs"]:
        run = runs[leg["activity"]]
        run["whole_m"] += leg["distance_m"]
        is_open = leg["shoe"] is None and leg["shoe_reason"] not in BY_SETTINGS
        if wanted.shoe in ("", leg["shoe"] or (WITHOUT if is_open else NO_PAIR)):
            run["distance_m"] += leg["distance_m"]
        run["legs"].append(leg)
        if leg["shoe"] is not None:
            run["shoes"][leg["shoe"]] = leg["name"]
        run["loose"] = run["loose"] or is_open
    months: dict[str, list[dict[str, Any]]] = {}
    for run in runs.values():
        run["on"] = on_ground(run["legs"])
        months.setdefault(run["local_date"][:7], []).append(run)
    further = read["further"]
    has_totals = wanted.shoe not in (WITHOUT, NO_PAIR) and not wanted.given().keys() - {"shoe"}
    return {
        "here": "runs",
        "asked": wanted,
        "before": asked.before,
        "words": wanted.words({shoe["id"]: shoe["name"] for shoe in read["choices"]["shoes"]}),
        "months": [
            {"name": month_name(month), "runs": of, "metres": read["months"].get(month) if has_totals else None}
            for month, of in months.items()
        ],
        "further": further and wanted.address(before=further["place"], id=further["id"]),
        "searched": SEARCHED if wanted.given().keys() - {"shoe"} else 0,
        **{key: read[key] for key in ("settings", "any", "faults")},
        **read["choices"],
    }
