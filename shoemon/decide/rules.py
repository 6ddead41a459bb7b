"""The rule language: match runs with the conditions of rules. Pure."""

import operator
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from shoemon.decide.fill_from_copies import Informed
from shoemon.model.activity import Activity
from shoemon.model.globe import distance_between_m
from shoemon.model.plan import Condition, Near

Test = Callable[[Informed, str], bool]
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


def compile_condition(condition: Condition) -> Test:
    """Make a test `(run, local start) -> bool` of `condition`: every part that is given must hold, of name and source
    for one of its records."""
    tests = [*_text_tests(condition), *_value_tests(condition), *_time_tests(condition)]
    return lambda run, local: all(test(run, local) for test in tests)


def _text_tests(condition: Condition) -> list[Test]:
    tests: list[Test] = []
    if condition.sport:
        tests.append(lambda run, _: run.activity.sport in condition.sport)
    if condition.source:
        tests.append(lambda run, _: any(record.source in condition.source for record in run.records))
    if condition.name is not None:
        tests.append(_name_test(re.compile(condition.name)))
    if condition.gear is not None:
        gear = re.compile(condition.gear)
        tests.append(
            lambda run, _: any(gear.search(text) for text in (run.activity.gear_raw, run.activity.gear_name) if text)
        )
    return tests


def _value_tests(condition: Condition) -> list[Test]:
    tests: list[Test] = []
    for sign, metres in condition.distance:
        tests.append(_distance_test(_COMPARE[sign], metres))
    if condition.indoor is not None:
        tests.append(lambda run, _: run.activity.indoor is not None and bool(run.activity.indoor) == condition.indoor)
    if condition.near is not None:
        tests.append(_near_test(condition.near))
    return tests


def _time_tests(condition: Condition) -> list[Test]:
    tests: list[Test] = []
    if condition.weekday:
        tests.append(lambda _, local: date.fromisoformat(local[:10]).weekday() in condition.weekday)
    if condition.time is not None:
        start, end = condition.time
        tests.append(lambda _, local: len(local) > 10 and in_day(local[11:16], start, end))
    if condition.dates.start is not None or condition.dates.end is not None:
        tests.append(lambda _, local: condition.dates.holds(local))
    return tests


def _distance_test(compare: Callable[[float, float], bool], metres: float) -> Test:
    return lambda run, _: compare(run.activity.distance_m, metres)


def _name_test(name: re.Pattern[str]) -> Test:
    """Search all names of a run: an empty one only if it has no other."""
    return lambda run, _: any(map(name.search, [record.name for record in run.records if record.name] or [""]))


def in_day(clock: str, start: str, end: str) -> bool:
    """Check that `start` <= `clock` < `end`, each a time of day `HH:MM`; the span may pass midnight."""
    if start <= end:
        return start <= clock < end
    return clock >= start or clock < end


def _near_test(near: Near) -> Test:
    def test(run: Informed, _: str) -> bool:
        lat, lon = run.activity.start_lat, run.activity.start_lon
        if lat is None or lon is None:
            return False
        return distance_between_m(lat, lon, near.lat, near.lon) <= near.radius_m

    return test
