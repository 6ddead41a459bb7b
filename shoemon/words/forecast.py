"""Write when a pair will be at its limit, in words."""

from datetime import date

from shoemon.model.wear import Steadiness

BEYOND = "later than 26 weeks from now"


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
        return "not worn in the last 26 weeks" if distance_m > 0 else "nothing to go by yet"
    if early is None:
        return BEYOND
    if steadiness == "irregular":
        return _months(date.fromisoformat(early), _date(middle), _date(late))
    if middle is None:
        return f"not before {early}, more likely {BEYOND}"
    return f"about {middle} ({early} to {late or BEYOND})"


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
    if late is not None:
        return _between_months(early, late)
    if middle is None:
        return f"not before {early:%B %Y}, more likely {BEYOND}"
    halfway = "within it" if f"{early:%Y-%m}" == f"{middle:%Y-%m}" else f"by {middle:%B %Y}"
    return f"from {early:%B %Y}, as likely as not {halfway}, perhaps {BEYOND}"


def _between_months(first: date, last: date) -> str:
    """`in June 2026`, `between June and October 2026` or `between November 2026 and March 2027`."""
    if (first.year, first.month) == (last.year, last.month):
        return f"in {first:%B %Y}"
    return f"between {first:%B}{'' if first.year == last.year else f' {first.year}'} and {last:%B %Y}"


def _date(day: str | None) -> date | None:
    return None if day is None else date.fromisoformat(day)
