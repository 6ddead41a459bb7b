"""The page of one run: what its export said, which pair and which ground it counts for and why, and what to write where
that is wrong.

Serves `/-/run/<id>`, also for records that do not count. Reads the run, its neighbours and its copies by their
indexes, so that the page is quick after a lifetime of runs.
"""

import json
from functools import partial
from typing import Any

from datasette.utils import tilde_decode, tilde_encode
from pluggy import HookimplMarker

from shoemon.model.sports import RUNS
from shoemon.model.surfaces import GROUNDS
from shoemon.model.units import METRES
from shoemon.pages import corrections
from shoemon.pages.dates import clock, duration, pace, weekday
from shoemon.pages.months import bar, by_ground
from shoemon.pages.rows import Rows, columns_of, settings_of, tables_and_views
from shoemon.pages.site import Site
from shoemon.pages.units import unit_of
from shoemon.words.commands import command
from shoemon.words.reasons import ORIGINS, why_ground, why_shoe

hookimpl = HookimplMarker("datasette")

READ = ("activities", "legs", "shoes", "surfaces", "shoe_surface_mileage")
"""Whoever may not see one of these tables does not see this page."""
READ_OF_TRACKS = ("track_matches", "track_surfaces")
"""Whoever may not see one of these is not told about tracks; a database not yet brought up to date lacks them."""
MOST_COPIES = 50
MOST_PARSED = 200_000
"""Characters of a record that are laid out; a longer one is shown as it came, which takes no time."""
MOST_SHOWN = 20_000
"""Bytes of a record that the page shows."""
NO_LINES = ("no track", "unreadable", "indoors")
"""What a track is that cannot be drawn."""

RUN = f"""
    SELECT id, source, started_at, local_date, utc_offset_s, sport, sport_raw, name, distance_m, moving_s, elapsed_s,
      elevation_m, gear_raw, gear_name, track, missing_since, duplicate_of, counted, {{}},
      substr(raw, 1, {MOST_PARSED + 1}) AS raw
    FROM activities WHERE id = ?"""
LEGS = """
    SELECT l.shoe, coalesce(s.name, l.shoe) AS name, l.surface, coalesce(f.ground, 'unknown') AS ground, l.distance_m,
      l.shoe_reason, l.surface_reason, l.confidence
    FROM legs l LEFT JOIN shoes s ON s.id = l.shoe LEFT JOIN surfaces f ON f.id = l.surface
    WHERE l.activity = ? ORDER BY l.distance_m DESC, l.surface, l.shoe"""
RECORDS = "SELECT id, source, name, local_date, distance_m, track, counted FROM activities"
NEIGHBOUR = """
    SELECT id, name, local_date FROM activities WHERE counted = 1 AND (started_at, id) {0} (?, ?)
    ORDER BY started_at {1}, id {1} LIMIT 1"""
MATCH = "SELECT status, message, distance_m, outside_m, sigma_m, map_date FROM track_matches WHERE activity = ?"
ON_THE_MAP = """
    SELECT t.surface, coalesce(f.ground, 'unknown') AS ground, t.origin, t.distance_m, t.confidence
    FROM track_surfaces t LEFT JOIN surfaces f ON f.id = t.surface
    WHERE t.activity = ? ORDER BY t.distance_m DESC, t.surface, t.origin"""
IN_USE = """
    SELECT s.id FROM shoes s
    LEFT JOIN (SELECT shoe, max(last_on) AS last_on FROM shoe_surface_mileage GROUP BY shoe) m ON m.shoe = s.id
    WHERE s.retired_on IS NULL OR s.retired_on >= ? ORDER BY m.last_on DESC, s.id LIMIT 20"""
COUNTS = """
    SELECT 1 FROM (SELECT sport, counted FROM activities ORDER BY started_at DESC LIMIT 2000)
    WHERE sport = ? AND counted = 1 LIMIT 1"""
"""Whether runs of a sport count, by the latest records."""


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """The page of a run, by its id."""
    return [(r"^/-/run/(?P<run>[^/]+)$", page)]


