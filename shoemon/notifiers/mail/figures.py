"""The figures behind an alert, read and checked for its mail. Pure.

`Alert.data` may be of an earlier version, or of somebody else's package: whatever is missing, of another type or of a
size that no pair of shoes has makes the figures unfit, and the mail goes out without a picture.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from shoemon.model.clock import MONTHS
from shoemon.model.surfaces import GROUNDS
from shoemon.model.units import METRES, write_distance

MOST_M = 1e8
"""Metres that no pair has run: 100,000 km."""
WINDOW_DAYS = 182
"""How far back a line goes, and how far ahead an open forecast."""


class UnfitError(Exception):
    """The data do not hold the figures that were asked for."""


@dataclass(frozen=True)
class Life:
    """How much of its life a pair has used. Metres; `grounds` are those it ran on, hard first, without empty ones."""

    unit: str
    worn_m: float
    initial_m: float
    life_m: float
    grounds: tuple[tuple[str, float], ...]

    @property
    def fraction(self) -> float:
        """Worn metres over life: 1 is at its limit."""
        return self.worn_m / self.life_m

    @property
    def stretches(self) -> tuple[tuple[str, float], ...]:
        """Its bar from left to right: names (`initial`, then grounds) and worn metres, which add up to `worn_m`.

        Where a surface counts more or less than its metres, those of the grounds are stretched alike.
        """
        ran = sum(metres for _, metres in self.grounds)
        before = min(self.initial_m, self.worn_m)
        factor = (self.worn_m - before) / ran if ran else 0.0
        parts = [("initial", before), *((ground, metres * factor) for ground, metres in self.grounds)]
        return tuple((name, metres) for name, metres in parts if metres > 0)

    @property
    def shown(self) -> tuple[tuple[str, float], ...]:
        """Names and metres as they were run, for a legend."""
        return (*((("initial", self.initial_m),) if self.initial_m else ()), *self.grounds)


@dataclass(frozen=True)
class Course:
    """How a pair came to where it is, and when it may be at its limit; `late` None with an `early` is open-ended."""

    today: date
    line: tuple[tuple[date, float], ...]
    """Days and worn metres, oldest first, the last today."""
    early: date | None
    middle: date | None
    late: date | None
    months: bool = False
    """The runner runs too irregularly for days: months are said instead."""


@dataclass(frozen=True)
class LetterPair:
    """A pair among others. `week_m`: metres in the week that the list is about."""

    shoe: str
    name: str
    life: Life
    week_m: float | None


def read_life(data: Mapping[str, Any], unit: object = None) -> Life:
    """The life in the data of one pair. Raises UnfitError."""
    life_m = metres(data.get("life_m"))
    if life_m < 1:
        raise UnfitError("a life of nothing")
    worn_m, initial_m = metres(data.get("worn_m")), metres(data.get("initial_m", 0.0))
    grounds = read_grounds(data.get("ground_m"))
    if not grounds and worn_m > initial_m:
        grounds = (("unknown", worn_m - initial_m),)
    return Life(read_unit(data.get("unit", unit)), worn_m, initial_m, life_m, grounds)


def read_course(data: Mapping[str, Any], life: Life) -> Course | None:
    """The line and the forecast of one pair; None if there is neither. Raises UnfitError."""
    if data.get("today") is None:
        return None
    today = day(data["today"])
    points = data.get("line") or ()
    if not isinstance(points, Sequence) or len(points) > 10_000:
        raise UnfitError("no line")
    line = {}
    for point in points:
        if not isinstance(point, Sequence) or isinstance(point, str) or len(point) != 2:
            raise UnfitError("no point")
        line[day(point[0])] = metres(point[1])
    oldest = today - timedelta(days=WINDOW_DAYS)
    line = {when: worn_m for when, worn_m in line.items() if oldest <= when < today} | {today: life.worn_m}
    early, middle, late = _forecast(data, life, today)
    if len(line) < 2 and early is None:
        return None
    irregular = data.get("steadiness") == "irregular"
    return Course(today, tuple(sorted(line.items())), early, None if irregular else middle, late, irregular)


def read_pairs(data: Mapping[str, Any]) -> list[LetterPair]:
    """The pairs of a list of pairs, most worn first. Raises UnfitError."""
    listed = data.get("shoes")
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise UnfitError("no pairs")
    pairs = []
    for each in listed:
        if not isinstance(each, Mapping):
            raise UnfitError("no pair")
        week_m = metres(each["period_m"]) if each.get("period_m") is not None else None
        life = read_life(each, data.get("unit"))
        pairs.append(LetterPair(str(each.get("shoe", "")), str(each.get("name", "")), life, week_m))
    return sorted(pairs, key=lambda pair: -pair.life.fraction)


def read_grounds(value: object) -> tuple[tuple[str, float], ...]:
    """Metres by ground, in the order in which they are always shown, without empty ones. Raises UnfitError."""
    if not isinstance(value, Mapping):
        raise UnfitError("no metres by ground")
    by_ground = [(ground, metres(value.get(ground, 0.0))) for ground in GROUNDS]
    return tuple((ground, found) for ground, found in by_ground if found > 0)


def read_unit(value: object) -> str:
    """`km` or `mi`. Raises UnfitError."""
    if value not in ("km", "mi"):
        raise UnfitError("no unit")
    return str(value)


def metres(value: object) -> float:
    """`value` if it is a length that a pair may have. Raises UnfitError."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MOST_M:
        raise UnfitError("no length")
    return float(value)


