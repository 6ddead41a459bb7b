"""The rule language: match runs with the conditions of rules. Pure."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from shoemon.decide.fill_from_copies import Informed
from shoemon.model.activity import Activity
from shoemon.model.globe import distance_between_m
from shoemon.model.ids import SurfaceId
from shoemon.model.plan import Condition, Near, Surface
from shoemon.model.surfaces import BUILT_IN, PAVED, UNPAVED


class Facts(NamedTuple):
    """What rules go by: a run, its local start, and the share of each surface (0 to 1) that is known without rules and
    defaults; the rest of 1 is unknown."""

    run: Informed
    local: str
    ground: Mapping[SurfaceId, float] = {}


class Comparison(NamedTuple):
    """A comparison of a rule. `read` returns the figure of a run; None if it is unknown, so that nothing holds."""

    name: str
    read: Callable[[Facts], float | None]
    sign: str
    wanted: float

    def holds(self, facts: Facts) -> bool:
        value = self.read(facts)
        return value is not None and _COMPARE[self.sign](value, self.wanted)

    def figure(self, facts: Facts) -> tuple[str, float, str, float]:
        """Return name, figure, sign and wanted value, for the reason."""
        return self.name, round(self.read(facts) or 0.0, 4), self.sign, round(self.wanted, 4)


Test = Callable[[Facts], bool]
_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}


def local_start(activity: Activity) -> str:
    """The start by the runner's clock, as ISO text; a bare date if the time of day is unknown."""
    started = activity.started_at
    if len(started) == 10 or activity.utc_offset_s is None:
        return activity.local_date
    if activity.utc_offset_s == 0:
        return started[:19]
    moment = datetime.fromisoformat(started[:19]) + timedelta(seconds=activity.utc_offset_s)
    return moment.isoformat()


def compile_condition(condition: Condition, surfaces: Mapping[str, Surface] = BUILT_IN) -> Test:
    """Make a test of `condition`: every part that is given must hold, of name, source and device for one of the run's
    records."""
    comparisons = comparisons_of(condition, surfaces)
    tests = [*_text_tests(condition), *(each.holds for each in comparisons), *_place_tests(condition)]
    tests += _time_tests(condition)
    return lambda facts: all(test(facts) for test in tests)


def comparisons_of(condition: Condition, surfaces: Mapping[str, Surface] = BUILT_IN) -> list[Comparison]:
    """List the comparisons of `condition`; those of ground by the name of the ground or surface."""
    figures = [
        Comparison(name, read, sign, wanted)
        for name, read in _FIGURES.items()
        for sign, wanted in getattr(condition, name)
    ]
    shares = [
        Comparison(name, _share_reader(name, sign, surfaces), sign, wanted)
        for name, comparisons in condition.ground
        for sign, wanted in comparisons
    ]
    return figures + shares


def _pace(facts: Facts) -> float | None:
    """Return the seconds a metre, by the time in motion if that is known."""
    activity = facts.run.activity
    seconds = activity.moving_s or activity.elapsed_s
    return seconds / activity.distance_m if seconds and activity.distance_m else None


_FIGURES: dict[str, Callable[[Facts], float | None]] = {
    "distance": lambda facts: facts.run.activity.distance_m,
    "climb": lambda facts: facts.run.activity.elevation_m,
    "moving_time": lambda facts: facts.run.activity.moving_s,
    "pace": _pace,
}
"""By condition: the figure that its comparisons are about."""


def _share_reader(name: str, sign: str, surfaces: Mapping[str, Surface]) -> Callable[[Facts], float | None]:
    """Make a reader of the share of a ground or surface: the least it can be for `>`, the most it can be for `<`, as
    what is unknown may be anything. Ground known only as hard or soft may be any surface of its kind."""
    of_kind = {surface for surface in surfaces.values() if name in (surface.id, surface.ground)}
    grounds = {"unknown", *(surface.ground for surface in of_kind)}
    certain = {surface.id for surface in of_kind}
    possible = certain | {
        surface.id for surface in surfaces.values() if surface.ground == "unknown"
        or (surface.id in (PAVED, UNPAVED) and surface.ground in grounds)
    }  # fmt: skip

    def share(facts: Facts) -> float | None:
        least = round(sum(share for surface, share in facts.ground.items() if surface in certain), 6)
        most = round(1 - sum(share for surface, share in facts.ground.items() if surface not in possible), 6)
        return least if sign.startswith(">") or least == most else most if sign.startswith("<") else None

    return share


def _text_tests(condition: Condition) -> Iterator[Test]:
    if condition.sport:
        yield lambda facts: facts.run.activity.sport in condition.sport
    if condition.source:
        yield lambda facts: any(record.source in condition.source for record in facts.run.records)
    if condition.name is not None:
        yield _name_test(re.compile(condition.name))
    if condition.gear is not None:
        yield _gear_test(re.compile(condition.gear))
    if condition.device is not None:
        yield _device_test(re.compile(condition.device))


def _place_tests(condition: Condition) -> Iterator[Test]:
    if condition.indoor is not None:
        yield (
            lambda facts: facts.run.activity.indoor is not None and bool(facts.run.activity.indoor) == condition.indoor
        )
    if condition.near is not None:
        yield _near_test(condition.near, lambda run: (run.start_lat, run.start_lon))
    if condition.ends_near is not None:
        yield _near_test(condition.ends_near, lambda run: (run.end_lat, run.end_lon))


def _time_tests(condition: Condition) -> Iterator[Test]:
    if condition.weekday:
        yield lambda facts: date.fromisoformat(facts.local[:10]).weekday() in condition.weekday
    if condition.time is not None:
        start, end = condition.time
        yield lambda facts: len(facts.local) > 10 and in_day(facts.local[11:16], start, end)
    if condition.dates.start is not None or condition.dates.end is not None:
        yield lambda facts: condition.dates.holds(facts.local)


def _name_test(name: re.Pattern[str]) -> Test:
    """Search all names of a run: an empty one only if it has no other."""
    return lambda facts: any(map(name.search, [record.name for record in facts.run.records if record.name] or [""]))


def _gear_test(gear: re.Pattern[str]) -> Test:
    return lambda facts: any(
        gear.search(text) for text in (facts.run.activity.gear_raw, facts.run.activity.gear_name) if text
    )


def _device_test(device: re.Pattern[str]) -> Test:
    return lambda facts: any(device.search(record.device) for record in facts.run.records if record.device)


def in_day(clock: str, start: str, end: str) -> bool:
    """Check that `start` <= `clock` < `end`, each a time of day `HH:MM`; the span may pass midnight."""
    if start <= end:
        return start <= clock < end
    return clock >= start or clock < end


def _near_test(near: Near, place_of: Callable[[Activity], tuple[float | None, float | None]]) -> Test:
    def test(facts: Facts) -> bool:
        lat, lon = place_of(facts.run.activity)
        if lat is None or lon is None:
            return False
        return distance_between_m(lat, lon, near.lat, near.lon) <= near.radius_m

    return test
