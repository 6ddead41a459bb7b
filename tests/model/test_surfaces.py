"""Which surfaces a run was on: who is trusted before whom, custom surfaces, and words of exports."""

import pytest
from kit.making import brief, by_surface, decision, plan, run, shoe

from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId, ShoeId, SurfaceId
from shoemon.model.plan import Condition, Correction, DatedDefault, Part, Plan, Rule, Shoe, Surface
from shoemon.model.surfaces import BUILT_IN, surface_of


def whole(name: str) -> tuple[Part, ...]:
    return (Part(name),)


def reason(made: Plan, activity: Activity) -> tuple[str, str, float]:
    (leg,) = decision(made, activity).legs
    return leg.surface, brief(leg.surface_reason), leg.confidence


CORRECTION = Correction(ActivityId("watch:1"), surface=whole("sand"))
RULE = Rule(1, Condition(), surface=whole("grass"))
TRAIL_SHOE = shoe("pegasus", surface=SurfaceId("dirt"))
DEFAULT = SurfaceId("asphalt")


@pytest.mark.parametrize(
    ("corrections", "activity", "rules", "worn", "default", "expected"),
    [
        ([CORRECTION], run(surface_raw="rock", indoor=True), [RULE], TRAIL_SHOE, DEFAULT, ("sand", "correction", 1.0)),
        ([], run(surface_raw="rock", indoor=True), [RULE], TRAIL_SHOE, DEFAULT, ("rock", "export word=rock", 1.0)),
        ([], run(indoor=True), [RULE], TRAIL_SHOE, DEFAULT, ("treadmill", "indoor", 1.0)),
        ([], run(sport="treadmill-run"), [RULE], TRAIL_SHOE, DEFAULT, ("treadmill", "indoor", 1.0)),
        ([], run(sport="virtual-run"), [], TRAIL_SHOE, None, ("treadmill", "indoor", 1.0)),
        ([], run(), [RULE], TRAIL_SHOE, DEFAULT, ("grass", "rule rule=1", 1.0)),
        ([], run(), [], TRAIL_SHOE, DEFAULT, ("dirt", "shoe_default", 1.0)),
        ([], run(), [], shoe(), DEFAULT, ("asphalt", "default", 1.0)),
        ([], run(), [], shoe(), None, ("unknown", "none", 0.0)),
        ([], run(surface_raw="lava"), [], shoe(), None, ("unknown", "unknown_word word=lava", 0.0)),
        ([], run(surface_raw="lava"), [RULE], shoe(), None, ("grass", "rule rule=1", 1.0)),
        ([], run(surface_raw="unknown"), [], TRAIL_SHOE, None, ("dirt", "shoe_default", 1.0)),
        ([], run(indoor=False), [RULE], shoe(), None, ("grass", "rule rule=1", 1.0)),
    ],
)
def test_the_order_of_trust(
    corrections: list[Correction],
    activity: Activity,
    rules: list[Rule],
    worn: Shoe,
    default: SurfaceId | None,
    expected: tuple[str, str, float],
) -> None:
    defaults = (DatedDefault(ShoeId("pegasus")),)
    made = plan(worn, corrections=corrections, rules=tuple(rules), defaults=defaults, default_surface=default)
    assert reason(made, activity) == expected


@pytest.mark.parametrize(
    ("unpaved_m", "expected"),
    [
        (0.0, {"paved": 10_000.0}),
        (2_500.0, {"unpaved": 2_500.0, "paved": 7_500.0}),
        (10_000.0, {"unpaved": 10_000.0}),
        (12_000.0, {"unpaved": 10_000.0}),
        (None, {"unknown": 10_000.0}),
    ],
)
def test_the_exports_unpaved_distance_none_is_not_0(unpaved_m: float | None, expected: dict[str, float]) -> None:
    """`Dirt Distance`: 0.0 is measured, blank is not; more than the run itself is no more than the run."""
    assert by_surface(plan(shoe()), run(unpaved_m=unpaved_m)) == expected


def test_the_exports_word_for_the_surface_is_trusted_before_its_unpaved_distance() -> None:
    assert by_surface(plan(shoe()), run(surface_raw="track", unpaved_m=10_000.0)) == {"tartan": 10_000.0}


@pytest.mark.parametrize("activity", [run(indoor=True, unpaved_m=0.0), run(sport="treadmill-run", unpaved_m=0.0)])
def test_a_treadmill_is_no_pavement_though_its_unpaved_distance_is_nought(activity: Activity) -> None:
    assert by_surface(plan(shoe()), activity) == {"treadmill": 10_000.0}


def test_each_shoe_of_a_split_run_has_its_own_default_surface() -> None:
    correction = Correction(ActivityId("watch:1"), shoe=(Part("road", metres=4_000.0), Part("trail")))
    made = plan(
        shoe("road", surface=SurfaceId("asphalt")), shoe("trail", surface=SurfaceId("dirt")), corrections=[correction]
    )
    assert by_surface(made, run()) == {"asphalt": 4_000.0, "dirt": 6_000.0}


@pytest.mark.parametrize(
    ("word", "surface"),
    [
        ("asphalt", "asphalt"), ("ASPHALT", "asphalt"), (" Asphalt ", "asphalt"), ("Road", "paved"), ("trail", "unpaved"),
        ("fine_gravel", "compacted"), ("fine-gravel", "compacted"), ("Track", "tartan"), ("paving_stones", "paving"),
        ("Off Road", "unpaved"), ("treadmill", "treadmill"), ("unknown", "unknown"), ("lava", None), ("", None),
    ],
)  # fmt: skip
def test_words_for_surfaces(word: str, surface: str | None) -> None:
    assert surface_of(word, dict(BUILT_IN)) == surface


def test_every_surface_is_known_by_its_own_name_and_every_word_leads_to_one() -> None:
    assert {name: surface_of(name, dict(BUILT_IN)) for name in BUILT_IN} == {name: name for name in BUILT_IN}


def test_a_surface_of_ones_own_is_known_by_its_name_however_it_is_written() -> None:
    own = {**BUILT_IN, "bark-path": Surface(SurfaceId("bark-path"), "soft", 0.8)}
    assert [surface_of(word, own) for word in ("bark-path", "Bark Path", "BARK_PATH")] == ["bark-path"] * 3


@pytest.mark.parametrize("ground", ["hard", "soft", "synthetic", "treadmill", "unknown"])
def test_every_ground_has_surfaces_and_no_wear_factor_of_its_own(ground: str) -> None:
    assert {surface.wear_factor for surface in BUILT_IN.values() if surface.ground == ground} == {1.0}
