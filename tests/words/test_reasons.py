"""The sentences of reasons: one for each that the core gives, and none that it does not."""

from collections.abc import Sequence
from typing import Any, get_args

import pytest
from kit.making import plan, run, shoe

from shoemon.decide.legs import Decision, make_decider
from shoemon.decide.rules import Condition
from shoemon.decide.which_surface import BY_THE_MAP
from shoemon.model.activity import Activity
from shoemon.model.ids import ShoeId, SurfaceId
from shoemon.model.plan import Correction, DatedDefault, Part, Rule, Window
from shoemon.model.reason import Reason, parts_of, reason
from shoemon.model.run_ground import GroundPart, RunGround
from shoemon.model.surfaces import UNKNOWN
from shoemon.model.wear import NoDay
from shoemon.words import reasons
from shoemon.words.reasons import Exports

GROUND = [
    GroundPart(SurfaceId("dirt"), origin, 900.0, 0.9, "Park" if origin == "place" else "")
    for origin in BY_THE_MAP
    if origin != "nowhere"
]
FIXED = Window("2024-01-01", "2024-02-01")
CASES: list[tuple[Any, Activity, Sequence[GroundPart], Sequence[Activity]]] = [
    (plan(shoe()), run(), GROUND, ()),
    (plan(shoe()), run(gear_name="pegasus"), [part._replace(surface=UNKNOWN) for part in GROUND] + [GroundPart(UNKNOWN, "nowhere", 900.0, 0.0)], ()),
    (plan(shoe(), shoe("dash", gear=("pegasus",))), run(gear_name="pegasus"), (), ()),
    (plan(shoe(worn=(FIXED,))), run(gear_name="pegasus", surface_raw="lava"), (), ()),
    (plan(shoe(), defaults=(DatedDefault(ShoeId("pegasus")),)), run(surface_raw="gravel"), (), ()),
    (plan(shoe(), defaults=(DatedDefault(ShoeId("pegasus"), FIXED),)), run(indoor=1), (), ()),
    (plan(shoe(), shoe("dash"), defaults=(DatedDefault(ShoeId("pegasus")), DatedDefault(ShoeId("dash")))), run(), (), ()),
    (plan(shoe(), rules=(Rule(1, Condition(sport=("run",)), (Part("pegasus"),), (Part("tartan"),)),)), run(), (), ()),
    (plan(shoe(), rules=(Rule(1, Condition(gear="x"), (Part("pegasus"),)),)), run(gear_name="x", unpaved_m=900.0), (), ()),
    (plan(shoe()), run(unpaved_m=9000.0, gear_raw="nobody's"), [GroundPart(SurfaceId("asphalt"), "tag", 1e4, 1.0)], ()),
    (plan(shoe()), run(unpaved_m=9000.0), [GroundPart(SurfaceId("dirt"), "tag", 1e4, 1.0)], ()),
    (plan(shoe(surface=SurfaceId("grass"))), run(gear_name="pegasus"), (), ()),
    (plan(shoe(), default_surface=SurfaceId("grass")), run(), (), ()),
    (plan(shoe(), corrections=[Correction(run().id, (Part("pegasus"),), (Part("dirt"),))]), run(), (), ()),
    (plan(shoe()), run(), (), [run("app:9", gear_name="pegasus", surface_raw="dirt")]),
    (plan(shoe()), run(), (), [run("app:9", gear_name="y", unpaved_m=10.0)]),
    (plan(shoe()), run(), (), [run("app:9", indoor=1)]),
    (plan(shoe()), run(sport="ride"), (), ()),
    (plan(shoe()), run(started_at="2024-06-02"), (), ()),
    (plan(shoe()), run(km=100.1), (), ()),
    (plan(shoe()), run(sport="unknown", sport_raw=""), (), ()),
    (plan(shoe()), run(sport="unknown", sport_raw="Parkrun"), (), ()),
    (plan(shoe(), corrections=[Correction(run().id, ignore=True)]), run(), (), ()),
]  # fmt: skip


