"""Lays out what the pages show over time: dates, the last twelve months, and the ground's shares of each.

Filters for their templates. They read nothing: what they shape are sums by month and ground, as the pages read them.
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
    """Gives the templates what is below, by name."""
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
    """The month of a date, or a month such as 2026-03, as people write it, Mar 2026; anything else as it stands."""
    return day(f"{(date or '')[:7]}-01").partition(" ")[2] or (date or "")


def months(year: Mapping[str, Sums]) -> list[dict[str, Any]]:
    """The last twelve months up to the latest with a run; months without a run stay empty."""
    last = max(year, default="")
    if not (len(last) == 7 and last[:4].isdecimal() and last[5:].isdecimal() and 1 <= int(last[5:]) <= 12):
        return []
    count = int(last[:4]) * 12 + int(last[5:]) - 1
    return [month_shown(number, year) for number in range(count - 11, count + 1)]


def month_shown(number: int, sums_of: Mapping[str, Sums]) -> dict[str, Any]:
    """A month, given as months since the year 0, with its sums by ground."""
    year, month = divmod(number, 12)
    key = f"{year:04}-{month + 1:02}"
    sums = sums_of.get(key, {})
    return {
        "month": key, "name": f"{MONTHS[month]} {year}", "short": f"{MONTHS[month][:3]} {year}",
        "metres": sum(sums.values()), "hard": shares(sums).get("hard", 0.0), "sums": sums,
    }  # fmt: skip


def over_time(shown: list[dict[str, Any]], grounds: Sequence[str]) -> dict[str, Any] | None:
    """The twelve months with their shares, the latest month against all of them; None without any distance.

    `change` is in points of percent, of the figures as they are shown. `doubtful`: the ground that is not known, of the
    month or the twelve, could make up for it.
    """
    run = [month for month in shown if month["metres"] > 0]
    if not run:
        return None
    together = {ground: sum(month["sums"].get(ground, 0.0) for month in run) for ground in grounds}
    sums = {ground: metres for ground, metres in together.items() if metres > 0}
    year, last = shares(sums), run[-1]
    change = round(100 * last["hard"]) - round(100 * year.get("hard", 0.0))
    unknown = {"month": shares(last["sums"]).get("unknown", 0.0), "year": year.get("unknown", 0.0)}
    return {
        "months": [{**month, "shares": shares(month["sums"])} for month in shown], "last": last, "year": year,
        "sums": sums, "change": change, "several": len(run) > 1, "unknown": unknown,
        "doubtful": change != 0 and round(100 * max(unknown.values())) >= abs(change),
    }  # fmt: skip


def shares(sums: Sums) -> dict[str, float]:
    """Each ground's share of their sum, 0 to 1."""
    total = sum(sums.values())
    return {ground: metres / total for ground, metres in sums.items()} if total > 0 else {}
