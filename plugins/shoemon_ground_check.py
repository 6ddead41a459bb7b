"""Right on your own ground? Ask about stretches of the runner's own runs, and show how often what is stated is right.

Serves `/-/ground-check`. What is stated is shown after the answer only, not even on the map: it would sway the answer.
"""

import asyncio
from functools import partial
from typing import Any

from datasette import Response

from shoemon.decide.ground_check import GROUNDS
from shoemon.pages.rights import NO_FORM
from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.site import FAULTS, Site, see_other
from shoemon.pages.view import only_with, routes
from shoemon.words.ground import result_lines

READ = ("activities", "legs", "surfaces", "track_matches", "track_surfaces", "ground_answers")
"""Readers who may not see all of these tables see no track, and not this page."""
NO_DESK = "There are no stretches that you may see. The pages that `shoemon serve` serves draw them."
ROUND = 10
"""So many stretches are asked about before the result."""
NO_STORE = {"Cache-Control": "no-store, private", "X-Content-Type-Options": "nosniff"}


async def track(request: Any, datasette: Any) -> Any:
    """Answer with the run of the stretch as GeoJSON, or with `missing`: the reason in words."""
    site = Site(datasette, request)
    if await site.database(request, READ) is None or site.desk is None:
        return Response.json({"missing": NO_DESK}, status=403, headers=NO_STORE)
    try:
        found = await asyncio.to_thread(lambda: site.desk.ground_check().map())
    except FAULTS as error:
        found = {"missing": str(error)}
    return Response.json(found, headers=NO_STORE)


@only_with(READ, "No stretches here", NO_DESK)
async def page(request: Any, site: Site) -> Any:
    """Show the stretch that comes next, or store an answer, or make a place of one."""
    if site.desk is None:
        return await site.missing(request, "No stretches here", NO_DESK)
    form, answer = await site.sent(request, "", partial(shown, request, site))
    if answer is not None:
        return answer
    try:
        activity, start, end = form["stretch"].rsplit(" ", 2)
        stretch, check = (activity, int(start), int(end)), await asyncio.to_thread(site.desk.ground_check)
        if "place" in form:
            done = await asyncio.to_thread(check.make_place, stretch)
            return see_other(site.path("ground-check"), undo=str(done.undo), later="1")
        await asyncio.to_thread(check.answer, stretch, form["surface"] or None)
    except (KeyError, ValueError):
        return await shown(request, site, NO_FORM, 400)
    except FAULTS as error:
        return await shown(request, site, f"Nothing was written: {error}.", 409)
    return see_other(site.path("ground-check"), said="answer")


async def shown(request: Any, site: Site, fault: str | None = None, status: int = 200) -> Any:
    """Render the page with the result so far, and the error if there is one."""
    try:
        found = await asyncio.to_thread(shaped, site.desk, "more" in request.args)
    except FAULTS as error:
        return await site.missing(request, "No stretches here", str(error))
    found |= await site.read(site.name, load)
    if may_write := await site.rights.refusal(request) is None:
        found["token"] = await site.rights.token("")
    found |= {"here": "ground", "fault": fault, "said": request.args.get("said"), "may_write": may_write}
    return await site.page(
        request, "shoemon_ground_check.html", site.name, found, status=status, forms=True, store=False
    )


def shaped(desk: Any, more: bool) -> dict[str, Any]:
    """The next stretch, unless a round is over and `more` are not asked for, and the result."""
    check = desk.ground_check()
    asked, stretches = len(check.answers), check.stretches()
    pauses = asked > 0 and asked % ROUND == 0 and not more
    return {
        "stretches": stretches, "answers": check.answers, "lines": result_lines(check.result()), "pauses": pauses,
        "turn": asked % ROUND + 1, "round": ROUND,
    }  # fmt: skip


def load(rows: Rows) -> dict[str, Any]:
    """Load the surfaces to choose from, and the settings."""
    sql = f"SELECT id, ground FROM surfaces WHERE ground IN {GROUNDS} ORDER BY ground, id"
    return {"surfaces": rows(sql), "settings": settings_of(rows)}


register_routes = routes({"ground-check": page, r"ground-check/track\.json": track})
