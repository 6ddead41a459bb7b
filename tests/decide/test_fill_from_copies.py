"""Records of one run tell together what each knows; what a record states itself is never overruled."""

from typing import Any

import pytest
from kit.making import brief, plan, run, shoe

from shoemon.decide.fill_from_copies import Informed, correction_of, inform
from shoemon.decide.legs import make_decider
from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId
from shoemon.model.plan import Correction, Part

PEGASUS, TREADMILL = (Part("pegasus"),), (Part("treadmill"),)


def watch(**values: Any) -> Activity:
    return run("watch:1", **values)


def strava(**values: Any) -> Activity:
    return run("strava:1", **values)


def health(**values: Any) -> Activity:
    return run("health:1", **values)


@pytest.mark.parametrize(
    ("record", "copies", "lent", "lenders"),
    [
        (watch(), [strava()], {}, {}),
        (watch(), [strava(gear_raw="7", gear_name="Pegasus")], {"gear_raw": "7", "gear_name": "Pegasus"}, {"gear": "strava"}),
        # What it states itself stands; half of what it states about gear is all of it.
        (watch(gear_raw="old"), [strava(gear_raw="7", gear_name="Pegasus")], {}, {}),
        (watch(gear_name="old"), [strava(gear_raw="7", gear_name="Pegasus")], {}, {}),
        (watch(indoor=False), [strava(indoor=True)], {}, {}),
        (watch(unpaved_m=0.0), [strava(unpaved_m=9_000.0)], {}, {}),
        # Its own figure of soft ground is what it says of the ground; so is its own word for it.
        (watch(unpaved_m=2_000.0), [strava(surface_raw="grass")], {}, {}),
        (watch(surface_raw="grass"), [strava(unpaved_m=2_000.0)], {}, {}),
        (watch(sport="trail-run"), [strava(sport="track-run")], {}, {}),
        # The first copy that knows is believed, and others know other things.
        (
            watch(),
            [strava(gear_name="Pegasus"), health(gear_name="Other", indoor=True)],
            {"gear_name": "Pegasus", "indoor": True},
            {"gear": "strava", "indoor": "health"},
        ),
        # Soft ground is a share of the way, which each export measures in its own way.
        (watch(km=10.0), [strava(km=9.0, unpaved_m=3_000.0)], {"unpaved_m": 10_000 / 3}, {"unpaved": "strava"}),
        (watch(km=10.0), [strava(km=9.0, unpaved_m=9_500.0)], {"unpaved_m": 10_000.0}, {"unpaved": "strava"}),
        (watch(km=10.0), [strava(km=0.0, unpaved_m=0.0)], {}, {}),
        (watch(), [strava(surface_raw="grass")], {"surface_raw": "grass"}, {"surface": "strava"}),
        # A plain run may be of a finer kind; what was outdoors was on no treadmill.
        (watch(), [strava(sport="trail-run")], {"sport": "trail-run"}, {"sport": "strava"}),
        (watch(indoor=False), [strava(sport="treadmill-run")], {}, {}),
        (watch(indoor=False), [strava(sport="track-run")], {"sport": "track-run"}, {"sport": "strava"}),
        # A device that knows no distance is told.
        (watch(km=0.0), [strava(km=8.0)], {"distance_m": 8_000.0}, {"distance": "strava"}),
        (watch(km=0.0), [strava(km=8.0, unpaved_m=2_000.0)], {"distance_m": 8_000.0, "unpaved_m": 2_000.0}, {"distance": "strava", "unpaved": "strava"}),
        (watch(), [strava(start_lat=60.0, start_lon=25.0)], {"start_lat": 60.0, "start_lon": 25.0}, {"place": "strava"}),
        (watch(), [strava(end_lat=60.0, end_lon=25.0)], {"end_lat": 60.0, "end_lon": 25.0}, {"end": "strava"}),
        (watch(elapsed_s=60.0), [strava(elapsed_s=70.0, moving_s=50.0, elevation_m=9.0)], {"moving_s": 50.0, "elevation_m": 9.0},
         {"climb": "strava", "time": "strava"}),
        (watch(moving_s=60.0, elevation_m=0.0), [strava(moving_s=50.0, elevation_m=9.0)], {}, {}),
        # Names are lent too; and a record of its own source, the same run twice in one account, lends as well.
        (watch(name=""), [strava(name="Tempo")], {"name": "Tempo"}, {"name": "strava"}),
        (watch(), [run("watch:2", gear_name="Pegasus")], {"gear_name": "Pegasus"}, {"gear": "watch"}),
    ],
)  # fmt: skip
def test_a_record_is_lent_what_it_lacks(
    record: Activity, copies: list[Activity], lent: dict[str, Any], lenders: dict[str, str]
) -> None:
    found = inform(record, copies)
    assert found.lenders == lenders
    assert found.activity == record._replace(**{key: pytest.approx(value) if key == "unpaved_m" else value for key, value in lent.items()})  # fmt: skip


def part(id: str, start: str, minutes: int, km: float, **values: Any) -> Activity:
    return run(f"strava:{id}", f"2024-05-01T{start}Z", km, elapsed_s=minutes * 60.0, **values)


