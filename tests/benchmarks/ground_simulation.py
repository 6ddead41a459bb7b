"""Runs over an imported map, made up with a seed, with the true way of every second: for measuring what truth is needed
for. Routes are shortest ways by a taste of the day; positions are off by an error that is mostly that of the second before.
"""

import heapq
import math
import random
import sqlite3
from array import array
from collections import defaultdict
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from shoemon.model.trace import Trace

SCENARIOS = {"open": (3.0, 5.0, (1, 1)), "urban": (8.0, 12.0, (1, 1)), "smart": (3.0, 5.0, (5, 10))}
"""Least and largest error in metres, and the seconds from one point to the next."""
CASES = {"forest 12": (12.0, 12.0, (1, 1)), "forest 18": (18.0, 18.0, (1, 1)), "forest 25": (25.0, 25.0, (1, 1)),
         "minute": (3.0, 5.0, (60, 60)), "gap 100": (3.0, 5.0, (1, 1)), "gap 150": (3.0, 5.0, (1, 1)),
         "gap 240": (3.0, 5.0, (1, 1)), "gap 400": (3.0, 5.0, (1, 1))}  # fmt: skip
"""The same for what is harder. Of those with a gap of so many seconds only the metres in it count."""
CORRELATION_S, NEW_SHARE = 40.0, 0.08
TASTE = {"primary": 2.2, "secondary": 1.7, "tertiary": 1.2, "trunk": 6.0, "steps": 1.5, "service": 1.3, "footway": 0.75,
         "path": 0.75, "track": 0.75, "cycleway": 0.7, "pedestrian": 0.8, "corridor": 20.0, "platform": 20.0}  # fmt: skip
"""How long a metre of such a way feels."""


Places = list[tuple[float, float, float, int]]
"""Where a runner is at each second, in metres, the metres until the next, and the way."""


class Made(NamedTuple):
    """A run: its trace; and for each second the metres run in it, the true way, its surface by the map, and how that is
    known."""

    trace: Trace
    metres: list[float]
    ways: list[int]
    surfaces: list[str]
    origins: list[str]
    slack_s: int = 0
    """How far off the true places may be: a way that was left or entered within that time is right."""


class Network:
    """The ways of a map as a graph."""

    def __init__(self, path: Path) -> None:
        self.exits: dict[int, list[tuple[int, float, int, list[tuple[float, float]]]]] = defaultdict(list)
        with closing(sqlite3.connect(path)) as connection:
            self.ways = {
                way: (highway, surface, origin, cost)
                for way, highway, surface, origin, cost in connection.execute(
                    "SELECT id, highway, surface, origin, cost FROM way"
                )
            }
            rows = connection.execute("SELECT way, a, b, shape FROM edge").fetchall()
        self.lat, self.lon = (array("i", rows[0][3])[place] / 1e7 for place in (1, 0))
        self.east = 111_320 * math.cos(math.radians(self.lat))
        for way, a, b, blob in rows:
            if self.ways[way][3] >= 2.0:
                continue
            numbers = array("i", blob)
            points = [self.metres(lon / 1e7, lat / 1e7) for lon, lat in zip(numbers[0::2], numbers[1::2], strict=True)]
            length = sum(math.dist(one, two) for one, two in pairwise(points))
            if length > 0 and a != b:
                self.exits[a].append((b, length, way, points))
                self.exits[b].append((a, length, way, points[::-1]))
        self.nodes = self._largest_part()

    def metres(self, lon: float, lat: float) -> tuple[float, float]:
        return (lon - self.lon) * self.east, (lat - self.lat) * 110_574

    def _largest_part(self) -> list[int]:
        left, best = set(self.exits), set()
        while left:
            part, todo = set(), [next(iter(left))]
            while todo:
                node = todo.pop()
                if node not in part:
                    part.add(node)
                    todo.extend(other for other, *_ in self.exits[node])
            left -= part
            best = max(best, part, key=len)
        return sorted(best)

    def from_node(self, start: int, limit: float, taste: dict[int, float]) -> dict[int, tuple[float, int, int]]:
        """Felt length, node before and number of its exit, of every node not felt further than `limit`."""
        found = {start: (0.0, start, -1)}
        heap = [(0.0, start)]
        while heap:
            felt, node = heapq.heappop(heap)
            if felt > found[node][0]:
                continue
            for number, (other, length, way, _) in enumerate(self.exits[node]):
                there = felt + length * taste[way]
                if there < limit and there < found.get(other, (math.inf,))[0]:
                    found[other] = (there, node, number)
                    heapq.heappush(heap, (there, other))
        return found


