"""Places of the runner's: what of a track lies within the radius, to the metre."""

from array import array
from itertools import pairwise

import pytest

from shoemon.ground.match.piece import METRES_EAST, METRES_NORTH
from shoemon.ground.match.places import at_places, key_of
from shoemon.model.ids import SurfaceId
from shoemon.model.plan import Place
from shoemon.model.run_ground import Stretch
from shoemon.model.trace import Box, Trace


def place(name: str, x: float, radius_m: float, surface: str = "tartan", lon: float = 0.0) -> Place:
    """A place `x` metres east of the meridian `lon` on the equator."""
    return Place(name, 0.0, lon + x / METRES_EAST, radius_m, SurfaceId(surface))


def eastwards(*points: tuple[float, float], north: float = 0.0, lon: float = 0.0) -> Trace:
    """Points of (seconds, metres east)."""
    lons = [(lon + x / METRES_EAST + 180) % 360 - 180 for _, x in points]
    return Trace(array("d", [t for t, _ in points]), array("d", [north / METRES_NORTH] * len(points)), array("d", lons))


EVEN = [(10.0 * step, 30.0 * step) for step in range(41)]
"""1,200 m in 400 s."""
CASES = {
    "through the middle": (EVEN, [place("A", 600, 120)], 0.0, [("", 480), ("A", 240), ("", 480)]),
    "beside the middle": (EVEN, [place("A", 600, 100)], 60.0, [("", 520), ("A", 160), ("", 520)]),
    "past it": (EVEN, [place("A", 600, 100)], 101.0, [("", 1200)]),
    "between two points": ([(0, 0), (100, 300), (101, 600)], [place("A", 200, 50)], 0.0, [("", 150), ("A", 100), ("", 350)]),
    "with a stand in it": ([(0, 0), (10, 200), (110, 200), (120, 400)], [place("A", 200, 50)], 0.0,
                           [("", 150), ("A", 100), ("", 150)]),
    "the smaller one in the larger one": (EVEN, [place("A", 600, 50), place("B", 700, 300)], 0.0,
                                          [("", 400), ("B", 150), ("A", 100), ("B", 350), ("", 200)]),
    "all of it": (EVEN, [place("A", 600, 5000)], 0.0, [("A", 1200)]),
    "one that asks no more": (EVEN, [place("A", 600, 120, "unknown")], 0.0, [("", 1200)]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("lon", [0.0, 180.0])
def test_metres_within_the_radius_have_the_surface_of_the_place(case: str, lon: float) -> None:
    points, places, north, expected = CASES[case]
    points, end = [(float(t), float(x)) for t, x in points], float(points[-1][0])
    whole = Stretch(0.0, end, points[-1][1] * 1.05, 7, SurfaceId("asphalt"), "tag", 0.9)
    moved = [each._replace(lon=(each.lon + lon + 180) % 360 - 180) for each in places]
    found = at_places([whole], eastwards(*points, north=north, lon=lon), moved)
    assert [(each.place, round(each.distance_m / 1.05)) for each in found] == expected
    assert {(each.surface, each.origin, each.confidence) for each in found if each.place} <= {("tartan", "place", 1.0)}
    assert all(each[3:] == whole[3:] for each in found if not each.place)
    assert (found[0].start_s, found[-1].end_s) == (0.0, end)
    assert all(one.end_s == two.start_s for one, two in pairwise(found))
    assert sum(each.distance_m for each in found) == pytest.approx(whole.distance_m)


def test_the_key_of_a_box_changes_with_the_places_that_reach_into_it_alone() -> None:
    box, inside, outside = Box(0, 0, 0.01, 0.01), place("A", -100, 120), place("B", -100, 90)
    assert (
        key_of([], box) == key_of([outside], box) == key_of([inside._replace(surface=SurfaceId("unknown"))], box) == ""
    )
    keys = {
        key_of([each], box)
        for each in (inside, inside._replace(radius_m=121), inside._replace(surface=SurfaceId("grass")))
    }
    assert len(keys) == 3 and key_of([outside, inside], box) == key_of([inside], box) in keys
