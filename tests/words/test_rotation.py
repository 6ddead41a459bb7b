"""The next pair, the cost of a year and a longer life, in words no more exact than the forecast's."""

from typing import Any

import pytest

from shoemon.decide.rotation import outlook
from shoemon.words.forecast import plain_hand
from shoemon.words.rotation import all_together, longer_life, next_pair, yearly

ROAD: dict[str, Any] = {
    "shoe": "road", "life_m": 640_000.0, "worn_m": 540_000.0, "rate_m": 4000.0, "steadiness": "steady", "price": 130.0, "currency": "EUR",
    "due_early_on": "2026-05-18", "due_on": "2026-05-27", "due_late_on": "2026-06-28", "no_day": None,
}  # fmt: skip
NO_DAYS = {"due_early_on": None, "due_on": None, "due_late_on": None}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ("about 2026-05-14 (2026-05-09 to 2026-05-29)", "297 EUR a year", "640 to 740 km: about four weeks later, 40 EUR a year less")),
        ({"worn_m": 590_000.0}, ("now, as no more than 50 km is left", "297 EUR a year", "640 to 740 km: about four weeks later, 40 EUR a year less")),
        ({"steadiness": "irregular", "due_late_on": None}, ("May 2026 or later", "297 EUR a year", "640 to 740 km: about a month later, 40 EUR a year less")),
        ({"rate_m": 30_000.0, "price": None}, ("about 2026-05-25 (2026-05-24 to 2026-05-27)", "", "640 to 740 km: about three days later")),
        ({"rate_m": 500.0, "price": 1.0}, ("about 2026-02-12 (2026-01-16 or later)", "under 1 EUR a year", "640 to 740 km: about seven months later, under 1 EUR a year less")),
        ({**NO_DAYS, "rate_m": 100.0, "no_day": "beyond"}, ("about 16 months at 0.7 km a week", "7 EUR a year", "640 to 740 km: about 33 months later, 1 EUR a year less")),
        ({**NO_DAYS, "rate_m": None, "no_day": "few_runs"}, ("no forecast (too few runs in the last 28 days)", "", "")),
        ({**NO_DAYS, "worn_m": 654_000.0, "no_day": "reached"}, ("now, as its life is used up", "297 EUR a year", "640 to 760 km: about four weeks later, 47 EUR a year less")),
        ({**NO_DAYS, "rate_m": None, "worn_m": 641_000.0, "no_day": "reached"}, ("now, as its life is used up", "", "")),
    ],
)  # fmt: skip
def test_no_more_is_said_of_the_next_pair_than_of_the_end(changes: dict[str, Any], said: tuple[str, str, str]) -> None:
    of, hand = outlook({**ROAD, **changes}, 50_000.0, "km"), plain_hand("km")
    assert (next_pair(of, 50_000.0, hand), yearly(of, hand), longer_life(of, hand)) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([{}], "all pairs: 297 EUR a year at the present habits"),
        ([{}, {"currency": "USD"}, {"price": None}], "2 of 3 pairs: 297 EUR + 297 USD a year at the present habits; the others have no price or no rate"),
        ([{"price": None}], ""),
    ],
)  # fmt: skip
def test_a_sum_names_how_many_pairs_it_has(changes: list[dict[str, Any]], said: str) -> None:
    assert all_together([outlook({**ROAD, **each}, 0.0, "km") for each in changes], plain_hand("km")) == said
