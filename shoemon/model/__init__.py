"""The words of shoemon as values: activities, shoes, legs, wear, alerts, and the contracts of sources and notifiers.

Units inside are metres, seconds and UTC. Times are ISO 8601 text: `2024-05-01T06:30:00Z` in UTC, `2024-05-01T08:30:00`
for the clock on the runner's wrist, and a bare `2024-05-01` where an export knows the day only. Texts of one kind sort
and compare as the times do, which is what makes windows and dates plain comparisons.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NewType, Protocol, runtime_checkable

if TYPE_CHECKING:
    from shoemon.sources.formats import Recording

ActivityId = NewType("ActivityId", str)
"""`source:native id`, the same at every pull."""
ShoeId = NewType("ShoeId", str)
SurfaceId = NewType("SurfaceId", str)
Metres = NewType("Metres", float)

Ground = Literal["hard", "soft", "synthetic", "treadmill", "unknown"]
Status = Literal["fresh", "soon", "due", "over", "retired"]
Steadiness = Literal["steady", "middle", "irregular"]


class Activity(NamedTuple):
    """One record of an export, as it was understood; `raw` keeps it as it came.

    A NamedTuple because a first import makes hundreds of thousands: it is as unchangeable as a frozen dataclass and
    five times cheaper to make. The order of the fields is the order of the columns in table `activities`.
    """

    id: ActivityId
    source: str
    native_id: str
    started_at: str
    """UTC, or a bare local date where the export gives no time of day."""
    local_date: str
    utc_offset_s: int | None
    """Seconds to add to `started_at` for the runner's clock; None with a bare date."""
    sport: str
    """One of `sports.SPORTS`, or `other`."""
    sport_raw: str
    name: str
    distance_m: float
    moving_s: float | None
    elapsed_s: float | None
    elevation_m: float | None
    gear_raw: str | None
    """How the export calls the shoe: its id where there is one, else its name."""
    gear_name: str | None
    """The export's label for the shoe, where it has one beside the id."""
    indoor: bool | None
    unpaved_m: float | None
    """Metres on soft ground by the export's own figure; None is unknown, which is not 0."""
    surface_raw: str | None
    """The surface by the export's own word."""
    start_lat: float | None
    start_lon: float | None
    track: str | None
    """Path of the track inside the source."""
    raw: str
    """The record as it came, as JSON."""
    zone_assumed: bool = False
    """The export gives the clock on the wrist without its zone: `started_at` was reckoned with the runner's own, and is
    off by hours for a run abroad."""


class Gear(NamedTuple):
    """A pair as an export lists it beside its runs; what it does not know is None."""

    gear_raw: str
    """As `Activity.gear_raw` has it."""
    name: str | None = None
    life_m: float | None = None
    """The distance at which the runner wants it replaced."""
    retired_on: str | None = None
    """Its last day as an ISO date."""


class Problem(NamedTuple):
    """A record that could not be read: where it stands and why. The rest of its file goes on."""

    place: str
    """`file:row`, or the member or page it stands in."""
    message: str
    raw: str = ""
    """The record as it came, cut to 2,000 characters."""


class Window(NamedTuple):
    """Half-open span of the runner's own clock: `start <= local time < end`; None is open."""

    start: str | None = None
    end: str | None = None

    def holds(self, local: str) -> bool:
        """Whether local time `local` (ISO text, with or without time of day) lies in the window."""
        return (self.start is None or local >= self.start) and (self.end is None or local < self.end)

    def overlaps(self, other: "Window") -> bool:
        """Whether any moment lies in both windows."""
        starts_before_other_ends = self.start is None or other.end is None or self.start < other.end
        return starts_before_other_ends and (other.start is None or self.end is None or other.start < self.end)


EVER = Window()


