"""What the map says of a run's track becomes legs, behind what is trusted more and before what is trusted less."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.making import brief, decision, plan, run, shoe

from shoemon.decide.legs import Decision
from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId, ShoeId, SurfaceId
from shoemon.model.plan import Condition, Correction, DatedDefault, Part, Rule
from shoemon.model.reason import Reason, combined
from shoemon.model.run_ground import GroundPart, Origin, RunGround, Stretch, summed, untagged_ways
from shoemon.model.surfaces import BUILT_IN
from shoemon.model.wear import Leg

TAGGED, KIND, AREA, SILENT, SHORT = "map_tag", "map_inferred", "map_area", "unknown_untagged", "unknown_short_track"
BY_EXPORT = "export"


def part(surface: str, metres: float, origin: Origin = "tag", confidence: float = 0.99) -> GroundPart:
    return GroundPart(SurfaceId(surface), origin, metres, confidence)


def on(*parts: GroundPart) -> RunGround:
    return RunGround(parts)


def said(made: Decision) -> list[tuple[str, float, str, float]]:
    """Surface, metres, reason and confidence of each leg."""
    return [
        (leg.surface, round(leg.distance_m, 3), brief(leg.surface_reason), round(leg.confidence, 3))
        for leg in made.legs
    ]


MIXED = on(
    part("asphalt", 4_800), part("unpaved", 2_400, "inferred", 0.85), part("grass", 1_200, "area", 0.8),
    part("unknown", 1_200, "untagged", 0.0),
)  # fmt: skip


def test_the_track_divides_the_runs_own_distance_and_each_part_says_how_it_is_known() -> None:
    """9.6 km of track, 10 km by the export: the export's distance counts, the track only divides it."""
    assert said(decision(plan(shoe()), run(km=10.0), MIXED)) == [
        ("asphalt", 5_000.0, TAGGED, 0.99),
        ("unpaved", 2_500.0, KIND, 0.85),
        ("grass", 1_250.0, AREA, 0.8),
        ("unknown", 1_250.0, SILENT, 0.0),
    ]


@pytest.mark.parametrize(
    ("km", "covered_s", "progress_m", "expected"),
    [
        (9.7, None, None, [("asphalt", 9_700.0, TAGGED, 0.99)]),
        (10.0, 3_000.0, 9_000.0, [("asphalt", 10_000.0, TAGGED, 0.99)]),
        (10.1, 2_700.0, 8_900.0, [("asphalt", 9_000.0, TAGGED, 0.99), ("wood", 1_100.0, "default", 1.0)]),
        (40.0, 2_250.0, 8_900.0, [("asphalt", 9_000.0, TAGGED, 0.99), ("wood", 31_000.0, "default", 1.0)]),
        (40.0, None, None, [("asphalt", 9_000.0, TAGGED, 0.99), ("wood", 31_000.0, "default", 1.0)]),
        (40.0, 9_000.0, 8_900.0, [("unknown", 40_000.0, f"{SHORT} track_share=0.225", 0.0)]),
        (40.0, 0.0, 0.0, [("asphalt", 9_000.0, TAGGED, 0.99), ("wood", 31_000.0, "default", 1.0)]),
    ],
    ids=["as long", "nearly", "shorter", "cut off", "by an earlier version", "nowhere", "in no time"],
)
def test_a_track_is_evidence_of_its_own_metres_only(
    km: float, covered_s: float | None, progress_m: float | None, expected: list[tuple[str, float, str, float]]
) -> None:
    """9 km of track for a run at 4 m/s. Where the track gets on as slowly as one indoors, no default counts, and no
    figure that the export found by it."""
    ground = RunGround((part("asphalt", 9_000),), covered_s, progress_m)
    made = plan(shoe(), default_surface=SurfaceId("wood"))
    assert said(decision(made, run(km=km, elapsed_s=km * 250), ground)) == expected
    by_export = said(decision(made, run(km=km, elapsed_s=km * 250, unpaved_m=0.0), ground))
    assert (by_export == expected) == (expected[0][0] == "unknown")


RULE = Rule(1, Condition(), surface=(Part("sand"),))
CORRECTION = Correction(ActivityId("watch:1"), surface=(Part("rock"),))


@pytest.mark.parametrize(
    ("activity", "corrections", "rules", "expected"),
    [
        (run(), [CORRECTION], [RULE], [("rock", "correction")]),
        (run(surface_raw="gravel"), [], [RULE], [("gravel", "export word=gravel")]),
        (run(indoor=True), [], [RULE], [("treadmill", "indoor")]),
        (run(), [], [RULE], [("asphalt", TAGGED), ("unpaved", KIND), ("grass", AREA), ("sand", "rule rule=1")]),
        (run(), [], [], [("asphalt", TAGGED), ("unpaved", KIND), ("grass", AREA), ("wood", "default")]),
    ],
)
def test_the_order_of_trust_holds_metre_by_metre(
    activity: Activity, corrections: list[Correction], rules: list[Rule], expected: list[tuple[str, str]]
) -> None:
    """What the map does not know is left to the rule, and then to the default."""
    made = plan(shoe(), corrections=corrections, rules=tuple(rules), default_surface=SurfaceId("wood"))
    assert [(leg.surface, brief(leg.surface_reason)) for leg in decision(made, activity, MIXED).legs] == expected


