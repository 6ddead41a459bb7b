"""The page of one pair: its wear and forecast, its ground, why its runs count for it, its alerts, and lines for
shoes.yaml.

Serves `/-/shoe/<id>`. Reads totals, and the pair's own legs by their index.
"""

import json
from functools import partial
from typing import Any

from datasette.utils import tilde_decode

from shoemon.decide.wear import longer_life
from shoemon.model.plan import LIFE_M
from shoemon.model.reason import Reason
from shoemon.model.surfaces import GROUNDS
from shoemon.model.units import METRES, distance_m
from shoemon.pages import dates
from shoemon.pages.corrections import in_shoe
from shoemon.pages.months import LEGS, months, on_ground
from shoemon.pages.pair_figures import FEWEST, OwnLife, own_life, pair_figures
from shoemon.pages.pairs import MUTED, PAIR_FORM, shown
from shoemon.pages.rows import Rows, exports_of, settings_of
from shoemon.pages.site import Site
from shoemon.pages.units import unit_of
from shoemon.pages.view import only_with, routes
from shoemon.words.reasons import Exports, why_shoe

READ = (
    "shoes", "surfaces", "shoe_wear", "shoe_surface_mileage", "month_mileage", "legs", "activities", "alerts",
    "deliveries", "reasons",
)  # fmt: skip
LATEST, AT_ONCE = 50, 10
"""How many runs are listed, and how many of them are visible at first."""
MOST_REASONS, MOST_ALERTS = 20, 50

WEAR = "SELECT * FROM shoe_wear WHERE shoe = ?"
"""All columns: an older database lacks some, and the page shows less."""
SURFACES = """
    SELECT t.surface, f.ground, f.wear_factor, t.distance_m, t.distance_m * f.wear_factor AS worn_m, t.runs, t.last_on
    FROM shoe_surface_mileage t JOIN surfaces f ON f.id = t.surface WHERE t.shoe = ?
    ORDER BY t.distance_m DESC, t.surface"""
MONTHS = """
    WITH own AS (SELECT * FROM month_mileage WHERE shoe = ?)
    SELECT own.month, f.ground, sum(own.distance_m) AS distance_m FROM own JOIN surfaces f ON f.id = own.surface
    WHERE own.month > (SELECT strftime('%Y-%m', max(month) || '-01', '-12 months') FROM own)
    GROUP BY own.month, f.ground"""
REASONS = """
    SELECT reason, detail, substr(activity, 1, instr(activity, ':') - 1) AS source, count(*) AS runs,
      sum(metres) AS distance_m
    FROM (SELECT activity, shoe_reason AS reason, shoe_detail AS detail, sum(distance_m) AS metres
      FROM legs INDEXED BY legs_shoe WHERE shoe = ? GROUP BY local_date, activity) GROUP BY 1, 2, 3"""
"""Run by run in the order of the index; all legs of a run have one reason."""
RUNS = f"""
    WITH latest AS (SELECT DISTINCT local_date, activity FROM legs INDEXED BY legs_shoe WHERE shoe = :shoe
      ORDER BY local_date DESC, activity DESC LIMIT :latest)
    SELECT a.id, a.name, a.local_date, sum(iif(l.shoe = :shoe, l.distance_m, 0)) AS distance_m,
      sum(l.distance_m) AS whole_m, {LEGS} FILTER (WHERE l.shoe = :shoe) AS legs
    FROM latest JOIN activities a ON a.id = latest.activity JOIN legs l ON l.activity = a.id
      JOIN surfaces f ON f.id = l.surface
    GROUP BY a.id ORDER BY a.local_date DESC, a.started_at DESC, a.id DESC"""
ALERTS = """
    SELECT a.*, d.notifier, d.state, d.sent_at
    FROM (SELECT * FROM alerts WHERE shoe = ? ORDER BY created_at DESC LIMIT ?) a
    LEFT JOIN deliveries d ON d.alert = coalesce(a.covered_by, a.id) ORDER BY a.created_at DESC, a.id, d.notifier"""
OTHER = """
    SELECT s.id FROM shoes s LEFT JOIN shoe_surface_mileage t ON t.shoe = s.id
    WHERE s.id <> ? AND s.retired_on IS NULL GROUP BY s.id ORDER BY max(t.last_on) DESC, s.id LIMIT 1"""
"""The example for a correction: the other pair that was worn last."""


