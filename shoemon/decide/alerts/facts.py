"""The facts of alerts, and the alerts that are due, without words (see shoemon.words.alerts)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shoemon.decide.find_shoes import Draft
from shoemon.decide.ground_target import Days, GroundTarget
from shoemon.decide.likely_shoes import Likely
from shoemon.model.ids import ShoeId
from shoemon.model.plan import Shoe
from shoemon.model.reason import Reason
from shoemon.model.wear import ReserveFault, ShoeUse, Wear


class WornPair(NamedTuple):
    """A pair, its wear, and the sums that the wear is calculated from."""

    shoe: Shoe
    wear: Wear
    use: ShoeUse


class FirstImport(NamedTuple):
    """The pairs in use after a first import, most worn first, how many runs have no shoe, and how many pairs rest."""

    pairs: Sequence[WornPair]
    unassigned_runs: int
    resting: int = 0


class SourceState(NamedTuple):
    """The state of a source; times in UTC (ISO 8601). `first_attempt_at`: the first pull that was ever tried;
    `last_new_at`: its last new record; `has_grown`: that came after its first import."""

    name: str
    type: str
    error: str | None
    first_attempt_at: str | None
    last_success_at: str | None
    last_new_at: str | None
    has_grown: bool

    @property
    def read_at(self) -> str | None:
        """The last time it was read, or the first attempt if it never was."""
        return self.last_success_at or self.first_attempt_at


class GroundShare(NamedTuple):
    """The runner's target, the share of its ground that misses it, and the 28 days of that share."""

    target: GroundTarget
    share: float
    days: Days


class OpenRun(NamedTuple):
    """A run without a shoe; `likely` are the pairs that may have been worn, likeliest first."""

    id: str
    local_date: str
    name: str
    sport: str
    distance_m: float
    reason: Reason
    likely: Sequence[Likely] = ()


class OpenRuns(NamedTuple):
    """Runs without a shoe that the runner was not notified of yet, oldest first; `types` of their sources by name, and
    the pairs that their exports name and that are not in shoes.yaml."""

    runs: Sequence[OpenRun]
    types: Mapping[str, str] = {}
    new_gear: Sequence[Draft] = ()


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
    """The week of a digest: days from (first) until (last), its runs and metres by ground and by shoe, and the pairs in
    use, most worn first."""

    first: str
    last: str
    runs: int
    ground_m: Mapping[str, float]
    shoe_m: Mapping[str | None, float]
    unassigned_runs: int
    pairs: Sequence[WornPair]


class PlannedWeek(NamedTuple):
    """A week of the runner's own plan: days from (first) until (last), and metres run, allowed and usual before."""

    first: str
    last: str
    distance_m: float
    allowed_m: float
    usual_m: float
    share: float


class ReservedPair(NamedTuple):
    """A pair kept for a race that will not be as its runner wants it by then; `expected_m` are its worn metres on that
    day, at its rate."""

    shoe: Shoe
    wear: Wear
    until: str
    fault: ReserveFault
    expected_m: float


class Together(NamedTuple):
    """Alerts that became due at once and are sent as one message."""

    alerts: Sequence["DueAlert"]


_AboutPairs = WornPair | FirstImport | ReservedPair
Facts = _AboutPairs | SourceState | GroundShare | OpenRuns | LongRun | Week | PlannedWeek | Together


class DueAlert(NamedTuple):
    """An alert that is due, without its words. `covered_by` names the alert whose message covers this one too."""

    id: str
    kind: str
    shoe: ShoeId | None
    stage: str
    facts: Facts
    covered_by: str | None = None


class Announcement(NamedTuple):
    """Alerts to add (those with `covered_by` are not sent), and the ids of those that may come again."""

    alerts: tuple[DueAlert, ...]
    rearmed: tuple[str, ...]
