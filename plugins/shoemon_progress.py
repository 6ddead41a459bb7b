"""Report the progress of a running sync, and new figures after it, to the script of the first page.

Only pages served by shoemon itself can report it: they have a desk, which reads the progress.
"""

import asyncio
import zlib
from contextlib import suppress
from typing import Any

from datasette import Response

from shoemon.pages.rows import Rows
from shoemon.pages.site import UNREADABLE, Site
from shoemon.pages.view import routes

READ = ("sources", "shoes", "shoe_wear", "shoe_surface_mileage", "deliveries")
"""Readers who may not see all of these tables, and so not the first page, get no answer."""
SHOWN = (
    "SELECT * FROM shoe_wear ORDER BY shoe",
    "SELECT * FROM shoe_surface_mileage ORDER BY shoe, surface",
    "SELECT * FROM shoes ORDER BY id",
    "SELECT name, last_success_at, last_error FROM sources ORDER BY name",
    "SELECT state, count(*) FROM deliveries GROUP BY state ORDER BY state",
    "SELECT max(id) FROM syncs",
)
"""The figures of the first page, few enough to read at every request: no runs, no legs."""


async def progress(request: Any, datasette: Any) -> Any:
    """Answer `sync`: the step of the running sync (of the first one, where there are several runners), or null;
    `finished`: a number that changes with the figures, or null if unavailable."""
    syncs, figures, may_see = [], [], False
    for name in await Site(datasette, request).names(request):
        site = Site(datasette, name=name)
        with suppress(*UNREADABLE):
            if (database := await site.database(request, READ)) is not None:
                may_see = True
                if site.desk is not None:
                    # In this order: if a sync ends in between, the figures are those after it.
                    sync = await asyncio.to_thread(site.desk.progress)
                    syncs += [{**sync, "doing": ": ".join(filter(None, (site.runner, sync["doing"])))}] if sync else []
                    figures.append(await site.read(database, finished))
    answer = {"sync": next(iter(syncs), None), "finished": zlib.crc32(repr(figures).encode()) if figures else None}
    status = 200 if may_see else 403
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response.json(answer, status=status, headers=headers)


def finished(rows: Rows) -> str:
    return repr([rows(sql) for sql in SHOWN])


register_routes = routes({r"progress\.json": progress})