@only_with(READ, "No shoes here", "There is no database of shoes that you may see.")
async def page(request: Any, site: Site) -> Any:
    shoe = tilde_decode(request.url_vars["shoe"])
    read = await site.read(site.name, partial(load, shoe))
    if read is None:
        return await site.missing(request, "No such shoe", f"No pair in shoes.yaml has the id {shoe}.")
    shown_pair = shaped(read) | {"refusal": await site.rights.refusal(request)}
    if shown_pair["refusal"] is None:
        shown_pair |= {"pair_token": await site.rights.token(PAIR_FORM), "named": site.desk.runner}
    shown_pair["ticked"] = {tick: "1" for tick in ("days", "runner") if tick in request.args}
    return await site.page(request, "shoemon_shoe.html", site.name, shown_pair, forms=True)


def load(shoe: str, rows: Rows) -> dict[str, Any] | None:
    found = rows("SELECT * FROM shoes WHERE id = ?", shoe)
    if not found:
        return None
    pair = found[0]
    unworn = {"distance_m": 0.0, "worn_m": pair["initial_m"], "status": "retired" if pair["retired_on"] else "fresh"}
    return {
        "shoe": {**pair, **next(iter(rows(WEAR, shoe)), unworn), **rows(MUTED, shoe)[0]},
        "surfaces": rows(SURFACES, shoe),
        "months": rows(MONTHS, shoe),
        "reasons": grouped(rows(REASONS, shoe), exports_of(rows)),
        "runs": rows(RUNS, {"shoe": shoe, "latest": LATEST}),
        "alerts": rows(ALERTS, shoe, MOST_ALERTS),
        "figures": pair_figures(rows, shoe),
        "own": own_life(rows, pair["kind"]),
        "other": next((row["id"] for row in rows(OTHER, shoe)), shoe),
        "today": rows("SELECT date('now') AS today")[0]["today"],
        "settings": settings_of(rows),
    }


def shaped(read: dict[str, Any]) -> dict[str, Any]:
    shoe, unit = read["shoe"], unit_of(read["settings"])
    runs = [{**run, "on": on_ground(json.loads(run["legs"]))} for run in read["runs"]]
    run_on = {row["ground"] for row in read["months"]}
    return {
        **{key: read[key] for key in ("shoe", "surfaces", "settings", "reasons", "figures", "own")},
        "pair": shown(shoe, read["surfaces"]),
        "time": dates.duration(read["figures"]["time_s"]),
        "pace": dates.duration((read["figures"]["pace_s_per_km"] or 0) * METRES[unit] / 1000),
        **lives_of(read["own"], shoe, read["settings"], unit),
        "months": months(read["months"]),
        "grounds": [ground for ground in GROUNDS if ground in run_on],
        "alerts": with_deliveries(read["alerts"]),
        "runs": runs,
        "first_runs": runs[:AT_ONCE],
        "more_runs": runs[AT_ONCE:],
        "factors": [row for row in read["surfaces"] if row["wear_factor"] != 1],
        "longer": longer_life(shoe["life_m"], shoe["worn_m"], unit),
        "last_on": max((row["last_on"] for row in read["surfaces"] if row["last_on"]), default=read["today"]),
        "correction": in_shoe(runs[0]["id"], read["other"]) if runs else None,
    }


def lives_of(own: OwnLife, shoe: dict[str, Any], settings: dict[str, str], unit: str) -> dict[str, Any]:
    """The convention, the default life of the kind, and the runner's own one to make it, as it is written."""
    convention_m = LIFE_M.get(shoe["kind"], shoe["life_m"])
    default_m = json.loads(settings.get("lives") or "{}").get(shoe["kind"], convention_m)
    own_median = f"{own.median_m / METRES[unit]:.0f} {unit}" if own.median_m else ""
    is_new = own_median and abs(distance_m(own_median) - default_m) > 1
    lives = {"convention_m": convention_m, "default_m": default_m, "fewest": FEWEST}
    return {**lives, "offered_life": own_median if is_new else ""}


def grouped(rows: list[dict[str, Any]], exports: Exports) -> list[dict[str, Any]]:
    """Group runs and metres by reason, the most common first."""
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        why = why_shoe(Reason(row["reason"], row["detail"]), row["source"], exports)
        of = sums.setdefault(why, {"why": why, "runs": 0, "distance_m": 0.0})
        of["runs"] += row["runs"]
        of["distance_m"] += row["distance_m"]
    return sorted(sums.values(), key=lambda of: (-of["runs"], of["why"]))[:MOST_REASONS]


def with_deliveries(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Group alerts, the latest first, each with its notifiers by the state of the delivery."""
    alerts: dict[str, dict[str, Any]] = {}
    for row in rows:
        alert = alerts.setdefault(row["id"], {**row, "deliveries": {}})
        if row["notifier"] is not None:
            alert["deliveries"].setdefault(row["state"], []).append(row["notifier"])
    return list(alerts.values())


register_routes = routes({r"shoe/(?P<shoe>[^/]+)": page})
