"""The list of runs: the latest hundred, further back page by page, all or those of a filter, sorted.

Serves `/-/runs`.
"""

import json
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from shoemon.model.plan import NO_PAIR
from shoemon.model.reason import BY_SETTINGS
from shoemon.pages.dates import duration, month_name
from shoemon.pages.months import on_ground
from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.run_filter import WITHOUT, choices
from shoemon.pages.run_list import SEARCHED, SORTS, Asked
from shoemon.pages.site import Site
from shoemon.pages.units import unit_of, zone_of
from shoemon.pages.view import only_with, routes

READ = ("activities", "legs", "shoes", "surfaces", "month_mileage")

LEGS = """
    SELECT l.activity, l.shoe, l.shoe_reason, coalesce(s.name, l.shoe) AS name, l.surface, l.distance_m,
      coalesce(f.ground, 'unknown') AS ground
    FROM json_each(?) wanted CROSS JOIN legs l ON l.activity = wanted.value LEFT JOIN shoes s ON s.id = l.shoe
      LEFT JOIN surfaces f ON f.id = l.surface
    ORDER BY l.distance_m DESC"""
MONTHS = """
    SELECT month, sum(distance_m) AS distance_m FROM month_mileage
    WHERE month IN (SELECT value FROM json_each(:months)) AND (:shoe = '' OR shoe = :shoe) GROUP BY month"""


@only_with(READ, "No runs here")
async def page(request: Any, site: Site) -> Any:
    asked = Asked.of(request.args)
    shown = shaped(asked, await site.read(site.name, partial(load, asked)))
    return await site.page(request, "shoemon_runs.html", site.name, shown, forms=True)


def load(asked: Asked, rows: Rows) -> dict[str, Any]:
    """Load the rows of the page, and find where the page of further runs begins."""
    settings = settings_of(rows)
    faults = asked.filter.faults(unit_of(settings))
    found, further = ([], None) if faults else asked.find(unit_of(settings), rows)
    ids = json.dumps([run["id"] for run in found])
    months = json.dumps(sorted({run["local_date"][:7] for run in found}))
    values = {"months": months, "shoe": asked.filter.shoe}
    return {
        "found": found,
        "further": further,
        "faults": faults,
        "legs": rows(LEGS, ids),
        "months": {row["month"]: row["distance_m"] for row in rows(MONTHS, values)},
        "today": datetime.now(UTC).astimezone(zone_of(settings)).date(),
        "any": bool(rows("SELECT 1 FROM legs LIMIT 1")),
        "settings": settings,
        "choices": choices(rows),
    }


def shaped(asked: Asked, read: dict[str, Any]) -> dict[str, Any]:
    """Prepare the values of the template: the runs by month, or in another order together, each with its pairs, the
    longest first, and its ground; `distance_m` is the part of it in the requested pair."""
    wanted, by = asked.filter, SORTS[asked.sort]
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
        months.setdefault(run["local_date"][:7] if by.by == "date" else by.words, []).append(run)
    further = read["further"]
    has_totals = wanted.shoe not in (WITHOUT, NO_PAIR) and not wanted.given().keys() - {"shoe"}
    sort = {"sort": asked.sort}
    return {
        "here": "runs",
        "asked": wanted,
        "sort": asked.sort,
        "sorts": SORTS,
        "duration": duration,
        "spans": {
            words: wanted._replace(since=first.isoformat(), until=last.isoformat()).address(**sort)
            for words, (first, last) in spans(read["today"]).items()
        },
        "first": wanted.address(**sort),
        "before": asked.before,
        "words": wanted.words({shoe["id"]: shoe["name"] for shoe in read["choices"]["shoes"]}),
        "months": [
            {
                "name": month_name(month).capitalize(),
                "runs": of,
                "metres": read["months"].get(month) if has_totals else None,
            }
            for month, of in months.items()
        ],
        "further": further and wanted.address(**sort, before=str(further["place"]), id=further["id"]),
        "searched": SEARCHED if asked.is_searched else 0,
        **{key: read[key] for key in ("settings", "any", "faults")},
        **read["choices"],
    }


def spans(today: date) -> dict[str, tuple[date, date]]:
    """The days that are asked about most, by their words."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    return {
        "This month": (month, today),
        "Last month": (before.replace(day=1), before),
        "Last 28 days": (today - timedelta(days=27), today),
        "This year": (today.replace(month=1, day=1), today),
    }


register_routes = routes({"runs": page})
