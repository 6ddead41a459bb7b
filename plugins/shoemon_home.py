"""The first page: how worn every pair is and by which ground, what needs a decision, and the month at a glance.

Serves `/` for a database of shoemon and leaves Datasette's own first page alone for any other. Reads totals only, and
the legs of a few runs, so that the page is quick after a lifetime of runs.
"""

import sqlite3
from functools import partial
from typing import Any

from pluggy import HookimplMarker

hookimpl = HookimplMarker("datasette")

GROUNDS = ("hard", "soft", "synthetic", "treadmill", "unknown")
STATUSES = ("over", "due", "soon", "fresh", "retired")
READ = (
    "shoes", "surfaces", "shoe_wear", "shoe_surface_mileage", "month_mileage", "legs", "sources", "problems",
    "deliveries", "activities", "alerts",
)  # fmt: skip
"""Whoever may not see one of these tables does not see this page."""
READ_OF_TRACKS = ("track_matches", "track_surfaces")
"""Whoever may not see one of these is not told about tracks; a database not yet brought up to date lacks them."""
COUNT_TO = 1000
"""Runs without a shoe are counted so far only: there may be half a million before the first shoe is set up."""
LATEST = 6

SHOES = """
    SELECT s.id, s.name, s.initial_m, s.retired_on, coalesce(w.distance_m, 0) AS distance_m,
      coalesce(w.worn_m, s.initial_m) AS worn_m, coalesce(w.life_m, s.life_m) AS life_m, w.due_early_on, w.due_on,
      w.due_late_on, coalesce(w.status, iif(s.retired_on IS NULL, 'fresh', 'retired')) AS status{}
    FROM shoes s LEFT JOIN shoe_wear w ON w.shoe = s.id ORDER BY w.fraction DESC, s.name"""
FORECAST = ", w.steadiness, w.rotation_share, w.rate_m"
"""A database not yet brought up to date lacks these."""
GROUND = """
    SELECT t.shoe, f.ground, sum(t.distance_m) AS distance_m, sum(t.distance_m * f.wear_factor) AS worn_m,
      max(t.last_on) AS last_on
    FROM shoe_surface_mileage t JOIN surfaces f ON f.id = t.surface GROUP BY t.shoe, f.ground"""
YEAR = """
    SELECT t.month, f.ground, sum(t.distance_m) AS distance_m
    FROM month_mileage t JOIN surfaces f ON f.id = t.surface
    WHERE t.month > (SELECT strftime('%Y-%m', max(month) || '-01', '-12 months') FROM month_mileage)
    GROUP BY t.month, f.ground ORDER BY t.month"""
STATE = """
    SELECT (SELECT count(*) FROM (SELECT DISTINCT activity FROM legs INDEXED BY legs_shoe
        WHERE shoe IS NULL LIMIT :most)) AS unassigned,
      (SELECT count(*) FROM (SELECT DISTINCT activity FROM legs INDEXED BY legs_shoe
        WHERE shoe IS NULL AND shoe_reason LIKE 'ambiguous:%' LIMIT :most)) AS ambiguous,
      (SELECT count(*) FROM problems WHERE resolved_at IS NULL) AS problems,
      (SELECT count(*) FROM deliveries WHERE state = 'pending') AS pending,
      (SELECT count(*) FROM deliveries WHERE state = 'failed') AS failed,
      (SELECT count(*) FROM sources) AS sources,
      (SELECT count(*) FROM sources WHERE last_error <> '') AS erring,
      (SELECT count(*) FROM sources s WHERE coalesce(last_error, '') = '' AND EXISTS (
        SELECT 1 FROM alerts a, json_each(a.data, '$.sources') j
        WHERE a.kind = 'stale' AND a.rearmed_at IS NULL AND json_extract(j.value, '$.source') = s.name)) AS silent,
      (SELECT max(last_success_at) FROM sources) AS read_at"""
