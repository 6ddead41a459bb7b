"""The data of alerts, kind by kind: webhooks and commands get them, and letters are made from them.

Distances are metres, days ISO dates, shares 0 to 1 and beyond. A key may be added within a version; when one changes
its meaning or goes, `VERSION` is raised. The JSON Schema in config/alert.schema.json is made from these classes.
"""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # of Python's own, pydantic reads those of 3.12 and newer only

from shoemon.model.wear import ReserveFault, Steadiness

VERSION = 2
"""The `version` of the payload."""

Unit = Literal["km", "mi"]
GroundMetres = dict[str, float]
"""Metres by ground: hard, soft, synthetic, treadmill, unknown."""


class Link(TypedDict):
    """A page about the alert; only if `web.url` is set."""

    text: str
    url: str
    shoe: NotRequired[str]
    """The id of the pair that can be changed there."""


class Figures(TypedDict):
    """The data that every alert has."""

    unit: Unit
    """The runner's unit of distance."""
    today: str
    """The runner's local date when it was made."""
    links: list[Link]


class PairFigures(TypedDict):
    """A pair and its life."""

    shoe: str
    name: str
    distance_m: float
    initial_m: float
    worn_m: float
    life_m: float
    fraction: float
    status: str
    ground_m: GroundMetres
    due_early_on: str | None
    due_on: str | None
    due_late_on: str | None
    steadiness: Steadiness | None
    """How steadily the runner runs; null without a forecast."""
    rate_m: float | None
    """Metres a day that the dates are calculated with; null without a forecast."""
    no_day: str | None
    """Why there is no `due_on`: a code of the table `reasons`; null where there is one."""


class ShoeFigures(Figures, PairFigures):
    """Kinds `soon`, `due` and `over`: one pair and its life."""

    remaining_m: float
    last_28_days_m: float
    line: list[tuple[str, float]]
    """Days and the worn metres at their ends, oldest first, a week apart; the last is today."""


class OneOfSeveral(ShoeFigures):
    """One of several alerts that go out together."""

    id: str
    kind: str
    stage: str
    title: str


class SeveralFigures(Figures):
    """Kind `several`: alerts about pairs that came at once."""

    alerts: list[OneOfSeveral]


class WeekPair(PairFigures):
    """A pair in the week that has ended."""

    period_m: float
    """Metres in the week."""


class DigestFigures(Figures):
    """Kind `digest`: the one message after a first import."""

    shoes: list[PairFigures]
    unassigned_runs: int
    resting: int
    """Pairs not worn for long, which are not listed."""


# `from` cannot be written as a name in a class.
_Days = TypedDict("_Days", {"from": str, "until": str})
"""Days from (first) until (last)."""


class WeeklyFigures(Figures, _Days):
    """Kind `weekly`: the week that has ended."""

    distance_m: float
    runs: int
    ground_m: GroundMetres
    hard_share: float | None
    """Of the metres on known ground; null when none is known."""
    shoes: list[WeekPair]
    unassigned_runs: int


class GroundShareFigures(Figures, _Days):
    """Kinds `hard_share` and `soft_share`: more hard, or less soft ground in 28 days than the runner's own target."""

    share: float
    target: float
    ground_m: GroundMetres
    meets_m: float
    """So many of the `next_m` metres would meet the target: at most these on hard, at least these on soft ground."""
    next_m: float


class StaleSource(TypedDict):
    """A source that fails, or has had no new runs for long."""

    source: str
    type: str
    reason: Literal["failing", "silent"]
    since: str
    """UTC."""
    error: str | None


class StaleFigures(Figures):
    """Kind `stale`: sources without new runs; several at once are one alert."""

    sources: list[StaleSource]


class LikelyShoe(TypedDict):
    """A pair that may have been worn, and its probability (0 to 1, all pairs together 1)."""

    shoe: str
    name: str
    share: float
    url: NotRequired[str]
    """The page that gives the run this pair; only if `web.url` is set."""


class UnassignedRun(TypedDict):
    """A run without a shoe."""

    run: str
    local_date: str
    name: str
    sport: str
    distance_m: float
    reason: str
    """Why it has no shoe: a code of the table `reasons`."""
    reason_detail: dict[str, Any]
    """The parameters of the reason."""
    why: str
    """The reason in words."""
    likely: list[LikelyShoe]
    url: NotRequired[str]
    """The page that gives it a pair; only if `web.url` is set."""


class NewGear(TypedDict):
    """Gear that exports name and that belongs to no pair: the pair it could become, and the command that adds it."""

    shoe: str
    name: str
    gear: list[str]
    runs: int
    command: str


class UnassignedFigures(Figures):
    """Kind `unassigned`: new runs without a shoe, each with the three likeliest; of more than 50 the rest by id."""

    runs: list[UnassignedRun]
    others: list[str]
    new_gear: list[NewGear]


class LongestFigures(Figures):
    """Kind `longest`: a run more than a tenth longer than the longest of the 30 days before it."""

    run: str
    local_date: str
    name: str
    distance_m: float
    longest_m: float
    longest_on: str


class ReturnPlanFigures(Figures, _Days):
    """Kind `return_plan`: more kilometres in a week than the runner's own plan."""

    distance_m: float
    allowed_m: float
    usual_m: float
    share: float


class ReserveFigures(Figures):
    """Kind `reserve`: a pair kept for a race that will not be fresh, or not broken in, on its day."""

    shoe: str
    name: str
    until: str
    """The day of the race."""
    fault: ReserveFault
    worn_m: float
    expected_m: float
    """Its worn metres on that day, if it is worn as lately."""
    rate_m: float | None
    """Metres a day; null without a forecast: then none are added."""
    below_m: float | None
    """The most that its runner wants by then; null if that is not set."""
    life_m: float


class TestFigures(Figures):
    """Kind `test`: the message of `shoemon alerts test`."""

    notifier: str


DATA: dict[str, type] = {
    "soon": ShoeFigures,
    "due": ShoeFigures,
    "over": ShoeFigures,
    "several": SeveralFigures,
    "digest": DigestFigures,
    "weekly": WeeklyFigures,
    "hard_share": GroundShareFigures,
    "soft_share": GroundShareFigures,
    "stale": StaleFigures,
    "unassigned": UnassignedFigures,
    "longest": LongestFigures,
    "return_plan": ReturnPlanFigures,
    "reserve": ReserveFigures,
    "test": TestFigures,
}
"""The shape of `Alert.data` by kind."""
