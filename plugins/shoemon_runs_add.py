"""Add a run by hand: a line of `runs.csv`, shown before it is written. Serves `/-/runs/add`, for who may edit."""

import asyncio
from typing import Any

from shoemon.pages.rows import settings_of
from shoemon.pages.run_filter import choices
from shoemon.pages.site import FAULTS, Site, not_allowed, see_other
from shoemon.pages.view import only_with, routes

READ = ("activities", "legs", "shoes", "surfaces", "sources")
SUBJECT = "runs-add"
"""The subject of the tokens of its form."""
FIELDS = ("date", "distance", "shoe", "surface", "at", "duration", "name")
LONGEST = 200


@only_with(READ, "No runs here")
async def page(request: Any, site: Site) -> Any:
    if request.method in ("GET", "HEAD"):
        return await shown(request, site, {})
    if request.method != "POST":
        return not_allowed()
    form, fault, status = await site.rights.sent(request, SUBJECT)
    run = {key: form.get(key, "").strip()[:LONGEST] for key in FIELDS}
    if fault is not None:
        return await shown(request, site, run, fault=fault, status=status)
    try:
        if "write" not in form:
            return await shown(request, site, run, look=await asyncio.to_thread(site.desk.look_run, run))
        done = await asyncio.to_thread(site.desk.add_run, run)
    except FAULTS as error:
        return await shown(request, site, run, fault=f"Nothing was written: {error}.", status=409)
    return see_other(site.path("runs"), undo=str(done.undo), later="1")


async def shown(request: Any, site: Site, run: dict[str, str], status: int = 200, **more: Any) -> Any:
    """Render the form with what was typed, or with `look` the lines that would be written."""
    values = await site.read(site.name, lambda rows: {**choices(rows), "settings": settings_of(rows)})
    refusal = await site.rights.refusal(request)
    values |= {"here": "runs", "run": run, "refusal": refusal, **more}
    if refusal is None:
        values["token"] = await site.rights.token(SUBJECT)
    return await site.page(request, "shoemon_runs_add.html", site.name, values, status=status, forms=True)


register_routes = routes({"runs/add": page})
