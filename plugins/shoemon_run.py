"""The page of one run: the record of its export, its pair and ground with the reasons, and lines that correct them.

Serves `/-/run/<id>`, also for records that do not count. Reads the run, its neighbours and its copies by their
indexes, so that the page is quick after a lifetime of runs.
"""

import asyncio
import json
from functools import partial
from typing import Any

from datasette.utils import tilde_decode, tilde_encode

from shoemon.decide.which_surface import BY_THE_MAP
from shoemon.model.reason import BY_SETTINGS, Reason, parts_of
from shoemon.model.surfaces import GROUNDS
from shoemon.model.units import METRES
from shoemon.pages import corrections
from shoemon.pages.dates import clock, duration, pace, weekday
from shoemon.pages.months import bar, by_ground
from shoemon.pages.rows import Rows, columns_of, exports_of, settings_of, tables_and_views
from shoemon.pages.run_records import why_not
from shoemon.pages.site import FAULTS, Site, see_other
from shoemon.pages.units import unit_of
from shoemon.pages.view import only_with, routes
from shoemon.words.reasons import ORIGINS, why_ground, why_shoe

READ = ("activities", "legs", "shoes", "surfaces", "shoe_surface_mileage", "reasons")
"""Readers who may not see all of these tables do not see this page; an older database lacks the last."""
READ_OF_TRACKS = ("track_matches", "track_surfaces")
"""Readers who may not see all of these see nothing of tracks; an older database lacks them."""
SUBJECT = "run "
"""What the subjects of the tokens of its form begin with, before the id."""
MOST_COPIES = 50
MOST_PARSED = 200_000
"""Characters of a record that is indented; a longer one is shown unchanged, to save time."""
MOST_SHOWN = 20_000
"""Bytes of a record that the page shows."""
BY_TRACK = {why.code for why in BY_THE_MAP.values()}
NO_LINES = ("no track", "unreadable", "indoors")
"""Statuses of tracks that cannot be drawn."""

RUN = f"""
    SELECT id, source, started_at, local_date, utc_offset_s, sport, sport_raw, name, distance_m, moving_s, elapsed_s,
      elevation_m, gear_raw, gear_name, track, missing_since, duplicate_of, counted, not_counted, not_counted_detail,
      zone_assumed, {{}} AS maybe_same_as, substr(raw, 1, {MOST_PARSED + 1}) AS raw
    FROM activities WHERE id = ?"""