SOFT = Rule(1, Condition(ground=(("soft", ((">=", 0.36),)),)), shoe=(Part("trail"),), surface=(Part("sand"),))


@pytest.mark.parametrize(
    ("activity", "corrections", "ground", "expected"),
    [
        (run(), [], MIXED, ("trail", "rule rule=1 figures=['soft', 0.375, '>=', 0.36]")),
        (run(unpaved_m=3_700.0), [], None, ("trail", "rule rule=1 figures=['soft', 0.37, '>=', 0.36]")),
        (run(surface_raw="trail"), [], None, ("trail", "rule rule=1 figures=['soft', 1.0, '>=', 0.36]")),
        (run(), [CORRECTION], None, ("trail", "rule rule=1 figures=['soft', 1.0, '>=', 0.36]")),
        (run(), [Correction(ActivityId("watch:1"), surface=(Part("paved"),))], MIXED, ("road", "default")),
        (run(km=10.0), [], on(part("grass", 3_500)), ("road", "default")),
        (run(indoor=True), [], MIXED, ("road", "default")),
        (run(gear_name="road"), [], MIXED, ("road", "gear gear=road")),
        (run(), [], None, ("road", "default")),
    ],
)
def test_a_rule_by_ground_sees_what_is_known_without_rules_and_defaults(
    activity: Activity, corrections: list[Correction], ground: RunGround | None, expected: tuple[str, str]
) -> None:
    """The default pair and the default surface are soft, and so is what the rules set: none of it is seen."""
    made = plan(
        shoe("road", surface=SurfaceId("dirt")), shoe("trail"), corrections=corrections, default_surface=SurfaceId("grass"),
        rules=(SOFT, Rule(2, Condition(), surface=(Part("sand"),))), defaults=(DatedDefault(ShoeId("road")),),
    )  # fmt: skip
    leg = decision(made, activity, ground).legs[0]
    assert (leg.shoe, brief(leg.shoe_reason)) == expected


def test_metres_the_map_does_not_know_go_to_the_default_of_each_shoe() -> None:
    shoes = (shoe("road", surface=SurfaceId("paved")), shoe("bare"))
    split = Correction(ActivityId("watch:1"), shoe=(Part("road", share=0.5), Part("bare")))
    ground = on(part("gravel", 3_000), part("unknown", 1_000, "untagged", 0.0))
    legs = decision(plan(*shoes, corrections=[split]), run(km=4.0), ground).legs
    assert [(leg.shoe, leg.surface, leg.distance_m, brief(leg.surface_reason)) for leg in legs] == [
        ("road", "gravel", 1_500.0, TAGGED),
        ("road", "paved", 500.0, "shoe_default"),
        ("bare", "gravel", 1_500.0, TAGGED),
        ("bare", "unknown", 500.0, SILENT),
    ]


def test_one_surface_known_in_two_ways_is_one_leg_with_both_reasons() -> None:
    ground = on(part("paved", 3_000, "tag", 1.0), part("paved", 1_000, "inferred", 0.8))
    made = decision(plan(shoe(), defaults=(DatedDefault(ShoeId("pegasus")),)), run(km=4.0), ground)
    assert made.legs == (
        Leg(
            ActivityId("watch:1"),
            ShoeId("pegasus"),
            SurfaceId("paved"),
            4_000.0,
            Reason("default"),
            combined([(Reason("map_tag"), 3_000.0), (Reason("map_inferred"), 1_000.0)]),
            0.95,
        ),
    )


@pytest.mark.parametrize(
    ("unpaved_m", "ground", "expected"),
    [
        # Both agree: the export says how much was soft, the map which surfaces these were.
        (
            4_000.0,
            on(part("asphalt", 6_000), part("gravel", 3_000), part("dirt", 1_000)),
            [("gravel", 3_000.0), ("dirt", 1_000.0), ("asphalt", 6_000.0)],
        ),
        # More soft ground by the map than by the export: its surfaces share what the export leaves them.
        (
            2_000.0,
            on(part("asphalt", 7_000), part("gravel", 2_000), part("dirt", 1_000)),
            [("gravel", 4_000.0 / 3), ("dirt", 2_000.0 / 3), ("asphalt", 7_000.0), ("paved", 1_000.0)],
        ),
        # Less soft ground by the map: what it cannot name is unpaved.
        (
            4_000.0,
            on(part("asphalt", 7_000), part("gravel", 3_000)),
            [("gravel", 3_000.0), ("asphalt", 6_000.0), ("unpaved", 1_000.0)],
        ),
        # What the map does not know may be either.
        (
            7_000.0,
            on(part("gravel", 3_000), part("unknown", 6_000, "unknown", 0.0), part("tartan", 1_000)),
            [("gravel", 3_000.0), ("tartan", 1_000.0), ("unpaved", 4_000.0), ("paved", 2_000.0)],
        ),
    ],
)
def test_the_export_says_how_much_was_soft_and_the_map_which_surface(
    unpaved_m: float, ground: RunGround, expected: list[tuple[str, float]]
) -> None:
    legs = decision(plan(shoe()), run(km=10.0, unpaved_m=unpaved_m), ground).legs
    assert sorted((leg.surface, round(leg.distance_m, 3)) for leg in legs) == sorted(
        (surface, round(metres, 3)) for surface, metres in expected
    )
    assert {(brief(leg.surface_reason), leg.confidence) for leg in legs} == {("export_and_map", 1.0)}


