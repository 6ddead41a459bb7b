"""Get the map of the runs: name the published extracts that cover them, and download those that the runner agrees to.

Serves `/-/get-map`, for readers who may write. A POST only asks: the scheduler of shoemon does the work, and the page
shows its progress. Nothing is sent to the server of the extracts before the runner agrees.
"""

import asyncio
from functools import partial
from typing import Any

from shoemon.pages.rows import settings_of
from shoemon.pages.site import Site, see_other
from shoemon.pages.view import only_with, routes

READ = ("activities", "surfaces", "track_matches", "track_surfaces")
TOKEN = "get-map"  # noqa: S105 - a name
REFUSED = (
    "Only who may write on these pages can get a map here. On the machine of shoemon, the command below does the same."
)
NOTHING = "Nothing was downloaded: choose an extract first."


@only_with(READ, "No runs here")
async def page(request: Any, site: Site) -> Any:
    """Show what was found and what is done now, or have the scheduler do more."""
    if site.desk is None or await site.rights.refusal(request) is not None:
        return await shown(request, site, REFUSED, 403)
    form, answer = await site.sent(request, TOKEN, partial(shown, request, site))
    if answer is not None:
        return answer
    ids = [key.removeprefix("get ") for key in form if key.startswith("get ")]
    if not ids and not form.keys() & {"find", "stop"}:
        return await shown(request, site, NOTHING, 400)
    if fault := await asyncio.to_thread(site.desk.get_map, None if "find" in form else ids):
        return await shown(request, site, f"Nothing was done: {fault}", 409)
    return see_other(site.path(TOKEN))


async def shown(request: Any, site: Site, fault: str | None = None, status: int = 200) -> Any:
    """Render the page, with the error if there is one; for who may not write only that."""
    values: dict[str, Any] = {"settings": await site.read(site.name, settings_of), "fault": fault, "here": "ground"}
    if fault is not REFUSED:
        values["map"] = await asyncio.to_thread(site.desk.map_state)
        values["at_work"] = await asyncio.to_thread(site.desk.is_at_work)
        values["token"] = await site.rights.token(TOKEN)
    answer = await site.page(request, "shoemon_get_map.html", site.name, values, status=status, forms=True, store=False)
    if "map" in values and (values["map"]["now"] or values["map"]["waits"]):
        answer.headers["Refresh"] = "5"
    return answer


register_routes = routes({TOKEN: page})
