"""Look ahead at the pairs in use: when the next one should be there, what a year costs, and what a longer life would
change. Pure.

A pair is a row of table shoe_wear, with `price` and `currency` of table shoes. Distances in metres, days as ISO text.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from shoemon.decide.forecast import forecast_at_rate, range_of
from shoemon.decide.wear import longer_life_m

YEAR_DAYS = 365
_DAYS = ("due_early_on", "due_on", "due_late_on")
Pair = Mapping[str, Any]


class Outlook(NamedTuple):
    """A pair, and the same pair with two other lives."""

    pair: Pair
    """As the forecast has it; its days are not made anew."""
    buy: Pair
    """Its end is the day on which only the overlap is left: by then the next pair should be there."""
    longer: Pair
    """As it would be with a longer life: the one that `longer_life` offers."""
    cost_a_year: float | None
    """Of such pairs, one after the other, at this one's rate and price; None without one of the two."""
    longer_cost_a_year: float | None

    @property
    def later_days(self) -> int | None:
        """How many days later the longer life would likely end; at the pace alone, and from now if the life is used
        up, where no day is forecast; None without a rate."""
        if self.pair["due_on"] and self.longer["due_on"]:
            return (_day(self.longer) - _day(self.pair)).days
        rate_m, from_m = self.pair.get("rate_m"), max(self.pair["life_m"], self.pair["worn_m"])
        return round((self.longer["life_m"] - from_m) / rate_m) if rate_m else None


def outlook(pair: Pair, overlap_m: float, unit: str) -> Outlook:
    """Look ahead for one pair, with the runner's overlap and unit."""
    longer = with_life(pair, longer_life_m(pair["life_m"], pair["worn_m"], unit))
    buy = with_life(pair, pair["life_m"] - overlap_m)
    return Outlook(pair, buy, longer, cost_a_year(pair), cost_a_year(longer))


def with_life(pair: Pair, life_m: float) -> dict[str, Any]:
    """Return the pair as the same forecast, made on the same day, would have it with another life. One without a rate
    has no days then."""
    if life_m == pair["life_m"]:
        return dict(pair)
    remaining_m, rate_m = life_m - pair["worn_m"], pair.get("rate_m")
    changed = {**pair, "life_m": life_m, "remaining_m": remaining_m, **dict.fromkeys(_DAYS)}
    if not rate_m:
        return changed
    if remaining_m <= 0:
        return {**changed, "no_day": "reached"}
    if not pair["due_on"]:
        return changed
    plain_days = (pair["life_m"] - pair["worn_m"]) / rate_m
    made_on = _day(pair) - timedelta(days=round(range_of(plain_days, pair["steadiness"]).middle))
    made = forecast_at_rate(remaining_m, rate_m, pair["steadiness"], made_on)
    days = (day.isoformat() if day else None for day in made[:3])
    return {**changed, **dict(zip(_DAYS, days, strict=True)), "no_day": made.no_day}


def cost_a_year(pair: Pair) -> float | None:
    """Return what a year of such pairs costs, each worn to the end of this one's life."""
    price, rate_m = pair.get("price"), pair.get("rate_m")
    return YEAR_DAYS * rate_m / pair["life_m"] * price if rate_m and price is not None else None


def costs_a_year(outlooks: Iterable[Outlook]) -> dict[str, float]:
    """Add up the costs by currency."""
    sums: defaultdict[str, float] = defaultdict(float)
    for each in outlooks:
        if each.cost_a_year is not None:
            sums[each.pair["currency"] or ""] += each.cost_a_year
    return dict(sums)


def _day(pair: Pair) -> date:
    return date.fromisoformat(pair["due_on"])
