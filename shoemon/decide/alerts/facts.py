"""What alerts about sources, runs and weeks are decided from."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shoemon.decide.likely_shoes import Likely


class SourceState(NamedTuple):
    """A source as it stands; times in UTC (ISO 8601). `first_attempt_at` is of the first pull that was ever tried;
    `last_new_at` is when it last brought a record that was not known; `has_grown`: that was not its first import."""

    name: str
    type: str
    error: str | None
    first_attempt_at: str | None
    last_success_at: str | None
    last_new_at: str | None
    has_grown: bool


class OpenRun(NamedTuple):
    """A run without a shoe; `likely` are the pairs that may have been worn, likeliest first."""

    id: str
    local_date: str
    name: str
    sport: str
    distance_m: float
    reason: str
    likely: Sequence[Likely] = ()


class LongRun(NamedTuple):
    """A run, and the longest of the 30 days before it with the number of runs of those days."""

    id: str
    local_date: str
    name: str
    distance_m: float
    longest_m: float
    longest_on: str
    runs_before: int


class Week(NamedTuple):
    """The week of a digest: days from (first) until (last), its runs and metres by ground and by shoe."""

    first: str
    last: str
    runs: int
    ground_m: Mapping[str, float]
    shoe_m: Mapping[str | None, float]
    unassigned_runs: int


class PlannedWeek(NamedTuple):
    """A week of the runner's own plan: days from (first) until (last), and metres run, allowed and usual before."""

    first: str
    last: str
    distance_m: float
    allowed_m: float
    usual_m: float
    share: float
