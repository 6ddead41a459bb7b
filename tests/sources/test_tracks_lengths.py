"""How long a run was by its positions: jumping is not running, and what devices have smoothed is taken as it is."""

import random
from array import array
from itertools import pairwise

import pytest

from shoemon.model.globe import distance_between_m
from shoemon.model.trace import Trace
from shoemon.sources.formats.lengths import length_m

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


def test_a_point_that_nobody_could_have_reached_adds_nothing() -> None:
    aside = [0.0] * 101
    aside[50] = 60.0
    trace = northwards([3.0 * index for index in range(101)], aside)
    assert length_m(trace) == pytest.approx(300, rel=1e-3)


def test_who_goes_on_from_there_was_really_there() -> None:
    """Two leaps that lead on are no fault of one point: a gap in the recording."""
    north = [3.0 * index for index in range(50)] + [1_000 + 3.0 * index for index in range(50)]
    assert length_m(northwards(north)) == pytest.approx(1_147, rel=1e-3)


def test_the_way_between_two_pieces_is_not_counted() -> None:
    north = [3.0 * index for index in range(50)] + [1_000 + 3.0 * index for index in range(50)]
    assert length_m(northwards(north, starts=(0, 50))) == pytest.approx(294, rel=1e-3)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_point_is_no_length_to_speak_of(count: int) -> None:
    assert length_m(northwards([5.0 * index for index in range(count)])) == pytest.approx(max(0, count - 1) * 5.0)
