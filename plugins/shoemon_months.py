"""Lays out what the first page shows over time: dates, the bars of twelve months, and the ground's shares of each.

Filters for its template. They read nothing: what they shape are sums by month and ground, as shoemon_home.py read them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pluggy import HookimplMarker

hookimpl = HookimplMarker("datasette")

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
Sums = Mapping[str, float]
"""Metres by ground, in the order they are always shown in, those with any only."""


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Gives the template what is below, by name."""
    env.filters["shoemon_day"] = day
    env.filters["shoemon_month"] = month_of
    env.filters["shoemon_months"] = months
    env.filters["shoemon_over_time"] = over_time


def day(date: str | None) -> str:
    """A date as people write it, 12 Mar 2026; anything else as it stands."""
    text = date or ""
    year, month, number = text[:4], text[5:7], text[8:10]
    known = all(part.isdecimal() for part in (year, month, number)) and 1 <= int(month) <= 12
    return f"{int(number)} {MONTHS[int(month) - 1][:3]} {year}" if known else text


def month_of(date: str | None) -> str:
    """The month of a date as people write it, Mar 2026; anything else as it stands."""
    return day(date).partition(" ")[2] or (date or "")


def months(year: Mapping[str, Sums]) -> list[dict[str, Any]]:
    """The last twelve months up to the latest with a run, each with its bar; months without a run stay empty."""
    last = max(year, default="")
    if not (len(last) == 7 and last[:4].isdecimal() and last[5:].isdecimal() and 1 <= int(last[5:]) <= 12):
        return []
    count = int(last[:4]) * 12 + int(last[5:]) - 1
    shown = [month_shown(number, year) for number in range(count - 11, count + 1)]
    highest = max(month["metres"] for month in shown) or 1.0
    return [{**month, "parts": stacked(month["sums"], 100 / highest)} for month in shown]


def month_shown(number: int, sums_of: Mapping[str, Sums]) -> dict[str, Any]:
    """A month, given as months since the year 0, with its sums by ground."""
    year, month = divmod(number, 12)
    sums = sums_of.get(f"{year:04}-{month + 1:02}", {})
    return {
        "name": f"{MONTHS[month]} {year}", "short": f"{MONTHS[month][:3]} {year}", "letter": MONTHS[month][0],
        "metres": sum(sums.values()), "hard": shares(sums).get("hard", 0.0), "sums": sums,
    }  # fmt: skip


def over_time(shown: list[dict[str, Any]], grounds: Sequence[str]) -> dict[str, Any] | None:
    """The twelve months as columns of equal height, the latest month against all of them; None without any distance.

    `change` is in points of percent, of the figures as they are shown. `doubtful`: the ground that is not known, of the
    month or the twelve, could make up for it.
    """
    run = [month for month in shown if month["metres"] > 0]
    if not run:
        return None
    sums = {ground: sum(month["sums"].get(ground, 0.0) for month in run) for ground in grounds}
    year, last = shares({ground: metres for ground, metres in sums.items() if metres > 0}), run[-1]
    change = round(100 * last["hard"]) - round(100 * year.get("hard", 0.0))
    unknown = {"month": shares(last["sums"]).get("unknown", 0.0), "year": year.get("unknown", 0.0)}
    return {
        "columns": [column(month) for month in shown], "last": last, "year": year, "change": change,
        "several": len(run) > 1, "unknown": unknown,
        "doubtful": change != 0 and round(100 * max(unknown.values())) >= abs(change),
    }  # fmt: skip


def column(month: dict[str, Any]) -> dict[str, Any]:
    """A month with the shares of its grounds, stacked to a height of 100."""
    return {**month, "shares": shares(month["sums"]), "parts": stacked(month["sums"], 100 / (month["metres"] or 1.0))}


def shares(sums: Sums) -> dict[str, float]:
    """Each ground's share of their sum, 0 to 1."""
    total = sum(sums.values())
    return {ground: metres / total for ground, metres in sums.items()} if total > 0 else {}


def stacked(sums: Sums, scale: float) -> list[dict[str, Any]]:
    """The grounds of a month, one on the other, in a chart 100 high."""
    parts, y = [], 100.0
    for ground, metres in sums.items():
        y -= metres * scale
        parts.append({"ground": ground, "y": round(max(y, 0.0), 2), "height": round(metres * scale, 2)})
    return parts
