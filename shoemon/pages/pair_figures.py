"""Add up what the runs of a pair come to, and how far pairs of a kind lasted with this runner."""

import statistics
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from shoemon.pages.rows import Rows

SUMS = """
    WITH own AS MATERIALIZED (SELECT activity, local_date, sum(distance_m) AS own_m
      FROM legs INDEXED BY legs_shoe WHERE shoe = ?1 GROUP BY local_date, activity),
    shared AS MATERIALIZED (SELECT own.*, nullif(a.moving_s, 0) AS moving_s, a.elevation_m,
        own_m / (SELECT nullif(sum(distance_m), 0) FROM legs l WHERE l.activity = own.activity) AS share
      FROM own JOIN activities a ON a.id = own.activity)
    SELECT count(*) AS runs, min(local_date) AS first_on, max(local_date) AS last_on, max(own_m) AS longest_m,
      (SELECT activity FROM own ORDER BY own_m DESC, local_date DESC LIMIT 1) AS longest,
      count(moving_s * share) AS timed, sum(moving_s * share) AS time_s,
      sum(iif(moving_s IS NULL, 0, own_m)) AS timed_m,
      count(elevation_m * share) AS climbed, sum(elevation_m * share) AS climb_m,
      sum(iif(elevation_m IS NULL, 0, own_m)) AS climbed_m,
      (SELECT cost_per_km FROM shoe_wear WHERE shoe = ?1) AS cost_per_km
    FROM shared"""
"""The sums of one pair, by the index of its legs. A run in several pairs counts its share of time and climb by its
metres. `timed` and `climbed` runs are those with a moving time or a climb, and have metres of their own: what is
unknown must be left out of both sides of a figure. Elapsed time is no moving time, as it has the stops."""
RETIRED = """
    SELECT s.*, w.worn_m FROM shoes s JOIN shoe_wear w ON w.shoe = s.id
    WHERE s.kind = ? AND w.status = 'retired' AND w.worn_m > 0"""
FEWEST = 4
"""Fewer pairs have no median life."""


def pair_figures(rows: Rows, shoe: str) -> dict[str, Any]:
    """The sums of a pair, and its figures. Times in seconds, distances and climbs in metres; None where unknown."""
    return figures(rows(SUMS, shoe)[0])


def figures(sums: Mapping[str, Any]) -> dict[str, Any]:
    """Add the figures to the `SUMS` of a pair. Cost per hour is that of a kilometre at the pace of the timed runs."""
    pace = sums["time_s"] / sums["timed_m"] * 1000 if sums["timed"] and sums["timed_m"] else None
    cost = sums["cost_per_km"] * 3600 / pace if sums["cost_per_km"] is not None and pace else None
    days = (date.fromisoformat(sums["last_on"]) - date.fromisoformat(sums["first_on"])).days + 1 if sums["runs"] else 0
    return {
        **sums, "days": days, "runs_a_week": 7 * sums["runs"] / max(days, 7), "pace_s_per_km": pace,
        "cost_per_hour": cost,
        "climb_m_per_km": sums["climb_m"] / sums["climbed_m"] * 1000 if sums["climbed_m"] else None,
    }  # fmt: skip


class OwnLife(NamedTuple):
    """How far pairs of a kind were worn that the runner retired as worn out; `median_m` is None for too few pairs."""

    pairs: int
    median_m: float | None = None
    least_m: float = 0.0
    most_m: float = 0.0


def own_life(rows: Rows, kind: str) -> OwnLife:
    """The runner's own life of a kind. A pair is retired as worn out where its reason is not its fit or another one."""
    retired = rows(RETIRED, kind)
    return life_of([row["worn_m"] for row in retired if row.get("retired_because") not in ("fit", "other")])


def life_of(worn_m: Sequence[float]) -> OwnLife:
    """The median of worn metres at retirement, once there are enough pairs."""
    if len(worn_m) < FEWEST:
        return OwnLife(len(worn_m))
    return OwnLife(len(worn_m), statistics.median(worn_m), min(worn_m), max(worn_m))
