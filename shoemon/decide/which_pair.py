"""Rank the pairs in use for a run to come, each with its reasons. Pure.

A suggestion by what the runner usually wears, never an order: habit is no proof that a pair suits a run. Days of rest
are a fact for the reader, and change no rank: no study shows that a shoe needs more than a day of it.
"""

import statistics
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from shoemon.decide.likely_shoes import PAST_DAYS, Outing, Worn, ground_of, likely_shoes, shared_ground
from shoemon.model.ids import ShoeId
from shoemon.model.plan import Shoe
from shoemon.model.reason import Reason, reason

HABIT_DAYS = 56
"""A habit is what was run in the last eight weeks, on a weekday in half of them."""
_FEWEST_WEEKS = 4
SUCH_RUNS = 10
"""So many of the latest runs like the one to come are counted."""
_ALIKE_DISTANCE, _ALIKE_GROUND = 1.5, 0.5
_SOME_GROUND = 0.2
"""Ground that is less of the run is no reason."""
_PAST_ITS_LIFE = 0.5
"""A pair past its life counts half, so that it comes first only where hardly another is worn for such runs."""

By = Literal["habit", "asked", "route"]


class WantedRun(NamedTuple):
    """What is known of the run to come: metres, and its ground as metres or shares (empty: not said). Without both,
    habit says what it will be."""

    distance_m: float | None = None
    ground_m: Mapping[str, float] = {}
    by: By = "asked"


class NextRun(NamedTuple):
    """The run to come. `outing` has no metres where nothing is known of them; `weekday` (0 is Monday) and `runs`: on
    which weekday the runner does such runs, if that is how it is known, and how many these were."""

    outing: Outing
    by: By
    ground_m: Mapping[str, float] = {}
    weekday: int | None = None
    runs: int = 0


class PairNow(NamedTuple):
    """A pair as it is before the run: metres in runs, worn metres (with those before its first run), what is left of
    its life, its metres by ground, and the day of its last run."""

    shoe: Shoe
    distance_m: float = 0.0
    worn_m: float = 0.0
    remaining_m: float = 0.0
    ground_m: Mapping[str, float] = {}
    last_on: str | None = None


class Suggested(NamedTuple):
    """A pair of the ranking; `after_m` is what is left of its life after the run, None where its metres are unknown."""

    shoe: ShoeId
    name: str
    reasons: tuple[Reason, ...]
    remaining_m: float
    after_m: float | None
    rest_days: int | None


def next_run(wanted: WantedRun, runs: Sequence[Outing], today: date) -> NextRun:
    """Find what the run to come will be, from what is wanted of it and from the runs so far: today where there was none
    yet, else tomorrow or, by habit, the next day on which the runner usually runs."""
    first = today + timedelta(days=any(run.local_date == today.isoformat() for run in runs))
    since = (today - timedelta(days=HABIT_DAYS - 1)).isoformat()
    lately = [run for run in runs if since <= run.local_date <= today.isoformat()]
    if wanted.distance_m is None and not wanted.ground_m:
        return _by_habit(lately, [first + timedelta(days=later) for later in range(7)])
    distance_m = _usual_distance(lately) if wanted.distance_m is None else wanted.distance_m
    wanted_m = sum(wanted.ground_m.values())
    ground_m = {ground: metres / wanted_m * distance_m for ground, metres in wanted.ground_m.items() if wanted_m > 0}
    sport = "" if ground_m else _usual_sport(lately)
    ground = ground_of(wanted.ground_m, wanted_m)
    return NextRun(Outing(first.isoformat(), sport, "", distance_m, False, ground=ground), wanted.by, ground_m)


def _by_habit(lately: Sequence[Outing], days: Sequence[date]) -> NextRun:
    """The run of the first of `days` on whose weekday the runner usually runs; without such a day, a run as lately."""
    usual = (day for day in days if len({run.local_date for run in _of_weekday(lately, day)}) >= _FEWEST_WEEKS)
    day = next(usual, None)
    runs = _of_weekday(lately, day) if day else lately
    ground, distance_m = _usual_ground(runs), _usual_distance(runs)
    indoor = bool(runs) and statistics.mode(run.indoor for run in runs)
    outing = Outing((day or days[0]).isoformat(), _usual_sport(runs), "", distance_m, indoor, ground=ground)
    ground_m = {name: share * distance_m for name, share in ground.items()}
    return NextRun(outing, "habit", ground_m, day.weekday() if day else None, len(runs))


def _usual_distance(runs: Sequence[Outing]) -> float:
    return statistics.median(run.distance_m for run in runs) if runs else 0.0


def _usual_sport(runs: Sequence[Outing]) -> str:
    return statistics.mode(run.sport for run in runs) if runs else ""


def _of_weekday(runs: Sequence[Outing], day: date) -> list[Outing]:
    return [run for run in runs if date.fromisoformat(run.local_date).weekday() == day.weekday()]


