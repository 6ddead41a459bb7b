"""When a pair will be at its limit, in words and in three columns of a table."""

from typing import Any

import pytest

from shoemon.words.forecast import expected, in_columns, plain_hand

DAYS = {"due_early_on": "2026-06-03", "due_on": "2026-06-20", "due_late_on": "2026-07-30"}
NO_DAYS = dict.fromkeys(DAYS)


def pair(left_days: float, steadiness: str = "steady", **changes: Any) -> dict[str, Any]:
    """A pair with so many days left at four kilometres a week."""
    rate_m = 4000 / 7
    return {**DAYS, "life_m": left_days * rate_m, "worn_m": 0.0, "rate_m": rate_m, "steadiness": steadiness, **changes}


@pytest.mark.parametrize(
    ("given", "words", "columns"),
    [
        (pair(30), "about 2026-06-20 (2026-06-03 to 2026-07-30)", ("2026-06-03", "2026-06-20", "2026-07-30")),
        (pair(182, "middle", due_late_on=None), "about 2026-06-20 (2026-06-03 or later)", ("2026-06-03", "2026-06-20", "or later")),
        (pair(99, "irregular", due_on="2026-08-20", due_late_on=None), "about August 2026 (June 2026 or later)", ("2026-06", "2026-08", "or later")),
        (pair(9, "irregular", due_late_on=None), "June 2026 or later", ("2026-06", "2026-06", "or later")),
        (pair(183), "about 6 months at 4 km a week (4 to 13 months)", ("4 months", "6 months", "13 months")),
        (pair(364), "about a year at 4 km a week (8 to 23 months)", ("8 months", "a year", "23 months")),
        (pair(300, "irregular"), "about 10 months at 4 km a week (7 months or more)", ("7 months", "10 months", "or later")),
        (pair(130, "irregular", due_on=None, due_late_on=None), "about 4 months at 4 km a week (3 months or more)", ("3 months", "4 months", "or later")),
        (pair(365, **NO_DAYS), "about a year at 4 km a week", ("", "a year", "")),
        (pair(420, **NO_DAYS), "about 14 months at 4 km a week", ("", "14 months", "")),
        (pair(720, **NO_DAYS), "about two years at 4 km a week", ("", "two years", "")),
        (pair(9_000, **NO_DAYS), "about 25 years at 4 km a week", ("", "25 years", "")),
        (pair(420, **NO_DAYS, rate_m=100.0), "about seven years at 0.7 km a week", ("", "seven years", "")),
        (pair(9, **NO_DAYS, rate_m=None, no_day="few_runs"), "no forecast (too few runs in the last 28 days)", ("", "few runs", "")),
        (pair(9, **NO_DAYS, rate_m=None, no_day="not_worn"), "no forecast (not worn in the last 26 weeks)", ("", "not worn", "")),
        (pair(9, **NO_DAYS, rate_m=None, no_day="no_run"), "no forecast (no run yet)", ("", "no run yet", "")),
        (pair(0, **NO_DAYS, rate_m=None, no_day="reached"), "no forecast (its life is used up)", ("", "now", "")),
        ({}, "no forecast (the next sync makes one)", ("", "", "")),
    ],
)  # fmt: skip
def test_no_more_is_said_than_is_known(given: dict[str, Any], words: str, columns: tuple[str, str, str]) -> None:
    """Days for the near, months for the irregular, a span of time from 26 weeks on, and the pace alone beyond 52. An
    earlier version wrote no day beyond 26 weeks, in rows and in alerts that wait."""
    assert (expected(given, plain_hand("km")), in_columns(given)) == (words, columns)
