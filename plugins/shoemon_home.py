"""The first page: the wear of every pair by ground, open decisions, and the month at a glance.

Serves `/` for a database of shoemon, and for several the pairs of all, with a page for each at `/NAME/-/shoes`; for any
other, Datasette's own first page stays. Reads totals only, and the legs of a few runs, so that the page is quick after
a lifetime of runs.
"""

import asyncio
import json
import re
from contextlib import suppress
from functools import partial
from typing import Any

from datasette import Response
from datasette.utils import tilde_decode, tilde_encode
from pluggy import HookimplMarker

from shoemon.pages.decisions import OPEN, PAST_LIFE, count
from shoemon.pages.months import LEGS, YEAR, months, on_ground
from shoemon.pages.pairs import PAIR_FORM, shown
from shoemon.pages.rows import Rows, columns_of, settings_of, tables_and_views
from shoemon.pages.run_filter import WITHOUT, RunFilter
from shoemon.pages.site import FAULTS, SYNC, UNREADABLE, Site, route
from shoemon.pages.view import only_with

hookimpl = HookimplMarker("datasette")

STATUSES = ("over", "due", "soon", "fresh", "retired")
READ = (
    "shoes", "surfaces", "shoe_wear", "shoe_surface_mileage", "month_mileage", "legs", "sources", "problems",
    "deliveries", "activities", "alerts",
)  # fmt: skip
"""Readers who may not see all of these tables do not see this page."""
READ_OF_TRACKS = ("track_matches", "track_surfaces")
"""Readers who may not see all of these see nothing of tracks; an older database lacks them."""
COUNT_TO = 1000
"""The limit when counting runs without a shoe."""
LATEST = 6

SHOES = """
    SELECT s.id, s.name, s.initial_m, s.retired_on, coalesce(w.distance_m, 0) AS distance_m,
      coalesce(w.worn_m, s.initial_m) AS worn_m, coalesce(w.life_m, s.life_m) AS life_m, w.due_early_on, w.due_on,
      w.due_late_on, coalesce(w.status, iif(s.retired_on IS NULL, 'fresh', 'retired')) AS status, w.cost_per_km{}
    FROM shoes s LEFT JOIN shoe_wear w ON w.shoe = s.id ORDER BY w.fraction DESC, s.name"""
LATER = ("steadiness", "rotation_share", "rate_m", "resting_since", "no_day")
"""Columns of shoe_wear that an older database lacks."""
OPEN_METRES = f"SELECT coalesce(sum(distance_m), 0) AS metres FROM legs INDEXED BY legs_shoe WHERE {OPEN}"
GROUND = """
    SELECT t.shoe, f.ground, sum(t.distance_m) AS distance_m, sum(t.distance_m * f.wear_factor) AS worn_m,
      max(t.last_on) AS last_on
    FROM shoe_surface_mileage t JOIN surfaces f ON f.id = t.surface GROUP BY t.shoe, f.ground"""
SOURCES = "SELECT count(*) AS sources, max(last_success_at) AS read_at FROM sources"
LATEST_RUNS = f"""
    WITH latest AS (SELECT id, name, local_date, started_at FROM activities WHERE counted = 1
      ORDER BY started_at DESC LIMIT :latest)
    SELECT a.id, a.name, a.local_date, sum(l.distance_m) AS distance_m, group_concat(DISTINCT s.name) AS shoes,
      max({OPEN}) AS loose, {LEGS} AS legs
    FROM latest a JOIN legs l ON l.activity = a.id JOIN surfaces f ON f.id = l.surface
      LEFT JOIN shoes s ON s.id = l.shoe
    GROUP BY a.id ORDER BY a.started_at DESC"""
