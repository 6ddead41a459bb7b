"""The first page: how worn every pair is and by which ground, what needs a decision, and the month at a glance.

Serves `/` for a database of shoemon and leaves Datasette's own first page alone for any other. Reads totals only,
never legs, in one read transaction, so that the page is quick after a lifetime of runs and never half of a sync.
Plain HTML: no script, no inline style (its Content-Security-Policy would refuse both), nothing from other hosts.
"""

import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any

from datasette import Response
from pluggy import HookimplMarker

hookimpl = HookimplMarker("datasette")

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
}
GROUNDS = ("hard", "soft", "synthetic", "treadmill", "unknown")
STATUSES = ("over", "due", "soon", "fresh", "retired")
READ = (
    "shoes", "surfaces", "shoe_wear", "shoe_surface_mileage", "month_mileage", "legs", "sources", "problems",
    "deliveries",
)  # fmt: skip
"""Whoever may not see one of these tables does not see this page."""
READ_OF_TRACKS = ("activities", "track_matches", "track_surfaces")
"""Whoever may not see one of these is not told about tracks; a database not yet brought up to date lacks them."""
COUNT_TO = 1000
"""Runs without a shoe are counted so far only: there may be half a million before the first shoe is set up."""

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
    SELECT (SELECT value FROM _meta WHERE key = 'units') AS units,
      (SELECT count(*) FROM (SELECT DISTINCT activity FROM legs INDEXED BY legs_shoe WHERE shoe IS NULL LIMIT ?))
        AS unassigned,
      (SELECT count(*) FROM problems WHERE resolved_at IS NULL) AS problems,
      (SELECT count(*) FROM deliveries WHERE state = 'pending') AS pending,
      (SELECT count(*) FROM deliveries WHERE state = 'failed') AS failed,
      (SELECT count(*) FROM sources) AS sources,
      (SELECT count(*) FROM sources WHERE last_error <> '') AS erring,
      (SELECT max(last_success_at) FROM sources) AS read_at"""

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


async def home(request: Any, send: Any, datasette: Any) -> Any:
    """The first page of the first database of shoemon the reader may see; Datasette's own if there is none."""
    if request.method in ("GET", "HEAD"):
        for database in datasette.databases:
            if not await may_see(datasette, request.actor, database, READ):
                continue
            tracks = await may_see(datasette, request.actor, database, READ_OF_TRACKS)
            if (read := await datasette.get_database(database).execute_fn(partial(look, tracks))) is not None:
                page = {"database": database, **shaped(read)}
                page["queries"] = await queries(datasette, request.actor, database)
                html = await datasette.render_template(["shoemon_home.html"], page, request=request)
                return Response.html(html, headers=HEADERS)
    from datasette.views.index import IndexView

    return await IndexView.as_view(datasette)(request, send)


async def may_see(datasette: Any, actor: Any, database: str, tables: Sequence[str]) -> bool:
    """Whether the reader may see every one of these tables."""
    if not hasattr(datasette, "allowed"):
        return all([await may_see_065(datasette, actor, "view-table", (database, table)) for table in tables])
    from datasette.resources import DatabaseResource, TableResource

    asked = [("view-instance", None), ("view-database", DatabaseResource(database))]
    asked += [("view-table", TableResource(database, table)) for table in tables]
    return all([await datasette.allowed(action=action, resource=resource, actor=actor) for action, resource in asked])


async def may_see_065(datasette: Any, actor: Any, action: str, resource: tuple[str, str]) -> bool:
    """Whether the reader may see a table or query, the database and the instance, as Datasette 0.65 asks it."""
    asked = [(action, resource), ("view-database", resource[0]), "view-instance"]
    return bool((await datasette.check_visibility(actor, permissions=asked))[0])


async def queries(datasette: Any, actor: Any, database: str) -> list[dict[str, str]]:
    """Name and title of the ready-made queries the reader may see."""
    if hasattr(datasette, "list_queries"):
        found = (await datasette.list_queries(database, actor=actor)).queries
        return [{"name": query.name, "title": query.title or query.name} for query in found]
    known = (await datasette.get_canned_queries(database, actor)).items()
    return [
        {"name": name, "title": query.get("title") or name}
        for name, query in known
        if await may_see_065(datasette, actor, "view-query", (database, name))
    ]