def _usual_ground(runs: Sequence[Outing]) -> dict[str, float]:
    metres: dict[str, float] = {}
    for run in runs:
        for ground, share in run.ground.items():
            metres[ground] = metres.get(ground, 0.0) + share * run.distance_m
    return ground_of(metres, sum(run.distance_m for run in runs))


def ranked(run: NextRun, past: Sequence[Worn], pairs: Sequence[PairNow], today: date) -> list[Suggested]:
    """Rank `pairs` (those neither retired nor resting) for `run`: the likeliest first, those kept for a race last."""
    outing = run.outing
    shares = {each.shoe: each.share for each in likely_shoes(outing, past, [pair.shoe for pair in pairs], len(pairs))}
    such = _such_runs(outing, past)
    in_order = sorted((pair for pair in pairs if pair.shoe.id in shares), key=lambda pair: _order(pair, shares, outing))
    return [_suggested(pair, such, outing, today) for pair in in_order]


def _order(pair: PairNow, shares: Mapping[ShoeId, float], run: Outing) -> tuple[bool, float, float, str]:
    points = shares[pair.shoe.id] * (_PAST_ITS_LIFE if pair.remaining_m <= 0 else 1.0)
    fits = shared_ground(run.ground, ground_of(pair.ground_m, pair.distance_m))
    return _kept(pair, run) is not None, -points, -fits, pair.shoe.id


def _such_runs(run: Outing, past: Sequence[Worn]) -> list[ShoeId]:
    """The pairs of the latest runs like `run`, latest first."""
    alike = [worn for worn in past if _is_such(run, worn.outing)]
    return [worn.shoe for worn in sorted(alike, key=lambda worn: worn.outing.local_date, reverse=True)[:SUCH_RUNS]]


def _is_such(run: Outing, other: Outing) -> bool:
    age = (date.fromisoformat(run.local_date) - date.fromisoformat(other.local_date)).days
    if age > PAST_DAYS or run.indoor != other.indoor or run.sport not in ("", other.sport):
        return False
    if run.ground and shared_ground(run.ground, other.ground) < _ALIKE_GROUND:
        return False
    low, high = sorted((run.distance_m, other.distance_m))
    return run.distance_m <= 0 or high <= low * _ALIKE_DISTANCE


def _suggested(pair: PairNow, such: Sequence[ShoeId], run: Outing, today: date) -> Suggested:
    after_m = pair.remaining_m - _worn_by(pair, run) if run.distance_m > 0 else None
    rest_days = max(0, (today - date.fromisoformat(pair.last_on)).days) if pair.last_on else None
    found = (
        _kept(pair, run), _usual(pair, such), _ground(pair, run), _life(pair.remaining_m, after_m),
        reason("unworn") if rest_days is None else reason("rest", days=rest_days, last_on=pair.last_on),
    )  # fmt: skip
    reasons = tuple(each for each in found if each is not None)
    return Suggested(pair.shoe.id, pair.shoe.name, reasons, pair.remaining_m, after_m, rest_days)


def _worn_by(pair: PairNow, run: Outing) -> float:
    """The metres that the run wears off the pair, at the wear factor that its runs had so far."""
    ran_m = pair.worn_m - pair.shoe.initial_m
    return run.distance_m * (ran_m / pair.distance_m if pair.distance_m > 0 else 1.0)


def _kept(pair: PairNow, run: Outing) -> Reason | None:
    """Why the pair is kept from this run; None if it is not."""
    reserve = pair.shoe.reserve
    if reserve is None or (reserve.until is not None and run.local_date >= reserve.until):
        return None
    if reserve.until is not None:
        return reason("kept", until=reserve.until)
    would_m = pair.worn_m + _worn_by(pair, run)
    below_m = reserve.below_m or 0.0
    return reason("kept_below", below_m=round(below_m), would_m=round(would_m)) if would_m > below_m else None


def _usual(pair: PairNow, such: Sequence[ShoeId]) -> Reason | None:
    runs = sum(shoe == pair.shoe.id for shoe in such)
    return reason("usual", runs=runs, of=len(such), share=round(runs / len(such), 3)) if such else None


def _ground(pair: PairNow, run: Outing) -> Reason | None:
    """The pair's metres on the grounds of the run."""
    if not run.ground or pair.distance_m <= 0:
        return None
    ground_m = {
        name: round(pair.ground_m.get(name, 0.0)) for name, share in run.ground.items() if share >= _SOME_GROUND
    }
    unknown_m = round(pair.ground_m.get("unknown", 0.0))
    return reason("ground", ground_m=ground_m, of_m=round(pair.distance_m), unknown_m=unknown_m)


def _life(remaining_m: float, after_m: float | None) -> Reason:
    if remaining_m <= 0:
        return reason("past_life", past_m=round(-remaining_m))
    if after_m is None:
        return reason("left", remaining_m=round(remaining_m))
    if after_m < 0:
        return reason("passes", remaining_m=round(remaining_m), past_m=round(-after_m))
    return reason("left", remaining_m=round(remaining_m), after_m=round(after_m))
