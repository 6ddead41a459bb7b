"""The sports shoemon knows, and how exports spell them."""

import re

RUNS = ("run", "trail-run", "track-run", "treadmill-run", "virtual-run")
"""Counted by default."""
INDOOR_SPORTS = ("treadmill-run", "virtual-run")
ON_FOOT = frozenset({*RUNS, "walk", "hike"})
SPORTS = (*RUNS, "walk", "hike", "ride", "swim", "row", "ski", "strength", "other")

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "run": (
        "run", "running", "street running", "street run", "road run", "road running", "ultra running", "ultra run",
        "obstacle running", "obstacle run", "race", "jog", "jogging", "fun run", "long run", "outdoor run",
        "outdoor running",
    ),
    "trail-run": ("trail run", "trail running", "trailrun", "trail", "mountain run", "mountain running"),
    "track-run": ("track run", "track running"),
    "treadmill-run": (
        "treadmill run", "treadmill running", "treadmill", "indoor run", "indoor running", "running treadmill",
    ),
    "virtual-run": ("virtual run", "virtual running", "virtualrun"),
    "walk": ("walk", "walking", "nordic walking", "indoor walking", "dog walk", "outdoor walk"),
    "hike": ("hike", "hiking", "backpacking", "snowshoe", "snowshoes", "rucking"),
    "ride": (
        "ride", "cycling", "biking", "bike", "virtual ride", "e bike ride", "mountain bike ride", "gravel ride",
        "outdoor bike", "mountain biking",
    ),
    "swim": ("swim", "swimming", "pool swim", "open water swim", "lap swimming", "open water swimming"),
    "row": ("row", "rowing", "indoor rowing", "kayaking", "canoeing", "stand up paddling", "paddle sports"),
    "ski": (
        "ski", "skiing", "alpine ski", "nordic ski", "backcountry ski", "cross country skiing", "snowboard",
        "downhill skiing", "snowboarding", "snow sports",
    ),
    "strength": (
        "strength", "strength training", "weight training", "workout", "crossfit", "yoga",
        "functional strength training", "traditional strength training", "core training",
    ),
}  # fmt: skip
_BY_SPELLING = {spelling: sport for sport, spellings in _SPELLINGS.items() for spelling in spellings}


def sport_of(raw: str) -> str:
    """Return the sport that an export calls `raw`: case, `_`, `-` and `TrailRun` style do not matter; else `other`."""
    known = _BY_SPELLING.get(raw)
    if known is None:
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", raw.removeprefix("HKWorkoutActivityType"))
        known = _BY_SPELLING.get(re.sub(r"[\s_\-/]+", " ", spaced).strip().lower(), "other")
    return known
