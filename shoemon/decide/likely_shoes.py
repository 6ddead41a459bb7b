"""Suggest pairs for a run without a shoe: those worn lately for runs like it. Pure.

A help for choosing, never a decision: rules and defaults of the runner's own decide. The weights are plain judgement;
how often they name the right pair, `tests/benchmarks/likely.py` measures.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from shoemon.model.ids import ShoeId
from shoemon.model.plan import Shoe

PAST_DAYS = 182
"""Earlier runs do not show what is worn now."""
_HALF_LIFE_DAYS = 7.0
_OTHER_SPORT, _OTHER_PLACE, _SAME_WEEKDAY, _SHARED_WORD = 0.1, 0.1, 1.5, 5.0
_OTHER_GROUND, _UNKNOWN_GROUND = 0.01, 0.3
KNOWN_GROUND = ("hard", "soft", "synthetic")
"""The grounds by which runs outdoors are compared."""
_GENERIC = {"morning", "afternoon", "evening", "night", "lunch", "run", "running", "the", "and"}
"""Words that apps put into every title."""


class Outing(NamedTuple):
    """A run as it is compared: day (ISO), sport, title, metres, whether indoors, the pairs that the gear which an
    export names can mean (None where no export names any), and its ground (see `ground_of`). A blank sport and no
    metres are not compared."""

    local_date: str
    sport: str
    name: str
    distance_m: float
    indoor: bool
    owners: Collection[ShoeId] | None = None
    ground: Mapping[str, float] = {}


class Worn(NamedTuple):
    """An outing whose pair is known."""

    shoe: ShoeId
    outing: Outing


class Likely(NamedTuple):
    """A pair that may have been worn; `share` is 0 to 1, and all pairs together are 1."""

    shoe: ShoeId
    name: str
    share: float


def likely_shoes(run: Outing, past: Sequence[Worn], shoes: Sequence[Shoe], most: int = 3) -> list[Likely]:
    """The likeliest of the `shoes` in use on the day of `run`, at most `most`; those never worn come last. None that
    the gear of the run contradicts: a new pair would get its kilometres booked on an old one."""
    in_use = (shoe for shoe in shoes if shoe.worn_at(run.local_date))
    candidates = {shoe.id: shoe for shoe in in_use if run.owners is None or shoe.id in run.owners}
    points = dict.fromkeys(candidates, 0.0)
    for worn in past:
        if worn.shoe in points:
            points[worn.shoe] += _alike(run, worn.outing)
    total = sum(points.values())
    ranked = sorted(points, key=lambda id: (-points[id], id))[:most]
    return [Likely(id, candidates[id].name, round(points[id] / total, 3) if total > 0 else 0.0) for id in ranked]


def ground_of(ground_m: Mapping[str, float], distance_m: float) -> dict[str, float]:
    """The shares (together 1) of hard, soft and synthetic ground; none where that of less than half is known."""
    known = {ground: metres for ground in KNOWN_GROUND if (metres := ground_m.get(ground, 0.0)) > 0}
    total = sum(known.values())
    return {ground: metres / total for ground, metres in known.items()} if total >= distance_m / 2 else {}


def shared_ground(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The share of the ground that two runs have in common, 0 to 1."""
    return sum(min(share, other.get(ground, 0.0)) for ground, share in one.items())


def _alike(run: Outing, other: Outing) -> float:
    """The weight of an outing for `run`: more the nearer it is in time and the more similar it is."""
    age = abs(_number(run.local_date) - _number(other.local_date))
    if age > PAST_DAYS:
        return 0.0
    weight = math.exp2(-age / _HALF_LIFE_DAYS)
    weight *= 1.0 if run.sport in ("", other.sport) else _OTHER_SPORT
    weight *= 1.0 if run.indoor == other.indoor else _OTHER_PLACE
    if run.distance_m > 0 and other.distance_m > 0:
        weight *= min(run.distance_m / other.distance_m, other.distance_m / run.distance_m)
    if run.ground:
        weight *= max(_OTHER_GROUND, shared_ground(run.ground, other.ground) ** 3) if other.ground else _UNKNOWN_GROUND
    if age % 7 == 0:
        weight *= _SAME_WEEKDAY
    return weight * _SHARED_WORD if _words(run.name) & _words(other.name) else weight


@lru_cache(maxsize=1024)
def _number(day: str) -> int:
    """The number of a day, which a list of runs needs again and again."""
    return date.fromisoformat(day).toordinal()


@lru_cache(maxsize=8192)
def _words(title: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w{3,}", title[:200].lower())) - _GENERIC