@dataclass(frozen=True)
class Shoe:
    """One pair. `life_m` and `initial_m` in metres; `surface` is its default surface, if any."""

    id: ShoeId
    name: str
    life_m: float
    initial_m: float = 0.0
    brand: str | None = None
    kind: str = "daily"
    gear: tuple[str, ...] = ()
    bought_on: str | None = None
    retired_on: str | None = None
    price: float | None = None
    currency: str | None = None
    notes: str | None = None
    surface: SurfaceId | None = None
    worn: tuple[Window, ...] = ()

    def worn_at(self, local: str) -> bool:
        """Whether the pair was in use at local time: inside one of its windows, and not after the day it retired."""
        if self.retired_on is not None and local[:10] > self.retired_on:
            return False
        return not self.worn or any(window.holds(local) for window in self.worn)


@dataclass(frozen=True)
class Surface:
    """A kind of surface, the ground it is under the foot, and its wear factor (1.0: no study supports another)."""

    id: SurfaceId
    ground: Ground
    wear_factor: float = 1.0


class Part(NamedTuple):
    """A part of a split: so many metres, or a share of the run (0 to 1), or (both None) the rest."""

    name: str
    metres: float | None = None
    share: float | None = None


Split = tuple[Part, ...]


@dataclass(frozen=True)
class Near:
    """Within `radius_m` of a point given in degrees."""

    lat: float
    lon: float
    radius_m: float


@dataclass(frozen=True)
class Condition:
    """What a rule asks of a run; every part given must hold. Patterns are regular expressions, found anywhere."""

    sport: tuple[str, ...] = ()
    name: str | None = None
    gear: str | None = None
    source: tuple[str, ...] = ()
    distance: tuple[tuple[str, float], ...] = ()
    """Comparisons in metres, such as `((">=", 8000.0),)`."""
    weekday: tuple[int, ...] = ()
    """0 is Monday."""
    time: tuple[str, str] | None = None
    """Local time of day from (held) until (not held), `HH:MM`; may pass midnight."""
    dates: Window = EVER
    indoor: bool | None = None
    near: Near | None = None


@dataclass(frozen=True)
class Rule:
    """What holds for the runs that meet `when`: a shoe, a surface, or that they do not count. `number` starts at 1."""

    number: int
    when: Condition
    shoe: Split | None = None
    surface: Split | None = None
    ignore: bool = False


@dataclass(frozen=True)
class Correction:
    """What the runner says of one run. It always wins."""

    run: ActivityId
    shoe: Split | None = None
    surface: Split | None = None
    distance_m: float | None = None
    ignore: bool = False
    duplicate_of: ActivityId | None = None
    """The record it is another one of; `none`: it is the same run as no other."""


@dataclass(frozen=True)
class DatedDefault:
    """The pair a run is given when nothing else names one, while its window lasts."""

    shoe: ShoeId
    window: Window = EVER


@dataclass(frozen=True)
class Plan:
    """Everything the deciding parts need to know of the configuration."""

    shoes: tuple[Shoe, ...]
    surfaces: Mapping[str, Surface]
    sports: frozenset[str]
    rules: tuple[Rule, ...] = ()
    corrections: Mapping[ActivityId, Correction] = field(default_factory=dict)
    defaults: tuple[DatedDefault, ...] = ()
    default_surface: SurfaceId | None = None


class Leg(NamedTuple):
    """The metres of one run on one shoe (None: unassigned) and one surface, with the reasons. `confidence` 0 to 1."""

    activity: ActivityId
    shoe: ShoeId | None
    surface: SurfaceId
    distance_m: float
    shoe_reason: str
    surface_reason: str
    confidence: float


class ShoeUse(NamedTuple):
    """What the database says of one pair, as plain sums of legs.

    `ground_m` maps ground to metres, `worn_legs_m` is metres times wear factor, `daily_m` maps the day (ISO date) to
    metres for the last 182 days.
    """

    distance_m: float = 0.0
    worn_legs_m: float = 0.0
    ground_m: Mapping[str, float] = {}
    first_on: str | None = None
    daily_m: Mapping[str, float] = {}