@pytest.mark.parametrize("ground", [None, on(part("gravel", 3_000), part("unknown", 7_000, "unknown", 0.0))])
def test_a_corrected_distance_keeps_the_share_that_the_export_calls_unpaved(ground: RunGround | None) -> None:
    """6 of 10 km were unpaved; it was 5 km in truth, or 20."""
    for km, unpaved_m in ((5.0, 3_000.0), (20.0, 12_000.0)):
        corrected = plan(shoe(), corrections=[Correction(ActivityId("watch:1"), distance_m=km * 1000)])
        legs = decision(corrected, run(km=10.0, unpaved_m=6_000.0), ground).legs
        soft = [leg.distance_m for leg in legs if leg.surface in ("gravel", "unpaved")]
        assert (sum(soft), sum(leg.distance_m for leg in legs)) == pytest.approx((unpaved_m, km * 1000))


@pytest.mark.parametrize(
    ("unpaved_m", "agrees"), [(2_900.0, False), (3_100.0, True), (8_900.0, True), (9_100.0, False)]
)
def test_where_export_and_map_disagree_by_more_than_20_points_the_export_alone_counts(
    unpaved_m: float, agrees: bool
) -> None:
    """The map has 50 % soft and 20 % unknown: every share from 30 to 90 % can be meant by both."""
    ground = on(part("gravel", 5_000), part("asphalt", 3_000), part("unknown", 2_000, "unknown", 0.0))
    legs = decision(plan(shoe()), run(km=10.0, unpaved_m=unpaved_m), ground).legs
    reasons = {brief(leg.surface_reason) for leg in legs}
    if agrees:
        assert reasons == {"export_and_map"}
    else:
        assert reasons == {"disagree soft_share=0.5"}
        assert {leg.surface: leg.distance_m for leg in legs} == {"unpaved": unpaved_m, "paved": 10_000.0 - unpaved_m}


def test_stretches_are_summed_by_surface_and_origin_with_the_mean_of_their_confidence() -> None:
    def stretch(surface: str, metres: float, confidence: float, origin: Origin = "tag") -> Stretch:
        return Stretch(0.0, 1.0, metres, 1, SurfaceId(surface), origin, confidence)

    stretches = (
        stretch("asphalt", 300, 1.0), stretch("dirt", 900, 0.9), stretch("asphalt", 100, 0.6),
        stretch("paved", 5, 0.7, "inferred"),
    )  # fmt: skip
    assert summed(stretches) == (
        part("dirt", 900, "tag", 0.9), part("asphalt", 400, "tag", 0.9), part("paved", 5, "inferred", 0.7),
    )  # fmt: skip
    assert untagged_ways([*stretches, stretch("unknown", 7.4, 0.0, "untagged")._replace(way=2)]) == {1: 5, 2: 7}


SURFACES = st.sampled_from(sorted(BUILT_IN))
GROUNDS = st.lists(
    st.builds(
        GroundPart,
        SURFACES.map(SurfaceId),
        st.sampled_from(["tag", "inferred", "area", "gap"]),
        st.floats(0, 50_000),
        st.floats(0, 1),
    ),
    max_size=8,
).map(lambda parts: RunGround(tuple(parts)))


@given(
    GROUNDS,
    st.floats(0, 200_000),
    st.one_of(st.none(), st.floats(0, 250_000)),
    st.sampled_from([None, (Part("road", metres=700.0), Part("trail")), (Part("road", share=0.3), Part("trail"))]),
)
def test_legs_add_up_to_the_run_whatever_the_map_says(
    ground: RunGround, metres: float, unpaved_m: float | None, split: tuple[Part, ...] | None
) -> None:
    corrections = [Correction(ActivityId("watch:1"), shoe=split)] if split else []
    made = plan(shoe("road"), shoe("trail", surface=SurfaceId("dirt")), corrections=corrections)
    legs = decision(made, run(km=metres / 1000, unpaved_m=unpaved_m, elapsed_s=90_000.0), ground).legs
    assert sum(leg.distance_m for leg in legs) == pytest.approx(metres, abs=1e-6)
    assert all(leg.distance_m >= 0 and 0 <= leg.confidence <= 1 + 1e-9 for leg in legs)
    assert len({(leg.shoe, leg.surface) for leg in legs}) == len(legs)
