"""Answer assistants by the Model Context Protocol: the tools of `/-/mcp`, where datasette-mcp is installed.

They read what the pages show, for who may see it, with the unit, the day, and how sure it is; no position, and no
record as it came."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from types import SimpleNamespace
from typing import Any, Literal

from pluggy import HookimplMarker

from shoemon.decide.ground_target import TARGET_DAYS, share_of, together
from shoemon.model.errors import MistakeError
from shoemon.pages.months import YEAR
from shoemon.pages.rows import Rows, exports_of, settings_of
from shoemon.pages.run_filter import RunFilter
from shoemon.pages.run_list import Asked
from shoemon.pages.run_records import run_records, why_not
from shoemon.pages.site import FAULTS, ONLY_READS, Site
from shoemon.pages.targets import last_days
from shoemon.pages.units import unit_of, zone_of
from shoemon.pages.unknown import UNKNOWN_BY_REASON

hookimpl = HookimplMarker("datasette")

READ = ("activities", "legs", "shoes", "shoe_wear", "shoe_surface_mileage", "surfaces", "month_mileage", "sources")
"""Readers who may not see all of these tables get no answer."""
PAIR = ("shoe", "name", "kind", "status", "resting_since", "distance_m", "worn_m", "life_m", "remaining_m", "last_on",
        "rotation_share", "hard_share", "ground_m")  # fmt: skip
MOST_RUNS = 50
NOT_SEEN = "There is no such runner here, or you may not see their runs, or `shoemon serve` does not serve these pages."
NOT_YOURS = "only who may edit these pages, or has the token of their runner, may have a route matched here"
SUMS = "Sums of the runs that count. Metres whose ground is not known are listed as unknown."
RANGE = "due_on is likely; of ten pairs, eight should reach life_m (no study gives one) from early to late day."
CONFIDENCE = "confidence, 0 to 1, is how certain the ground is; what is not known is listed as unknown."
HABIT = "A suggestion by the runner's own habit, which is no proof that a pair suits a run."
Found = dict[str, Any]
Ground = Literal["", "hard", "soft", "synthetic"]


@hookimpl(optionalhook=True)
def register_mcp_tools(datasette: Any, mcp: Any) -> None:
    """Add the tools. Assistants read their docstrings; `runner` is for pages of several runners."""
    from mcp.server.mcpserver import Context
    from mcp.types import ToolAnnotations

    tool: Callable[..., Any] = mcp.tool(annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False))
    reply = partial(answer, datasette)

    @tool
    async def shoes(ctx: Context, runner: str = "") -> Found:
        """List the pairs of running shoes: metres run, worn and left, status, last run, metres on each ground."""
        return await reply(ctx, runner, SUMS, desk=pairs)

    @tool
    async def forecast(ctx: Context, runner: str = "") -> Found:
        """Say when each pair in use will reach its limit, as a range of days, and its rate in metres a day."""
        return await reply(ctx, runner, RANGE, desk=lambda desk: desk.forecast())

    @tool
    async def ground(ctx: Context, runner: str = "") -> Found:
        """Sum up metres by surface and month, those of the last 28 days by ground, and unknown ground by cause."""
        return await reply(ctx, runner, SUMS, rows=on_ground)

    @tool
    async def runs(  # noqa: PLR0917 - assistants name them
        ctx: Context, since: str = "", until: str = "", shoe: str = "", text: str = "", page: str = "", runner: str = ""
    ) -> Found:
        """List 50 runs, the latest first, with the reasons for pair and ground. since and until: days (YYYY-MM-DD);
        shoe: id of a pair; text: in their name; page: next_page of the answer before."""
        place, _, id = page.partition(" ")
        wanted = RunFilter.of({"since": since, "until": until, "shoe": shoe, "q": text})
        return await reply(ctx, runner, SUMS, rows=partial(listed, Asked(wanted, before=place, id=id)))

    @tool
    async def explain_run(run: str, ctx: Context, runner: str = "") -> Found:
        """Explain why a run, by its id, counts for its pair and ground, or why it does not count."""
        return await reply(ctx, runner, CONFIDENCE, rows=partial(explained, run))

    @tool
    async def which_pair(ctx: Context, distance_m: float = 0, ground: Ground = "", runner: str = "") -> Found:
        """Suggest pairs for a run of so many metres on hard, soft or synthetic ground, or for the next one by habit."""
        on = {ground: distance_m or 1.0} if ground else None
        return await reply(ctx, runner, HABIT, desk=lambda desk: desk.which(distance_m or None, on))

    @tool
    async def route(file_name: str, content: str, ctx: Context, runner: str = "") -> Found:
        """Match a planned route, the text of a GPX, TCX or KML file of less than 1 MB, to the map of the runner: metres
        by surface and ground, and how each part is known. Nothing of it is stored."""
        data, no_positions = content.encode("utf-8", "replace"), {"map": None}
        return await reply(ctx, runner, CONFIDENCE, lambda desk: desk.route(file_name, data) | no_positions, edits=True)


async def answer(
    datasette: Any, ctx: Any, runner: str, how_sure: str, desk: Any = None, rows: Any = None, *, edits: bool = False
) -> Found:
    """Answer with what the desk, or else the rows, have for `runner` (empty: the first whom the reader may see)."""
    from mcp.server.mcpserver.exceptions import ToolError

    actor, known = ctx.request_context.request.scope.get("actor"), Site(datasette).desks
    names = {of.runner.casefold(): name for name, of in known.items() if of.runner}
    site = Site(datasette, name=names.get(runner.casefold(), runner))
    if await site.database(SimpleNamespace(actor=actor), READ) is None or site.desk is None:
        raise ToolError(NOT_SEEN)
    is_own = bool(actor and actor.get(ONLY_READS)) and site.edits_by_default(actor, site.name)
    if edits and not is_own and not await site.may_edit(actor, site.name):
        raise ToolError(NOT_YOURS)
    try:
        settings = await site.read(site.name, settings_of)
        about = {"unit": "m", "runner_writes": unit_of(settings), "as_of": f"{datetime.now(zone_of(settings)):%F}"}
        found = await asyncio.to_thread(desk, site.desk) if desk else await site.read(site.name, rows)
    except FAULTS as error:
        raise ToolError(str(error)) from None
    return {"runner": site.runner, **about, "how_sure": how_sure, **found}


def pairs(desk: Any) -> Found:
    return {"shoes": [{key: pair.get(key) for key in PAIR} for pair in desk.status()["shoes"]]}


def on_ground(rows: Rows) -> Found:
    days = last_days(rows, datetime.now(zone_of(settings_of(rows))).date())
    lately = {"days": TARGET_DAYS, "ground_m": together(days), "hard_share_of_known": share_of("hard", days)}
    return {"months": rows(YEAR), "lately": lately, "unknown_by_cause": rows(UNKNOWN_BY_REASON)}


def listed(asked: Asked, rows: Rows) -> Found:
    unit = unit_of(settings_of(rows))
    if faults := asked.filter.faults(unit):
        raise MistakeError(". ".join(faults))
    found, further = asked.find(unit, rows)
    found, further = (found[:MOST_RUNS], found[MOST_RUNS - 1]) if len(found) > MOST_RUNS else (found, further)
    records = run_records([run["id"] for run in found], asked.filter, rows)
    return {"runs": records, "next_page": further and f"{further['place']} {further['id']}"}


def explained(id: str, rows: Rows) -> Found:
    run = next(iter(rows("SELECT * FROM activities WHERE id = ?", id)), None)
    if run is None:
        raise MistakeError(f"no run with the id {id} is stored; runs lists the ids")
    copy = run["duplicate_of"] and f"it is the same run as {run['duplicate_of']}, which counts"
    why = copy or why_not(run, exports_of(rows))
    counted = run_records([id], RunFilter(), rows)
    legs = rows("SELECT shoe, surface, distance_m, confidence FROM legs WHERE activity = ?", id)
    return {"id": id, "counts": why is None, "why_not": why, "run": counted[0] if counted else None, "legs": legs}
