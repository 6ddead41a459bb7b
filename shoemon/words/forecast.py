"""Write when a pair will be at its limit, in words."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from shoemon.decide.forecast import KNOTS, SEASON_DAYS, range_of
from shoemon.model.clock import MONTHS
from shoemon.model.units import METRES, write_distance
from shoemon.model.wear import Steadiness
from shoemon.words import sentences
from shoemon.words.reasons import WORDS

_MONTH_DAYS, _YEAR_DAYS = 30.4375, 365.25
_SHORT = {"no_run": "no run yet", "not_worn": "not worn", "few_runs": "few runs", "reached": "now"}


class Hand(NamedTuple):
    """The unit of a reader, and how ISO dates, their months, metres with so many decimals, and whole numbers are
    written for them."""

    unit: str
    day: Callable[[str], str]
    month: Callable[[str], str]
    distance: Callable[[float, int], str]
    whole: Callable[[float], str]


def plain_hand(unit: str) -> Hand:
    """Write as terminals and mails do, with ISO dates."""
    return Hand(unit, str, _month, lambda metres, digits: write_distance(metres, unit, digits), "{:,.0f}".format)


def expected(pair: Mapping[str, Any], hand: Hand) -> str:
    """Write when a pair, as table shoe_wear or an alert has it, will be at its limit: days, or months for irregular
    runners; a time at the runner's pace where the limit is far off; or why there is no forecast. A pair that no sync
    has seen lacks the columns."""
    if not _has_forecast(pair):
        return sentences.NO_FORECAST.format(why=WORDS.get(pair.get("no_day") or "", sentences.NOT_BEFORE_A_SYNC))
    if far_days := _far_days(pair):
        return _at_a_pace(far_days, pair, hand)
    written = hand.month if is_in_months(pair) else hand.day
    middle, late = written(pair["due_on"]), pair["due_late_on"]
    early = written(pair["due_early_on"] or pair["due_on"])
    if late is not None:
        return sentences.ABOUT.format(early=early, middle=middle, late=written(late))
    return (sentences.OR_LATER if early == middle else sentences.ABOUT_OR_LATER).format(early=early, middle=middle)


def in_columns(pair: Mapping[str, Any]) -> tuple[str, str, str]:
    """Write it for three columns of a table, none wider than a date: early, likely and late."""
    if not _has_forecast(pair):
        return "", _SHORT.get(pair.get("no_day") or "", ""), ""
    if far_days := _far_days(pair):
        ends = _months_around(far_days, pair["steadiness"])
        early, late = (sentences.MONTHS_LONG.format(count=end) if end else "" for end in ends)
        return early, _time(far_days), late or (early and "or later")
    length = len("2026-06") if is_in_months(pair) else None
    early, middle, late = (day and day[:length] for day in (pair["due_early_on"], pair["due_on"], pair["due_late_on"]))
    return early, middle, late or "or later"


def is_in_months(pair: Mapping[str, Any]) -> bool:
    """Whether no day may be written of a forecast, but months: of irregular runners, and of the far future."""
    return pair.get("steadiness") == "irregular" or _far_days(pair) > 0


def _at_a_pace(plain_days: float, pair: Mapping[str, Any], hand: Hand) -> str:
    week_m = 7 * pair["rate_m"]
    early, late = _months_around(plain_days, pair["steadiness"])
    sentence = sentences.AT_A_PACE_FROM_TO if late else sentences.AT_A_PACE_FROM if early else sentences.AT_A_PACE
    distance = hand.distance(week_m, 0 if week_m >= 3 * METRES[hand.unit] else 1)
    return sentence.format(time=_time(plain_days), distance=distance, early=early, late=late)


def _time(days: float) -> str:
    """More than 26 weeks as people say it: `8 months`, `a year`, `14 months`, `two years`, `12 years`."""
    months, years = round(days / _MONTH_DAYS), round(days / _YEAR_DAYS)
    if months < 24:
        return sentences.A_YEAR_LONG if months == 12 else sentences.MONTHS_LONG.format(count=months)
    return sentences.YEARS_LONG.format(count=sentences.FEW.get(years, years))


def _months_around(plain_days: float, steadiness: Steadiness) -> tuple[int, int]:
    """The months after which it is early and late; 0 is not known, of all days beyond those measured."""
    if plain_days > KNOTS[-1]:
        return 0, 0
    early, _, late = range_of(plain_days, steadiness)
    return round(early / _MONTH_DAYS), round(late / _MONTH_DAYS) if late < math.inf else 0


def _far_days(pair: Mapping[str, Any]) -> float:
    """What is left over the rate, where that is more than 26 weeks, or where an earlier version, which knew no day so
    far off, wrote none; else 0, as without a rate."""
    rate_m = pair.get("rate_m")
    plain_days = (pair["life_m"] - pair["worn_m"]) / rate_m if rate_m else 0.0
    return plain_days if plain_days > SEASON_DAYS or not pair["due_on"] else 0.0


def _has_forecast(pair: Mapping[str, Any]) -> bool:
    return bool(pair.get("due_on") or pair.get("rate_m")) and pair.get("no_day") != "reached"


def _month(day: str) -> str:
    return f"{MONTHS[int(day[5:7]) - 1]} {day[:4]}"