LEGS = """
    SELECT l.shoe, coalesce(s.name, l.shoe) AS name, l.surface, coalesce(f.ground, 'unknown') AS ground, l.distance_m,
      l.shoe_reason, l.shoe_detail, l.surface_reason, l.surface_detail, l.confidence
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


@only_with(READ, "No runs here")
async def page(request: Any, site: Site) -> Any:
    """Show a run, or write one of its lines, as a form asks."""
    run = tilde_decode(request.url_vars["run"])
    form, answer = await site.sent(request, f"{SUBJECT}{run}", partial(shown, request, site, run))
    if answer is not None:
        return answer
    read = await site.read(site.name, partial(load, run, False))
    found = [line for line in shaped(read)["corrections"] if line.setting] if read else []
    line = next((line for line in found if line.title == form.get("line")), None)
    if line is None:
        return await shown(request, site, run, "Nothing was written: the run has changed, see below.", 409)
    try:
        done = await asyncio.to_thread(site.desk.correct, run, line.setting, line.value)
    except FAULTS as error:
        return await shown(request, site, run, f"Nothing was written: {error}.", 409)
    address = site.path(form["back"]) if form.get("back") in ("doubts", "left-out") else site.path("run", run)
    undo = {"undo": str(done.undo)} if done.undo is not None else {}
    return see_other(address, **undo, **({"later": "1"} if done.later else {}))


async def shown(request: Any, site: Site, run: str, fault: str | None = None, status: int = 200) -> Any:
    """Render the page of a run, with the error if there is one."""
    tracks = await site.may_see(request.actor, site.name, READ_OF_TRACKS)
    read = await site.read(site.name, partial(load, run, tracks))
    if read is None:
        words = f"No run with the id {run} is stored. Ids look like source:native id; all runs list them."
        return await site.missing(request, "No such run", words)
    shown = shaped(read) | {"desk": site.desk is not None, "written": request.args.get("said") == "written"}
    subject, refusal = f"{SUBJECT}{run}", await site.rights.refusal(request)
    shown |= {"fault": fault, "token": "" if refusal else await site.rights.token(subject)}
    return await site.page(request, "shoemon_run.html", site.name, shown, status=status, forms=not refusal)


def load(id: str, tracks: bool, rows: Rows) -> dict[str, Any] | None:
    """Load the rows of the page, with those of tracks if `tracks`; None if no such run is stored."""
    older = "NULL" if "maybe_same_as" not in columns_of(rows, "activities") else "maybe_same_as"
    found = rows(RUN.format(older), id)
    if not found:
        return None
    run = found[0]
    place = (run["started_at"], id)
    read: dict[str, Any] = {
        "run": run,
        "legs": rows(LEGS, id),
        "copies": rows(f"{RECORDS} WHERE duplicate_of = ? ORDER BY id LIMIT {MOST_COPIES}", id),
        "original": next(iter(rows(f"{RECORDS} WHERE id = ?", run["duplicate_of"])), None),
        "same": next(iter(rows(f"{RECORDS} WHERE id = ? AND counted = 1", run["maybe_same_as"])), None),
        "earlier": next(iter(rows(NEIGHBOUR.format("<", "DESC"), *place)), None),
        "later": next(iter(rows(NEIGHBOUR.format(">", "ASC"), *place)), None),
        "in_use": [shoe["id"] for shoe in rows(IN_USE, run["local_date"])],
        "surfaces": [surface["id"] for surface in rows("SELECT id FROM surfaces")],
        "settings": settings_of(rows),
        "exports": exports_of(rows),
        "tracks": tracks and set(READ_OF_TRACKS) <= tables_and_views(rows).keys(),
        "match": None, "map": [], "matched_copies": [],
    }  # fmt: skip
    if read["tracks"]:
        read |= {"match": next(iter(rows(MATCH, id)), None), "map": rows(ON_THE_MAP, id)}
        others = [copy for copy in read["copies"] if copy["source"] != run["source"] and copy["track"]]
        if not read["match"]:
            read["matched_copies"] = [
                {**copy, "map": parts} for copy in others if (parts := rows(ON_THE_MAP, copy["id"]))
            ]
    return read


def shaped(read: dict[str, Any]) -> dict[str, Any]:
    run, legs, exports, unit = read["run"], read["legs"], read["exports"], unit_of(read["settings"])
    copies = read["matched_copies"]
    counted_m = sum(leg["distance_m"] for leg in legs) if legs else run["distance_m"]
    on_map = read["map"] or (copies[0]["map"] if copies else [])
    pairs = grouped(legs, ("shoe", "name", "shoe_reason", "shoe_detail"))
    grounds = grouped(legs, ("surface_reason", "surface_detail"))
    maybe_indoors = any("track_share" in surface_reason(leg).parameters for leg in legs)
    worn = [pair["shoe"] for pair in pairs if pair["shoe"]]
    text, is_cut = record_shown(run["raw"])
    time_s = run["moving_s"] or run["elapsed_s"]
    to_correct = {
        "id": run["id"], "counts": run["counted"] == 1, "duplicate_of": run["duplicate_of"], "unit": unit,
        "distance_m": counted_m, "worn": worn, "others": [id for id in read["in_use"] if id not in worn],
        "legs": legs, "map": on_map, "surfaces": read["surfaces"], "maybe_indoors": maybe_indoors,
        "maybe_same_as": read["same"]["id"] if read["same"] else None,
        "ignored": run["not_counted"] == "ignored" and run["not_counted_detail"] is None,
    }  # fmt: skip
    return {
        **{key: read[key] for key in (
            "legs", "copies", "matched_copies", "settings", "tracks", "match", "original", "same", "earlier",
            "later"
        )},
        "here": "runs", "grounds": GROUNDS, "run": run, "key": tilde_encode(run["id"]), "counted_m": counted_m,
        "weekday": weekday(run["local_date"]), "clock": clock(run), "time": duration(time_s),
        "pace": pace(time_s, counted_m / METRES[unit]), "with_stops": duration(run["elapsed_s"]),
        "pairs": [
            {**pair, "why": why_shoe(Reason(pair["shoe_reason"], pair["shoe_detail"]), run["source"], exports, unit)}
            for pair in pairs
        ],
        "loose": any(pair["shoe"] is None and pair["shoe_reason"] not in BY_SETTINGS for pair in pairs),
        "reasons": [
            {**of, "why": why_ground(surface_reason(of), of["metres"], run["source"], exports, unit)}
            for of in grounds
        ],
        "map": [{**part, "by": ORIGINS.get(part["origin"], part["origin"])} for part in on_map],
        "counting": bar(visible(legs)), "lent": lent(read), "why_not": why_not(run, exports),
        "drawn": drawn_of(run, read["match"], copies), "record": text, "record_is_cut": is_cut,
        "corrections": corrections.lines(to_correct), "maybe_indoors": maybe_indoors,
    }  # fmt: skip


def grouped(legs: list[dict[str, Any]], by: tuple[str, ...]) -> list[dict[str, Any]]:
    """Group the legs by the columns `by`, with their metres, and those on each surface."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for leg in legs:
        group = found.setdefault(tuple(leg[key] for key in by), {key: leg[key] for key in by} | {"metres": 0, "on": {}})
        group["metres"] += leg["distance_m"]
        on = group["on"].setdefault(leg["surface"], {**leg, "metres": 0.0})
        on["metres"] += leg["distance_m"]
    return sorted(found.values(), key=lambda group: -group["metres"])