async def page(request: Any, datasette: Any) -> Any:
    """One run, or that there is none of that id."""
    site, run = Site(datasette), tilde_decode(request.url_vars["run"])
    database = await site.database(request, READ)
    if database is None:
        return await site.missing(request, "No runs here", "There is no database of runs that you may see.")
    tracks = await site.may_see(request.actor, database, READ_OF_TRACKS)
    read = await site.read(database, partial(look, run, tracks))
    if read is None:
        words = f"No run with the id {run} is stored. Ids look like source:native id; all runs list them."
        return await site.missing(request, "No such run", words)
    shown = shaped(read) | {"desk": site.desk is not None, "said": request.args.get("said") == "written"}
    return await site.page(request, "shoemon_run.html", database, shown)


def look(id: str, tracks: bool, rows: Rows) -> dict[str, Any] | None:
    """All rows the page is made of, tracks if asked for; None where no such run is stored."""
    assumed = "zone_assumed" if "zone_assumed" in columns_of(rows, "activities") else "NULL AS zone_assumed"
    found = rows(RUN.format(assumed), id)
    if not found:
        return None
    run = found[0]
    place = (run["started_at"], id)
    read: dict[str, Any] = {
        "run": run,
        "legs": rows(LEGS, id),
        "copies": rows(f"{RECORDS} WHERE duplicate_of = ? ORDER BY id LIMIT {MOST_COPIES}", id),
        "original": next(iter(rows(f"{RECORDS} WHERE id = ?", run["duplicate_of"])), None),
        "earlier": next(iter(rows(NEIGHBOUR.format("<", "DESC"), *place)), None),
        "later": next(iter(rows(NEIGHBOUR.format(">", "ASC"), *place)), None),
        "in_use": [shoe["id"] for shoe in rows(IN_USE, run["local_date"])],
        "surfaces": [surface["id"] for surface in rows("SELECT id FROM surfaces")],
        "sport_counts": run["counted"] == 1 or bool(rows(COUNTS, run["sport"])),
        "settings": settings_of(rows),
        "tracks": tracks and set(READ_OF_TRACKS) <= tables_and_views(rows).keys(),
        "match": None, "map": [], "laid": [],
    }  # fmt: skip
    if read["tracks"]:
        read |= {"match": next(iter(rows(MATCH, id)), None), "map": rows(ON_THE_MAP, id)}
        others = [copy for copy in read["copies"] if copy["source"] != run["source"] and copy["track"]]
        if not read["match"]:
            read["laid"] = [{**copy, "map": parts} for copy in others if (parts := rows(ON_THE_MAP, copy["id"]))]
    return read


def shaped(read: dict[str, Any]) -> dict[str, Any]:
    """What the template shows."""
    run, legs, unit = read["run"], read["legs"], unit_of(read["settings"])
    counted_m = sum(leg["distance_m"] for leg in legs) if legs else run["distance_m"]
    on_map = read["map"] or (read["laid"][0]["map"] if read["laid"] else [])
    pairs = grouped(legs, ("shoe", "name", "shoe_reason"))
    worn = [pair["shoe"] for pair in pairs if pair["shoe"]]
    text, is_cut = record_shown(run["raw"])
    time_s = run["moving_s"] or run["elapsed_s"]
    to_correct = {
        "id": run["id"], "counts": run["counted"] == 1, "duplicate_of": run["duplicate_of"], "unit": unit,
        "distance_m": counted_m, "worn": worn, "others": [id for id in read["in_use"] if id not in worn],
        "legs": legs, "map": on_map, "surfaces": read["surfaces"],
    }  # fmt: skip
    return {
        **{key: read[key] for key in (
            "legs", "copies", "laid", "settings", "tracks", "match", "original", "earlier", "later"
        )},
        "here": "runs", "grounds": GROUNDS, "run": run, "key": tilde_encode(run["id"]), "counted_m": counted_m,
        "weekday": weekday(run["local_date"]), "clock": clock(run), "time": duration(time_s),
        "pace": pace(time_s, counted_m / METRES[unit]), "with_stops": duration(run["elapsed_s"]),
        "pairs": [{**pair, "why": why_shoe(pair["shoe_reason"])} for pair in pairs],
        "loose": any(pair["shoe"] is None for pair in pairs),
        "reasons": [
            {**reason, "why": why_ground(reason["surface_reason"])} for reason in grouped(legs, ("surface_reason",))
        ],
        "map": [{**part, "by": ORIGINS.get(part["origin"], part["origin"])} for part in on_map],
        "counting": bar(enough(legs)), "on_map": bar(enough(on_map)), "lent": lent(read),
        "why_not": why_not(run, is_counted=read["sport_counts"]),
        "drawn": drawn_of(run, read["match"], read["laid"]), "record": text, "record_is_cut": is_cut,
        "corrections": corrections.lines(to_correct),
    }  # fmt: skip


