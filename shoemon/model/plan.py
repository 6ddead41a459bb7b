"""The runner's configuration: pairs, surfaces, rules, corrections and defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from shoemon.model.ids import ActivityId, ShoeId, SurfaceId

Ground = Literal["hard", "soft", "synthetic", "treadmill", "unknown"]
Comparisons = tuple[tuple[str, float], ...]
"""Such as `((">=", 8000.0),)`: all must be true of a value."""
WornOut = Literal["outsole", "cushioning", "upper", "fit", "other"]
"""Why a pair is retired."""
Kind = Literal["daily", "race", "light", "trail", "minimalist"]
LIFE_M: dict[Kind, float] = {
    "daily": 640_000.0, "race": 450_000.0, "light": 400_000.0, "trail": 640_000.0, "minimalist": 640_000.0,
}  # fmt: skip
"""Metres. Conventions of makers and shops, not limits of safety; 450 km for racing foam rests on one study of running
economy (Rodrigo-Carranza et al. 2024). No study found gives a distance at which a shoe becomes unsafe."""


class Window(NamedTuple):
    """Half-open span of the runner's own clock: `start <= local time < end`; None is open."""

    start: str | None = None
    end: str | None = None

    def holds(self, local: str) -> bool:
        """Check whether local time `local` (ISO text, with or without time of day) is in the window."""
        return (self.start is None or local >= self.start) and (self.end is None or local < self.end)

    def overlaps(self, other: "Window") -> bool:
        """Check whether any moment is in both windows."""
        starts_before_other_ends = self.start is None or other.end is None or self.start < other.end
        return starts_before_other_ends and (other.start is None or self.end is None or other.start < self.end)


EVER = Window()
NO_PAIR = "none"
"""Stands for a pair where the runner says that a run was in none of them."""


def pair_named(name: str) -> ShoeId | None:
    """The pair that a setting names; None for `none`."""
    return None if name == NO_PAIR else ShoeId(name)


@dataclass(frozen=True)
class Reserve:
    """A pair is kept for a race: until its day (ISO), and below so many worn metres; either may be None."""

    until: str | None = None
    below_m: float | None = None


@dataclass(frozen=True)
class Shoe:
    """One pair. `life_m` and `initial_m` in metres; `surface` is its default surface, if any."""

    id: ShoeId
    name: str
    life_m: float
    initial_m: float = 0.0
    brand: str | None = None
    model: str | None = None
    size: str | None = None
    link: str | None = None
    kind: str = "daily"
    gear: tuple[str, ...] = ()
    bought_on: str | None = None
    retired_on: str | None = None
    retired_because: WornOut | None = None
    price: float | None = None
    currency: str | None = None
    notes: str | None = None
    surface: SurfaceId | None = None
    worn: tuple[Window, ...] = ()
    reserve: Reserve | None = None

    def worn_at(self, local: str) -> bool:
        """Check that the pair was in use at local time: in one of its windows, and not after the day it retired."""
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
    """The conditions of a rule; every part given must hold. Patterns are regular expressions, found anywhere."""

    sport: tuple[str, ...] = ()
    name: str | None = None
    gear: str | None = None
    source: tuple[str, ...] = ()
    distance: Comparisons = ()
    """In metres."""
    climb: Comparisons = ()
    """In metres."""
    moving_time: Comparisons = ()
    """In seconds."""
    pace: Comparisons = ()
    """In seconds a metre."""
    ground: tuple[tuple[str, Comparisons], ...] = ()
    """By ground or surface: its share of the run, 0 to 1."""
    device: str | None = None
    weekday: tuple[int, ...] = ()
    """0 is Monday."""
    time: tuple[str, str] | None = None
    """Local time of day from (held) until (not held), `HH:MM`; may pass midnight."""
    dates: Window = EVER
    indoor: bool | None = None
    near: Near | None = None
    ends_near: Near | None = None


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
    """The runner's correction of one run. It always wins."""

    run: ActivityId
    shoe: Split | None = None
    surface: Split | None = None
    distance_m: float | None = None
    ignore: bool = False
    duplicate_of: ActivityId | None = None
    """The record it is another one of; `none`: it is the same run as no other."""

    @property
    def is_of_run(self) -> bool:
        """Whether it is about the run itself, and not only about which records are one."""
        return self != Correction(self.run, duplicate_of=self.duplicate_of)


class Place(NamedTuple):
    """A place that the runner named: within `radius_m` of a point in degrees the ground is `surface`; `unknown` leaves
    it to the map, and asks no more."""

    name: str
    lat: float
    lon: float
    radius_m: float
    surface: SurfaceId


@dataclass(frozen=True)
class DatedDefault:
    """The pair a run is given when nothing else names one, while its window lasts; None: it is in no pair."""

    shoe: ShoeId | None
    window: Window = EVER


@dataclass(frozen=True)
class Plan:
    """The part of the configuration that decides."""

    shoes: tuple[Shoe, ...]
    surfaces: Mapping[str, Surface]
    sports: frozenset[str]
    rules: tuple[Rule, ...] = ()
    corrections: Mapping[ActivityId, Correction] = field(default_factory=dict)
    defaults: tuple[DatedDefault, ...] = ()
    default_surface: SurfaceId | None = None
    places: tuple[Place, ...] = ()
    """The smallest first: where several overlap, it decides."""
