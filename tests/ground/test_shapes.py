"""Lines that are to be drawn: cut to a frame, simplified, few enough; and the parts of a run they are made for."""

import math
from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoemon.ground.match.drawn import Drawn, drawn_of, fewer
from shoemon.ground.match.piece import METRES_NORTH, Plane
from shoemon.ground.match.shapes import Frame, Line, clipped, frame_around, light, simplified
from shoemon.model.ids import SurfaceId
from shoemon.model.run_ground import Stretch
from shoemon.model.surfaces import BUILT_IN
from shoemon.model.trace import Trace
from shoemon.web.geojson import Scale, parts_of_run, totals

FRAME = Frame(0, 0, 100, 50)
PLANE = Plane(0.0, 20.0)
places = st.tuples(st.integers(-300, 300), st.integers(-300, 300)).map(lambda place: (float(place[0]), float(place[1])))
lines = st.lists(places, min_size=2, max_size=400)


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ([(10, 10), (90, 40)], [[(10, 10), (90, 40)]]),
        ([(-100, 25), (200, 25)], [[(0, 25), (100, 25)]]),
        ([(50, 25), (50, 75), (60, 75), (60, 25)], [[(50, 25), (50, 50)], [(60, 50), (60, 25)]]),
        ([(10, 10), (20, 20), (30, 10)], [[(10, 10), (20, 20), (30, 10)]]),
        ([(-10, 60), (110, 60)], []),
        ([(-10, 10), (-10, 40)], []),
        ([(-10, 40), (10, 60)], []),  # only a corner is touched
        ([(0, 0), (100, 0)], [[(0, 0), (100, 0)]]),  # the edge is within
        ([(50, 25), (50, 25)], [[(50, 25), (50, 25)]]),
    ],
)
def test_of_a_line_what_lies_in_the_frame_is_left(line: Line, parts: list[Line]) -> None:
    assert clipped(line, FRAME) == parts


@given(lines)
def test_nothing_that_was_cut_lies_outside_of_the_frame(line: Line) -> None:
    for part in clipped(line, FRAME):
        assert len(part) >= 2
        assert all(-1e-6 <= x <= 100 + 1e-6 and -1e-6 <= y <= 50 + 1e-6 for x, y in part)


def test_points_on_a_straight_way_are_left_out_and_corners_stay() -> None:
    line = [(0.0, 0.0), (10.0, 0.5), (20.0, 0.0), (20.0, 30.0), (20.0, 60.0)]
    assert simplified(line, 1.0) == [(0.0, 0.0), (20.0, 0.0), (20.0, 60.0)]
    assert simplified(line, 0.1) == [*line[:3], line[4]]


def off(place: tuple[float, float], line: Line) -> float:
    """Metres from a place to a line."""

    def to(one: tuple[float, float], two: tuple[float, float]) -> float:
        dx, dy = two[0] - one[0], two[1] - one[1]
        x, y = place[0] - one[0], place[1] - one[1]
        along = min(max((x * dx + y * dy) / ((dx * dx + dy * dy) or 1.0), 0.0), 1.0)
        return math.hypot(x - along * dx, y - along * dy)

    return min(to(one, two) for one, two in pairwise(line))


@given(lines, st.floats(0.5, 100))
def test_no_point_is_further_from_the_simplified_line_than_the_tolerance(line: Line, tolerance: float) -> None:
    found = simplified(line, tolerance)
    assert (found[0], found[-1]) == (line[0], line[-1])
    assert set(found) <= set(line)
    assert all(off(place, found) <= tolerance + 1e-9 for place in line)


@given(st.lists(lines, min_size=1, max_size=20), st.integers(60, 300))
def test_lines_become_lighter_until_they_fit_and_keep_their_ends(drawn: list[Line], most: int) -> None:
    found = light(drawn, 1.0, most)
    assert sum(map(len, found)) <= most
    assert [(line[0], line[-1]) for line in found] == [(line[0], line[-1]) for line in drawn]


def test_a_line_made_to_be_slow_is_simplified_all_the_same() -> None:
    """Of a growing spiral the furthest point is always beside the last one."""
    spiral = [(math.cos(turn / 50) * turn, math.sin(turn / 50) * turn) for turn in range(20_000)]
    (found,) = light([spiral], 1.0, 500)
    assert 2 < len(found) <= 500


