"""The page of the ground: distance by surface this month, in the last twelve and ever, the share of hard ground, the
runner's targets, unknown ground with the reasons, and the ways to tag in OpenStreetMap.

Serves `/-/ground`. Reads totals, and by their index of days the legs of a month, of 28 days and those on unknown
ground of twelve months, so that the page is quick after a lifetime of runs.
"""

import asyncio
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from shoemon.decide.ground_target import TARGET_DAYS, Days, share_of, together
from shoemon.pages import unknown
from shoemon.pages.decisions import count
from shoemon.pages.months import YEAR, by_ground, months, over_time
from shoemon.pages.rows import Rows, settings_of, tables_and_views
from shoemon.pages.site import Site
from shoemon.pages.targets import last_days, targets_now
from shoemon.pages.units import unit_of, zone_of
from shoemon.pages.view import only_with, routes
from shoemon.words.ground import target_words

READ = ("surfaces", "surface_mileage", "month_mileage", "legs", "shoes", "activities", "sources", "reasons")
READ_OF_TRACKS = ("track_matches", "track_surfaces", "ground_disagreements")
"""Readers who may not see all of these see nothing of tracks; an older database lacks them."""
Found = list[dict[str, Any]]

EVER = """
    SELECT t.surface, f.ground, t.distance_m, t.runs FROM surface_mileage t JOIN surfaces f ON f.id = t.surface"""
DAYS = """
    SELECT l.activity, l.surface, l.distance_m, l.local_date, l.surface_reason, l.surface_detail
    FROM (SELECT id FROM shoes UNION ALL SELECT NULL) s
      CROSS JOIN legs l INDEXED BY legs_shoe ON l.shoe IS s.id AND l.local_date BETWEEN :first AND :last"""
"""The legs of some days. There is no index of days alone; this reads the days of each pair, and of no pair."""
RUNS = f"""
    WITH found AS MATERIALIZED ({DAYS})
    SELECT surface, count(DISTINCT activity) AS runs FROM found GROUP BY surface
    UNION ALL SELECT NULL, count(DISTINCT activity) FROM found"""
"""Runs by surface, and (surface NULL) in all: a run may be on several, and in several pairs."""
UNKNOWN = f"""
    WITH found AS MATERIALIZED (
      SELECT activity, surface = 'unknown' AS is_unknown, iif(surface = 'unknown', reason, '') AS because,
        iif(reason = 'unknown_word', word, NULL) AS named, sum(distance_m) AS distance_m
      FROM ({unknown.REASONS.format(legs=DAYS)})
      WHERE surface IN (SELECT id FROM surfaces WHERE ground NOT IN ('hard', 'soft', 'synthetic', 'treadmill'))
      GROUP BY activity, is_unknown, because, named
    )
    SELECT u.is_unknown, u.because AS reason, u.named AS word, {{}} AS status, (ifnull(a.track, '') <> '' OR EXISTS (SELECT 1 FROM activities c
        WHERE c.duplicate_of = a.id AND c.source <> a.source AND c.track <> '')) AS tracked,
      count(*) AS runs, sum(u.distance_m) AS distance_m, max(a.started_at) AS started_at, a.id, a.name, a.local_date
    FROM found u CROSS JOIN activities a ON a.id = u.activity
    GROUP BY u.is_unknown, u.because, u.named, status, tracked"""  # noqa: E501
"""Metres on unknown ground by reason, status of the match, and whether there is a track; with the latest run."""
STATUS = """
    coalesce((SELECT status FROM track_matches WHERE activity = a.id), (SELECT m.status
      FROM activities c JOIN track_matches m ON m.activity = c.id
      WHERE c.duplicate_of = a.id AND c.source <> a.source LIMIT 1))"""
"""The status of the match of a run, or of its copy in another export if the run has none."""
NOT_SEEN = "'not seen'"


@only_with(READ, "No ground here")
async def page(request: Any, site: Site) -> Any:
    tracks = await site.may_see(request.actor, site.name, READ_OF_TRACKS)
    read = await site.read(site.name, partial(load, tracks, datetime.now(UTC)))
    may_edit = site.desk is not None and await site.may_edit(request.actor, site.name)
    ways = await asyncio.to_thread(site.desk.ways_to_tag) if may_edit and tracks else []
    shown = {"has_desk": site.desk is not None, "ways": ways}
    return await site.page(request, "shoemon_ground.html", site.name, shaped(read) | shown)