EXPORTS = Exports({"watch": "garmin-csv", "app": "tracks"})


def decided(case: tuple[Any, Activity, Sequence[GroundPart], Sequence[Activity]]) -> Decision:
    made, activity, ground, copies = case
    return make_decider(made, latest="2024-06-01T12:00:00Z")(
        activity, RunGround(tuple(ground)) if ground else None, copies
    )


@pytest.mark.parametrize("case", CASES)
def test_every_reason_the_core_gives_has_its_sentence(case: Any) -> None:
    decision = decided(case)
    sentences = [reasons.why_not_counted(decision.not_counted, "watch", EXPORTS)] if decision.not_counted else []
    for leg in decision.legs:
        sentences += [reasons.why_shoe(leg.shoe_reason, "watch", EXPORTS)]
        sentences += [why for why, _ in reasons.why_ground(leg.surface_reason, 1.0, "watch", EXPORTS)]
    assert sentences
    assert [each for each in sentences if "{" in each or each in reasons.WORDS.values()] == []


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        (reason("gear", gear="Peg"), "Garmin calls it “Peg”"),
        (reason("gear", gear="Peg", source="app"), "app calls it “Peg”"),
        (reason("gear", gear="Peg", now="Pegasus"), "Garmin calls it “Peg”, and “Pegasus” now"),
        (reason("gear", gear="Peg", formerly="P"), "Garmin calls it “Peg”, and called it “P” before"),
        (reason("gear_not_worn", gear="P", shoes=["a", "b"], day="2024-05-01"),
         "Garmin calls it “P”; that is a and b, which was not in use on 2024-05-01"),
        (Reason("earlier_version"), reasons.WORDS["earlier_version"]),
        (Reason("a code of tomorrow"), "a code of tomorrow"),
        (reason("rule", rule=3, figures=[["soft", 0.7234, ">=", 0.6]]), "rule 3 of shoes.yaml sets it"),
    ],
)  # fmt: skip
def test_a_sentence_names_who_said_it_and_every_parameter(why: Reason, expected: str) -> None:
    assert reasons.why_shoe(why, "watch", EXPORTS) == expected


def test_the_cases_above_meet_every_reason_there_is() -> None:
    """So that a sentence that is never used any more is taken out, and none is missing for want of a case."""
    decisions = list(map(decided, CASES))
    legs = [leg for decision in decisions for leg in decision.legs]
    shoes = {leg.shoe_reason.code for leg in legs}
    grounds = {part.code for leg in legs for part in parts_of(leg.surface_reason)}
    records = {each.not_counted.code for each in decisions if each.not_counted} | {"duplicate", "no_longer_listed"}
    assert (shoes, grounds, records) == (set(reasons.OF_SHOES), set(reasons.OF_GROUND), set(reasons.OF_RECORDS))
    assert shoes | grounds | records | {*get_args(NoDay), "earlier_version"} == set(reasons.WORDS)


def test_the_figures_of_a_rule_are_in_the_unit_of_the_runner() -> None:
    figures = [
        ("soft", 0.7234, ">=", 0.6), ("distance", 10_040.0, ">=", 8_000.0), ("climb", 310.2, ">=", 300.0),
        ("moving_time", 2_525.0, "<", 2_700.0), ("pace", 0.2615, "<", 0.27),
    ]  # fmt: skip
    why = reason("rule", rule=3, figures=figures)
    assert reasons.why_shoe(why, "watch", EXPORTS, "km") == (
        "rule 3 of shoes.yaml sets it: soft 72.3% (>= 60%), distance 10.04 km (>= 8.00 km), climb 310 m (>= 300 m), "
        "moving time 42:05 (< 45:00), pace 4:22 /km (< 4:30 /km)"
    )
    [(ground, _)] = reasons.why_ground(why, 1.0, "watch", EXPORTS, "mi")
    assert ground.endswith("climb 1,018 ft (>= 984 ft), moving time 42:05 (< 45:00), pace 7:01 /mi (< 7:15 /mi)")