def visible(parts: list[dict[str, Any]]) -> dict[str, float]:
    """Metres by ground, without parts too small to show."""
    sums = by_ground(parts)
    least = min(50.0, 0.05 * sum(sums.values()))
    return {ground: metres for ground, metres in sums.items() if metres > least}


def drawn_of(run: dict[str, Any], match: dict[str, Any] | None, copies: list[dict[str, Any]]) -> str | None:
    """Find the record whose track can be drawn: the run itself, or the copy that its ground comes from."""
    if run["track"] and (match is None or match["status"] not in NO_LINES):
        return str(run["id"])
    return str(copies[0]["id"]) if copies else None


def record_shown(raw: str) -> tuple[str, bool]:
    """The original record, indented if it is JSON, and whether it is cut."""
    try:
        text = json.dumps(json.loads(raw), indent=2, ensure_ascii=False) if len(raw) <= MOST_PARSED else raw
    except (ValueError, RecursionError):
        text = raw
    encoded = text.encode("utf-8", "backslashreplace")  # JSON may contain half a character
    return encoded[:MOST_SHOWN].decode("utf-8", "ignore"), len(encoded) > MOST_SHOWN


def lent(read: dict[str, Any]) -> dict[str, list[str]]:
    """List what the run takes from each copy, by id, according to the reasons of its legs."""
    run, legs, found = read["run"], read["legs"], {}
    lenders = {
        column: {part.parameters.get("source") for leg in legs for part in parts_of(Reason("", leg[column]))}
        for column in ("shoe_detail", "surface_detail")
    }
    by_map = any(part.code in BY_TRACK for leg in legs for part in parts_of(surface_reason(leg)))
    matched = {copy["id"] for copy in read["matched_copies"]} if by_map else set()
    for copy in read["copies"]:
        known = {
            "the name of its shoe": copy["source"] in lenders["shoe_detail"],
            "its ground": copy["source"] in lenders["surface_detail"] or copy["id"] in matched,
            "its distance": run["distance_m"] == 0 and bool(legs) and copy["distance_m"] > 0,
        }
        found[copy["id"]] = [part for part, is_lent in known.items() if is_lent and copy["source"] != run["source"]]
    return found


def surface_reason(leg: dict[str, Any]) -> Reason:
    """The reason why metres of a leg count for its surface."""
    return Reason(leg["surface_reason"], leg["surface_detail"])


register_routes = routes({r"run/(?P<run>[^/]+)": page})