LATEST_RUNS = """
    WITH latest AS (SELECT id, name, local_date, started_at FROM activities WHERE counted = 1
      ORDER BY started_at DESC LIMIT :latest)
    SELECT a.id, a.name, a.local_date, sum(l.distance_m) AS distance_m, group_concat(DISTINCT s.name) AS shoes,
      max(l.shoe IS NULL) AS loose, {}
    FROM latest a JOIN legs l ON l.activity = a.id JOIN surfaces f ON f.id = l.surface
      LEFT JOIN shoes s ON s.id = l.shoe
    GROUP BY a.id ORDER BY a.started_at DESC""".format(
    ", ".join(f"sum(iif(f.ground = '{ground}', l.distance_m, 0)) AS {ground}" for ground in GROUNDS)
)
TRACKS = """
    WITH since AS (SELECT strftime('%Y-%m-01', max(month) || '-01', '-11 months') AS day FROM month_mileage)
    SELECT (SELECT day FROM since) AS since,
      (SELECT count(*) FROM track_matches WHERE status = 'unreadable') AS unreadable,
      (SELECT count(*) FROM since CROSS JOIN activities a INDEXED BY activities_started_at
        WHERE a.started_at >= date(since.day, '-2 days') AND a.local_date >= since.day AND a.unpaved_m IS NOT NULL
          AND EXISTS (SELECT 1 FROM legs l
            WHERE l.activity = a.id AND l.surface_reason LIKE '%the map does not agree%')) AS disagreements"""
"""As the view ground_disagreements has them, of the twelve months the page shows."""


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """The first page, in place of Datasette's, which it falls back to."""
    return [(r"^/(?P<format>)$", home)]


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Lets the page of one pair show it as this one does."""
    env.filters["shoemon_shown"] = shoe_shown
    env.filters["shoemon_by_month"] = by_month


async def home(request: Any, send: Any, datasette: Any) -> Any:
    """The first page of the first database of shoemon the reader may see; Datasette's own if there is none."""
    site = datasette.shoemon_site
    if request.method in ("GET", "HEAD") and (database := await site.database(request, READ)) is not None:
        tracks = await site.may_see(request.actor, database, READ_OF_TRACKS)
        page = shaped(await site.read(database, partial(look, tracks)))
        page["desk"] = getattr(datasette, "shoemon_desk", None) is not None
        return await site.page(request, "shoemon_home.html", database, page)
    from datasette.views.index import IndexView

    return await IndexView.as_view(datasette)(request, send)


def look(tracks: bool, conn: sqlite3.Connection) -> dict[str, Any]:
    """All rows the page is made of, tracks if asked for."""
    names = dict(conn.execute("SELECT name, type FROM sqlite_master ORDER BY name").fetchall())
    columns = {row["name"] for row in conn.execute("PRAGMA table_info(shoe_wear)")}
    more = FORECAST if {"steadiness", "rotation_share", "rate_m"} <= columns else ""
    read: dict[str, Any] = {
        "shoes": [dict(row) for row in conn.execute(SHOES.format(more))],
        "ground": [dict(row) for row in conn.execute(GROUND)],
        "year": [dict(row) for row in conn.execute(YEAR)],
        "latest": [dict(row) for row in conn.execute(LATEST_RUNS, {"latest": LATEST})],
        "state": dict(conn.execute(STATE, {"most": COUNT_TO + 1}).fetchone()),
    }
    read["state"] |= dict(conn.execute("SELECT key, value FROM _meta WHERE key IN ('units', 'timezone')").fetchall())
    if tracks and set(READ_OF_TRACKS) <= names.keys():
        read["state"] |= dict(conn.execute(TRACKS).fetchone())
    read["views"] = [name for name, kind in names.items() if kind == "view"]
    read["tables"] = [name for name, kind in names.items() if kind == "table" and not name.startswith(("_", "sqlite_"))]
    return read


