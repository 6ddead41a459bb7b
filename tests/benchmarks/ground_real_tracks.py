"""Real tracks with the network around them and the true route, as seconds with a true way.

Each folder holds NAME.track.gz (longitude, latitude, seconds), .nodes.gz (longitude, latitude), .arcs.gz (two nodes, one
direction each) and .route.gz (the arcs of the true route in order). There are no surfaces: every stretch between two
junctions gets `asphalt` or `gravel` by chance. A track faster than a runner gets a slower clock.
"""

import gzip
import random
from array import array
from bisect import bisect_right
from collections import defaultdict
from itertools import accumulate, pairwise
from math import dist, inf
from pathlib import Path
from statistics import median

from ground_simulation import Made

from shoemon.ground.match.piece import MapPiece, Plane, Way
from shoemon.model.trace import Trace

RUNNING_MS = 3.0
_STEP_M = 10.0
_OFF_M = 15.0
_SLACK_S = 5
"""The true place at each second is found from the track itself: it is off by some metres along the route."""
Point = tuple[float, float]


def real_run(folder: Path, chance: random.Random) -> tuple[Made, MapPiece]:
    """The track as a run, and its network."""
    track, nodes, arcs, route = (
        _rows(folder / f"{folder.name}.{kind}.gz") for kind in ("track", "nodes", "arcs", "route")
    )
    plane = Plane(nodes[0][1], nodes[0][0])
    piece = MapPiece(plane)
    way_of = {}
    ends = [(int(a), int(b)) for a, b in arcs]
    for way, chain in enumerate(_chains(ends), 1):
        shape = array("i", [round(value * 1e7) for node in chain for value in nodes[node]])
        piece.add_edge(
            way, Way(way, chance.choice(("asphalt", "gravel")), "tag", 0.98, 0.0), chain[0], chain[-1], shape
        )
        way_of |= {frozenset(pair): way for pair in pairwise(chain)}
    surfaces = {edge.way.id: edge.way.surface for exits in piece.exits.values() for *_, edge in exits}
    slower = _slower([(plane.point(lat, lon), time) for lon, lat, time in track])
    times = array("d", [(time - track[0][2]) * slower for *_, time in track])
    trace = Trace(times, array("d", [lat for _, lat, _ in track]), array("d", [lon for lon, *_ in track]))
    true = [ends[int(arc)] for (arc,) in route]
    along = _along(trace, plane, [[plane.point(nodes[node][1], nodes[node][0]) for node in arc] for arc in true])
    ways = [way_of[frozenset(arc)] for arc in true]
    starts = [0.0, *accumulate(dist(*(plane.point(nodes[node][1], nodes[node][0]) for node in arc)) for arc in true)]
    metres = [two - one for one, two in pairwise(along)]
    on = [ways[min(bisect_right(starts, (one + two) / 2) - 1, len(ways) - 1)] for one, two in pairwise(along)]
    return Made(trace, metres, on, [surfaces[way] for way in on], ["tag"] * len(on), _SLACK_S), piece


def _rows(path: Path) -> list[list[float]]:
    with gzip.open(path, "rt") as lines:
        return [[float(value) for value in line.split()] for line in lines]


def _chains(arcs: list[tuple[int, int]]) -> list[list[int]]:
    """The stretches between two junctions, as nodes."""
    beside: defaultdict[int, list[int]] = defaultdict(list)
    for a, b in sorted({(min(arc), max(arc)) for arc in arcs}):
        beside[a].append(b), beside[b].append(a)
    seen: set[frozenset[int]] = set()
    chains = []
    for start in sorted(beside, key=lambda node: (len(beside[node]) == 2, node)):  # rings without a junction come last
        for node in beside[start]:
            chain = [start, node]
            if frozenset(chain) in seen:
                continue
            while len(beside[chain[-1]]) == 2 and chain[-1] != start:
                one, two = beside[chain[-1]]
                chain.append(one if two == chain[-2] else two)
            seen |= {frozenset(pair) for pair in pairwise(chain)}
            chains.append(chain)
    return chains


def _slower(points: list[tuple[Point, float]]) -> float:
    """How many times slower the clock must be for a runner's pace."""
    speeds = [dist(one, two) / (after - time) for (one, time), (two, after) in pairwise(points) if after > time]
    return max(median([speed for speed in speeds if speed > 0.7]) / RUNNING_MS, 1.0)


def _along(trace: Trace, plane: Plane, route: list[list[Point]]) -> list[float]:
    """Metres along the route at every second: the likeliest places, each no earlier than the one before."""
    points = [(plane.point(trace.lats[0], trace.lons[0]), trace.times[0])]
    for lat, lon, time in zip(trace.lats, trace.lons, trace.times, strict=True):
        if dist(place := plane.point(lat, lon), points[-1][0]) >= _STEP_M and time > points[-1][1]:
            points.append((place, time))
    marks, metres = [], 0.0
    for (x1, y1), (x2, y2) in route:
        length = dist((x1, y1), (x2, y2))
        steps = max(round(length / 5), 1)
        marks += [
            (x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps, metres + length * step / steps)
            for step in range(steps)
        ]
        metres += length
    costs = {mark: dist(marks[mark][:2], points[0][0]) ** 2 / _OFF_M**2 for mark in range(len(marks))}
    came_from = []
    for (before, _), (place, _) in pairwise(points):
        line, least = dist(before, place), min(costs.values())
        after: dict[int, tuple[float, int]] = {}
        for mark, cost in costs.items():
            if cost > least + 30:
                continue
            for there in range(mark, len(marks)):
                run = marks[there][2] - marks[mark][2]
                if run > 2 * line + 60:
                    break
                known = cost + abs(run - line) / 10
                if known < after.get(there, (inf,))[0]:
                    after[there] = (known, mark)
        came_from.append(after)
        costs = {mark: known + dist(marks[mark][:2], place) ** 2 / _OFF_M**2 for mark, (known, _) in after.items()}
    mark = min(costs, key=costs.__getitem__)
    places = [marks[mark][2]]
    for after in reversed(came_from):
        mark = after[mark][1]
        places.append(marks[mark][2])
    return _each_second([time for _, time in points], places[::-1])


def _each_second(times: list[float], places: list[float]) -> list[float]:
    found, number = [], 0
    for second in range(int(times[-1]) + 1):
        while number < len(times) - 2 and times[number + 1] <= second:
            number += 1
        share = (second - times[number]) / (times[number + 1] - times[number])
        found.append(places[number] + min(max(share, 0.0), 1.0) * (places[number + 1] - places[number]))
    return found
