"""What ground is it? Name the surface of each place where runs go round a lap on unknown ground, with one tap.

Serves `/-/places`, for who may edit: positions are personal. A GET changes nothing; a tap makes the desk write a place
into shoes.yaml.
"""

import asyncio
from functools import partial
from typing import Any

from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.site import FAULTS, Site, see_other
from shoemon.pages.view import only_with, routes

READ = ("activities", "legs", "surfaces", "track_matches", "track_surfaces")
FORM = "places"
"""The subject of the tokens of the forms of this page."""


@only_with(READ, "No places here")
async def page(request: Any, site: Site) -> Any:
    """Show the places to ask about, or carry out a form sent from here."""
    form, answer = await site.sent(request, FORM, partial(shown, request, site))
    if answer is not None:
        return answer
    at, surface = form.get("at"), form.get("surface")
    if not (at and surface):
        return await shown(request, site, "Nothing was written: choose a surface first.", 400)
    try:
        done = await asyncio.to_thread(site.desk.name_place, at, surface)
    except FAULTS as error:
        return await shown(request, site, f"Nothing was written: {error}.", 409)
    return see_other(site.path("places"), undo=str(done.undo), later="1")


async def shown(request: Any, site: Site, fault: str | None = None, status: int = 200) -> Any:
    """Render the page, with the error if there is one; without any position for who may not edit."""
    refusal = await site.rights.refusal(request)
    values: dict[str, Any] = {"refusal": refusal, "fault": fault, "here": "ground", "asked": []}
    values |= await site.read(site.name, load)
    if refusal is None:
        values["asked"] = await asyncio.to_thread(site.desk.places_asked)
        values["token"] = await site.rights.token(FORM)
    return await site.page(request, "shoemon_places.html", site.name, values, status=status, forms=True, store=False)


def load(rows: Rows) -> dict[str, Any]:
    """Load the surfaces to choose from, and the settings."""
    sql = "SELECT id, ground FROM surfaces WHERE id <> 'unknown' ORDER BY ground, id"
    return {"surfaces": rows(sql), "settings": settings_of(rows)}


register_routes = routes({"places": page})
