"""Give many runs their pair at once: those of a filter, all or some. Serves `/-/runs/assign`, for who may edit.

The form is sent twice: first to see the kilometres that would move and the lines that would be written, then to write.
"""

import asyncio
from functools import partial
from typing import Any

from shoemon.model.plan import NO_PAIR
from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.run_filter import RunFilter, Wanted, choices
from shoemon.pages.site import FAULTS, Site, see_other
from shoemon.pages.units import unit_of
from shoemon.pages.view import only_with, routes

READ = ("activities", "legs", "shoes", "surfaces", "sources")
SUBJECT = "runs-assign"
"""The subject of the tokens of its form."""
SHOWN, LINES, BUTTONS = 100, 10, 3
"""How many runs, lines that would be written, and likely pairs a page shows."""
WAYS = ("corrections", "rule", "default")


@only_with(READ, "No runs here")
async def page(request: Any, site: Site) -> Any:
    asked = RunFilter.of(request.args)
    form, answer = await site.sent(request, SUBJECT, partial(shown, request, site, asked))
    if answer is not None:
        return answer
    wanted = wanted_of(asked, form)
    if not wanted.shoe:
        return await shown(request, site, asked, "Nothing was written: choose a pair first.", 400)
    try:
        if "write" not in form:
            look = await asyncio.to_thread(site.desk.look_many, wanted)
            return await shown(request, site, asked, look=look, wanted=wanted)
        done = await asyncio.to_thread(site.desk.assign_many, wanted)
    except FAULTS as error:
        return await shown(request, site, asked, f"Nothing was written: {error}.", 409)
    if done.undo is None:
        return await shown(request, site, asked, f"{done.message}.")
    later = {"later": "1"} if done.later else {}
    return see_other(site.path("runs", "assign"), **asked.given(), undo=str(done.undo), **later)


def wanted_of(asked: RunFilter, form: dict[str, str]) -> Wanted:
    """What a form asks for; `run:ID` is the field of a run that is ticked."""
    ticked = frozenset(key.removeprefix("run:") for key in form if key.startswith("run:"))
    by = form.get("by", "") if form.get("by") in WAYS else WAYS[0]
    return Wanted(
        asked, form.get("shoe") or form.get("other") or "", by, ticked if form.get("which") == "some" else None
    )


async def shown(
    request: Any, site: Site, asked: RunFilter, fault: str | None = None, status: int = 200, **looked: Any
) -> Any:
    """Render the page: to choose, or with `look` and `wanted` what would be done."""
    shown = await site.read(site.name, partial(load, asked, request.args.get("page") or ""))
    refusal = await site.rights.refusal(request)
    shown |= {"refusal": refusal, "fault": fault, "lines": LINES, "filter_of": ("runs", "assign"), **looked}
    if refusal is None:
        shown["token"] = await site.rights.token(SUBJECT)
        likely = await asyncio.to_thread(site.desk.likely_of, [run["id"] for run in shown["runs"]])
        shown |= to_choose(shown["shoes"], likely)
    return await site.page(request, "shoemon_runs_assign.html", site.name, shown, status=status, forms=True)


def load(asked: RunFilter, number: str, rows: Rows) -> dict[str, Any]:
    """Load the runs of a page of the list, and the number and distance of all."""
    settings, offered = settings_of(rows), choices(rows)
    unit, names = unit_of(settings), {shoe["id"]: shoe["name"] for shoe in offered["shoes"]}
    faults = asked.faults(unit)
    found = [] if faults else asked.matching(rows, unit)
    last = max(len(found) - 1, 0) // SHOWN + 1
    at = min(max(int(number) if number.isdecimal() and len(number) < 6 else 1, 1), last)
    named = {**names, NO_PAIR: "none of yours", "": "no shoe"}
    return {
        "here": "runs", "asked": asked, "faults": faults, "words": asked.words(names), "settings": settings, **offered,
        "count": len(found), "metres": sum(run["distance_m"] for run in found), "at": at, "last": last,
        "runs": [
            {**run, "pairs": [named.get(pair, pair) for pair in run["pairs"].split(",")]}
            for run in found[(at - 1) * SHOWN : at * SHOWN]
        ],
        "rule": None if faults else asked.as_rule(unit), "default": None if faults else asked.as_default(),
    }  # fmt: skip


def to_choose(shoes: list[dict[str, Any]], likely: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Sort the pairs: the likeliest of the runs on the page, as buttons, and all others."""
    shares: dict[str, float] = {}
    for pair in (pair for pairs in likely.values() for pair in pairs):
        shares[pair["shoe"]] = shares.get(pair["shoe"], 0.0) + pair["share"]
    ranked = sorted(shoes, key=lambda shoe: (-shares.get(shoe["id"], -1.0), shoe["retired_on"] is not None))
    buttons = [shoe for shoe in ranked[:BUTTONS] if shares.get(shoe["id"], 0.0) > 0]
    return {"buttons": buttons, "others": [shoe for shoe in ranked if shoe not in buttons]}


register_routes = routes({"runs/assign": page})
