"""The life of a pair as one picture, which stands alone: an SVG without a map or a place.

Serves `/-/life/<id>`. It has days or the runner's name only where the address asks for them.
"""

import re
import secrets
import textwrap
from functools import partial
from pathlib import Path
from typing import Any

from datasette import Response
from datasette.utils import tilde_decode

from shoemon.model.text import one_line
from shoemon.pages import dates
from shoemon.pages.months import bar, by_ground
from shoemon.pages.pair_figures import pair_figures
from shoemon.pages.pairs import WEAR
from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.site import HEADERS, Site
from shoemon.pages.view import routes

READ = ("shoes", "surfaces", "shoe_wear", "shoe_surface_mileage", "legs", "activities")
"""Readers who may not see all of these tables do not see the picture."""
STYLE = (Path(__file__).resolve().parent / "static" / "frame.css").read_text(encoding="utf-8")
LIGHT, DARK = (dict(re.findall(r"--(\w+): (#\w+)", part)) for part in re.findall(r"(?s):root {(.*?)}", STYLE)[:2])
"""The colours of the pages by their names."""
GROUNDS = """
    SELECT f.ground, t.distance_m FROM shoe_surface_mileage t JOIN surfaces f ON f.id = t.surface WHERE t.shoe = ?"""


async def picture(request: Any, datasette: Any) -> Any:
    site, shoe = Site(datasette, request), tilde_decode(request.url_vars["shoe"])
    database = await site.database(request, READ)
    read = await site.read(database, partial(load, shoe)) if database else None
    if database is None or read is None:
        return await site.missing(request, "No such shoe", f"No pair in shoes.yaml has the id {shoe}.")
    figures, nonce, under = read["figures"], secrets.token_urlsafe(16), []
    lines = textwrap.wrap(one_line(read["shoe"]["name"]), 26)
    if "days" in request.args and figures["runs"]:
        under.append(f"{dates.day(figures['first_on'])} to {dates.day(figures['last_on'])}")
    if "runner" in request.args and await site.rights.refusal(request) is None:
        under += [one_line(site.desk.runner)[:40]] if site.desk.runner else []
    drawn = {
        **read, "under": under, "nonce": nonce, "light": LIGHT, "dark": DARK,
        "name": lines if len(lines) < 4 else [*lines[:2], f"{lines[2][:25]}…"],
        "months": max(1, round(figures["days"] / 30.44)),
    }  # fmt: skip
    svg = await site.render(request, "shoemon_life.svg", database, drawn)
    headers = {**HEADERS, "Content-Security-Policy": f"default-src 'none'; style-src 'nonce-{nonce}'"}
    return Response(svg, headers=headers, content_type="image/svg+xml; charset=utf-8")


def load(shoe: str, rows: Rows) -> dict[str, Any] | None:
    found = rows(WEAR, shoe)
    if not found:
        return None
    metres = {"initial": found[0]["initial_m"], **by_ground(rows(GROUNDS, shoe))}
    parts = bar({ground: each for ground, each in metres.items() if each > 0})
    return {"shoe": found[0], "parts": parts, "figures": pair_figures(rows, shoe), "settings": settings_of(rows)}


register_routes = routes({r"life/(?P<shoe>[^/]+)": picture})
