"""Undo a change that a page or a command made in the runner's files. Serves `/-/undo`, for who may edit."""

import asyncio
from functools import partial
from typing import Any

from shoemon.pages.rows import settings_of
from shoemon.pages.site import FAULTS, UNDO, Site, see_other
from shoemon.pages.view import only_with, routes

READ = ("activities", "legs", "shoes")


@only_with(READ, "No changes here")
async def page(request: Any, site: Site) -> Any:
    """List the changes that can be undone, or undo one."""
    form, answer = await site.sent(request, UNDO, partial(shown, request, site))
    if answer is not None:
        return answer
    try:
        done = await asyncio.to_thread(site.desk.undo, int(form.get("id", "")))
    except ValueError:
        return await shown(request, site, "Nothing was undone: choose a change.", 400)
    except FAULTS as error:
        return await shown(request, site, f"Nothing was undone: {error}.", 409)
    return see_other(site.path("undo"), done="undone_later" if done.later else "undone")


async def shown(request: Any, site: Site, fault: str | None = None, status: int = 200) -> Any:
    refusal = await site.rights.refusal(request)
    values: dict[str, Any] = {"refusal": refusal, "fault": fault, "changes": []}
    values |= await site.read(site.name, lambda rows: {"settings": settings_of(rows)})
    if refusal is None:
        try:
            values["changes"] = await asyncio.to_thread(site.desk.changes)
        except FAULTS as error:
            values["fault"] = fault or f"{error}."
        values["token"] = await site.rights.token(UNDO)
    return await site.page(request, "shoemon_undo.html", site.name, values, status=status, forms=True)


register_routes = routes({"undo": page})