def ratio(value: object) -> float:
    """`value` if it is a share from 0 to 1. Raises UnfitError."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise UnfitError("no share")
    return float(value)


def day(value: object) -> date:
    """The day of an ISO date between 1970 and 2200. Raises UnfitError."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 2200:
        raise UnfitError("no day")
    return found


def write_day(when: date, *, short: bool = False, month: bool = False) -> str:
    """`3 May 2026`; `short`: `3 May`; `month`: without the day, such as `May 2026`."""
    name = MONTHS[when.month - 1]
    day_of = "" if month else f"{when.day} "
    return f"{day_of}{name[:3]}" if short else f"{day_of}{name} {when.year}"


def month_name(when: date) -> str:
    """`May`, `Sep`: three letters."""
    return MONTHS[when.month - 1][:3]


def whole(length_m: float, unit: str) -> str:
    """A distance without its unit, to the whole kilometre or mile."""
    return f"{length_m / METRES[unit]:,.0f}"


def used(life: Life) -> str:
    """`563 of 640 km`."""
    return f"{whole(life.worn_m, life.unit)} of {write_distance(life.life_m, life.unit, 0)}"


def left(life: Life) -> str:
    """`77 km left`, or `62 km past its life`."""
    remaining_m = life.life_m - life.worn_m
    return f"{write_distance(abs(remaining_m), life.unit, 0)} {'left' if remaining_m >= 0 else 'past its life'}"


def ruler(end: float, marks: int) -> list[float]:
    """Round numbers from 0 to `end`, at most `marks` steps: 1, 2, 2.5 or 5 of a power of ten apart."""
    rough = end / marks
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    return [step * number for number in range(int(end / step + 1e-9) + 1)]


def _forecast(data: Mapping[str, Any], life: Life, today: date) -> tuple[date | None, date | None, date | None]:
    """Early, middle and late day; all None if the pair is at its limit or the days do not follow one another."""
    known = [day(data[key]) if data.get(key) is not None else None for key in ("due_early_on", "due_on", "due_late_on")]
    early, middle, late = known
    given = [when for when in known if when is not None]
    last = today + timedelta(days=2 * WINDOW_DAYS)
    if early is None or life.fraction >= 1 or given != sorted(given) or early < today or given[-1] > last:
        return None, None, None
    return early, middle, late
