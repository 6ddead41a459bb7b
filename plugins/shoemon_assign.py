"""Which shoe? Give a run its pair with one tap: on the page of one run, and on the list of runs without a shoe.

A GET changes nothing: mail scanners open every link. A tap makes the desk write a correction into shoes.yaml; only
pages served by shoemon itself have a desk. Readers who may not write see the reason, and lines to copy by hand.
"""

import asyncio
from functools import partial
from typing import Any

from datasette.utils import tilde_decode

from shoemon.model.plan import NO_PAIR
from shoemon.model.reason import BY_SETTINGS, Reason
from shoemon.pages.corrections import NONE_OF_MINE, in_shoe
from shoemon.pages.decisions import OPEN, count
from shoemon.pages.rows import Rows, exports_of, settings_of
from shoemon.pages.site import FAULTS, Site, see_other
from shoemon.pages.view import only_with, routes
from shoemon.words.reasons import Exports, why_shoe

READ = ("activities", "legs", "shoes", "surfaces", "shoe_surface_mileage", "reasons")
"""Readers who may not see all of these tables see these pages only by the link of a mail."""
LISTED = 50
BY_HAND = 6
"""How many lines to copy; they are examples for any other pair."""
RUN = """
    SELECT id, source, name, local_date, sport, distance_m, counted, duplicate_of FROM activities
    WHERE id = (SELECT coalesce(duplicate_of, id) FROM activities WHERE id = ?)"""
PAIRS = """
    SELECT l.shoe, coalesce(s.name, l.shoe) AS name, l.shoe_reason AS reason, l.shoe_detail AS detail,
      sum(l.distance_m) AS distance_m
    FROM legs l LEFT JOIN shoes s ON s.id = l.shoe WHERE l.activity = ? GROUP BY l.shoe, l.shoe_reason, l.shoe_detail
    ORDER BY sum(l.distance_m) DESC"""
GROUNDS = """
    SELECT coalesce(f.ground, 'unknown') AS ground, sum(l.distance_m) AS metres
    FROM legs l LEFT JOIN surfaces f ON f.id = l.surface WHERE l.activity = ? GROUP BY 1 ORDER BY 2 DESC"""
SHOES = """
    SELECT s.id, s.name FROM shoes s
      LEFT JOIN (SELECT shoe, max(last_on) AS last_on FROM shoe_surface_mileage GROUP BY shoe) m ON m.shoe = s.id
    ORDER BY s.retired_on IS NULL OR s.retired_on >= ? DESC, m.last_on DESC, s.id"""
LATEST = f"""
    WITH latest AS (SELECT DISTINCT activity, local_date FROM legs INDEXED BY legs_shoe WHERE {OPEN}
      ORDER BY local_date DESC LIMIT {LISTED})
    SELECT a.id, a.name, a.local_date, a.sport, a.source, sum(l.distance_m) AS distance_m,
      l.shoe_reason AS reason, l.shoe_detail AS detail
    FROM latest JOIN activities a ON a.id = latest.activity JOIN legs l ON l.activity = a.id AND {OPEN}
    GROUP BY a.id ORDER BY a.local_date DESC, a.started_at DESC, a.id"""


@only_with(READ, "No runs here")
async def listed(request: Any, site: Site) -> Any:
    """The latest runs without a shoe, each with its likeliest pairs to tap."""
    page = await site.read(site.name, load_list)
    runs = [run["id"] for run in page["runs"]]
    page["refusal"] = await site.rights.refusal(request)
    if page["refusal"] is None:
        likely = await asyncio.to_thread(site.desk.likely_of, runs)
        page["likely"] = {run: [pair for pair in pairs if pair["share"] > 0] for run, pairs in likely.items()}
        page["tokens"] = await site.rights.tokens(runs)
    page |= {"result": request.args.get("said"), "result_of": request.args.get("run"), "most": LISTED}
    return await site.page(request, "shoemon_assign_list.html", site.name, page, forms=True, store=False)


async def one(request: Any, datasette: Any) -> Any:
    """Show the page of one run, or carry out a form sent from it or from the list."""
    site = Site(datasette, request)
    asked = tilde_decode(request.url_vars["run"])
    await site.database(request, READ)  # its desk writes
    form, answer = await site.sent(request, asked, partial(shown, request, site, asked))
    if answer is not None:
        return answer
    shoe = form.get("shoe") or None
    if shoe is None and "undo" not in form:
        return await shown(request, site, asked, "Nothing was written: choose a pair first.", 400)
    try:
        done = await asyncio.to_thread(site.desk.assign, asked, None if "undo" in form else shoe)
    except FAULTS as error:
        return await shown(request, site, asked, f"Nothing is written: {error}", 409)
    return await redirect(request, site, asked, form, "waits" if done.later else "written")


