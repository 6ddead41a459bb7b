"""Show the ground of a planned route: a file is sent, matched to the map of this home, and shown.

Serves `/-/route`, for readers who may edit: what the map knows and where it ends shows where its runner runs. Nothing
of the route is stored.
"""

import asyncio
from typing import Any

from shoemon.pages import rights
from shoemon.pages.months import bar
from shoemon.pages.rows import settings_of
from shoemon.pages.site import FAULTS, Site, not_allowed
from shoemon.pages.view import only_with, routes

READ = ("activities", "shoes", "surfaces", "track_matches", "track_surfaces")
"""Readers who may not see all of these tables do not see this page."""


@only_with(READ, "No routes here")
async def page(request: Any, site: Site) -> Any:
    """Show the form, or the ground of the route that was sent."""
    if (why := await site.rights.refusal(request)) is not None:
        refused = {"title": "Ground of a route", "words": f"You may not send a route here. {why}"}
        return await site.page(request, "shoemon_missing.html", site.name, refused, status=403)
    if request.method in ("GET", "HEAD"):
        return await shown(request, site)
    if request.method != "POST":
        return not_allowed()
    if not rights.from_our_page(request, site.desk.url):
        return await shown(request, site, "The form did not come from these pages.", 403)
    try:
        name, content = await site.desk.receive_route(request)
        found = await asyncio.to_thread(site.desk.route, name, content)
        which = await asyncio.to_thread(site.desk.which, found["distance_m"], found["ground_m"])
    except FAULTS as error:
        return await shown(request, site, f"Nothing can be shown: {error}.", 422)
    return await shown(request, site, found={**found, "bar": bar(found["ground_m"])}, which=which)


async def shown(request: Any, site: Site, fault: str | None = None, status: int = 200, **more: Any) -> Any:
    """Render the page, with the error if there is one."""
    values = {
        "settings": await site.read(site.name, settings_of), "here": "ground", "fault": fault,
        "has_map": await asyncio.to_thread(site.desk.has_map), **more,
    }  # fmt: skip
    return await site.page(request, "shoemon_route.html", site.name, values, status=status, forms=True, store=False)


register_routes = routes({"route": page})
