"""Change settings and places, and start a sync.

Serves `/-/preferences`, for who may edit, and `/-/sync`, which takes the form of the button. Forms show the lines that
will be written before they write them.
"""

import asyncio
import zlib
from functools import cache, partial
from typing import Any
from zoneinfo import available_timezones

from shoemon.model.errors import FormError
from shoemon.model.plan import LIFE_M
from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.site import FAULTS, SYNC, Site, see_other
from shoemon.pages.view import only_with, routes

READ = ("activities", "legs", "shoes", "surfaces", "sources")
PAGE = "preferences"
"""Not `settings`: that is a page of Datasette."""
DISTANCES = ("overlap", *(f"lives.{kind}" for kind in LIFE_M))
OF_A_PLACE = ("name", "at", "radius", "surface")
NOTHING = "Nothing was written: these are the settings already."
MARKED = "Nothing was written: correct what is marked below."


@only_with(READ, "No settings here")
async def page(request: Any, site: Site) -> Any:
    """Show the settings, or the lines that a form sent from here will write, or write them."""
    form, answer = await site.sent(request, PAGE, partial(shown, request, site))
    if answer is not None:
        return answer
    kind = form.get("form", "")
    if kind not in ("settings", "place", "removal"):
        return await shown(request, site, 400, fault=NOTHING)
    typed = as_written(form) if kind == "settings" else {name: form.get(name, "") for name in OF_A_PLACE}
    try:
        lines = await asyncio.to_thread(site.desk.look_at_settings, kind, typed)
        if lines and (kind == "removal" or form.get("seen") == seen(lines)):
            done = await asyncio.to_thread(site.desk.change_settings, kind, typed)
            is_counted = kind == "settings" and typed["timezone"] == typed.get("was timezone", "")
            later = {} if is_counted and not done.later else {"later": "1"}
            return see_other(site.path(PAGE), undo=str(done.undo), **later)
    except FormError as error:
        named = {*OF_A_PLACE, *typed}
        fault = MARKED if error.faults.keys() <= named else f"Nothing was written: {error}."
        return await shown(request, site, 409, fault=fault, faults=error.faults, typed={kind: typed})
    except FAULTS as error:
        return await shown(request, site, 409, fault=f"Nothing was written: {error}.", typed={kind: typed})
    if not lines:
        return await shown(request, site, fault=NOTHING, typed={kind: typed})
    return await shown(request, site, lines=lines, seen=seen(lines), of=kind, typed={kind: typed})


def as_written(form: dict[str, str]) -> dict[str, str]:
    """The settings in a form as they are written in the file, and what was shown before as `was NAME`."""
    typed = {name: text for name, text in form.items() if name.startswith("was ")}
    for name in ("units", "timezone", "alerts.hard_share", "alerts.soft_share", "alerts.longest", *DISTANCES):
        typed[name] = form.get(name, "").strip()
        if name.endswith("_share") and typed[name].replace(".", "").isdecimal():
            typed[name] += "%"
    typed["sports"] = ", ".join(sport for sport in ("walk", "hike") if f"counts {sport}" in form)
    start, end, day = form.get("quiet start", ""), form.get("quiet end", ""), form.get("weekly day", "")
    typed["alerts.quiet"] = f"{start}-{end}" if start or end else ""
    typed["alerts.weekly"] = f"{day} {form.get('weekly time', '')}".strip() if day else ""
    return typed


def seen(lines: list[str]) -> str:
    """What shows that the reader saw these lines."""
    return str(zlib.crc32("\n".join(lines).encode()))


@only_with(READ, "No settings here")
async def sync(request: Any, site: Site) -> Any:
    """Start a sync, and lead to the first page, which shows its progress and how it ended."""
    if request.method in ("GET", "HEAD"):
        return see_other(site.path(PAGE))
    form, answer = await site.sent(request, SYNC, partial(shown, request, site))
    if answer is not None:
        return answer
    try:
        await asyncio.to_thread(site.desk.sync_now, form.get("source"))
    except FAULTS as error:
        return await shown(request, site, 409, fault=f"No sync was started: {error}.")
    return see_other(site.first_page(), synced="1")


async def shown(request: Any, site: Site, status: int = 200, **more: Any) -> Any:
    """Render the page with `more` values, such as what was typed; only the refusal for who may not edit."""
    values: dict[str, Any] = {"here": PAGE, "faults": {}, "typed": {}, "refusal": await site.rights.refusal(request)}
    values |= await site.read(site.name, load)
    if values["refusal"] is None:
        tokens = await site.rights.tokens([PAGE, SYNC])
        values |= await asyncio.to_thread(site.desk.settings)
        values |= {
            "zones": zones(), "convention": LIFE_M, "token": tokens[PAGE], "sync_token": tokens[SYNC],
            "typed": {"settings": values["now"], "place": {"radius": "100 m"}, **more.pop("typed", {})},
        }  # fmt: skip
    values |= more
    return await site.page(request, "shoemon_settings.html", site.name, values, status=status, forms=True, store=False)


def load(rows: Rows) -> dict[str, Any]:
    """Load the surfaces to choose from, and the settings in the database."""
    return {"surfaces": rows("SELECT id, ground FROM surfaces ORDER BY ground, id"), "settings": settings_of(rows)}


@cache
def zones() -> list[str]:
    """The time zones by their places."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/")))


register_routes = routes({PAGE: page, "sync": sync})
