"""Which distances cannot be, whatever an export says."""

import math

from shoemon.model.sports import RUNS

FASTEST_MPS = 12.5
"""Faster than anyone runs (the 100 m record reached 12.4 m/s at its fastest)."""
LONGEST_ON_FOOT_M = 500_000.0
LONGEST_M = 10_000_000.0
"""Rides of over 700 km do stand in real exports."""
NO_DISTANCE = "nobody says how far it went: it counts as 0 m until a correction gives the distance"
ON_FOOT = frozenset({*RUNS, "walk", "hike"})


def check_distance(metres: float, sport: str, elapsed_s: float | None) -> float:
    """`metres`, if somebody can have covered them in one activity. Raises ValueError in words if not."""
    if not 0 <= metres < math.inf:
        raise ValueError(f"a distance of {metres:g} m cannot be")
    if metres > LONGEST_ON_FOOT_M and (metres > LONGEST_M or sport in ON_FOOT):
        raise ValueError(f"{metres / 1000:,.0f} km in one activity cannot be")
    if elapsed_s and metres > 1000 and metres > FASTEST_MPS * elapsed_s and sport in RUNS:
        raise ValueError(f"{metres:,.0f} m in {elapsed_s:,.0f} s is faster than anyone runs")
    return metres
