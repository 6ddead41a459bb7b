"""Offer the values of a parameter of a ready-made query: pairs, surfaces, runs or months.

`query.html` beside this file asks for them, on both lines of Datasette. A query without a value takes the first one,
so that it does not open empty; so do its CSV and JSON.
"""

from functools import partial
from typing import Any

from pluggy import HookimplMarker

from shoemon.pages.rows import Rows
from shoemon.pages.site import Site

hookimpl = HookimplMarker("datasette")

MOST = 200
RUNS = "SELECT id AS value, local_date || ' ' || ifnull(name, '') AS words FROM activities a WHERE counted = 1"
LATEST = f"ORDER BY started_at DESC LIMIT {MOST}"
OFFERED = {
    "shoe": ("Shoe", ("shoes", "shoe_surface_mileage"), """
        SELECT id AS value, name || iif(retired_on IS NULL, '', ' (retired)') AS words FROM shoes
        ORDER BY (SELECT max(last_on) FROM shoe_surface_mileage WHERE shoe = id) DESC"""),
    "surface": ("Surface or ground", ("surfaces", "surface_mileage"), """
        SELECT surface AS value, surface AS words FROM (SELECT surface FROM surface_mileage ORDER BY distance_m DESC)
        UNION ALL SELECT DISTINCT ground, ground || ' ground' FROM surfaces
        WHERE ground NOT IN (SELECT id FROM surfaces)"""),
    "activity": ("Run", ("activities",), f"{RUNS} {LATEST}"),
    "ground_of_a_run": ("Run", ("activities", "track_surfaces"), f"""
        {RUNS} AND EXISTS (SELECT 1 FROM track_surfaces WHERE activity = a.id) {LATEST}"""),
    "today": ("Up to", ("month_mileage",), f"""
        SELECT '' AS value, 'today' AS words UNION ALL SELECT * FROM (
          SELECT DISTINCT date(month || '-01', '+1 month', '-1 day'), 'the end of ' || month FROM month_mileage
          ORDER BY month DESC LIMIT {MOST})"""),
}  # fmt: skip
"""By the name of a parameter, or of a query whose parameter has other values: words, the tables that a reader must be
allowed to see, and SQL for the values, the one first that the query takes if there is none."""


@hookimpl
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    env.globals["shoemon_choices"] = partial(choices, datasette)


async def choices(
    datasette: Any, request: Any, database: str, query: str, given: dict[str, str]
) -> list[dict[str, Any]]:
    """List the parameters of a query of ours that have a list of values, each with its values and the chosen one."""
    site, found = Site(datasette, name=database), []
    for name, value in given.items():
        words, tables, sql = OFFERED.get(query) or OFFERED.get(name) or ("", (), "")
        if sql and await site.may_see(request.actor, database, tables) and await site.is_ours(database, tables):
            options = await site.read(database, partial(read, sql))
            if value not in {option["value"] for option in options} and value:
                options.insert(0, {"value": value, "words": value})
            found.append({"name": name, "words": words, "options": options, "chosen": value})
    return [each for each in found if each["options"]]


def read(sql: str, rows: Rows) -> list[dict[str, Any]]:
    return rows(sql)
