"""Runs as data: each with its pairs, its metres on each ground and surface, and the reasons in words."""

import json
from collections.abc import Callable
from functools import lru_cache, partial
from itertools import groupby
from typing import Any

from shoemon.model.reason import Reason
from shoemon.model.units import METRES
from shoemon.pages.rows import Rows, exports_of, settings_of
from shoemon.pages.run_filter import RunFilter
from shoemon.pages.units import unit_of
from shoemon.words.reasons import Exports, why_ground, why_not_counted, why_shoe

_LEGS = """
    SELECT wanted.key AS number, a.id, a.local_date, a.started_at, a.name, a.sport, a.source, a.moving_s, a.elevation_m,
      l.shoe, {pair} AS is_asked, l.surface, coalesce(f.ground, 'unknown') AS ground, l.distance_m,
      l.shoe_reason, l.shoe_detail, l.surface_reason, l.surface_detail
    FROM json_each(:ids) wanted CROSS JOIN activities a ON a.id = wanted.value CROSS JOIN legs l ON l.activity = a.id
      LEFT JOIN surfaces f ON f.id = l.surface
    ORDER BY wanted.key, l.distance_m DESC, l.surface, l.shoe"""


def run_records(ids: list[str], wanted: RunFilter, rows: Rows) -> list[dict[str, Any]]:
    """Load the runs with these ids that count, in this order; `wanted` says whose `distance_m` it is."""
    pair = wanted.of_pair() if wanted.shoe else "1"
    legs = rows(_LEGS.format(pair=pair), {"ids": json.dumps(ids), "shoe": wanted.shoe})
    unit, why = unit_of(settings_of(rows)), lru_cache(1000)(partial(_words, exports_of(rows)))
    return [_record(list(legs), unit, why) for _, legs in groupby(legs, lambda leg: leg["number"])]


def why_not(run: dict[str, Any], exports: Exports) -> str | None:
    """Explain why a record that is no copy does not count; None if it counts."""
    if run["counted"] == 1 or run["duplicate_of"]:
        return None
    if run["counted"] is None or run["not_counted"] is None:
        return "it is not decided yet; the next sync decides"
    return why_not_counted(Reason(run["not_counted"], run["not_counted_detail"]), run["source"], exports)


def _words(exports: Exports, code: str, detail: str | None, source: str, ground: bool) -> list[str]:
    """Explain why legs of a run from `source` count for a pair, or for a surface."""
    why = Reason(code, detail)
    return [text for text, _ in why_ground(why, 1.0, source, exports)] if ground else [why_shoe(why, source, exports)]


def _record(legs: list[dict[str, Any]], unit: str, why: Callable[..., list[str]]) -> dict[str, Any]:
    """A run of these legs; `distance_m` is the part of it in the requested pair, `run_m` all of it."""
    run, metres = legs[0], sum(leg["distance_m"] for leg in legs if leg["is_asked"])
    return {
        "id": run["id"], "day": run["local_date"], "start": run["started_at"], "name": run["name"],
        "sport": run["sport"], "source": run["source"],
        "distance_m": round(metres, 3), f"distance_{unit}": round(metres / METRES[unit], 3),
        "run_m": round(sum(leg["distance_m"] for leg in legs), 3),
        "moving_s": run["moving_s"], "climb_m": run["elevation_m"],
        "pairs_m": _sums(legs, "shoe"), "grounds_m": _sums(legs, "ground"), "surfaces_m": _sums(legs, "surface"),
        **{f"why_{name}": list(dict.fromkeys(
            text for leg in legs
            for text in why(leg[f"{column}_reason"], leg[f"{column}_detail"], run["source"], name == "ground")
        )) for name, column in (("pair", "shoe"), ("ground", "surface"))},
    }  # fmt: skip


def _sums(legs: list[dict[str, Any]], by: str) -> dict[str, float]:
    """Metres by pair, ground or surface; the pair is empty where there is none."""
    found: dict[str, float] = {}
    for leg in legs:
        key = leg[by] or ""
        found[key] = round(found.get(key, 0.0) + leg["distance_m"], 3)
    return found
