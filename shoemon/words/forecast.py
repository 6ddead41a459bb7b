"""Write when a pair will be at its limit, in words."""

from datetime import date

from shoemon.model.clock import MONTHS
from shoemon.model.wear import Steadiness
from shoemon.words import sentences


def expected(
    early: str | None,
    middle: str | None,
    late: str | None,
    steadiness: Steadiness | None,
    rate_m: float | None,
    distance_m: float,
) -> str:
    """The forecast (ISO dates) in words: days, and months only for who runs irregularly. `rate_m` is metres a day, None
    without a forecast; `distance_m` is what the pair has run."""
    if early is None and rate_m is None:
        return sentences.NOT_WORN if distance_m > 0 else sentences.NOTHING_YET
    if early is None:
        return sentences.BEYOND
    if steadiness == "irregular":
        return _months(date.fromisoformat(early), _date(middle), _date(late))
    if middle is None:
        return sentences.NOT_BEFORE.format(early=early)
    return (sentences.ABOUT if late else sentences.ABOUT_OPEN).format(early=early, middle=middle, late=late)


def in_columns(
    early: str | None, middle: str | None, late: str | None, steadiness: Steadiness | None, rate_m: float | None
) -> tuple[str, str, str]:
    """The same for three columns of a table, none wider than a date: early, likely and late."""
    if early is None and rate_m is None:
        return "", "not worn", ""
    length = len("2026-06") if steadiness == "irregular" else None
    first, second, third = ("> 26 weeks" if day is None else day[:length] for day in (early, middle, late))
    return first, second, third


def _months(early: date, middle: date | None, late: date | None) -> str:
    first = _month(early)
    if late is not None:
        if _month(late) == first:
            return sentences.IN_MONTH.format(late=first)
        if late.year == early.year:
            first = MONTHS[early.month - 1]
        return sentences.BETWEEN_MONTHS.format(early=first, late=_month(late))
    if middle is None:
        return sentences.NOT_BEFORE.format(early=first)
    within = _month(middle) == first
    return (sentences.FROM_MONTH_WITHIN if within else sentences.FROM_MONTH).format(early=first, middle=_month(middle))


def _month(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


def _date(day: str | None) -> date | None:
    return None if day is None else date.fromisoformat(day)
