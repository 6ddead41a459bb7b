"""Answer monitors at /-/health: 200 while the scheduler of every home is at work, else 503.

Strangers get only `ok` or `failing`; who is signed in, or at this machine where nobody has to, gets what fails and what
waits in each home. Only pages served by shoemon itself know it: they have desks.
"""

import asyncio
from typing import Any

from datasette import Response
from pluggy import HookimplMarker

from shoemon.pages import visit
from shoemon.pages.site import Site

hookimpl = HookimplMarker("datasette")

READ = ("sources", "problems", "activities", "deliveries", "track_matches", "legs")
"""Readers who may not see all of these tables of a home do not get what fails there."""


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [(r"^/-/health$", health)]


async def health(request: Any, datasette: Any) -> Any:
    """Answer the status of all homes: in one word, or as JSON with the rest of those that the reader may see."""
    site = Site(datasette)
    is_here = visit.present().here and all(desk.serves_here for desk in site.desks.values())
    seen, is_well = {}, bool(site.desks)
    for name, desk in site.desks.items():
        is_well = is_well and await asyncio.to_thread(desk.is_at_work)
        if (request.actor or is_here) and await site.may_see(request.actor, name, READ):
            seen[name] = await asyncio.to_thread(desk.health)
    status, code = ("ok", 200) if is_well else ("failing", 503)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if seen:
        return Response.json({"status": status, "homes": seen}, status=code, headers=headers)
    return Response.text(f"{status}\n", status=code, headers=headers)