def grouped(legs: list[dict[str, Any]], by: tuple[str, ...]) -> list[dict[str, Any]]:
    """The legs with the same values of `by` as one, with their metres and, of each surface, metres and how sure."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for leg in legs:
        group = found.setdefault(tuple(leg[key] for key in by), {key: leg[key] for key in by} | {"metres": 0, "on": {}})
        group["metres"] += leg["distance_m"]
        on = group["on"].setdefault(leg["surface"], {**leg, "metres": 0.0, "sure": 0.0})
        on["metres"] += leg["distance_m"]
        on["sure"] += leg["confidence"] * leg["distance_m"]
    for group in found.values():
        for on in group["on"].values():
            on["sure"] = on["sure"] / on["metres"] if on["metres"] else on["confidence"]
    return sorted(found.values(), key=lambda group: -group["metres"])


def enough(parts: list[dict[str, Any]]) -> dict[str, float]:
    """Metres by ground, without what would be shown as nothing."""
    sums = by_ground(parts)
    least = min(50.0, 0.05 * sum(sums.values()))
    return {ground: metres for ground, metres in sums.items() if metres > least}


def drawn_of(run: dict[str, Any], match: dict[str, Any] | None, laid: list[dict[str, Any]]) -> str | None:
    """The record whose track can be drawn: the run itself, or the copy that its ground is known by."""
    if run["track"] and (match is None or match["status"] not in NO_LINES):
        return str(run["id"])
    return str(laid[0]["id"]) if laid else None


def record_shown(raw: str) -> tuple[str, bool]:
    """A record as it came, laid out if it is JSON, and whether it is cut."""
    try:
        text = json.dumps(json.loads(raw), indent=2, ensure_ascii=False) if len(raw) <= MOST_PARSED else raw
    except (ValueError, RecursionError):
        text = raw
    encoded = text.encode("utf-8", "backslashreplace")  # JSON may hold half a character
    return encoded[:MOST_SHOWN].decode("utf-8", "ignore"), len(encoded) > MOST_SHOWN


def lent(read: dict[str, Any]) -> dict[str, list[str]]:
    """What the copies of a run gave it, by their ids, as the reasons of its legs tell."""
    legs, found = read["legs"], {}
    for copy in read["copies"]:
        word = f", as {copy['source']} says"
        known = {
            "the name of its shoe": any(leg["shoe_reason"].endswith(word) for leg in legs),
            "its ground": any(word in leg["surface_reason"] for leg in legs) or copy["id"] in laid_by(read),
            "its distance": read["run"]["distance_m"] == 0 and bool(legs) and copy["distance_m"] > 0,
        }
        found[copy["id"]] = [what for what, is_so in known.items() if is_so and copy["source"] != read["run"]["source"]]
    return found


def laid_by(read: dict[str, Any]) -> list[str]:
    """The copies whose track may be what the run's ground is known by."""
    return [copy["id"] for copy in read["laid"] if any("map" in leg["surface_reason"] for leg in read["legs"])]


def why_not(run: dict[str, Any], *, is_counted: bool) -> dict[str, str | None] | None:
    """Why a record does not count that is nobody's copy, and the command that helps; None where it counts.
    `is_counted`: others of its sport do."""
    if run["counted"] == 1 or run["duplicate_of"]:
        return None
    if run["counted"] is None:
        return {"words": "it was not decided about yet", "command": command("sync", anywhere=True)}
    ignored = "a correction or a rule in shoes.yaml says that it is to be ignored"
    if run["missing_since"]:
        ignored += ", or its source in shoemon.yaml says that what its export no longer lists is to be dropped"
    sport = f"its sport ({run['sport'].replace('-', ' ')}) is not among the sports in shoemon.yaml"
    if not is_counted and run["sport"] not in RUNS:
        return {"words": sport, "command": None}
    explain = command("explain", run["id"], anywhere=True)
    return {"words": ignored if is_counted else f"{sport}, or {ignored}", "command": explain}
