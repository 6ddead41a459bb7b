"""Impossible distances, whatever an export contains."""

import math

from shoemon.model.activity import Activity, Problem
from shoemon.model.sports import FASTEST_MPS, ON_FOOT, RUNS

LONGEST_ON_FOOT_M = 500_000.0
LONGEST_M = 10_000_000.0
"""Real exports contain rides of over 700 km."""
NO_DISTANCE = "it has no distance: it counts as 0 m until a correction gives the distance"
ALL_UNPAVED = "its distance on unpaved ground is longer than the run: all of it counts as unpaved"
_LONGEST_RAW = 2000
_MEASURED_AGAIN = 1.01


def check_distance(metres: float, sport: str, elapsed_s: float | None) -> float:
    """Return `metres`, if they are possible in one activity. Raises ValueError if not."""
    if not 0 <= metres < math.inf:
        raise ValueError(f"a distance of {metres:g} m is impossible")
    if metres > LONGEST_ON_FOOT_M and (metres > LONGEST_M or sport in ON_FOOT):
        raise ValueError(f"{metres / 1000:,.0f} km in one activity are impossible")
    if elapsed_s and metres > 1000 and metres > FASTEST_MPS * elapsed_s and sport in RUNS:
        raise ValueError(f"{metres:,.0f} m in {elapsed_s:,.0f} s is faster than anyone runs")
    return metres


def is_over(unpaved_m: float, metres: float) -> bool:
    """Whether a run of `metres` has more on unpaved ground, by more than two ways to measure differ: `ALL_UNPAVED`."""
    return 0 < _MEASURED_AGAIN * metres < unpaved_m - 1


def without_distance(activity: Activity, place: str) -> list[Problem]:
    """Return the problem with a run, walk or hike without a distance; none with any other."""
    if activity.distance_m or activity.sport not in ON_FOOT:
        return []
    return [Problem(place, NO_DISTANCE, activity.raw[:_LONGEST_RAW], is_note=True)]