def test_parts_of_a_run_in_another_export_lend_what_they_come_to_together() -> None:
    """The watch knows no distance; Strava has a warm-up, the race, the race again (mended) and a cool-down."""
    parts = [
        part("1", "06:00:00", 15, 3.0, gear_raw="7", gear_name="Road", unpaved_m=1_000.0, moving_s=800.0),
        part("2", "06:20:00", 50, 10.0, gear_raw="7", gear_name="Road", unpaved_m=0.0, moving_s=2_900.0),
        part("3", "06:20:02", 50, 10.1, gear_raw="7", gear_name="Road", unpaved_m=0.0, moving_s=2_901.0),
        part("4", "07:20:00", 10, 2.0, gear_raw="7", gear_name="Road", unpaved_m=500.0, moving_s=500.0, end_lat=60.0),
    ]
    found = inform(watch(km=0.0), parts).activity
    assert (found.distance_m, found.unpaved_m, found.gear_raw, found.gear_name) == (15_000.0, 1_500.0, "7", "Road")
    assert (found.moving_s, found.elapsed_s, found.elevation_m, found.end_lat) == (4_200.0, None, None, 60.0)


def test_parts_in_different_pairs_are_no_pair_s() -> None:
    parts = [
        part("1", "06:00:00", 15, 3.0, gear_raw="7", gear_name="Road"),
        part("2", "06:20:00", 50, 10.0, gear_raw="8", gear_name="Race"),
    ]
    (leg,) = make_decider(plan(shoe("road", gear=("7",)), shoe("race", gear=("8",))))(watch(), None, parts).legs
    assert (leg.shoe, leg.distance_m) == (None, 10_000.0)
    assert brief(leg.shoe_reason) == "gear_unknown gear=Road + Race source=strava"


def test_a_reason_names_the_source_that_lent_its_fact() -> None:
    informed = Informed(watch(), {"indoor": "health", "gear": "strava"})
    reasons = [informed.reason("x", "gear"), informed.reason("x", "sport", "indoor"), informed.reason("x", "unpaved")]
    assert list(map(brief, reasons)) == ["x source=strava", "x source=health", "x"]


def test_soft_ground_that_another_export_knows_counts_like_its_own() -> None:
    legs = make_decider(plan())(watch(), None, [strava(km=20.0, unpaved_m=5_000.0)]).legs
    assert {leg.surface: (leg.distance_m, brief(leg.surface_reason)) for leg in legs} == {
        "paved": (7_500.0, "export source=strava"),
        "unpaved": (2_500.0, "export source=strava"),
    }


def said(run_id: str, **values: Any) -> Correction:
    return Correction(ActivityId(run_id), **values)


@pytest.mark.parametrize(
    ("corrections", "expected"),
    [
        ([], None),
        ([said("watch:1", shoe=PEGASUS)], said("watch:1", shoe=PEGASUS)),
        # What was said of a copy holds for the run.
        ([said("strava:1", distance_m=8_000.0)], said("watch:1", distance_m=8_000.0)),
        # Of the record that counts first, then of the best copy; each part by itself.
        (
            [said("watch:1", distance_m=9_000.0), said("strava:1", distance_m=8_000.0, shoe=PEGASUS), said("health:1", surface=TREADMILL)],
            said("watch:1", distance_m=9_000.0, shoe=PEGASUS, surface=TREADMILL),
        ),
        ([said("watch:1", shoe=PEGASUS), said("health:1", ignore=True)], said("watch:1", shoe=PEGASUS, ignore=True)),
        ([said("watch:1", ignore=True)], said("watch:1", ignore=True)),
        # What was said of a record holds for the one that replaced it.
        ([said("watch:0", ignore=True)], said("watch:1", ignore=True)),
        # Another export has the run in two parts: one of them is to be ignored, or both, or was longer.
        ([said("phone:2", ignore=True)], said("watch:1", distance_m=6_000.0)),
        ([said("phone:1", ignore=True), said("phone:2", ignore=True)], said("watch:1", ignore=True)),
        ([said("phone:2", distance_m=5_500.0)], said("watch:1", distance_m=11_500.0)),
        ([said("phone:2", distance_m=5_500.0), said("phone:1", ignore=True)], said("watch:1", distance_m=5_500.0)),
        ([said("phone:2", distance_m=5_500.0), said("strava:1", distance_m=9_000.0)], said("watch:1", distance_m=9_000.0)),
        # What a record is a duplicate of says nothing about the run.
        ([said("strava:1", duplicate_of=ActivityId("watch:1"))], None),
        ([said("sheet:1", shoe=PEGASUS)], None),
    ],
)  # fmt: skip
def test_a_correction_holds_for_every_record_of_it(corrections: list[Correction], expected: Correction | None) -> None:
    by_run = {each.run: each for each in corrections}
    parts = [run(f"phone:{n}", f"2024-05-01T0{n}:00:00Z", km, elapsed_s=60.0) for n, km in ((1, 6.0), (2, 4.0))]
    replaced = [ActivityId("watch:0")]
    assert correction_of(watch(km=10.0), [strava(), health(), *parts], by_run, replaced) == expected