SINCE = "SELECT strftime('%Y-%m-01', max(month) || '-01', '-11 months') AS day FROM month_mileage"
UNASSIGNED, FEW = "assign", 10
"""The page of runs without a shoe; from so many on, the one that changes many at once."""
DECISIONS = (
    ("unassigned_runs", "run without a shoe", "runs without a shoe", "", UNASSIGNED),
    ("ambiguous_runs", "of them claimed by more than one pair", "of them claimed by more than one pair",
     "unassigned_runs", "?reason=ambiguous"),
    ("past_life_worn", "pair past its life and still worn", "pairs past their life and still worn", "past_life_worn",
     ""),
    ("sportless_runs", "recording without a known sport", "recordings without a known sport", "", "left-out"),
    ("doubtful_runs", "run not counted, its date or distance in doubt", "runs not counted, date or distance in doubt",
     "", "left-out"),
    ("doubled_runs", "run that may count twice", "runs that may count twice", "", "doubts"),
    ("maybe_indoor_runs", "run that may have been indoors", "runs that may have been indoors", "", "doubts"),
    ("failed_messages", "message not delivered", "messages not delivered", "", "channels"),
    ("waiting_messages", "message waiting to be sent", "messages waiting to be sent", "", "channels"),
    ("failing_sources", "source with an error", "sources with an error", "sources", "?last_error__notblank=1"),
    ("silent_sources", "source that brings nothing new", "sources that bring nothing new", "sources", ""),
    ("problems", "record that could not be read", "records that could not be read", "", "left-out"),
)  # fmt: skip
"""Each count with its words for one and for several, and the table or view, with a filter, that lists the items; a page
where there is no table."""
DECISIONS_ON_TRACKS = (
    ("unreadable_tracks", "track that could not be read", "tracks that could not be read", "track_matches",
     "?status=unreadable"),
    ("ground_disagreements", "run where export and map disagree", "runs where export and map disagree",
     "ground_disagreements", "?local_date__gte={since}"),
)  # fmt: skip


@hookimpl(tryfirst=True)
def register_routes(datasette: Any) -> list[tuple[str, Any]]:
    """The first page, in place of Datasette's, the page of a runner, and the addresses in old mails."""
    former = "|".join(re.escape(tilde_encode(name)) for name in former_names(datasette))
    moved_from = [(rf"^/(?P<former>{former})(?P<rest>/.*)?$", moved)] if former else []
    return [(r"^/(?P<format>)$", home), (route("shoes"), one), *moved_from]


def former_names(datasette: Any) -> dict[str, str]:
    """The name of a database by those that it had before it was served alone, or beside others."""
    desks = Site(datasette).desks
    return {former: name for name in reversed(desks) for former in desks[name].former if former not in desks}


async def moved(request: Any, datasette: Any) -> Any:
    """Lead from the former name of a database to its name."""
    name = tilde_encode(former_names(datasette)[tilde_decode(request.url_vars["former"])])
    query = f"?{request.query_string}" if request.query_string else ""
    return Response.redirect(datasette.urls.path(f"/{name}{request.url_vars['rest'] or ''}") + query)


async def home(request: Any, send: Any, datasette: Any) -> Any:
    """Show the pairs of all runners that the reader may see; Datasette's own page if there is none."""
    site = Site(datasette, request)
    if request.method in ("GET", "HEAD"):
        names = await site.names(request)
        if len(names) > 1 and (runners := await everybody(request, datasette, names)):
            page = {"here": "home", "runners": runners, "desk": bool(site.desks), "others": await site.others(request)}
            return await site.page(request, "shoemon_everybody.html", "", page, forms=True)
        if await site.database(request, READ) is not None:
            return await one(request, datasette)
    from datasette.views.index import IndexView

    return await IndexView.as_view(datasette)(request, send)


async def everybody(request: Any, datasette: Any, names: list[str]) -> list[dict[str, str]]:
    """Render the pairs of each runner that the reader may see, and what needs a decision; `pairs` is empty if the
    database cannot be read."""
    runners = []
    for name in names:
        site, pairs = Site(datasette, name=name), ""
        with suppress(*UNREADABLE):
            if (database := await site.database(request, READ)) is None:
                continue
            pairs = await site.render(request, "shoemon_pairs.html", database, await read(request, site, database))
        runners.append({"runner": site.runner, "address": site.first_page(), "pairs": pairs})
    return runners


@only_with(READ, "No shoes here", "There is no database of shoes that you may see.")
async def one(request: Any, site: Site) -> Any:
    page = {"desk": site.desk is not None, "others": await site.others(request)}
    page |= await read(request, site, site.name)
    if site.desk is not None and page["runs"] and page["in_use"]:
        with suppress(*FAULTS):
            page["which"] = await asyncio.to_thread(site.desk.which)
    page["synced"] = {"last": site.desk.last_sync()} if page.get("sync_token") and request.args.get("synced") else None
    return await site.page(request, "shoemon_home.html", site.name, page, forms=True)


