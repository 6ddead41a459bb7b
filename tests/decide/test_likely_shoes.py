"""Which pairs a run without a shoe may have been done in."""

from kit.making import shoe

from shoemon.decide.likely_shoes import Outing, Worn, likely_shoes
from shoemon.model.ids import ShoeId

ROAD, TRAIL, RACE, OLD, NEW = (
    shoe("road"),
    shoe("trail"),
    shoe("race"),
    shoe("old", retired_on="2024-01-01"),
    shoe("new"),
)
PAIRS = [ROAD, TRAIL, RACE, OLD, NEW]


def outing(
    day: str, sport: str = "run", km: float = 8.0, name: str = "Morning Run", owners: frozenset[ShoeId] | None = None
) -> Outing:
    return Outing(day, sport, name, km * 1000, False, owners)


PAST = [
    *(Worn(ShoeId("road"), outing(f"2024-05-{day:02}")) for day in range(1, 29, 2)),
    *(Worn(ShoeId("trail"), outing(f"2024-05-{day:02}", "trail-run", 15)) for day in (5, 12, 19, 26)),
    *(Worn(ShoeId("race"), outing(f"2024-05-{day:02}", km=12, name="Tempo intervals")) for day in (7, 14, 21, 28)),
    Worn(ShoeId("old"), outing("2023-12-30")),
]


def ranked(run: Outing) -> list[str]:
    return [each.shoe for each in likely_shoes(run, PAST, PAIRS)]


def test_what_was_worn_for_runs_like_it_comes_first() -> None:
    assert ranked(outing("2024-05-30"))[0] == "road"
    assert ranked(outing("2024-05-30", "trail-run", 16))[0] == "trail"
    assert ranked(outing("2024-05-30", km=12, name="Intervals again"))[0] == "race"


def test_only_pairs_in_use_on_that_day_are_named_and_never_more_than_three() -> None:
    assert ranked(outing("2024-05-30")) == ["road", "race", "trail"]
    assert "old" in [each.shoe for each in likely_shoes(outing("2023-12-31"), PAST, [OLD])]
    assert likely_shoes(outing("2024-05-30"), PAST, [OLD]) == []


def test_no_pair_that_the_gear_of_the_run_contradicts_is_suggested() -> None:
    assert ranked(outing("2024-05-30", owners=frozenset())) == []
    assert ranked(outing("2024-05-30", owners=frozenset(map(ShoeId, ("trail", "old", "race"))))) == ["race", "trail"]


def test_shares_add_up_and_a_pair_without_runs_has_none() -> None:
    found = likely_shoes(outing("2024-05-30"), PAST, PAIRS, most=9)
    assert abs(sum(each.share for each in found) - 1) < 0.005
    assert (found[-1].shoe, found[-1].share) == ("new", 0.0)
    assert likely_shoes(outing("2024-05-30"), [], [NEW])[0].share == 0.0


def test_runs_of_long_ago_and_no_distance_say_nothing_and_break_nothing() -> None:
    long_ago = [Worn(ShoeId("trail"), outing("2020-05-20"))]
    assert [each.share for each in likely_shoes(outing("2024-05-30", km=0), long_ago, [TRAIL])] == [0.0]
