"""Serve the track of one run by surface, with the ways around it, for the map on the page of the run.

Positions reveal where somebody lives. No database contains them: only pages served by shoemon itself have a desk,
which reads them from the runner's export again, and nothing of them is stored or logged here.
"""

import asyncio
import json
from functools import partial
from typing import Any

from datasette import Response
from datasette.utils import tilde_decode

from shoemon.pages.rows import Rows
from shoemon.pages.site import Site
from shoemon.pages.view import routes

READ = ("activities", "legs", "surfaces", "track_matches", "track_surfaces")
"""Readers who may not see all of these tables see no track."""
HEADERS = {
    "Cache-Control": "no-store, private",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


async def track(request: Any, datasette: Any) -> Any:
    """Answer with GeoJSON, or with `missing`: the reason in words."""
    site, run = Site(datasette, request), tilde_decode(request.url_vars["run"])
    database = await site.database(request, READ)
    if database is None:
        return answer({"missing": "There are no tracks here that you may see."}, 403)
    if site.desk is None:
        return answer({"missing": "Tracks are drawn on the pages that `shoemon serve` serves."}, 404)
    if not await site.read(database, partial(is_stored, run)):
        return answer({"missing": f"No run {run} is stored here."}, 404)
    found = await asyncio.to_thread(site.desk.track, run)
    # Always 200: the page requests this by itself, and a missing file must not show as an error in the browser's log.
    return answer(found, 200)


def is_stored(run: str, rows: Rows) -> bool:
    """Check that the database of this reader contains the run: the desk itself checks no permissions."""
    return bool(rows("SELECT 1 FROM activities WHERE id = ?", run))


def answer(found: dict[str, Any], status: int) -> Any:
    """`found` as JSON, for this reader alone."""
    text = json.dumps(found, separators=(",", ":"), allow_nan=False)
    kind = "application/json" if "missing" in found else "application/geo+json"
    return Response(text, status=status, headers=HEADERS, content_type=f"{kind}; charset=utf-8")


register_routes = routes({r"run/(?P<run>[^/]+)/track\.json": track})
