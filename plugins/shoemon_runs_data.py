"""All runs of a filter as data, in the order of the list: serves `/-/runs.csv` and `/-/runs.json`.

Reads and sends some runs at a time, so that a lifetime of runs takes no more memory than their ids.
"""

import csv
import json
from collections.abc import Callable
from functools import lru_cache, partial
from io import StringIO
from itertools import groupby
from typing import Any

from datasette import Response
from datasette.utils.asgi import AsgiStream
from pluggy import HookimplMarker

from shoemon.model.reason import Reason
from shoemon.model.surfaces import GROUNDS
from shoemon.model.units import METRES
from shoemon.pages.rows import Rows, exports_of, settings_of
from shoemon.pages.run_list import Asked
from shoemon.pages.site import HEADERS, Site, route
from shoemon.pages.units import unit_of
from shoemon.pages.view import only_with
from shoemon.words.reasons import Exports, why_ground, why_shoe

hookimpl = HookimplMarker("datasette")

READ = ("activities", "legs", "shoes", "surfaces", "month_mileage")
"""Readers who may not see all of these tables do not see the list of runs, and not these data."""
MANY = 1000
"""How many runs are read and sent at a time."""
KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would calculate."""
LEGS = """
    SELECT wanted.key AS number, a.id, a.local_date, a.started_at, a.name, a.sport, a.source, a.moving_s, a.elevation_m,
      l.shoe, {pair} AS is_asked, l.surface, coalesce(f.ground, 'unknown') AS ground, l.distance_m,
      l.shoe_reason, l.shoe_detail, l.surface_reason, l.surface_detail
    FROM json_each(:ids) wanted CROSS JOIN activities a ON a.id = wanted.value CROSS JOIN legs l ON l.activity = a.id
      LEFT JOIN surfaces f ON f.id = l.surface
    ORDER BY wanted.key, l.distance_m DESC, l.surface, l.shoe"""


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [(route(rf"runs\.(?P<kind>{'|'.join(KINDS)})"), data)]


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
            runs = await site.read(site.name, partial(read, asked, found, ids[start : start + MANY]))
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
        "why": lru_cache(MANY)(partial(words, exports_of(rows))),
    }


def read(asked: Asked, found: dict[str, Any], ids: list[str], rows: Rows) -> list[dict[str, Any]]:
    """Load some of the runs, in their order."""
    pair = asked.filter.of_pair() if asked.filter.shoe else "1"
    legs = rows(LEGS.format(pair=pair), {"ids": json.dumps(ids), "shoe": asked.filter.shoe})
    runs = (list(legs) for _, legs in groupby(legs, lambda leg: leg["number"]))
    return [record(legs, found["unit"], found["why"]) for legs in runs]


def words(exports: Exports, code: str, detail: str | None, source: str, ground: bool) -> list[str]:
    """Explain why legs of a run from `source` count for a pair, or for a surface."""
    why = Reason(code, detail)
    return [text for text, _ in why_ground(why, 1.0, source, exports)] if ground else [why_shoe(why, source, exports)]


def record(legs: list[dict[str, Any]], unit: str, why: Callable[..., list[str]]) -> dict[str, Any]:
    """A run of these legs; `distance_m` is the part of it in the requested pair, `run_m` all of it."""
    run, metres = legs[0], sum(leg["distance_m"] for leg in legs if leg["is_asked"])
    return {
        "id": run["id"], "day": run["local_date"], "start": run["started_at"], "name": run["name"],
        "sport": run["sport"], "source": run["source"],
        "distance_m": round(metres, 3), f"distance_{unit}": round(metres / METRES[unit], 3),
        "run_m": round(sum(leg["distance_m"] for leg in legs), 3),
        "moving_s": run["moving_s"], "climb_m": run["elevation_m"],
        "pairs_m": sums(legs, "shoe"), "grounds_m": sums(legs, "ground"), "surfaces_m": sums(legs, "surface"),
        **{f"why_{name}": list(dict.fromkeys(
            text for leg in legs
            for text in why(leg[f"{column}_reason"], leg[f"{column}_detail"], run["source"], name == "ground")
        )) for name, column in (("pair", "shoe"), ("ground", "surface"))},
    }  # fmt: skip


def sums(legs: list[dict[str, Any]], by: str) -> dict[str, float]:
    """Metres by pair, ground or surface; the pair is empty where there is none."""
    found: dict[str, float] = {}
    for leg in legs:
        key = leg[by] or ""
        found[key] = round(found.get(key, 0.0) + leg["distance_m"], 3)
    return found


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
