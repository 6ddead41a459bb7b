"""What a sync at work is doing, and whether there are new figures since, for the script of the first page.

Only pages served by shoemon itself can tell of a sync: they have a desk, which knows where it is told.
"""

import asyncio
import zlib
from typing import Any

from datasette import Response
from pluggy import HookimplMarker

from shoemon.pages.rows import Rows
from shoemon.pages.site import Site

hookimpl = HookimplMarker("datasette")

READ = ("sources", "shoes", "shoe_wear", "shoe_surface_mileage", "deliveries")
"""Whoever may not see one of these tables, and so not the first page, is told nothing."""
SHOWN = (
    "SELECT * FROM shoe_wear ORDER BY shoe",
    "SELECT * FROM shoe_surface_mileage ORDER BY shoe, surface",
    "SELECT * FROM shoes ORDER BY id",
    "SELECT name, last_success_at, last_error FROM sources ORDER BY name",
    "SELECT state, count(*) FROM deliveries GROUP BY state ORDER BY state",
    "SELECT max(id) FROM syncs",
)
"""What the first page stands on, small enough to be read with every question: no runs, no legs."""


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """The address that the script asks again and again."""
    return [(r"^/-/progress\.json$", progress)]


async def progress(request: Any, datasette: Any) -> Any:
    """`sync`: what the sync at work does, or null; `finished`: another number whenever there is something new to show,
    or null where nothing can be told."""
    site = Site(datasette)
    database = await site.database(request, READ)
    told = {"sync": None, "finished": None}
    if site.desk is not None and database is not None:
        # In this order: a sync that ends in between is seen as one that has ended, with all it brought.
        sync = await asyncio.to_thread(site.desk.progress)
        told = {"sync": sync, "finished": await site.read(database, finished)}
    status = 403 if database is None else 200
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response.json(told, status=status, headers=headers)


def finished(rows: Rows) -> int:
    """A number that stands for the figures as they are."""
    return zlib.crc32(repr([rows(sql) for sql in SHOWN]).encode())