def shaped(read: dict[str, Any]) -> dict[str, Any]:
    """What the template shows."""
    shoes = [shoe_shown(shoe, [row for row in read["ground"] if row["shoe"] == shoe["id"]]) for shoe in read["shoes"]]
    shoes.sort(key=lambda shoe: STATUSES.index(shoe["status"]) if shoe["status"] in STATUSES else len(STATUSES))
    return {
        "here": "home",
        "in_use": [shoe for shoe in shoes if shoe["status"] != "retired"],
        "retired": [shoe for shoe in shoes if shoe["status"] == "retired"],
        "runs": bool(read["ground"]),
        "loose_m": sum(row["distance_m"] for row in read["ground"] if row["shoe"] is None),
        "decisions": decisions(read["state"]),
        "year": by_month(read["year"]),
        "most": COUNT_TO,
        "grounds": GROUNDS,
        **{key: read[key] for key in ("state", "views", "tables", "latest")},
    }


def shoe_shown(shoe: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A pair with its bar: parts of a line 1000 long, which is its life or, once that is used up, its wear."""
    worn, life = float(shoe["worn_m"]), float(shoe["life_m"])
    scale = 1000 / max(worn, life, 1.0)
    parts, x = [], 0.0
    for ground, metres, wear in [("initial", shoe["initial_m"], shoe["initial_m"]), *by_ground(rows)]:
        if metres > 0:
            parts.append({"ground": ground, "metres": metres, "x": round(x, 1), "width": round(wear * scale, 1)})
            x += wear * scale
    counted = shoe["distance_m"] + shoe["initial_m"]
    return {
        **shoe,
        "parts": parts,
        "percent": round(100 * worn / life) if life > 0 else 100,
        "life_x": round(life * scale, 1),
        "remaining_m": life - worn,
        "last_on": max((row["last_on"] for row in rows if row["last_on"]), default=None),
        "factored": abs(worn - counted) > 0.005 * max(counted, 1.0),
    }


def decisions(state: dict[str, Any]) -> list[dict[str, Any]]:
    """What waits for the runner: how much of what, and the page, table or view (with filter) that lists it."""
    open_only = "?resolved_at__isnull=1"
    found = (
        ("unassigned", "run without a shoe", "runs without a shoe", "unassigned_runs", ""),
        ("ambiguous", "of them claimed by more than one pair", "of them claimed by more than one pair",
         "unassigned_runs", "?reason__startswith=ambiguous"),
        ("failed", "message given up", "messages given up", "deliveries", "?state=failed"),
        ("pending", "message waiting to be sent", "messages waiting to be sent", "deliveries", "?state=pending"),
        ("erring", "source with an error", "sources with an error", "sources", "?last_error__notblank=1"),
        ("silent", "source that brings nothing new", "sources that bring nothing new", "sources", ""),
        ("problems", "record that could not be read", "records that could not be read", "problems", open_only),
        ("unreadable", "track that could not be read", "tracks that could not be read", "track_matches",
         "?status=unreadable"),
        ("disagreements", "run where export and map disagree", "runs where export and map disagree",
         "ground_disagreements", f"?local_date__gte={state.get('since')}"),
    )  # fmt: skip
    return [
        {"count": state[key], "words": one if state[key] == 1 else many, "table": table, "filter": query, "key": key}
        for key, one, many, table, query in found
        if state.get(key)
    ]


def by_ground(rows: list[dict[str, Any]], month: str | None = None) -> list[tuple[str, float, float]]:
    """Ground, metres and metres of wear (of one month), in the order they are always shown in."""
    sums = {ground: [0.0, 0.0] for ground in GROUNDS}
    for row in (row for row in rows if month is None or row["month"] == month):
        of = sums[row["ground"] if row["ground"] in sums else "unknown"]
        of[0] += row["distance_m"]
        of[1] += row.get("worn_m", row["distance_m"])
    return [(ground, metres, wear) for ground, (metres, wear) in sums.items()]


def by_month(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Metres by month and ground, the grounds with any only."""
    return {
        month: {ground: metres for ground, metres, _ in by_ground(rows, month) if metres > 0}
        for month in sorted({row["month"] for row in rows})
    }
