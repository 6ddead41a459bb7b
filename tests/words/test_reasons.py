"""The sentences of reasons: one for each that the core gives, and none that it does not."""

from collections.abc import Sequence
from typing import Any

import pytest
from kit.making import plan, run, shoe

from shoemon.decide.legs import make_decider
from shoemon.decide.rules import Condition
from shoemon.decide.which_surface import BY_THE_MAP
from shoemon.model.activity import Activity
from shoemon.model.ids import ShoeId, SurfaceId
from shoemon.model.plan import Correction, DatedDefault, Part, Rule, Window
from shoemon.model.run_ground import GroundPart, RunGround
from shoemon.words import reasons

GROUND = [GroundPart(SurfaceId("dirt"), origin, 900.0, 0.9) for origin in BY_THE_MAP if origin != "unknown"]
FIXED = Window("2024-01-01", "2024-02-01")
CASES: list[tuple[Any, Activity, Sequence[GroundPart], Sequence[Activity]]] = [
    (plan(shoe()), run(), GROUND, ()),
    (plan(shoe()), run(gear_name="pegasus"), [GroundPart(SurfaceId("unknown"), "unknown", 1.0, 0.0)], ()),
    (plan(shoe(), shoe("dash", gear=("pegasus",))), run(gear_name="pegasus"), (), ()),
    (plan(shoe(worn=(FIXED,))), run(gear_name="pegasus", surface_raw="lava"), (), ()),
    (plan(shoe(), defaults=(DatedDefault(ShoeId("pegasus")),)), run(surface_raw="gravel"), (), ()),
    (plan(shoe(), defaults=(DatedDefault(ShoeId("pegasus"), FIXED),)), run(indoor=1), (), ()),
    (plan(shoe(), shoe("dash"), defaults=(DatedDefault(ShoeId("pegasus")), DatedDefault(ShoeId("dash")))), run(), (), ()),
    (plan(shoe(), rules=(Rule(1, Condition(sport=("run",)), (Part("pegasus"),), (Part("tartan"),)),)), run(), (), ()),
    (plan(shoe(), rules=(Rule(1, Condition(gear="x"), (Part("pegasus"),)),)), run(gear_name="x", unpaved_m=900.0), (), ()),
    (plan(shoe()), run(unpaved_m=9000.0, gear_raw="nobody's"), [GroundPart(SurfaceId("asphalt"), "tag", 9.0, 1.0)], ()),
    (plan(shoe()), run(unpaved_m=9000.0), [GroundPart(SurfaceId("dirt"), "tag", 9.0, 1.0)], ()),
    (plan(shoe(surface=SurfaceId("grass"))), run(gear_name="pegasus"), (), ()),
    (plan(shoe(), default_surface=SurfaceId("grass")), run(), (), ()),
    (plan(shoe(), corrections=[Correction(run().id, (Part("pegasus"),), (Part("dirt"),))]), run(), (), ()),
    (plan(shoe()), run(), (), [run("app:9", gear_name="pegasus", surface_raw="dirt")]),
    (plan(shoe()), run(), (), [run("app:9", gear_name="y", unpaved_m=10.0)]),
    (plan(shoe()), run(), (), [run("app:9", indoor=1)]),
]  # fmt: skip


@pytest.mark.parametrize(("made", "activity", "ground", "copies"), CASES)
def test_every_reason_the_core_gives_has_its_sentence(
    made: Any, activity: Activity, ground: Sequence[GroundPart], copies: Sequence[Activity]
) -> None:
    legs = make_decider(made)(activity, RunGround(tuple(ground)) if ground else None, copies).legs
    assert legs
    for leg in legs:
        sentences = (reasons.why_shoe(leg.shoe_reason), reasons.why_ground(leg.surface_reason))
        assert None not in sentences, leg
        assert "`" not in " ".join(sentences)


def test_gear_that_was_called_otherwise_has_its_sentence_too() -> None:
    why = reasons.why_shoe
    assert why("gear `Peg` (now `Pegasus`)") == "the export names it, as “Peg”, which it calls “Pegasus” now"
    assert why("gear `Peg` (formerly `P`), as app says") == (
        "the export names it, as “Peg”, which it called “P” before (by app, which has the same run)"
    )
    assert why("gear `Peg` (now `P`) is `a`, which was not in use on 2024-05-01") == (
        "the export calls it “Peg”; that is a, which was not in use on 2024-05-01"
    )


def test_the_cases_above_meet_every_reason_there_is() -> None:
    """So that a sentence that is never met any more is taken out, and none is missing for want of a case."""
    legs = [leg for made, activity, ground, copies in CASES
            for leg in make_decider(made)(activity, RunGround(tuple(ground)) if ground else None, copies).legs]  # fmt: skip
    said = {reasons._LENT.sub(r"\1", part) for leg in legs
            for part in (leg.shoe_reason, *reasons._BETWEEN.split(leg.surface_reason))}  # fmt: skip
    for sentences, seen in (
        (reasons.OF_SHOES, said | {"gear `a` (now `b`)", "gear `a` (formerly `b`)"}),
        (reasons.OF_GROUND, said),
    ):
        assert [pattern.pattern for pattern, _ in sentences if not any(map(pattern.fullmatch, seen))] == []
    assert reasons.ORIGINS.keys() == BY_THE_MAP.keys()
