"""Answer monitors at /-/health: 200 while the scheduler of every home is at work, else 503.

Strangers get only `ok` or `failing`; who may see a home gets what fails and what waits there. Only pages served by
shoemon itself know it: they have a desk.
"""

import asyncio
from typing import Any

from datasette import Response
from pluggy import HookimplMarker

from shoemon.pages.site import Site

hookimpl = HookimplMarker("datasette")

READ = ("sources", "problems", "activities", "deliveries", "track_matches", "legs")
"""Readers who may not see all of these tables of a home get no more than strangers."""


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """The address that a monitor asks."""
    return [(r"^/-/health$", health)]


async def health(request: Any, datasette: Any) -> Any:
    """Answer JSON: the status of all homes, and the rest of those that the reader may see; or one word."""
    site = Site(datasette)
    is_well = [await asyncio.to_thread(desk.is_at_work) for desk in site.desks.values()]
    ours = set(await site.ours()) & site.desks.keys()
    allowed = [name for name in sorted(ours) if await site.may_see(request.actor, name, READ)]
    seen = {name: await asyncio.to_thread(site.desks[name].health) for name in allowed}
    status, code = ("ok", 200) if is_well and all(is_well) else ("failing", 503)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if seen:
        return Response.json({"status": status, "homes": seen}, status=code, headers=headers)
    return Response.text(f"{status}\n", status=code, headers=headers)
