"""What is decided: legs, and how worn a pair is by them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from shoemon.model.ids import ActivityId, ShoeId, SurfaceId
from shoemon.model.reason import Reason

Status = Literal["fresh", "soon", "due", "over", "retired"]


ReserveFault = Literal["over_below", "over_life", "not_broken_in"]
"""How a pair kept for a race is not ready: past what its runner wants at most, past its life, or hardly worn."""
Steadiness = Literal["steady", "middle", "irregular"]
NoDay = Literal["no_run", "not_worn", "few_runs", "beyond", "reached", "retired"]
"""Why there is no day on which a pair is expected at its limit: codes of the table `reasons`."""


class Leg(NamedTuple):
    """The metres of one run on one shoe (None: unassigned) and one surface, with the reasons. `confidence` 0 to 1."""

    activity: ActivityId
    shoe: ShoeId | None
    surface: SurfaceId
    distance_m: float
    shoe_reason: Reason
    surface_reason: Reason
    confidence: float


class ShoeUse(NamedTuple):
    """The use of one pair, as plain sums of legs.

    `ground_m` maps ground to metres, `worn_legs_m` is metres times wear factor, `daily_m` maps the day (ISO date) to
    metres for the last 182 days. `first_on` and `last_on` are the days of its first and last run.
    """

    distance_m: float = 0.0
    worn_legs_m: float = 0.0
    ground_m: Mapping[str, float] = {}
    first_on: str | None = None
    daily_m: Mapping[str, float] = {}
    last_on: str | None = None


@dataclass(frozen=True)
class Wear:
    """How worn a pair is. Dates are ISO text; `due_on` is None where there is `no_day`.

    `distance_m` is its mileage, the sum of its legs; `worn_m` is that times the wear factors, plus the initial metres;
    `fraction` is worn metres over life.
    """

    shoe: ShoeId
    distance_m: float
    worn_m: float
    life_m: float
    fraction: float
    remaining_m: float
    status: Status
    due_early_on: str | None = None
    due_on: str | None = None
    due_late_on: str | None = None
    hard_share: float | None = None
    cost_per_km: float | None = None
    rate_m: float | None = None
    """Metres a day behind the dates; None with too few runs, or once retired."""
    steadiness: Steadiness | None = None
    """How steadily the runner runs, which decides how far apart the dates are; None without a forecast."""
    rotation_share: float = 0.0
    """Its share of all metres in shoes in the last 28 days."""
    resting_since: str | None = None
    """The day it was last worn (or bought, if it never was), if that is long before the runner's latest run."""
    no_day: NoDay | None = None
