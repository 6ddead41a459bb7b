"""Right on your own ground? Ask about stretches of the runner's own runs, and show how often what is stated is right.

Serves `/-/ground-check`. What is stated is shown after the answer only, not even on the map: it would sway the answer.
"""

import asyncio
from typing import Any

from datasette import Response
from pluggy import HookimplMarker

from shoemon.decide.ground_check import GROUNDS
from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.site import Site, route
from shoemon.words.ground_check import result_lines

hookimpl = HookimplMarker("datasette")

READ = ("activities", "legs", "surfaces", "track_matches", "track_surfaces", "ground_answers")
"""Readers who may not see all of these tables see no track, and not this page."""
NO_DESK = "Tracks are drawn on the pages that `shoemon serve` serves."
ROUND = 10
"""So many stretches are asked about before the result."""
NO_STORE = {"Cache-Control": "no-store, private", "X-Content-Type-Options": "nosniff"}


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [(route("ground-check"), page), (route(r"ground-check/track\.json"), track)]


async def track(request: Any, datasette: Any) -> Any:
    """Answer with the run of the stretch as GeoJSON, or with `missing`: the reason in words."""
    site = Site(datasette, request)
    database = await site.database(request, READ)
    if database is None or site.desk is None:
        return Response.json({"missing": NO_DESK}, status=403, headers=NO_STORE)
    return Response.json(await asyncio.to_thread(site.desk.ground_check_map), headers=NO_STORE)


async def page(request: Any, datasette: Any) -> Any:
    """Show the stretch that comes next and the result so far, or carry out a form of this page."""
    site = Site(datasette, request)
    database = await site.database(request, READ)
    if database is None or site.desk is None:
        return await site.missing(request, "No stretches here", NO_DESK)
    if request.method == "POST":
        return await written(request, site, database)
    return await shown(request, site, database)


async def written(request: Any, site: Site, database: str) -> Any:
    """Store an answer, or make a place of one, and show the page again."""
    form = await site.rights.form(request) or {}
    try:
        activity, start, end = form["stretch"].rsplit(" ", 2)
        stretch = activity, int(start), int(end)
    except (KeyError, ValueError):
        return await shown(request, site, database, "Nothing was written: the form did not come from this page.", 400)
    fault = await site.rights.refusal(request) or await site.rights.fault(request, "", form)
    if fault is not None:
        return await shown(request, site, database, fault, 403)
    desk, surface = site.desk, form.get("surface") or None
    found = await asyncio.to_thread(
        *((desk.ground_place, stretch) if "place" in form else (desk.ground_answer, stretch, surface))
    )
    if "missing" in found:
        return await shown(request, site, database, f"Nothing was written: {found['missing']}.", 409)
    address = f"{site.path('ground-check')}?said={'place' if 'place' in form else 'answer'}"
    return Response("", status=303, headers={"Location": address, "Cache-Control": "no-store"})


async def shown(request: Any, site: Site, database: str, fault: str | None = None, status: int = 200) -> Any:
    check = await asyncio.to_thread(site.desk.ground_check)
    if "missing" in check:
        return await site.missing(request, "No stretches here", check["missing"])
    refusal = await site.rights.refusal(request)
    read = await site.read(database, load)
    asked = len(check["answers"])
    pauses = asked > 0 and asked % ROUND == 0 and "more" not in request.args
    page = {
        **check, **read, "here": "ground", "fault": fault, "refusal": refusal, "said": request.args.get("said"),
        "turn": asked % ROUND + 1, "round": ROUND, "pauses": pauses, "lines": result_lines(check["result"]),
        "token": (await site.rights.tokens([""]))[""] if refusal is None else "",
    }  # fmt: skip
    response = await site.page(request, "shoemon_ground_check.html", database, page, status=status, forms=True)
    response.headers["Cache-Control"] = "no-store"
    return response


def load(rows: Rows) -> dict[str, Any]:
    """Load the surfaces to choose from, and the settings."""
    sql = f"SELECT id, ground FROM surfaces WHERE ground IN {GROUNDS} ORDER BY ground, id"
    return {"surfaces": rows(sql), "settings": settings_of(rows)}