def make_run(network: Network, scenario: str, chance: random.Random) -> Made:
    """A run of 4 to 12 km."""
    points, ways = route(network, chance)
    least, largest, apart = {**SCENARIOS, **CASES}[scenario]
    sigma, gap = chance.uniform(least, largest), int(scenario.split()[1]) if scenario.startswith("gap") else 0
    places = seconds(points, ways, chance)
    told = [network.ways[way] for *_, way in places]
    lost = lost_seconds(chance, len(places), gap)
    trace = noisy(places, sigma, apart, lost, chance)
    for number, (lat, lon) in enumerate(zip(trace.lats, trace.lons, strict=True)):
        trace.lats[number], trace.lons[number] = network.lat + lat / 110_574, network.lon + lon / network.east
    origins = [origin if not gap or second in lost else "" for second, (_, _, origin, _) in enumerate(told)]
    return Made(
        trace, [step for _, _, step, _ in places], [way for *_, way in places], [one[1] for one in told], origins
    )


def lost_seconds(chance: random.Random, count: int, gap: int) -> set[int]:
    """Seconds without a point: 15 to 90 in a row once, or `gap` of them from time to time."""
    if not gap:
        start = chance.randrange(300, 900)
        return set(range(start, start + chance.randrange(15, 90)))
    starts = range(chance.randrange(200, 400), count - gap - 100, 2 * gap + 100)
    return {start + second for start in starts for second in range(gap)}


def noisy(places: Places, sigma: float, apart: tuple[int, int], lost: set[int], chance: random.Random) -> Trace:
    """The places with an error, `apart` seconds from each other; `lats` and `lons` are still metres."""
    keep = math.exp(-1 / CORRELATION_S)
    slow = [chance.gauss(0, 1), chance.gauss(0, 1)]
    times, lats, lons = array("d"), array("d"), array("d")
    wanted = 0
    for second, (x, y, *_) in enumerate(places):
        slow = [keep * part + math.sqrt(1 - keep * keep) * chance.gauss(0, 1) for part in slow]
        if second >= wanted and second not in lost:
            off = [
                sigma * (math.sqrt(1 - NEW_SHARE) * part + math.sqrt(NEW_SHARE) * chance.gauss(0, 1)) for part in slow
            ]
            if chance.random() < 1 / 300:
                off = [part + chance.gauss(0, 40) for part in off]
            times.append(second)
            lats.append(y + off[1])
            lons.append(x + off[0])
            wanted = second + chance.randint(*apart)
    return Trace(times, lats, lons)


def route(network: Network, chance: random.Random) -> tuple[list[tuple[float, float]], list[int]]:
    """Points, and the way between each and the next: from place to place, each of them near by."""
    taste = {way: TASTE.get(told[0], 1.0) * chance.lognormvariate(0, 0.35) for way, told in network.ways.items()}
    node = chance.choice(network.nodes)
    target, length = chance.uniform(4000, 12000), 0.0
    points: list[tuple[float, float]] = []
    ways: list[int] = []
    while length < target:
        found = network.from_node(node, 2500.0, taste)
        far = [other for other, (felt, *_) in found.items() if felt > 600] or list(found)
        goal = chance.choice(far)
        path = []
        while goal != node:
            _, before, number = found[goal]
            path.append(network.exits[before][number])
            goal = before
        if not path:
            node = chance.choice(network.nodes)
            continue
        for other, metres, way, shape in reversed(path):
            points.extend(shape if not points else shape[1:])
            ways.extend([way] * (len(shape) - 1))
            length += metres
            node = other
    return points, ways


def seconds(points: list[tuple[float, float]], ways: list[int], chance: random.Random) -> Places:
    speed, over, found = chance.uniform(2.5, 3.6), 0.0, []
    for (x1, y1), (x2, y2), way in zip(points, points[1:], ways, strict=False):
        length = math.dist((x1, y1), (x2, y2))
        while over < length:
            found.append((x1 + (x2 - x1) * over / length, y1 + (y2 - y1) * over / length, speed, way))
            over += speed
        over -= length
    return found