async def read(request: Any, site: Site, database: str) -> dict[str, Any]:
    """Read the values of the page of a database; if the reader may edit, with the places to ask about, and the token
    of the form that starts a sync."""
    tracks = await site.may_see(request.actor, database, READ_OF_TRACKS)
    page = shaped(await site.read(database, partial(load, tracks)))
    if await site.rights.refusal(request) is None:
        tokens = await site.rights.tokens([PAIR_FORM, SYNC])
        page |= {"pair_token": tokens[PAIR_FORM], "sync_token": tokens[SYNC]}
    if tracks and site.desk is not None and await site.may_edit(request.actor, site.target):
        asked = await asyncio.to_thread(site.desk.places_asked)
        words = "place with laps on unknown ground" if len(asked) == 1 else "places with laps on unknown ground"
        metres = sum(place.open_m for place in asked)
        item = {"count": len(asked), "words": words, "table": "", "filter": "places", "metres": metres}
        page["decisions"] += [item] if asked else []
    return page


def load(tracks: bool, rows: Rows) -> dict[str, Any]:
    """Load the rows of the page, with those of tracks if `tracks`."""
    names = tables_and_views(rows)
    known = columns_of(rows, "shoe_wear")
    since = rows(SINCE)[0]["day"]
    kinds = [*DECISIONS, *(DECISIONS_ON_TRACKS if tracks and set(READ_OF_TRACKS) <= names.keys() else ())]
    return {
        "shoes": rows(SHOES.format("".join(f", w.{column}" for column in LATER if column in known))),
        "ground": rows(GROUND),
        "loose_m": rows(OPEN_METRES)[0]["metres"],
        "year": rows(YEAR),
        "latest": rows(LATEST_RUNS, {"latest": LATEST}),
        "settings": settings_of(rows),
        "since": since,
        "kinds": kinds,
        "past_life": rows(PAST_LIFE),
        "counts": count(rows, "sportless_m", *(kind[0] for kind in kinds), most=COUNT_TO + 1, since=since),
        "views": [name for name, kind in names.items() if kind == "view"],
        "tables": [name for name, kind in names.items() if kind == "table" and not name.startswith(("_", "sqlite_"))],
        **rows(SOURCES)[0],
    }


def shaped(read: dict[str, Any]) -> dict[str, Any]:
    shoes = [shown(shoe, [row for row in read["ground"] if row["shoe"] == shoe["id"]]) for shoe in read["shoes"]]
    pages = dict[str, str]()
    metres = {"unassigned_runs": read["loose_m"], "sportless_runs": read["counts"]["sportless_m"]}
    if read["counts"]["unassigned_runs"] >= FEW:
        pages = {UNASSIGNED: f"runs/assign{RunFilter(shoe=WITHOUT).address()}"}
    resting = [shoe for shoe in shoes if shoe.get("resting_since")]
    shoes.sort(key=lambda shoe: STATUSES.index(shoe["status"]) if shoe["status"] in STATUSES else len(STATUSES))
    return {
        "here": "home",
        "in_use": [shoe for shoe in shoes if shoe["status"] != "retired" and shoe not in resting],
        "away": {
            "Resting": sorted(resting, key=lambda shoe: shoe["resting_since"], reverse=True),
            "Retired": [shoe for shoe in shoes if shoe["status"] == "retired"],
        },
        "runs": bool(read["ground"]),
        "priced": any(shoe["cost_per_km"] for shoe in shoes),
        "decisions": [
            {"count": number, "words": one if number == 1 else many, "table": table,
             "filter": pages.get(query) or query.format(**read), "metres": metres.get(kind)}
            for kind, one, many, table, query in read["kinds"] if (number := read["counts"][kind])
        ],
        "months": months(read["year"]),
        "most": COUNT_TO,
        "latest": [{**run, "on": on_ground(json.loads(run["legs"]))} for run in read["latest"]],
        **{key: read[key] for key in ("settings", "views", "tables", "sources", "read_at", "past_life")},
    }  # fmt: skip