@pytest.mark.parametrize(
    ("line", "frame"),
    [
        ([(0, 0), (1_000, 1_000)], Frame(-100, -100, 1_100, 1_100)),
        ([(0, 0), (1_000, 0)], Frame(-100, -375, 1_100, 375)),  # not flatter than 1.6
        ([(0, 0), (0, 1_000)], Frame(-600, -100, 600, 1_100)),  # no higher than wide
        ([(5, 5), (6, 6)], Frame(-94.5, -57, 105.5, 68)),  # not smaller than 200 m
    ],
)
def test_the_frame_leaves_room_around_a_run(line: Line, frame: Frame) -> None:
    assert frame_around([line], 0.1, 200.0, 1.6) == pytest.approx(frame)


def traced(metres: list[float]) -> Trace:
    """A run to the east along the equator: a point a second, at so many metres."""
    lons = [PLANE.lon + x / PLANE.east for x in metres]
    return Trace(array("d", range(len(metres))), array("d", [0.0] * len(metres)), array("d", lons))


def stretch(start: float, end: float, surface: str, metres: float, *, sure: float = 1.0, way: int = 1) -> Stretch:
    return Stretch(start, end, metres, way, SurfaceId(surface), "tag", sure)


def test_the_positions_of_a_run_are_divided_where_the_surface_changes() -> None:
    """Between two points too; what is of one surface on several ways is one."""
    trace = traced([0, 3, 6, 9, 12, 15])
    stretches = [
        stretch(0, 1.5, "asphalt", 4.5), stretch(1.5, 3, "dirt", 4.5, sure=0.9), stretch(3, 5, "dirt", 6, sure=0.8, way=2),
    ]  # fmt: skip
    first, second = drawn_of(trace, PLANE, stretches, PLANE)
    assert first[:4] == ("asphalt", "tag", 4.5, 1.0)
    assert second[:3] == ("dirt", "tag", 10.5)
    assert second.confidence == pytest.approx((4.5 * 0.9 + 6 * 0.8) / 10.5)
    assert [x for x, _ in first.line] == pytest.approx([0, 3, 4.5])
    assert [x for x, _ in second.line] == pytest.approx([4.5, 6, 9, 12, 15])


def test_a_fault_of_the_receiver_is_not_drawn() -> None:
    (part,) = drawn_of(traced([0, 3, 90, 9, 12]), PLANE, [stretch(0, 4, "asphalt", 12)], PLANE)
    assert [x for x, _ in part.line] == pytest.approx([0, 3, 9, 12])


def part(surface: str, metres: float, start: float) -> Drawn:
    return Drawn(SurfaceId(surface), "tag", metres, 0.5, [(start, 0.0), (start + metres, 0.0)])


def test_of_too_many_parts_the_short_ones_are_drawn_as_the_one_before_and_keep_their_metres() -> None:
    parts = [part("asphalt", 100, 0), part("dirt", 5, 100), part("asphalt", 80, 105), part("dirt", 7, 185)]
    kept = fewer(parts, 2)
    assert kept == [
        Drawn(SurfaceId("asphalt"), "tag", 100, 0.5, [(0, 0), (100, 0), (105, 0)]),
        Drawn(SurfaceId("asphalt"), "tag", 80, 0.5, [(105, 0), (185, 0), (192, 0)]),
        Drawn(SurfaceId("dirt"), "tag", 12, 0.5, []),
    ]
    assert parts[0].line == [(0, 0), (100, 0)]
    assert fewer(parts, 4) == parts
    assert totals(kept, BUILT_IN) == totals(parts, BUILT_IN)


def test_what_is_not_drawn_has_no_geometry_in_geojson() -> None:
    scale = Scale(PLANE, Frame(0, 0, 1_000, 1_000))
    drawn, short = parts_of_run([part("asphalt", 100, 0), part("bark", 3, 0)._replace(line=[])], BUILT_IN, scale)
    assert drawn == {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [[20.0, 0.0], [round(20 + 100 / PLANE.east, 6), 0.0]]},
        "properties": {
            "kind": "run", "surface": "asphalt", "ground": "hard", "metres": 100, "origin": "tag", "sure": 0.5,
        },
    }  # fmt: skip
    assert short["geometry"] is None
    assert (short["properties"]["surface"], short["properties"]["ground"]) == ("bark", "unknown")


def test_positions_are_as_exact_as_the_frame_needs() -> None:
    north = 12.3456789 / METRES_NORTH
    small, large = (Scale(PLANE, Frame(0, 0, size, size)).position(0, 12.3456789)[1] for size in (1_000, 10_000))
    assert (small, large) == (round(north, 6), round(north, 5))
