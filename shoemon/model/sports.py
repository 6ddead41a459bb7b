"""The sports shoemon knows, and how exports spell them."""

import re
from itertools import combinations

RUNS = ("run", "trail-run", "track-run", "treadmill-run", "virtual-run")
"""Counted by default."""
INDOOR_SPORTS = ("treadmill-run", "virtual-run")
ON_FOOT = frozenset({*RUNS, "walk", "hike"})
SPORTS = (*RUNS, "walk", "hike", "ride", "swim", "row", "ski", "strength", "other")

UNKNOWN_SPORT = "unknown"
"""The sport of a record whose export has no word for it, or an unknown one: it may be a run."""
NO_WORDS = frozenset({"", "other", "unknown", "generic", "uncategorized"})
"""Words of exports for no sport; TCX requires one, and its word for that is Other."""
FASTEST_MPS = 12.5
"""Faster than anyone runs (the 100 m record reached 12.4 m/s at its fastest)."""

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "run": ("run", "running", "race", "running race", "jog", "jogging"),
    "trail-run": ("trail run", "trail running", "trailrun", "trail", "mountain run", "mountain running"),
    "track-run": ("track run", "track running"),
    "treadmill-run": ("treadmill", "indoor run", "indoor running", "running treadmill"),
    "virtual-run": ("virtual run", "virtual running", "virtualrun"),
    "walk": ("walk", "walking", "nordic walking", "indoor walking", "dog walk", "outdoor walk"),
    "hike": (
        "hike", "hiking", "backpacking", "trekking", "snowshoe", "snowshoes", "snowshoeing", "snow shoeing",
        "snowshoe trekking", "rucking",
    ),
    "ride": ("ride", "cycling", "biking", "bike", "spinning"),
    "swim": ("swim", "swimming"),
    "row": ("row", "rowing", "rowing machine", "kayaking", "canoeing", "stand up paddling", "paddle sports"),
    "ski": ("ski", "skiing", "snowboard", "snowboarding", "snow sports"),
    "strength": (
        "strength", "strength training", "weight training", "workout", "crossfit", "yoga",
        "functional strength training", "traditional strength training", "core training",
    ),
}  # fmt: skip
_BY_SPELLING = {spelling: sport for sport, spellings in _SPELLINGS.items() for spelling in spellings}
_RUNNING = frozenset(("run", "running", "jog", "jogging"))
_BY_LAST = {word: sport for word, sport in _BY_SPELLING.items() if sport in ("ride", "swim", "row", "ski")}
_MOST_WORDS = 5
_NO_RUNS = frozenset((
    "aqua", "archery", "badminton", "barre", "baseball", "basketball", "bike", "biking", "bmx", "boating", "bootcamp",
    "bouldering", "boxing", "breathwork", "canoe", "cardio", "circuit", "climb", "climber", "climbing", "cricket",
    "cycling", "dance", "dancing", "diving", "driving", "elliptical", "fencing", "fishing", "flying", "football",
    "gliding", "golf", "gym", "gymnastics", "handcycle", "handcycling", "hiit", "hockey", "horseback", "hunting",
    "inline", "kayak", "kayaking", "kitesurf", "kitesurfing", "lacrosse", "martial", "meditation", "motorcycling",
    "mountaineering", "multisport", "paddle", "paddleboarding", "paddling", "padel", "pickleball", "pilates", "polo",
    "racket", "racquetball", "rafting", "ride", "riding", "ropes", "rowing", "rugby", "sail", "sailing", "scuba",
    "skate", "skateboard", "skateboarding", "skating", "ski", "skiing", "skydiving", "snorkeling", "snowboard",
    "snowmobiling", "snowshoeing", "soccer", "softball", "spinning", "squash", "stair", "stairs", "stepper",
    "stretching", "surfing", "swim", "swimming", "tennis", "transition", "triathlon", "velomobile", "volleyball",
    "wakeboarding", "wakesurfing", "water", "weights", "wheelchair", "windsurf", "windsurfing", "yoga",
))  # fmt: skip
"""Words in names of other sports, in the language in which most exports are written."""


def sport_of(raw: str) -> str:
    """Return the sport that an export calls `raw`: case, `_`, `-` and `TrailRun` style do not matter; else `other` if a
    word of it is of another sport, a kind of run if the last is of running, and else `UNKNOWN_SPORT`."""
    known = _BY_SPELLING.get(raw)
    if known is None:
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", raw.removeprefix("HKWorkoutActivityType"))
        words = re.findall(r"[^\W_]+", spaced.casefold())
        known = _BY_SPELLING.get(" ".join(words)) or _BY_LAST.get("".join(words[-1:]))
        known = known or (_some_run(words) if _NO_RUNS.isdisjoint(words) else "other")
    return known


def _some_run(words: list[str]) -> str:
    """Return the kind of run that words such as `Interval Run` name; `UNKNOWN_SPORT` if they name none."""
    if _RUNNING.isdisjoint(words[-1:]) or len(words) > _MOST_WORDS:
        return UNKNOWN_SPORT
    named = {" ".join(words[start:end]) for start, end in combinations(range(len(words) + 1), 2)}
    kinds = {_BY_SPELLING[name] for name in named & _BY_SPELLING.keys()}
    return max(kinds, key=RUNS.index) if kinds <= {*RUNS} else UNKNOWN_SPORT