@dataclass(frozen=True)
class Wear:
    """How worn a pair is. Dates are ISO text, None where there is no forecast.

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
    """Metres a day by which the dates are reckoned; None without a forecast."""
    steadiness: Steadiness | None = None
    """How steadily the runner runs, which decides how far the dates lie apart; None without a forecast."""
    rotation_share: float = 0.0
    """Its part of the metres in shoes of the last 28 days."""


class Standing(NamedTuple):
    """An alert that was given and still stands, with what it was given at: worn metres and life of a pair, or the
    target share that was passed. `seen_life_m` is the life (metres) the pair had when the runner said it was seen."""

    id: str
    kind: str
    shoe: ShoeId | None
    stage: str
    worn_m: float = 0.0
    life_m: float = 0.0
    target: float | None = None
    seen_life_m: float | None = None


@dataclass(frozen=True)
class Alert:
    """Something to tell the runner. `covered_by` names the alert whose message speaks for this one too."""

    id: str
    kind: str
    shoe: ShoeId | None
    stage: str
    title: str
    body: str
    data: Mapping[str, Any]
    covered_by: str | None = None


class ShoemonError(Exception):
    """Something went wrong that the user can be told in one sentence."""


class MistakeError(ShoemonError):
    """The user asked for something that cannot be: wrong usage or configuration (exit code 2)."""


class SourceError(ShoemonError):
    """A source could not be read. `retryable`: whether trying again later can help."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class DeliveryError(ShoemonError):
    """A message was not taken. `retryable`: trying again can help; `retry_after_s`: not before so many seconds."""

    def __init__(self, message: str, *, retryable: bool = True, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s


Cursor = dict[str, Any]
"""What a source wants to remember until its next pull; plain JSON, no secrets."""


class Pull(Protocol):
    """What one pull brings. Everything slow (network, unpacking) is done before it is handed over."""

    unchanged: bool
    """True: nothing is different from the pull that left the cursor; there are no records to read."""
    whole: bool
    """True: a record that is not among these is missing upstream. False: these are additions."""

    def __iter__(self) -> Iterator[Activity | Problem]:
        """The records, read one after the other; raises SourceError if the rest cannot be read."""

    @property
    def cursor(self) -> Cursor | None:
        """What to hand to the next pull. Asked for only after the records were read to their end."""

    def close(self) -> None:
        """Lets go of files. Called once, whatever happened."""


class Source(Protocol):
    """An export a runner has. Made anew for every sync from its settings; holds no state of its own."""

    name: str

    def pull(self, cursor: Cursor | None) -> Pull:
        """Fetches or opens the export. `cursor` is what the last stored pull left, or None to read everything.

        Raises SourceError when the export cannot be had at all. Bad records are Problems, never errors.
        """


class Tracks(Protocol):
    """The tracks of a source, open for reading one after the other."""

    def recordings(self, track: str) -> "Sequence[Recording]":
        """What lies at `track`, as `Activity.track` names it. Raises TrackError if nothing of it can be read, and
        SourceError if it is not there now: it is asked for again later."""

    def close(self) -> None:
        """Lets go of files. Called once, whatever happened."""


@runtime_checkable
class TrackSource(Protocol):
    """A source that also holds the tracks of its runs."""

    def open_tracks(self) -> Tracks:
        """Opens the tracks. Raises SourceError when they cannot be had at all."""


@runtime_checkable
class GearSource(Protocol):
    """A source that lists the runner's pairs beside the runs, for `init`."""

    def gear(self) -> Sequence[Gear]:
        """The pairs of shoes, not the bikes. Raises SourceError when they cannot be had at all."""


class Notifier(Protocol):
    """A channel that carries an alert to the runner."""

    name: str

    def send(self, alert: Alert, created_at: str) -> None:
        """Sends one message; returning means that the other side has taken it.

        The same alert is always sent with the same message id. Raises DeliveryError, which says whether trying again
        can help.
        """
