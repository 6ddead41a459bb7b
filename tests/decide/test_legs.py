"""Legs add up to the run, whatever it is split by."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.making import brief, by_shoe, decision, plan, run, shoe

from shoemon.decide.legs import allocate
from shoemon.model.ids import ActivityId
from shoemon.model.plan import Correction, Part, Split
from shoemon.model.reason import Reason
from shoemon.model.wear import Leg

SHOES = tuple(shoe(name) for name in "abcd")
RUN = ActivityId("watch:1")


@pytest.mark.parametrize(
    ("total_m", "parts", "pieces"),
    [
        (10_000.0, [Part("a")], [10_000.0]),
        (10_000.0, [Part("a", metres=3_000.0), Part("b")], [3_000.0, 7_000.0]),
        (10_000.0, [Part("a", share=0.3), Part("b")], [3_000.0, 7_000.0]),
        (10_000.0, [Part("a"), Part("b", metres=3_000.0), Part("c", share=0.2)], [5_000.0, 3_000.0, 2_000.0]),
        (10_000.0, [Part("a", share=0.3), Part("b", share=0.7)], [3_000.0, 7_000.0]),
        (2_000.0, [Part("a", metres=3_000.0), Part("b")], [2_000.0, 0.0]),
        (5_000.0, [Part("a", metres=3_000.0), Part("b", metres=3_000.0), Part("c")], [3_000.0, 2_000.0, 0.0]),
        (5_000.0, [Part("a", metres=4_000.0), Part("b", share=0.5), Part("c")], [4_000.0, 1_000.0, 0.0]),
        (0.0, [Part("a", metres=3_000.0), Part("b", share=0.5), Part("c")], [0.0, 0.0, 0.0]),
    ],
)
def test_fixed_metres_then_shares_and_then_the_rest(total_m: float, parts: list[Part], pieces: list[float]) -> None:
    """A split longer than the run takes what there is, in the order it is written."""
    assert allocate(total_m, parts) == pytest.approx(pieces, abs=1e-9)


def splits(names: str) -> st.SearchStrategy[Split]:
    """Every split the settings allow: parts by distance or share, and one that is the rest (or all by share)."""
    metres = st.floats(0, 60_000).map(lambda value: ("metres", value))
    shares = st.floats(0, 1).map(lambda value: ("share", value))
    amounts = st.lists(st.one_of(metres, shares), max_size=len(names) - 1)

    def parts(given: list[tuple[str, float]]) -> Split:
        total = max(1.0, sum(value for kind, value in given if kind == "share"))
        written = [
            Part(name, metres=value) if kind == "metres" else Part(name, share=value / total)
            for name, (kind, value) in zip(names, given, strict=False)
        ]
        return (*written, Part(names[len(given)]))

    return amounts.map(parts).flatmap(lambda split: st.permutations(split).map(tuple))


SURFACES = ("asphalt", "dirt", "grass", "sand")
DISTANCES = st.one_of(st.just(0.0), st.floats(0.01, 500_000), st.integers(1, 500_000).map(float))


@given(DISTANCES, splits("abcd"))
def test_the_pieces_of_any_split_add_up_and_none_is_negative(total_m: float, parts: Split) -> None:
    pieces = allocate(total_m, parts)
    assert len(pieces) == len(parts)
    assert min(pieces) >= 0
    assert math.fsum(pieces) == pytest.approx(total_m, abs=1e-6)


@given(DISTANCES, splits("abcd"), splits("wxyz"), st.one_of(st.none(), st.floats(0, 600_000)))
def test_legs_add_up_to_the_run(distance_m: float, shoes: Split, grounds: Split, unpaved_m: float | None) -> None:
    surfaces = tuple(part._replace(name=SURFACES["wxyz".index(part.name)]) for part in grounds)
    corrections = [Correction(RUN, shoe=shoes, surface=surfaces if unpaved_m is None else None)]
    legs = decision(plan(*SHOES, corrections=corrections), run(km=distance_m / 1000, unpaved_m=unpaved_m)).legs
    assert math.fsum(leg.distance_m for leg in legs) == pytest.approx(distance_m, abs=1e-6)
    assert len({(leg.shoe, leg.surface) for leg in legs}) == len(legs) > 0
    assert all(leg.distance_m > 1e-6 for leg in legs) or distance_m < 1e-3


@given(DISTANCES, splits("abcd"), st.floats(0, 1))
def test_what_a_shoe_gets_does_not_depend_on_the_ground(distance_m: float, shoes: Split, unpaved: float) -> None:
    made = plan(*SHOES, corrections=[Correction(RUN, shoe=shoes)])
    activity = run(km=distance_m / 1000)
    on_one = {shoe: metres for shoe, metres in by_shoe(made, activity).items() if metres > 1e-5}
    on_two = by_shoe(made, activity._replace(unpaved_m=unpaved * activity.distance_m))
    assert {shoe: metres for shoe, metres in on_two.items() if metres > 1e-5} == pytest.approx(on_one, abs=1e-5)


def test_a_split_run_shares_its_surfaces_out_by_distance() -> None:
    correction = Correction(RUN, shoe=(Part("a", metres=2_000.0), Part("b")))
    legs = decision(plan(*SHOES, corrections=[correction]), run(unpaved_m=5_000.0)).legs
    assert legs == tuple(
        Leg(RUN, shoe, surface, metres, Reason("correction"), Reason("export"), 1.0)
        for shoe, surface, metres in [
            ("a", "unpaved", 1_000.0), ("a", "paved", 1_000.0), ("b", "unpaved", 4_000.0), ("b", "paved", 4_000.0),
        ]
    )  # fmt: skip


@pytest.mark.parametrize("distance_m", [10_000.3, 7_654.32, 21_097.5, 3_333.3333, 0.7])
@pytest.mark.parametrize("first_m", [3_333.43, 1_234.567, 0.1])
def test_a_run_all_on_one_surface_leaves_no_dust_on_another(distance_m: float, first_m: float) -> None:
    """Half a picometre of pavement would be one more run on pavement in every table."""
    correction = Correction(RUN, shoe=(Part("a", metres=first_m), Part("b")))
    legs = decision(plan(*SHOES, corrections=[correction]), run(km=distance_m / 1000, unpaved_m=distance_m)).legs
    assert {leg.surface for leg in legs} == {"unpaved"}


def test_shares_that_make_up_the_whole_leave_no_dust_for_the_rest() -> None:
    split = (Part("a", share=0.1), Part("b", share=0.2), Part("c", share=0.7), Part("d"))
    for metres in range(9_001, 9_400):
        made = plan(*SHOES, corrections=[Correction(RUN, shoe=split)])
        assert set(by_shoe(made, run(km=metres / 1000))) == {"a", "b", "c"}


def test_one_surface_met_in_two_parts_is_one_leg() -> None:
    correction = Correction(RUN, shoe=(Part("a", metres=2_000.0), Part("b"), Part("a", share=0.3)))
    legs = decision(plan(*SHOES, corrections=[correction]), run()).legs
    assert [(leg.shoe, leg.distance_m) for leg in legs] == [("a", 5_000.0), ("b", 5_000.0)]


@pytest.mark.parametrize(
    ("shoes", "distance_m", "expected"),
    [((Part("a", share=0.5), Part("b")), 8_200.0, {"a": 4_100.0, "b": 4_100.0}), ((Part("a"),), 0.0, {"a": 0.0})],
)
def test_the_distance_of_a_correction_is_what_counts(shoes: Split, distance_m: float, expected: object) -> None:
    made = plan(*SHOES, corrections=[Correction(RUN, shoe=shoes, distance_m=distance_m)])
    assert by_shoe(made, run(km=96.0)) == expected


@pytest.mark.parametrize(
    ("sport", "correction", "expected"),
    [
        ("run", None, None),
        ("treadmill-run", None, None),
        ("walk", None, "not_a_run sport=walk"),
        ("walk", Correction(RUN, shoe=(Part("a"),)), None),
        ("walk", Correction(RUN, distance_m=5.0), "not_a_run sport=walk"),
        ("run", Correction(RUN, ignore=True), "ignored"),
    ],
)
def test_what_counts(sport: str, correction: Correction | None, expected: str | None) -> None:
    """A runner who names the shoe of a walk means that it counts."""
    made = plan(*SHOES, corrections=[correction] if correction else [])
    decided = decision(made, run(sport=sport))
    assert (decided.not_counted and brief(decided.not_counted)) == expected
    assert bool(decided.legs) is decided.counted is (expected is None)
