"""Which pairs suit a run, in words."""

from typing import Any

import pytest

from shoemon.words.forecast import plain_hand
from shoemon.words.which import headline, pair_line, run_words

KM = plain_hand("km")
RUN = {"day": "2026-12-01", "distance_m": 8_200, "ground_m": {"hard": 8_200}, "by": "habit", "weekday": "tue"}


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (RUN, "the next run (about 8 km, as on Tuesdays)"),
        ({**RUN, "weekday": None}, "the next run (about 8 km, as lately)"),
        ({**RUN, "distance_m": None}, "the next run"),
        ({**RUN, "by": "asked"}, "8.2 km on hard ground"),
        ({**RUN, "by": "asked", "ground_m": {}}, "8.2 km"),
        ({**RUN, "by": "asked", "ground_m": {}, "distance_m": None}, "a run"),
        (
            {**RUN, "by": "route", "distance_m": 12_010, "ground_m": {"hard": 9_000, "soft": 3_000, "unknown": 10}},
            "12 km (9.0 km hard, 3.0 km soft)",
        ),
    ],
)
def test_a_run_to_come(run: dict[str, Any], words: str) -> None:
    assert run_words(run, KM) == words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ({"code": "usual", "runs": 4, "of": 7, "share": 0.571}, "worn for 4 of your last 7 such runs"),
        ({"code": "usual", "runs": 0, "of": 7, "share": 0.0}, "worn for none of your last 7 such runs"),
        ({"code": "usual", "runs": 1, "of": 1, "share": 1.0}, "worn for your last such run"),
        ({"code": "usual", "runs": 0, "of": 1, "share": 0.0}, "not worn for your last such run"),
        (
            {"code": "ground", "ground_m": {"hard": 0, "soft": 44_700}, "of_m": 320_000, "unknown_m": 9_400},
            "0 km hard, 45 km soft, 9.4 km unknown of its 320 km",
        ),
        ({"code": "left", "remaining_m": 212_000, "after_m": 204_000}, "212 km left, 204 km after this run"),
        ({"code": "left", "remaining_m": 212_000}, "212 km left"),
        ({"code": "passes", "remaining_m": 5_000, "past_m": 3_000}, "5.0 km left; this run goes 3.0 km past its limit"),
        ({"code": "past_life", "past_m": 12_000}, "12 km past its limit"),
        ({"code": "rest", "days": 0, "last_on": "2026-11-30"}, "last worn today"),
        ({"code": "rest", "days": 1, "last_on": "2026-11-29"}, "last worn yesterday"),
        ({"code": "rest", "days": 9, "last_on": "2026-11-21"}, "last worn 9 days ago"),
        ({"code": "unworn"}, "not worn yet"),
        ({"code": "kept", "until": "2027-04-18"}, "kept for 2027-04-18"),
        ({"code": "kept_below", "below_m": 300_000, "would_m": 304_000}, "kept below 300 km; 304 km after this run"),
    ],
)
def test_a_reason(reason: dict[str, Any], words: str) -> None:
    assert pair_line({"reasons": [reason]}, KM) == words


def test_the_first_two_pairs_are_named_but_none_that_is_kept() -> None:
    free = [{"name": name, "reasons": [{"code": "unworn"}]} for name in ("Road", "Trail", "Old")]
    kept = {"name": "Race", "reasons": [{"code": "kept", "until": "2027-04-18"}]}
    assert headline({"run": RUN, "pairs": [*free, kept]}, KM).endswith("Tuesdays): Road, or Trail")
    assert headline({"run": RUN, "pairs": [kept]}, KM).endswith("Tuesdays): no pair but those kept")
    assert headline({"run": RUN, "pairs": []}, KM).endswith("Tuesdays): no pair in use")
