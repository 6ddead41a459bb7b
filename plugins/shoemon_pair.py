"""Add and change pairs, from a form or with one tap: retire, wear again, a longer life, mute, mark as seen.

Serves `/-/pair` (a new pair) and `/-/pair/<id>`. A GET changes nothing: mail scanners open every link.
"""

import asyncio
from functools import partial
from typing import Any

from datasette.utils import tilde_decode

from shoemon.model.plan import LIFE_M
from shoemon.pages.pairs import PAIR_FORM, WEAR, shown
from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.site import FAULTS, Site, not_allowed, see_other
from shoemon.pages.view import routes

READ = ("shoes", "surfaces", "shoe_wear", "shoe_surface_mileage", "alerts")
"""Readers who may not see all of these tables see these pages only by the link of a mail."""
ROWS = {
    "brand": ("Maker", "", 40), "model": ("Model", "", 60), "size": ("Size", "such as EU 43", 20),
    "link": ("Link", "such as the page of the shop", 300),
    "life": ("Life", "such as 700 km; without, by its kind", 20), "price": ("Price", "such as 130 EUR", 20),
    "initial": ("Distance before", "what it ran before its first run here, such as 120 km", 20),
    "surface": ("Surface", "of its runs when nothing else is known, such as gravel", 30),
    "notes": ("Notes", "", 2000),
}  # fmt: skip
"""The label, the hint and the length of the fields that are a line of text."""
TAPS = ("retire", "unretire", "more", "mute", "unmute", "seen")
"""What one tap does, also by the link of a mail."""
GROUND = """
    SELECT f.ground, sum(t.distance_m) AS distance_m, sum(t.distance_m * f.wear_factor) AS worn_m,
      max(t.last_on) AS last_on
    FROM shoe_surface_mileage t JOIN surfaces f ON f.id = t.surface WHERE t.shoe = ? GROUP BY f.ground"""


async def page(request: Any, datasette: Any) -> Any:
    """Show the form of a pair, or carry out what was sent from it or from a button elsewhere."""
    site = Site(datasette, request)
    shoe = tilde_decode(request.url_vars.get("shoe") or "") or None
    is_seen = await site.database(request, READ) is not None
    if not is_seen and not await site.rights.has_ticket(request, shoe, pair=True):
        return await site.missing(request, "No shoes here", "There is no database of shoes that you may see.")
    site.name = site.name or next(iter(await site.ours()), "")
    if request.method in ("GET", "HEAD"):
        return await shown_form(request, site, shoe, first_fields(request))
    if request.method != "POST":
        return not_allowed()
    form, fault, status = await site.rights.sent(request, shoe or "", PAIR_FORM, pair=True)
    if fault is not None:
        return await shown_form(request, site, shoe, form, fault=fault, status=status)
    do, fields = form.get("do", ""), fields_of(form)
    if do not in TAPS and await site.rights.refusal(request) is not None:
        return await shown_form(
            request, site, shoe, {}, fault="Nothing was written: this link is for one tap.", status=403
        )
    try:
        if "look" in form:
            lines = await asyncio.to_thread(site.desk.look_at_pair, do, shoe, fields)
            return await shown_form(request, site, shoe, fields, lines=lines)
        done = await asyncio.to_thread(site.desk.change_pair, do, shoe, fields)
    except FAULTS as error:
        words = f"Nothing was written: {error}"
        return await shown_form(request, site, shoe, fields if do in ("add", "set") else {}, fault=words, status=409)
    return after(request, site, shoe, form, done)


def after(request: Any, site: Site, shoe: str | None, form: dict[str, str], done: Any) -> Any:
    """Lead to the page that shows what was done: the one of the pair, the first page, or that of the mail's link."""
    code = {"mute": "muted", "unmute": "unmuted", "seen": "seen"}.get(form["do"], "written")
    query = {"undo": str(done.undo)} if done.undo is not None else {"done": code}
    query |= {"later": "1"} if done.later else {}
    if ticket := request.args.get("t"):
        return see_other(site.path("pair", shoe or ""), t=ticket, done=code)
    if shoe is None or (form.get("back") == "home" and form["do"] != "retire"):
        return see_other(site.first_page(), **query)
    return see_other(site.path("shoe", shoe), **query)


def first_fields(request: Any) -> dict[str, Any]:
    """What the address gives the form of a new pair: the one it comes after, or its name in an export."""
    return {key: request.args[key] for key in ("after", "name", "gear") if key in request.args}


def fields_of(form: dict[str, str]) -> dict[str, Any]:
    """The settings that a form gives: gear is a list, one name a line, and those that were ticked."""
    fields: dict[str, Any] = {key: value.strip() for key, value in form.items() if not key.startswith("gear")}
    if "gear" in form:
        ticked = [value for key, value in form.items() if key.startswith("gear-")]
        typed = [line.strip() for line in form["gear"].splitlines() if line.strip()]
        fields["gear"] = [*dict.fromkeys([*typed, *ticked])]
    return fields


async def shown_form(
    request: Any,
    site: Site,
    shoe: str | None,
    fields: dict[str, Any],
    *,
    lines: list[str] | None = None,
    fault: str | None = None,
    status: int = 200,
) -> Any:
    """Render the page, with what was typed, the lines that it would write, or why nothing was written."""
    refusal = await site.rights.refusal(request, shoe, pair=True)
    may_edit = refusal is None and await site.rights.refusal(request) is None
    read = await site.read(site.name, partial(load, shoe))
    if shoe is not None and read["pair"] is None:
        return await site.missing(request, "No such shoe", f"No pair in shoes.yaml has the id {shoe}.")
    values: dict[str, Any] = {"fields": {}, "offered": []}
    if may_edit:
        try:
            found = await asyncio.to_thread(site.desk.pair_form, shoe, fields.get("after"))
            values = {"fields": {**found.fields, **fields}, "offered": found.offered}
        except FAULTS as error:
            fault = fault or f"{error}"
    values |= {
        **read, "refusal": refusal, "may_edit": may_edit, "lines": lines, "fault": fault, "rows": ROWS,
        "kinds": [*LIFE_M], "ticket": request.args.get("t"), "here": "home", "id": shoe,
        "token": await site.rights.token(PAIR_FORM) if refusal is None else "",
    }  # fmt: skip
    return await site.page(request, "shoemon_pair.html", site.name, values, status=status, forms=True, store=False)


def load(shoe: str | None, rows: Rows) -> dict[str, Any]:
    """Load the pair with its wear, and the surfaces to choose from."""
    pair = next(iter(rows(WEAR, shoe)), None) if shoe is not None else None
    return {
        "pair": pair and shown(pair, rows(GROUND, shoe)),
        "surfaces": [row["id"] for row in rows("SELECT id FROM surfaces ORDER BY id")],
        "settings": settings_of(rows),
    }


register_routes = routes({"pair": page, r"pair/(?P<shoe>[^/]+)": page})