async def redirect(request: Any, site: Site, run: str, form: dict[str, str], result: str) -> Any:
    """Redirect to the list if the form came from it, else to the page of the run, or to this one."""
    query, ticket = {"said": result}, request.args.get("t")
    if form.get("back") == "list":
        address, query["run"] = site.path("assign"), run
    elif result == "written" and await site.database(request, READ) is not None:
        address = site.path("run", run)
    else:
        address = site.path("assign", run)
        query |= {"t": ticket} if ticket else {}
    return see_other(address, **query)


async def shown(request: Any, site: Site, asked: str, fault: str | None = None, status: int = 200) -> Any:
    """Render the page of one run, with the error if there is one."""
    database = await readable(request, site, asked)
    read = await site.read(database, partial(load, asked)) if database else None
    if database is None or read is None:
        words = f"No run with the id {asked} is stored. Ids look like source:native id; all runs list them."
        return await site.missing(request, "No such run", words)
    run, choice = read["run"], request.args.get("shoe")
    refusal = await site.rights.refusal(request, asked) if run["counted"] != 0 else None
    may_write = refusal is None and run["counted"] != 0
    pairs = await asyncio.to_thread(site.desk.likely, run["id"]) if site.desk is not None else []
    page = {
        **read, **to_choose(read, pairs, choice), "asked": asked, "fault": fault, "refusal": refusal, "here": "runs",
        "may_write": may_write, "result": request.args.get("said"), "ticket": request.args.get("t"),
        "token": await site.rights.token(asked) if may_write else "",
    }  # fmt: skip
    return await site.page(request, "shoemon_assign.html", database, page, status=status, forms=True, store=False)


async def readable(request: Any, site: Site, run: str) -> str | None:
    """Find the database that the reader may see; the link of a mail gives access to its run."""
    found = await site.database(request, READ)
    if found is None and await site.rights.has_ticket(request, run):
        return site.name or next(iter(await site.ours()), None)
    return found


def load(run: str, rows: Rows) -> dict[str, Any] | None:
    """Load a run with its decisions, and every pair; None if no such run is stored."""
    found = rows(RUN, run)
    if not found:
        return None
    id, exports = found[0]["id"], exports_of(rows)
    return {
        "run": found[0],
        "pairs": [with_why(pair, found[0]["source"], exports) for pair in rows(PAIRS, id)],
        "shoes": rows(SHOES, found[0]["local_date"]),
        "grounds": rows(GROUNDS, id),
        "settings": settings_of(rows),
    }


def load_list(rows: Rows) -> dict[str, Any]:
    """Load the latest runs without a shoe, and their number in all."""
    exports = exports_of(rows)
    return {
        "runs": [with_why(run, run["source"], exports) for run in rows(LATEST)],
        "count": count(rows, "unassigned_runs")["unassigned_runs"],
        "settings": settings_of(rows),
        "here": "runs",
    }


def with_why(row: dict[str, Any], source: str, exports: Exports) -> dict[str, Any]:
    """Add the words of its reason to a row."""
    return {**row, "why": why_shoe(Reason(row["reason"], row["detail"]), source, exports)}


def to_choose(read: dict[str, Any], pairs: list[dict[str, Any]], choice: str | None) -> dict[str, Any]:
    """Sort the pairs into buttons (the likely ones, `choice` first), others in use that day, and those not in use. The
    pair that the run has now is left out."""
    has = {pair["shoe"] for pair in read["pairs"]}
    now = next(iter(has)) if len(has) == 1 else None
    names = {shoe["id"]: shoe["name"] for shoe in read["shoes"] if shoe["id"] != now}
    asked = [{"shoe": choice, "name": names[choice], "share": 0.0}] if choice in names else []
    known = {pair["shoe"]: pair for pair in [*asked, *pairs] if pair["shoe"] != now}
    buttons = [pair for pair in known.values() if pair["share"] > 0 or pair["shoe"] == choice]
    others = [pair for pair in known.values() if pair not in buttons]
    unused = [{"shoe": id, "name": name} for id, name in names.items() if id not in known]
    every = [*buttons, *others, *unused]
    return {
        "buttons": buttons, "others": others, "unused": unused, "days_known": bool(pairs), "choice": choice,
        "lines": [
            {**pair, "yaml": in_shoe(read["run"]["id"], pair["shoe"])}
            for pair in (*every[:BY_HAND], {"shoe": NO_PAIR, "name": NONE_OF_MINE})
        ],
        "is_open": any(pair["shoe"] is None and pair["reason"] not in BY_SETTINGS for pair in read["pairs"]),
        "undo": any(pair["reason"] == "correction" for pair in read["pairs"]),
    }  # fmt: skip


register_routes = routes({"assign": listed, r"assign/(?P<run>[^/]+)": one})
