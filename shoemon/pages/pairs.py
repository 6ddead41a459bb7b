"""Lay out a pair as cards and pages show it."""

from collections.abc import Mapping, Sequence
from typing import Any

from shoemon.pages.months import by_ground

PAIR_FORM = "pairs"
"""The subject of the tokens of the forms of pairs."""
_MUTED = "SELECT max(until) FROM snoozes WHERE until > strftime('%Y-%m-%dT%H:%M:%SZ', 'now') AND subject = "
MUTED = f"SELECT ({_MUTED} ?) AS muted_until"
"""Until when alerts about a pair are muted; NULL if they are not."""
WEAR = f"""
    SELECT s.*, coalesce(w.distance_m, 0) AS distance_m, coalesce(w.worn_m, s.initial_m) AS worn_m,
      coalesce(w.status, iif(s.retired_on IS NULL, 'fresh', 'retired')) AS status,
      ({_MUTED} s.id) AS muted_until
    FROM shoes s LEFT JOIN shoe_wear w ON w.shoe = s.id WHERE s.id = ?"""
"""A pair with what its forms show of its wear."""


def shown(shoe: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A pair with its bar: parts of a line 1000 long, which is its life or, once that is used up, its wear.

    `rows` are its metres (`distance_m`) and wear (`worn_m`) by `ground`, each with the day of its last run (`last_on`).
    """
    worn, life = float(shoe["worn_m"]), float(shoe["life_m"])
    scale = 1000 / max(worn, life, 1.0)
    metres = {"initial": shoe["initial_m"], **by_ground(rows)}
    wear = {"initial": shoe["initial_m"], **by_ground(rows, "worn_m")}
    parts, x = [], 0.0
    for ground in (ground for ground in metres if metres[ground] > 0):
        width = wear.get(ground, 0.0) * scale
        parts.append({"ground": ground, "metres": metres[ground], "x": round(x, 1), "width": round(width, 1)})
        x += width
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
