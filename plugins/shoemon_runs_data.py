"""All runs of a filter as data, in the order of the list: serves `/-/runs.csv` and `/-/runs.json`.

Reads and sends some runs at a time, so that a lifetime of runs takes no more memory than their ids.
"""

import csv
import json
from functools import partial
from io import StringIO
from typing import Any

from datasette import Response
from datasette.utils.asgi import AsgiStream

from shoemon.model.surfaces import GROUNDS
from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.run_list import Asked
from shoemon.pages.run_records import run_records
from shoemon.pages.site import HEADERS, Site
from shoemon.pages.units import unit_of
from shoemon.pages.view import only_with, routes

READ = ("activities", "legs", "shoes", "surfaces", "month_mileage")
"""Readers who may not see all of these tables do not see the list of runs, and not these data."""
MANY = 1000
"""How many runs are read and sent at a time."""
KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would calculate."""


@only_with(READ, "No runs here")
async def data(request: Any, site: Site) -> Any:
    kind = request.url_vars["kind"]
    asked = Asked.of(request.args)
    found = await site.read(site.name, partial(load, asked))
    if found["faults"]:
        return Response.text(". ".join(found["faults"]), status=400)

    async def send(writer: Any) -> None:
        ids, head = found["ids"], columns(found["unit"], found["surfaces"])
        await writer.write(lines([head]) if kind == "csv" else "[")
        for start in range(0, len(ids), MANY):
            runs = await site.read(site.name, partial(run_records, ids[start : start + MANY], asked.filter))
            if kind == "csv":
                await writer.write(lines([list(cells(run, found["surfaces"])) for run in runs]))
            else:
                text = ",\n".join(json.dumps(run, ensure_ascii=False) for run in runs)
                await writer.write(",\n" * bool(start) + text)
        await writer.write("" if kind == "csv" else "]\n")

    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="runs.{kind}"'}
    return AsgiStream(send, headers=headers, content_type=KINDS[kind])


def load(asked: Asked, rows: Rows) -> dict[str, Any]:
    """Find all runs, and load what is the same for each."""
    unit = unit_of(settings_of(rows))
    faults = asked.filter.faults(unit)
    return {
        "faults": faults,
        "unit": unit,
        "ids": [] if faults else asked.all_ids(unit, rows),
        "surfaces": [row["id"] for row in rows("SELECT id FROM surfaces ORDER BY id")],
    }


def columns(unit: str, surfaces: list[str]) -> list[str]:
    """The header of the table."""
    plain = ("id", "day", "start", "name", "sport", "source", "distance_m", f"distance_{unit}", "run_m", "moving_s")
    metres = [f"{kind}_{name}_m" for kind, names in (("ground", GROUNDS), ("surface", surfaces)) for name in names]
    return [*plain, "climb_m", "pairs", "why_pair", "why_ground", *metres]


def cells(run: dict[str, Any], surfaces: list[str]) -> list[Any]:
    """A row of the table; a text that a spreadsheet would calculate gets an apostrophe before it."""
    plain = [value for value in run.values() if not isinstance(value, dict | list)]
    texts = ["; ".join(filter(None, run[key])) for key in ("pairs_m", "why_pair", "why_ground")]
    metres = [run["grounds_m"].get(ground, 0) for ground in GROUNDS]
    metres += [run["surfaces_m"].get(surface, 0) for surface in surfaces]
    return [
        f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in (*plain, *texts, *metres)
    ]


def lines(table: list[list[Any]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue()


register_routes = routes({rf"runs\.(?P<kind>{'|'.join(KINDS)})": data})
