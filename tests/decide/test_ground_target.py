"""What would meet a target of ground: tried out by running the metres that it names, and one step more or less."""

from collections.abc import Sequence
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoemon.decide.concrete import on_concrete
from shoemon.decide.ground_target import Days, GroundTarget, Remedy, ground_now, share_of, what_meets
from shoemon.words.ground import concrete_words, target_words

HARD, SOFT = GroundTarget("hard", 0.6), GroundTarget("soft", 0.4)
KM, MILE = 1000.0, 1609.344


def weeks(*each: dict[str, float]) -> Days:
    """28 days of four weeks, with so many kilometres by ground on the first day of each."""
    return [day for week in each for day in ({ground: km * KM for ground, km in week.items()}, *[{}] * 6)]


EVEN, ROAD = (weeks(*[week] * 4) for week in ({"hard": 14.2, "soft": 5.8}, {"hard": 20}))


@pytest.mark.parametrize(
    ("target", "days", "step_m", "said"),
    [
        (SOFT, EVEN, KM, "soft ground at least 40 %. Last 28 days: 29 %. 15 of the next 20 km on soft ground would meet it."),
        (HARD, EVEN, KM, "hard ground at most 60 %. Last 28 days: 71 %. At most 5 of the next 20 km on hard ground would meet it."),
        (SOFT, EVEN, MILE, "soft ground at least 40 %. Last 28 days: 29 %. 9 of the next 12 mi on soft ground would meet it."),
        # More than one week is needed, or 10 km are.
        (SOFT, ROAD, KM, "soft ground at least 40 %. Last 28 days: 0 %. 32 of the next 40 km on soft ground would meet it."),
        (GroundTarget("soft", 1.0), ROAD, KM, "soft ground at least 100 %. Last 28 days: 0 %. 80 of the next 80 km on soft ground would meet it."),
        (HARD, weeks(*[{"hard": 4}] * 4), KM, "hard ground at most 60 %. Last 28 days: 100 %. At most 5 of the next 12 km on hard ground would meet it."),
        (HARD, weeks(*[{"hard": 1}] * 4), KM, "hard ground at most 60 %. Last 28 days: 100 %. At most 6 of the next 10 km on hard ground would meet it."),
        # The hard weeks are the oldest.
        (HARD, weeks({"hard": 60}, *[{"soft": 7}] * 3), KM, "hard ground at most 60 %. Last 28 days: 74 %. At most 20 of the next 20 km on hard ground would meet it."),
        # Kept, and unknown.
        (SOFT, weeks({"soft": 40, "hard": 60}, {}, {}, {}), KM, "soft ground at least 40 %. Last 28 days: 40 %."),
        (SOFT, weeks({"soft": 3, "unknown": 4}, {}, {}, {}), KM, "soft ground at least 40 %."),
    ],
)  # fmt: skip
def test_a_target_and_what_would_meet_it_in_words(target: GroundTarget, days: Days, step_m: float, said: str) -> None:
    assert target_words(ground_now(target, days, step_m), "km" if step_m == KM else "mi") == f"Your target: {said}"


@given(
    st.sampled_from(("hard", "soft")),
    st.integers(1, 100),
    st.lists(st.fixed_dictionaries(dict.fromkeys(("hard", "soft", "treadmill"), st.integers(0, 15_000))), min_size=28, max_size=28),
)  # fmt: skip
def test_the_metres_that_meet_a_target_do_and_a_step_worse_does_not(
    ground: Literal["hard", "soft"], percent: int, days: Sequence[dict[str, int]]
) -> None:
    target = GroundTarget(ground, percent / 100)
    remedy = what_meets(target, days, KM)
    week_m = sum(sum(day.values()) for day in days) / 4
    ahead = {n: max(10 * KM, KM * round(n * week_m / KM)) for n in range(1, 5)}
    best = {"hard": 0.0, "soft": 1.0}[ground]
    enough = (
        n for n in (1, 2, 3) if n * week_m >= 10 * KM and keeps(target, days, n, Remedy(best * ahead[n], ahead[n]))
    )
    passed = next(enough, 4)
    assert remedy.next_m == ahead[passed]
    assert keeps(target, days, passed, remedy)
    worse = remedy._replace(metres=remedy.metres + (KM if ground == "hard" else -KM))
    assert not 0 <= worse.metres <= remedy.next_m or not keeps(target, days, passed, worse)


def keeps(target: GroundTarget, days: Days, passed: int, remedy: Remedy) -> bool:
    """Whether the window keeps the target `passed` weeks later, with the metres of `remedy` run on that day."""
    rest = {"hard": "soft", "soft": "hard"}[target.ground]
    later = [*days[7 * passed :], {target.ground: remedy.metres, rest: remedy.next_m - remedy.metres}]
    share = share_of(target.ground, later)
    return share is not None and target.margin(share) >= -1e-9


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("concrete hard 8.1, paved hard 15.2, unknown unknown 5.4, asphalt hard 99, treadmill treadmill 5", "8.1 to 28.7 km on concrete in May 2026; paved and unknown ground may hide some."),
        ("concrete hard 8.1, asphalt hard 9, unpaved soft 3, tartan synthetic 4", "8.1 km on concrete in May 2026."),
        ("asphalt hard 9", "0.0 km on concrete in May 2026."),
        # The runner's own: one on hard or unknown ground can be of concrete. Paved stays paved on any ground.
        ("quay hard 1, lane unknown 2, bark soft 4, mat synthetic 8, paved soft 16", "0.0 to 19.0 km on concrete in May 2026; paved and unknown ground may hide some."),
    ],
)  # fmt: skip
def test_concrete_is_at_least_what_is_named_so_and_at_most_that_and_what_may_be(on: str, said: str) -> None:
    rows = [
        dict(zip(("surface", "ground"), row.split(), strict=False), distance_m=float(row.split()[2]))
        for row in on.split(", ")
    ]
    assert concrete_words(on_concrete(rows), "{:.1f}".format, "km", " in May 2026") == said
