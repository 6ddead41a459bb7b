"""What the totals leave out: records that do not count or were not read, and notes on others.

Serves `/-/left-out`: each reason with its number, its first record, and the line that counts what may be a run.
"""

from typing import Any

from shoemon.pages.left_out import LeftOut
from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.site import Site
from shoemon.pages.view import only_with, routes

READ = ("activities", "problems", "sources")
SHOWN = 200
"""How many reasons of one kind are shown."""


@only_with(READ, "Nothing left out here")
async def page(request: Any, site: Site) -> Any:
    """Show what is left out."""
    shown = await site.read(site.name, load)
    ignored = [group["id"] for group in shown["others"] if group["code"] == "ignored" and group["detail"] is None]
    may_write = await site.rights.refusal(request) is None
    shown["tokens"] = await site.rights.tokens([f"run {run}" for run in ignored]) if may_write else {}
    return await site.page(request, "shoemon_left_out.html", site.name, shown, forms=may_write)


def load(rows: Rows) -> dict[str, Any]:
    """Load the values of the template."""
    shown = {kind: groups[:SHOWN] for kind, groups in LeftOut.of(rows)._asdict().items()}
    return {**shown, "here": "left-out", "settings": settings_of(rows)}


register_routes = routes({"left-out": page})
