"""How long a run was by its positions: jumping is not running, and what devices have smoothed is taken as it is."""

import random
from array import array
from itertools import pairwise

import pytest

from shoemon.model.globe import distance_between_m
from shoemon.model.trace import Trace
from shoemon.sources.formats.lengths import length_m
from shoemon.sources.formats.points import Capacity, Points

DEGREE_M = 111_195.0


def northwards(
    metres: list[float], east_m: list[float] | None = None, starts: tuple[int, ...] = (0,), step_s: float = 1.0
) -> Trace:
    """A trace from the equator, with the metres north (and east) of each point."""
    east_m = east_m or [0.0] * len(metres)
    return Trace(
        array("d", [step_s * index for index in range(len(metres))]), array("d", [north / DEGREE_M for north in metres]),
        array("d", [east / DEGREE_M for east in east_m]), array("d"), starts,
    )  # fmt: skip


def from_point_to_point(trace: Trace) -> float:
    places = list(zip(trace.lats, trace.lons, strict=True))
    return sum(distance_between_m(*one, *two) for one, two in pairwise(places))


def jumping(error_m: float, step_s: float = 1.0) -> Trace:
    """Three kilometres at three metres a second, each position off by itself."""
    chance = random.Random(7)
    count = int(1000 / step_s)
    north = [3.0 * step_s * index + chance.gauss(0, error_m) for index in range(count + 1)]
    return northwards(north, [chance.gauss(0, error_m) for _ in north], step_s=step_s)


@pytest.mark.parametrize("error_m", [1.0, 2.0, 4.0])
def test_positions_that_jump_do_not_lengthen_the_run(error_m: float) -> None:
    trace = jumping(error_m)
    assert from_point_to_point(trace) > 1.1 * 3_000
    assert length_m(trace) == pytest.approx(3_000, rel=0.03)


@pytest.mark.parametrize("error_m", [0.0, 0.3])
def test_what_the_device_has_smoothed_is_taken_from_point_to_point(error_m: float) -> None:
    trace = jumping(error_m)
    assert length_m(trace) == pytest.approx(from_point_to_point(trace), rel=1e-9)


def test_points_far_apart_are_taken_as_they_are() -> None:
    trace = jumping(4.0, step_s=8.0)
    assert length_m(trace) == pytest.approx(from_point_to_point(trace), rel=1e-9)


@pytest.mark.parametrize("block_m", [12.0, 60.0])
def test_points_without_times_that_are_far_apart_are_taken_as_they_are(block_m: float) -> None:
    """A line made simple, around the corners of blocks and back again: its points are counted, not timed."""
    out = [(index + 1) // 2 * block_m for index in range(40)], [index // 2 * block_m for index in range(40)]
    trace = northwards(*(line + line[-2::-1] for line in out))
    assert length_m(trace) == pytest.approx(2 * 39 * block_m, rel=1e-4)


STEADY = [3.0 * index for index in range(101)]
LEAPING = STEADY[:50] + [1_000 + metres for metres in STEADY[:50]]


@pytest.mark.parametrize(
    ("trace", "metres"),
    [
        # A point aside that nobody could have reached adds nothing.
        (northwards(STEADY, [60.0 if index == 50 else 0.0 for index in range(101)]), 300),
        # Two leaps that lead on are no fault of one point: a gap in the recording. Between two pieces nobody ran.
        (northwards(LEAPING), 1_147), (northwards(LEAPING, starts=(0, 50)), 294),
        # Hardly any point.
        (northwards([]), 0), (northwards([0.0]), 0), (northwards([0.0, 5.0]), 5),
    ],
)  # fmt: skip
def test_who_goes_on_from_a_point_was_really_there(trace: Trace, metres: float) -> None:
    assert length_m(trace) == pytest.approx(metres, rel=1e-3)


def recorded(*pieces: tuple[int, float, float], step_s: float, on_foot: bool = True) -> tuple[float, tuple[str, ...]]:
    """The length and the notes of a way north at 3 m/s in `pieces`: points, metres east and metres a second."""
    points, north, time = Points(Capacity()), 1_000.0, 1.0e9
    for count, east_m, speed in pieces:
        for _ in range(count):
            points.add(time, north / DEGREE_M, east_m / DEGREE_M)
            north, time = north + speed * step_s, time + step_s
    trace, notes = points.trace(on_foot=on_foot)
    return length_m(trace), notes


@pytest.mark.parametrize(
    ("pieces", "step_s", "metres", "notes"),
    [
        ([(90, 0, 3), (6, 900, 3), (71, 0, 3)], 10, 4_980, ["points that the GPS put aside, left out: 6"]),
        ([(30, 0, 3), (1, 400, 3), (25, 0, 3)], 30, 4_950, ["points that the GPS put aside, left out: 1"]),
        ([(600, 0, 3), (60, 5e3, 3), (9, 9e4, 3), (998, 0, 3)], 1, 4_998, ["points that the GPS put aside, left out: 69"]),
        ([(99, 0, 3), (5, 700, 3), (60, 0, 3), (20, -200, 3), (99, 0, 3)], 5, 4_230, ["points that the GPS put aside, left out: 25"]),
        # Who does not come back, or stays for longer, was there: only the leap was not run.
        ([(100, 0, 3), (67, 900, 3)], 10, 4_950, ["leaps that nobody can run, not counted: 1"]),
        ([(90, 0, 3), (70, 900, 3), (90, 0, 3)], 10, 7_410, ["leaps that nobody can run, not counted: 2"]),
        # A device may stand still and catch up, as in a tunnel: all of that way was run.
        ([(100, 0, 3), (34, 0, 0), (1, 0, 105)] * 10 + [(1, 0, 3)], 1, 4_050, []),
        ([(600, 0, 3), (34, 0, 0), (1, 0, 60), (60, 60, 3), (34, 60, 0), (1, 60, 60), (600, 0, 3)], 1, 3_947, []),
        # A ride is as long as it is.
        ([(50, 0, 11), (50, 0, 2), (50, 0, 14)], 10, 13_360, []),
    ],
)  # fmt: skip
def test_no_glitch_of_the_gps_lengthens_a_run(
    pieces: list[tuple[int, float, float]], step_s: float, metres: float, notes: list[str]
) -> None:
    length, said = recorded(*pieces, step_s=step_s)
    assert (length, list(said)) == (pytest.approx(metres, rel=1e-3), notes)


def test_what_nobody_runs_may_be_ridden() -> None:
    length, said = recorded((90, 0, 3), (6, 900, 3), (71, 0, 3), step_s=10, on_foot=False)
    assert (length, said) == (pytest.approx(6_725, rel=1e-3), ())
