"""Runs in doubt: pairs of runs that may be one, and runs that may have been indoors, each with buttons that answer.

Serves `/-/doubts`. The forms are sent to the page of the run.
"""

from typing import Any

from shoemon.pages.corrections import INDOORS, OWN, SAME
from shoemon.pages.rows import Rows, settings_of, tables_and_views
from shoemon.pages.site import Site
from shoemon.pages.view import only_with, routes

READ = ("activities", "legs", "shoes", "surfaces", "shoe_surface_mileage", "reasons")
"""Readers who may not see all of these tables do not see this page; it leads to that of a run, which needs them."""
SHOWN = 50
TWICE = f"SELECT d.*, b.local_date AS other_date FROM doubled_runs d JOIN activities b ON b.id = d.other LIMIT {SHOWN}"
MAYBE_INDOORS = f"SELECT * FROM maybe_indoor_runs LIMIT {SHOWN}"


@only_with(READ, "No runs here")
async def page(request: Any, site: Site) -> Any:
    read = await site.read(site.name, load)
    refusal = await site.rights.refusal(request)
    runs = [run["activity"] for run in (*read["twice"], *read["indoors"])]
    tokens = {} if refusal else await site.rights.tokens([f"run {run}" for run in runs])
    words = {"same": SAME, "own": OWN, "treadmill": INDOORS}
    return await site.page(
        request, "shoemon_doubts.html", site.name, {**read, **words, "refusal": refusal, "tokens": tokens}, forms=True
    )


def load(rows: Rows) -> dict[str, Any]:
    """Load the latest runs in doubt."""
    views = tables_and_views(rows)
    found = {"twice": ("doubled_runs", TWICE), "indoors": ("maybe_indoor_runs", MAYBE_INDOORS)}
    shown = {key: rows(sql) if view in views else [] for key, (view, sql) in found.items()}
    return {**shown, "here": "runs", "settings": settings_of(rows)}


register_routes = routes({"doubts": page})
