"""The runner's own target of hard or soft ground over 28 days, and what would meet it. Pure."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

TARGET_DAYS = 28
TARGET_KNOWN = 0.5
"""With less known ground than this share, no share of hard or soft ground is stated."""
_LEAST_M = 10_000.0
_WEEKS = TARGET_DAYS // 7
Days = Sequence[Mapping[str, float]]
"""The metres by ground of each of 28 days, oldest first."""


class GroundTarget(NamedTuple):
    """At most (hard) or at least (soft) this share of the known ground, 0 to 1."""

    ground: Literal["hard", "soft"]
    share: float

    @property
    def kind(self) -> str:
        """The kind of its alert, and the name of its setting."""
        return f"{self.ground}_share"

    def margin(self, share: float) -> float:
        """How far a share keeps it; below zero the share misses it."""
        return self.share - share if self.ground == "hard" else share - self.share

    def is_missed_by(self, share: float) -> bool:
        """Check that a share misses it as both are shown, in whole percent."""
        return self._replace(share=round(self.share, 2)).margin(round(share, 2)) < 0


class Remedy(NamedTuple):
    """So many of the `next_m` metres meet a target: at most these on hard ground, at least these on soft ground."""

    metres: float
    next_m: float


class GroundNow(NamedTuple):
    """A target, the share of its ground in the last 28 days (None: too little is known), and what would meet it."""

    target: GroundTarget
    share: float | None
    remedy: Remedy | None


def together(days: Days) -> dict[str, float]:
    """Add up the metres of days by ground."""
    return {
        ground: sum(day.get(ground, 0.0) for day in days) for ground in sorted({each for day in days for each in day})
    }


def share_of(ground: str, days: Days) -> float | None:
    """The share of `ground` in the metres whose ground is known; None while too little is known."""
    own, known, metres = _sums(ground, days)
    return own / known if known > 0 and known >= TARGET_KNOWN * metres else None


def ground_now(target: GroundTarget, days: Days, step_m: float) -> GroundNow:
    """Compare the last 28 days with a target; `step_m`: the metres of the runner's unit."""
    share = share_of(target.ground, days)
    is_missed = share is not None and target.is_missed_by(share)
    return GroundNow(target, share, what_meets(target, days, step_m) if is_missed else None)


def what_meets(target: GroundTarget, days: Days, step_m: float) -> Remedy:
    """Find the metres that meet a target in as few weeks as possible, and of at least 10 km, in whole steps.

    Assumes that the runner goes on as far a week as in the 28 days, on known ground. The days that are then older than
    28 days no longer count, so four weeks can meet every target.
    """
    week = sum(together(days).values()) / _WEEKS
    for weeks in range(1, _WEEKS + 1):
        next_m = step_m * max(math.ceil(_LEAST_M / step_m), round(weeks * week / step_m))
        own, known, _ = _sums(target.ground, days[7 * weeks :])
        wanted = target.share * (known + next_m) - own
        can_meet = wanted >= 0 if target.ground == "hard" else wanted <= next_m
        if can_meet and weeks * week >= _LEAST_M:
            break
    steps = math.floor(wanted / step_m + 1e-9) if target.ground == "hard" else math.ceil(wanted / step_m - 1e-9)
    return Remedy(min(max(steps * step_m, 0.0), next_m), next_m)


def _sums(ground: str, days: Days) -> tuple[float, float, float]:
    """The metres on `ground`, those on known ground, and all."""
    sums = together(days)
    metres = sum(sums.values())
    return sums.get(ground, 0.0), metres - sums.get("unknown", 0.0), metres
