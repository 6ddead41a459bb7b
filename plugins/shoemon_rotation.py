"""The coming months of the pairs in use: when each ends, when the next one should be there, what a year costs, and what
a longer life would change.

Serves `/-/rotation`, by the table of wear alone.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from shoemon.decide.rotation import Outlook, outlook
from shoemon.model.clock import MONTHS, day_in
from shoemon.pages.rows import Rows, overlap_of, settings_of
from shoemon.pages.site import Site
from shoemon.pages.units import unit_of, zone_of
from shoemon.pages.view import only_with, routes
from shoemon.words.rotation import all_together, longer_life, next_pair, yearly

READ = ("shoes", "shoe_wear")
"""Readers who may not see these tables do not see this page."""
PAIRS = """
    SELECT w.*, s.name, s.price, s.currency FROM shoe_wear w JOIN shoes s ON s.id = w.shoe WHERE w.status <> 'retired'
    ORDER BY w.remaining_m > 0, w.due_on IS NULL, w.due_on, w.fraction DESC, w.shoe"""
"""All columns of the wear: an older database lacks some."""
DAYS = {12: 365, 18: 548}
"""The months that are drawn, as days: 18 where a pair likely ends after 12."""


class Bar(NamedTuple):
    """The likely end of a pair, its range, and the day of the next one, in percent of the width of the picture."""

    until: float
    early: float
    late: float
    """100 also where the late end is not known."""
    buy: float


@only_with(READ, "No shoes here", "There is no database of shoes that you may see.")
async def page(request: Any, site: Site) -> Any:
    read = await site.read(site.name, load)
    today = day_in(datetime.now(UTC), zone_of(read["settings"]))
    return await site.page(request, "shoemon_rotation.html", site.name, shaped(read, today))


def load(rows: Rows) -> dict[str, Any]:
    pairs = [pair for pair in rows(PAIRS) if not pair.get("resting_since")]
    return {"pairs": pairs, "settings": settings_of(rows)}


def shaped(read: dict[str, Any], today: date) -> dict[str, Any]:
    settings = read["settings"]
    overlap_m = overlap_of(settings)
    outlooks = [outlook(pair, overlap_m, unit_of(settings)) for pair in read["pairs"]]
    ends = max((pair["due_on"] for pair in read["pairs"] if pair["due_on"]), default="")
    months = 12 if ends <= (today + timedelta(days=DAYS[12])).isoformat() else 18
    return {
        "rows": [(of, bar(of, today, DAYS[months])) for of in outlooks], "outlooks": outlooks, "overlap_m": overlap_m,
        "ticks": list(ticks(today, DAYS[months])), "months": months, "settings": settings,
        "next_pair": next_pair, "yearly": yearly, "longer_life": longer_life, "all_together": all_together,
    }  # fmt: skip


def bar(of: Outlook, today: date, days: int) -> Bar | None:
    """Lay out a pair whose end is forecast; of others there are only words."""

    def x(day: str | None) -> float:
        return percent(date.fromisoformat(day), today, days) if day else 100.0

    pair = of.pair
    if not pair["due_on"]:
        return None
    buy = 0.0 if of.buy.get("no_day") == "reached" else x(of.buy["due_on"])
    return Bar(x(pair["due_on"]), x(pair["due_early_on"] or pair["due_on"]), x(pair["due_late_on"]), buy)


def percent(day: date, today: date, days: int) -> float:
    """Where a day is drawn; at the edge if it is before or after the picture."""
    return round(100 * min(max((day - today).days / days, 0.0), 1.0), 2)


def ticks(today: date, days: int) -> Iterator[tuple[float, str, str]]:
    """The first day of each month: where it is, and of each quarter its name, and its year if it is the first named or
    a January."""
    named = False
    for month in range(today.month, today.month + days // 30):
        first = date(today.year + month // 12, month % 12 + 1, 1)
        x = percent(first, today, days)
        is_named = month % 3 == 0 and x < 94
        year = str(first.year) if is_named and (not named or month % 12 == 0) else ""
        named = named or is_named
        yield x, MONTHS[month % 12][:3] if is_named else "", year


register_routes = routes({"rotation": page})
