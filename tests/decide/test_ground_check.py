"""The check of the ground: which stretches are drawn, and how often the interval of their answers holds the truth."""

from collections import Counter
from itertools import islice, product
from math import comb, prod

import pytest

from shoemon.decide.ground_check import (
    RunPart,
    StatedPart,
    Stratum,
    Stretch,
    draw,
    estimate,
    interval,
    metres_of,
    stretch_in,
)

HARD, SOFT, GUESSED = Stratum("hard", "tag"), Stratum("soft", "tag"), Stratum("soft", "inferred")


@pytest.mark.parametrize(("right", "answers"), [(9, 10), (10, 10), (0, 10), (1, 3), (47, 50), (50, 50)])
def test_at_the_ends_of_the_interval_so_many_right_answers_have_a_chance_of_5_percent(right: int, answers: int) -> None:
    def chance(share: float, counts: range) -> float:
        return sum(comb(answers, n) * share**n * (1 - share) ** (answers - n) for n in counts)

    low, high = interval(right, answers)
    assert chance(low, range(right, answers + 1)) == pytest.approx(0.05 if right else 1.0)
    assert chance(high, range(right + 1)) == pytest.approx(0.05 if right < answers else 1.0)


@pytest.mark.parametrize("shares", [(0.99, 0.9, 0.7), (1.0, 1.0, 0.5), (0.8, 0.95, 0.95), (0.98, 0.98, 0.98), (0.5, 0.5, 0.5)])  # fmt: skip
def test_the_interval_holds_the_true_share_nine_times_of_ten_whatever_is_right(shares: tuple[float, ...]) -> None:
    """Every outcome of 10, 6 and 4 answers, by its probability."""
    metres, counts = {HARD: 700.0, SOFT: 250.0, GUESSED: 50.0}, (10, 6, 4)
    truth = sum(part * share for part, share in zip(metres.values(), shares, strict=True)) / 1000
    held = 0.0
    for right in product(*(range(count + 1) for count in counts)):
        chance = prod(
            comb(count, good) * share**good * (1 - share) ** (count - good)
            for count, good, share in zip(counts, right, shares, strict=True)
        )
        if chance > 1e-6:
            outcomes = zip(metres, counts, right, strict=True)
            found = estimate(metres, [(of, n < good) for of, count, good in outcomes for n in range(count)])
            assert found is not None
            held += chance * (found.low <= truth <= found.high)
    assert held >= 0.9


def test_metres_weigh_and_ground_without_an_answer_may_be_all_right_or_all_wrong() -> None:
    metres = {HARD: 900.0, SOFT: 100.0}
    both = estimate(metres, [(HARD, True), (SOFT, False)])
    alone = estimate(metres, [(HARD, True)] * 10)
    assert both is not None and alone is not None
    assert both.share == pytest.approx(0.9)
    assert (alone.share, alone.low, alone.high) == pytest.approx((1.0, 0.9 * 0.7411, 1.0), abs=1e-3)
    assert estimate(metres, []) is None


def stated(runs: int) -> list[StatedPart]:
    kinds = (
        ("asphalt", "tag", "hard", 8000.0),
        ("gravel", "tag", "soft", 1500.0),
        ("unpaved", "inferred", "soft", 400.0),
    )
    return [StatedPart(f"s:{run}", *kind, 0.95) for run in range(runs) for kind in kinds]


def drawn(parts: list[StatedPart], count: int) -> list[tuple[str, str]]:
    found = draw(parts, metres_of(parts), {}, lambda part, _: Stretch(part.activity, 0, 200, part.surface, part.origin))
    return [(each.activity, each.surface) for each in islice(found, count)]


def test_every_ground_and_certainty_is_drawn_again_in_the_same_order_and_new_runs_leave_the_others_in_theirs() -> None:
    first, again, more = drawn(stated(30), 30), drawn(stated(30), 30), drawn(stated(40), 60)
    assert first == again and len(set(first)) == 30
    assert Counter(surface for _, surface in first[:10]) == {"asphalt": 6, "gravel": 3, "unpaved": 1}
    for surface in ("asphalt", "gravel", "unpaved"):
        before = [run for run, on in first if on == surface]
        assert [run for run, on in more if on == surface and int(run[2:]) < 30][: len(before)] == before


def test_the_search_ends_where_no_run_has_a_stretch() -> None:
    parts, tried = stated(200), list[str]()
    assert list(draw(parts, metres_of(parts), {}, lambda part, _: tried.append(part.activity))) == []
    assert len(tried) == 40


def test_a_stretch_lies_in_150_m_and_more_of_one_ground_around_the_drawn_metre() -> None:
    """Along the track: gravel to 100, unknown to 140, asphalt to 340, paved to 440, asphalt to 840, gravel to 990."""
    kinds = [("gravel", "tag", "soft", 100.0), ("unknown", "unknown", "unknown", 40.0), ("asphalt", "tag", "hard", 200.0),
             ("paved", "inferred", "hard", 100.0), ("asphalt", "tag", "hard", 400.0), ("gravel", "tag", "soft", 150.0)]  # fmt: skip
    run = [RunPart(*kind) for kind in kinds]

    def found(surface: str, origin: str, share: float) -> tuple[int, int, str] | None:
        of = StatedPart("s:1", surface, origin, "", 1.0, 1.0)
        stretch = stretch_in(run, of, share)
        return stretch and (stretch.start_m, stretch.end_m, stretch.surface)

    assert found("asphalt", "tag", 0.0) == (140, 340, "asphalt")
    assert found("asphalt", "tag", 0.5) == (440, 640, "asphalt")
    assert found("paved", "inferred", 0.5) == (290, 490, "paved")
    assert found("gravel", "tag", 0.1) == (840, 990, "gravel")
    assert found("concrete", "tag", 0.5) is None