def look(tracks: bool, conn: sqlite3.Connection) -> dict[str, Any] | None:
    """All rows the page is made of, as of one moment, tracks if asked for; None if it is no database of shoemon's."""
    names = dict(conn.execute("SELECT name, type FROM sqlite_master ORDER BY name").fetchall())
    if not {*READ, "_meta"} <= names.keys():
        return None
    conn.execute("BEGIN")
    try:
        columns = {row["name"] for row in conn.execute("PRAGMA table_info(shoe_wear)")}
        more = FORECAST if {"steadiness", "rotation_share", "rate_m"} <= columns else ""
        read: dict[str, Any] = {
            "shoes": [dict(row) for row in conn.execute(SHOES.format(more))],
            "ground": [dict(row) for row in conn.execute(GROUND)],
            "year": [dict(row) for row in conn.execute(YEAR)],
            "state": dict(conn.execute(STATE, [COUNT_TO + 1]).fetchone()),
        }
        if tracks and set(READ_OF_TRACKS) <= names.keys():
            read["state"] |= dict(conn.execute(TRACKS).fetchone())
    finally:
        conn.execute("ROLLBACK")
    read["views"] = [name for name, kind in names.items() if kind == "view"]
    read["tables"] = [name for name, kind in names.items() if kind == "table" and not name.startswith(("_", "sqlite_"))]
    return read


def shaped(read: dict[str, Any]) -> dict[str, Any]:
    """What the template shows, in the runner's unit."""
    unit = "mi" if read["state"]["units"] == "mi" else "km"
    metres = 1609.344 if unit == "mi" else 1000.0
    shoes = [shoe_shown(shoe, [row for row in read["ground"] if row["shoe"] == shoe["id"]]) for shoe in read["shoes"]]
    shoes.sort(key=lambda shoe: STATUSES.index(shoe["status"]) if shoe["status"] in STATUSES else len(STATUSES))
    loose_m = sum(row["distance_m"] for row in read["ground"] if row["shoe"] is None)
    return {
        "unit": unit,
        "number": lambda m: f"{m / metres:,.{0 if abs(m) >= 100 * metres else 1}f}".removesuffix(".0"),
        "in_use": [shoe for shoe in shoes if shoe["status"] != "retired"],
        "retired": [shoe for shoe in shoes if shoe["status"] == "retired"],
        "runs": bool(read["ground"]),
        "loose_m": loose_m,
        "decisions": decisions(read["state"]),
        "year": by_month(read["year"]),
        "grounds": GROUNDS,
        **{key: read[key] for key in ("state", "views", "tables")},
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


def decisions(state: dict[str, Any]) -> list[dict[str, str]]:
    """What waits for the runner: how much of what, and the table or view (with filter) that lists it."""
    open_only = "?resolved_at__isnull=1"
    found = (
        ("unassigned", "run without a shoe", "runs without a shoe", "unassigned_runs", ""),
        ("failed", "message given up", "messages given up", "deliveries", "?state=failed"),
        ("pending", "message waiting to be sent", "messages waiting to be sent", "deliveries", "?state=pending"),
        ("erring", "source with an error", "sources with an error", "sources", "?last_error__notblank=1"),
        ("problems", "record that could not be read", "records that could not be read", "problems", open_only),
        (
            "unreadable",
            "track that could not be read",
            "tracks that could not be read",
            "track_matches",
            "?status=unreadable",
        ),
        (
            "disagreements",
            "run where export and map disagree",
            "runs where export and map disagree",
            "ground_disagreements",
            f"?local_date__gte={state.get('since')}",
        ),
    )
    return [
        {
            "count": f"{COUNT_TO:,}+" if key == "unassigned" and state[key] > COUNT_TO else f"{state[key]:,}",
            "words": one if state[key] == 1 else many, "table": table, "filter": query, "key": key,
        }
        for key, one, many, table, query in found if state.get(key)
    ]  # fmt: skip


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
