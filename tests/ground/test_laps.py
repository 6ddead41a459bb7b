"""Laps of stadiums are recognised by their shape, whatever the watch and the lane; what only looks like some is none."""

import random
from math import cos, hypot, pi, radians, sin

import pytest
from kit.laps import block, laps, length_m, oval, polygon, recorded, to_and_fro

from shoemon.ground.laps import laps_of
from shoemon.ground.match.piece import METRES_EAST, METRES_NORTH
from shoemon.model.trace import Trace

SHAPES = [
    (42.195, 36.5),
    (50, 31.83),
    (40, 37.9),
    (45, 35),
    (35, 41),
    (48.5, 32.8),
    (38, 39.5),
    (42.2, 36.8),
    (53, 29.7),
    (33, 42.5),
]
"""Half a straight and the radius of the bends of real ones: standard, of equal quarters, older and wider ones."""
THERE = [(-900, -400), (-300, -260), (-110, -70)]


@pytest.mark.parametrize("number", range(20))
def test_laps_of_a_stadium_are_found_with_a_jog_there_and_back(number: int) -> None:
    """In lanes 1 to 6, by 2 to 8 m of noise, a position a second or smart recording, three laps and more."""
    half, radius = SHAPES[number % 10]
    lane, noise_m, times = 1 + number % 6, 2 + number % 7, (3, 4, 6, 10, 25)[number % 5]
    lap = oval(half, radius, lane)
    path = [*THERE, *laps(lap, times), *reversed(THERE)]
    [found] = laps_of(recorded(path, number, noise_m, smart=number % 2 == 1))
    assert found.laps == pytest.approx(times, abs=0.35)
    assert found.lap_m == pytest.approx(length_m(lap), abs=3 + 2.5 * noise_m)
    assert (
        hypot((found.lat - 60.187) * METRES_NORTH, (found.lon - 24.927) * METRES_EAST * cos(radians(60.187)))
        < 2 + noise_m
    )


CHANCE = random.Random(1)
CIRCLE = polygon(*((64 * cos(step * pi / 30), 64 * sin(step * pi / 30)) for step in range(60)))
EIGHT = [(side * (34 - 34 * cos(step * pi / 20)), 34 * sin(step * pi / 20)) for side in (-1, 1) for step in range(41)]
NONE = {
    "two laps": laps(oval(42.2, 36.5), 2.3),
    "half laps, to and fro": to_and_fro(oval(42.2, 36.5)[:22], 10),
    "an oval of 300 m": laps(oval(32, 27), 12),
    "an oval of 350 m": laps(oval(36, 32), 12),
    "an oval of 500 m": laps(oval(55, 44.6), 8),
    "an oval of 1 km": laps(oval(150, 63), 6),
    "a hall of 200 m": laps(oval(25, 16.5), 15),
    "100 m to and fro": to_and_fro([(-50, 0), (50, 0)], 20),
    "200 m to and fro": to_and_fro([(-100, 0), (100, 0)], 12),
    "one road out and back": to_and_fro([(0, 0), (2000, 100)], 2),
    "three sides of a block to and fro": to_and_fro([(-80, -60), (60, -60), (60, 60), (0, 60)], 8),
    "a square block": laps(block(100, 100), 10),
    "a block": laps(block(120, 80), 8),
    "a long block": laps(block(130, 70), 10),
    "a triangle": laps(polygon((-67, -38), (67, -38), (0, 77)), 8),
    "an angled block": laps(polygon((-60, -60), (60, -60), (60, 0), (0, 0), (0, 60), (-60, 60)), 6),
    "a strip": laps(block(185, 15), 10),
    "a round pond": laps(CIRCLE, 8),
    "a figure of eight": laps(EIGHT, 10),
    "football": [(CHANCE.uniform(-50, 50), CHANCE.uniform(-32, 32)) for _ in range(90)],
    "all over a park": [(CHANCE.uniform(-100, 100), CHANCE.uniform(-100, 100)) for _ in range(40)],
    "a run in town": [(0, 0), (800, 30), (820, 600), (1500, 640), (1480, 1200), (300, 1180), (0, 0)],
    "a stand of half an hour": to_and_fro([(0, 0), (3.5, 0)], 900),
}  # fmt: skip


@pytest.mark.parametrize("case", NONE)
@pytest.mark.parametrize(("noise_m", "smart"), [(3, False), (5, True)])
def test_what_is_no_stadium_is_none(case: str, noise_m: float, smart: bool) -> None:
    assert laps_of(recorded(NONE[case], 1, noise_m, smart=smart)) == []


def test_a_trace_without_positions_has_none() -> None:
    assert laps_of(Trace()) == []