def load(tracks: bool, now: datetime, rows: Rows) -> dict[str, Any]:
    """Load the rows of the page as of `now`, with those of tracks if `tracks`."""
    settings = settings_of(rows)
    tracks = tracks and set(READ_OF_TRACKS) <= tables_and_views(rows).keys()
    today = now.astimezone(zone_of(settings)).date()
    by_month = rows(YEAR)
    last = max((row["month"] for row in by_month), default="")
    first = first_of_year(last)
    return {
        "settings": settings,
        "today": today,
        "sources": bool(rows("SELECT 1 FROM sources LIMIT 1")),
        "months": by_month,
        "ever": rows(EVER),
        "ever_since": rows("SELECT min(month) AS month FROM month_mileage")[0]["month"],
        "runs": rows(RUNS, {"first": f"{last}-01", "last": f"{last}-31"}),
        "last_days": last_days(rows, today),
        "unknown": rows(UNKNOWN.format(STATUS if tracks else NOT_SEEN), {"first": first, "last": f"{last}-31"}),
        "tracks": count(rows, "unreadable_tracks", "ground_disagreements", since=first) if tracks else {},
        "checks": tracks and bool(rows("SELECT 1 FROM track_surfaces LIMIT 1")),
        "since": first,
    }


def first_of_year(month: str) -> str:
    """The first day of the twelve months up to `month`; a day in the far future if there is no month."""
    try:
        last = date.fromisoformat(f"{month}-01")
    except ValueError:
        return "9999-12-31"
    number = last.year * 12 + last.month - 12
    return f"{number // 12:04}-{number % 12 + 1:02}-01"


def shaped(read: dict[str, Any]) -> dict[str, Any]:
    last = max((row["month"] for row in read["months"]), default="")
    runs = {row["surface"]: row["runs"] for row in read["runs"]}
    ever, twelve, unit = by_distance(read["ever"]), months(read["months"]), unit_of(read["settings"])
    return {
        "here": "ground",
        "months": twelve,
        "over_time": over_time(twelve),
        "twelve": by_surface(read["months"]),
        "month": this_month(last, read["months"], runs, read["today"]) if last else None,
        "ever": ever,
        "ever_m": sum(row["distance_m"] for row in ever),
        "hard": hard_share(read["last_days"], read["today"]),
        "targets": [target_words(now, unit) for now in targets_now(read["settings"], read["last_days"])],
        "reasons": unknown.grouped(read["unknown"]),
        **{key: read[key] for key in ("settings", "sources", "tracks", "since", "ever_since", "checks")},
    }


def by_distance(rows: Found) -> Found:
    """Surfaces with any metres, the most first."""
    found = [{**row, "ground": next(iter(by_ground([row])))} for row in rows if row["distance_m"] > 0]
    return sorted(found, key=lambda row: (-row["distance_m"], row["surface"]))


def by_surface(rows: Found) -> Found:
    """The surfaces of twelve months, each with its metres by month."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        of = found.setdefault(row["surface"], {**row, "distance_m": 0.0, "months": {}})
        of["distance_m"] += row["distance_m"]
        of["months"][row["month"]] = row["distance_m"]
    return by_distance(list(found.values()))


def this_month(month: str, months: Found, runs: dict[str | None, int], today: date) -> dict[str, Any]:
    """The latest month with a run by surface; `without` are the other surfaces of the twelve months."""
    surfaces = by_distance([{**row, "runs": runs.get(row["surface"], 0)} for row in months if row["month"] == month])
    on = {row["surface"] for row in surfaces}
    calendar = today.isoformat()[:7]
    return {
        "month": month,
        "is": "this" if month == calendar else "past" if month < calendar else "to come",
        "calendar": calendar,
        "surfaces": surfaces,
        "metres": sum(row["distance_m"] for row in surfaces),
        "runs": runs.get(None, 0),
        "without": [row["surface"] for row in by_surface(months) if row["surface"] not in on],
    }


def hard_share(days: Days, today: date) -> dict[str, Any]:
    """The hard share of the known ground of the last 28 days; None while too little is known."""
    ground = together(days)
    metres = sum(ground.values())
    return {
        "since": (today - timedelta(days=TARGET_DAYS - 1)).isoformat(), "until": today.isoformat(), "days": TARGET_DAYS,
        "metres": metres, "known": metres - ground.get("unknown", 0.0), "share": share_of("hard", days),
    }  # fmt: skip


register_routes = routes({"ground": page})
