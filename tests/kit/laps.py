"""Laps of stadiums, and what is none, as paths on a plane; and the recording of a path by a watch."""

import random
from array import array
from collections.abc import Sequence
from itertools import pairwise
from math import cos, exp, hypot, pi, radians, sin, sqrt

from shoemon.ground.match.piece import METRES_EAST, METRES_NORTH
from shoemon.model.trace import Trace

Path = Sequence[tuple[float, float]]
"""Metres east and north of the middle, from corner to corner."""


def oval(half: float, radius: float, lane: int = 1) -> Path:
    """A lap of a stadium with straights of twice `half` metres and bends of `radius`, run 0.3 m from the edge."""
    radius += 0.3 + 1.22 * (lane - 1)
    bend = [(half + radius * sin(step * pi / 20), -radius * cos(step * pi / 20)) for step in range(21)]
    return [*bend, *((-x, -y) for x, y in bend), bend[0]]


def polygon(*corners: tuple[float, float]) -> Path:
    """A lap round some corners."""
    return [*corners, corners[0]]


def block(width: float, height: float) -> Path:
    return polygon((0, 0), (width, 0), (width, height), (0, height))


def laps(lap: Path, times: float) -> Path:
    """The lap so many times; of the last one the first part of its corners."""
    whole = [point for _ in range(int(times)) for point in lap[:-1]]
    return [*whole, *lap[: round(times % 1 * len(lap)) + 1]]


def to_and_fro(path: Path, times: int) -> Path:
    return [point for _ in range(times) for point in (*path, *reversed(path))]


def length_m(path: Path) -> float:
    return sum(hypot(x2 - x, y2 - y) for (x, y), (x2, y2) in pairwise(path))


def recorded(
    path: Path,
    seed: int,
    noise_m: float,
    *,
    smart: bool = False,
    lat: float = 60.187,
    lon: float = 24.927,
    turn: float | None = None,
) -> Trace:
    """The path at some 3.5 m/s as a watch records it: a position a second, or (smart) every 3 to 9 seconds; the errors of
    `noise_m` are mostly alike for 40 s. The path is turned by any angle, or by `turn`."""
    chance = random.Random(seed)
    turn = chance.uniform(0, pi) if turn is None else turn
    alike, fresh, keep = 0.9 * noise_m, sqrt(1 - 0.81) * noise_m, exp(-1 / 40)
    east, north = chance.gauss(0, alike), chance.gauss(0, alike)
    points: list[tuple[float, float, float]] = []
    time = left = 0.0
    for (x, y), (x2, y2) in pairwise(path):
        length = hypot(x2 - x, y2 - y)
        while left < length:
            here = (x + left / length * (x2 - x), y + left / length * (y2 - y))
            east, north = (keep * each + sqrt(1 - keep * keep) * chance.gauss(0, alike) for each in (east, north))
            place_x = here[0] * cos(turn) - here[1] * sin(turn) + east + chance.gauss(0, fresh)
            place_y = here[0] * sin(turn) + here[1] * cos(turn) + north + chance.gauss(0, fresh)
            points.append((time, lat + place_y / METRES_NORTH, lon + place_x / (METRES_EAST * cos(radians(lat)))))
            time, left = time + 1, left + max(chance.gauss(3.5, 0.3), 1.0)
        left -= length
    if smart:
        kept = [0]
        while kept[-1] < len(points) - 10:
            kept.append(kept[-1] + chance.randint(3, 9))
        points = [points[index] for index in kept]
    return Trace(*(array("d", column) for column in zip(*points, strict=True)))
