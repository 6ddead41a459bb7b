"""The list of runs: the latest hundred, further back page by page, of one pair or with a word in their name.

Serves `/-/runs`. Each page begins where the one before ended, by an index, so that the last is as quick as the first.
"""

import json
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from pluggy import HookimplMarker

from shoemon.model.reason import BY_SETTINGS
from shoemon.pages.dates import month_name
from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.site import Site, route

hookimpl = HookimplMarker("datasette")

READ = ("activities", "legs", "shoes", "surfaces", "month_mileage")
"""Readers who may not see all of these tables do not see this page."""
SHOWN = 100
SEARCHED = 5000
"""How many runs one page searches for a word; it links to the runs before."""
LONGEST = 200
"""The limit of a parameter, in characters."""

LATEST = """
    SELECT id, name, local_date, started_at AS place FROM activities
    WHERE counted = 1 {} ORDER BY started_at DESC, id DESC LIMIT :most"""
OF_SHOE = """
    SELECT a.id, a.name, a.local_date, l.local_date AS place
    FROM (SELECT DISTINCT local_date, activity FROM legs WHERE shoe = :shoe {}
        ORDER BY local_date DESC, activity DESC LIMIT :most) l CROSS JOIN activities a ON a.id = l.activity
    ORDER BY l.local_date DESC, l.activity DESC"""
LEGS = """
    SELECT l.activity, l.shoe, l.shoe_reason, coalesce(s.name, l.shoe) AS name, l.surface, l.distance_m
    FROM json_each(?) wanted CROSS JOIN legs l ON l.activity = wanted.value LEFT JOIN shoes s ON s.id = l.shoe
    ORDER BY l.distance_m DESC"""
MONTHS = """
    SELECT month, sum(distance_m) AS distance_m FROM month_mileage
    WHERE month IN (SELECT value FROM json_each(:months)) AND (:shoe = '' OR shoe = :shoe) GROUP BY month"""


class Asked(NamedTuple):
    """The parameters of the address: a word of the name, a pair, and the place and id that the runs come before."""

    word: str = ""
    shoe: str = ""
    before: str = ""
    id: str = ""

    def address(self, **other: str) -> str:
        """The query of a page with these parameters, changed by `other`."""
        asked = self._replace(**other)
        values = {"q": asked.word, "shoe": asked.shoe, "before": asked.before, "id": asked.id}
        return "?" + urlencode({key: value for key, value in values.items() if value})


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [(route("runs"), page)]


async def page(request: Any, datasette: Any) -> Any:
    site = Site(datasette, request)
    database = await site.database(request, READ)
    if database is None:
        return await site.missing(request, "No runs here", "There is no database of runs that you may see.")
    asked = Asked(*((request.args.get(key) or "").strip()[:LONGEST] for key in ("q", "shoe", "before", "id")))
    shown = shaped(asked, await site.read(database, partial(load, asked)))
    return await site.page(request, "shoemon_runs.html", database, shown, forms=True)


def load(asked: Asked, rows: Rows) -> dict[str, Any]:
    """Load the rows of the page, and find where the page of earlier runs begins."""
    found, further = find(asked, rows)
    ids = json.dumps([run["id"] for run in found])
    months = json.dumps(sorted({run["local_date"][:7] for run in found}))
    return {
        "found": found,
        "further": further,
        "legs": rows(LEGS, ids),
        "months": {row["month"]: row["distance_m"] for row in rows(MONTHS, {"months": months, "shoe": asked.shoe})},
        "shoes": rows("SELECT id, name, retired_on FROM shoes ORDER BY name, id"),
        "sources": bool(rows("SELECT 1 FROM sources LIMIT 1")),
        "any": bool(rows("SELECT 1 FROM legs LIMIT 1")),
        "settings": settings_of(rows),
    }


def find(asked: Asked, rows: Rows) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Find at most SHOWN runs, and the last one before possible earlier ones, or None."""
    most = SEARCHED if asked.word else SHOWN
    columns = "local_date, activity" if asked.shoe else "started_at, id"
    earlier = f"AND ({columns}) < (:before, :id)" if asked.before else ""
    sql = (OF_SHOE if asked.shoe else LATEST).format(earlier)
    found = rows(sql, {**asked._asdict(), "most": most + 1})
    read, is_more = found[:most], len(found) > most
    # Not by LIKE, which ignores case in ASCII only.
    word = asked.word.casefold()
    found = [run for run in read if word in (run["name"] or "").casefold()]
    if len(found) > SHOWN:
        return found[:SHOWN], found[SHOWN - 1]
    return found, read[-1] if is_more else None


def shaped(asked: Asked, read: dict[str, Any]) -> dict[str, Any]:
    """Prepare the values of the template: the runs by month, each with its pairs and surfaces, the longest first;
    `distance_m` is the part of it in the requested pair."""
    empty = {"distance_m": 0.0, "whole_m": 0.0, "loose": False}
    runs = {run["id"]: {**run, **empty, "shoes": {}, "surfaces": {}} for run in read["found"]}
    for leg in read["legs"]:
        run = runs[leg["activity"]]
        run["whole_m"] += leg["distance_m"]
        if asked.shoe in ("", leg["shoe"]):
            run["distance_m"] += leg["distance_m"]
        run["surfaces"][leg["surface"]] = None
        if leg["shoe"] is not None:
            run["shoes"][leg["shoe"]] = leg["name"]
        elif leg["shoe_reason"] not in BY_SETTINGS:
            run["loose"] = True
    months: dict[str, list[dict[str, Any]]] = {}
    for run in runs.values():
        months.setdefault(run["local_date"][:7], []).append(run)
    further = read["further"]
    return {
        "here": "runs",
        "asked": asked,
        "months": [
            {"name": month_name(month), "runs": of, "metres": read["months"].get(month)} for month, of in months.items()
        ],
        "shoe": next((shoe for shoe in read["shoes"] if shoe["id"] == asked.shoe), None),
        "further": further and asked.address(before=further["place"], id=further["id"]),
        "latest": asked.address(before="", id=""),
        "searched": SEARCHED,
        **{key: read[key] for key in ("settings", "shoes", "sources", "any")},
    }
