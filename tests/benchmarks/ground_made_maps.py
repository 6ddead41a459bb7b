"""Small maps made up with a seed, and runs over them: a way that is drawn roughly, two ways side by side, a tunnel."""

import random
from array import array
from itertools import pairwise
from math import cos, dist, pi, sin

from ground_simulation import Made, lost_seconds, noisy, seconds

from shoemon.ground.match.piece import METRES_NORTH, MapPiece, Plane, Way

PLANE = Plane(47.0, 9.5)
Points = list[tuple[float, float]]
SURFACES = ("asphalt", "gravel")
MADE = ("rough", "parallel 3", "parallel 5", "parallel 8", "tunnel")


def made_run(case: str, chance: random.Random) -> tuple[Made, MapPiece]:
    """A run of some kilometres with its map. `parallel` names the error of the positions."""
    line = _winding(chance, 30)
    kind, _, sigma = case.partition(" ")
    if kind == "rough":
        return _rough(line, chance)
    return _tunnel(line, chance) if kind == "tunnel" else _parallel(line, float(sigma), chance)


def _rough(line: Points, chance: random.Random) -> tuple[Made, MapPiece]:
    """A way drawn alternately where it is and 11 to 33 m beside, for some hundred metres each; others leave it."""
    offsets: list[float] = []
    while len(offsets) < len(line):
        offsets += [0.0] * chance.randrange(3, 8)
        offsets += [chance.choice((-1, 1)) * chance.uniform(11, 33)] * chance.randrange(3, 8)
    drawn = [_beside(line, metres)[number] for number, metres in enumerate(offsets[: len(line)])]
    ways = [(1, chance.choice(SURFACES), drawn)]
    for number in range(4, len(drawn) - 1, 6):
        (x, y), side = drawn[number], chance.choice((-1, 1))
        ways.append((number, chance.choice(SURFACES), [(x, y), (x + side * 20, y + side * 250)]))
    return _run(line, [1] * len(line), ways, chance.uniform(3, 5), chance)


def _parallel(line: Points, sigma: float, chance: random.Random) -> tuple[Made, MapPiece]:
    """A hard and a soft way 4 to 15 m apart that meet every 400 m or so; the run now and then changes there."""
    other = _beside(line, chance.uniform(4, 15))
    sides, side, route, ways = (line, other), 0, [line[0]], []
    for number in range(1, len(line)):
        if number % 4 == 0 and chance.random() < 0.3:
            side = 1 - side
            route.append(sides[side][number - 1])
            ways.append(3 + number - 1)
        route.append(sides[side][number])
        ways.append(1 + side)
    drawn = [(1, SURFACES[0], line), (2, SURFACES[1], other)]
    drawn += [(3 + number, SURFACES[0], [line[number], other[number]]) for number in range(3, len(line), 4)]
    return _run(route, ways, drawn, sigma, chance)


def _tunnel(line: Points, chance: random.Random) -> tuple[Made, MapPiece]:
    """300 to 1,200 m through a tunnel without a point, and a longer way over the hill."""
    start, end = 8, 8 + chance.randrange(3, 13)
    over = [line[start], *_beside(line, 150.0)[start + 1 : end], line[end]]
    drawn = [(1, SURFACES[0], line[: start + 1]), (2, chance.choice(SURFACES), line[start : end + 1])]
    drawn += [(3, SURFACES[1], line[end:]), (4, chance.choice(SURFACES), over)]
    ways = [1] * start + [2] * (end - start) + [3] * (len(line) - end)
    return _run(line, ways, drawn, chance.uniform(3, 5), chance, under=2)


def _run(
    route: Points,
    ways: list[int],
    drawn: list[tuple[int, str, Points]],
    sigma: float,
    chance: random.Random,
    under: int = 0,
) -> tuple[Made, MapPiece]:
    """Run the route; there is no point on the way `under`, and then only its metres count."""
    piece, nodes, edge = MapPiece(PLANE), dict[tuple[float, float], int](), 0
    surfaces = {way: surface for way, surface, _ in drawn}
    for way, surface, points in drawn:
        for one, two in pairwise(points):
            edge += 1
            a, b = (nodes.setdefault(point, len(nodes) + 1) for point in (one, two))
            shape = array("i", [number for point in (one, two) for number in _whole(*point)])
            piece.add_edge(edge, Way(way, surface, "tag", 0.98, 1.0 if way == under else 0.0), a, b, shape)
    places = seconds(route, ways, chance)
    on = [way for *_, way in places]
    lost = {second for second, way in enumerate(on) if way == under} or lost_seconds(chance, len(places), 0)
    trace = noisy(places, sigma, (1, 1), lost, chance)
    for number, (y, x) in enumerate(zip(trace.lats, trace.lons, strict=True)):
        lon, lat = _whole(x, y)
        trace.lats[number], trace.lons[number] = lat / 1e7, lon / 1e7
    origins = ["tag" if way == under or not under else "" for way in on]
    return Made(trace, [step for _, _, step, _ in places], on, [surfaces[way] for way in on], origins), piece


def _winding(chance: random.Random, corners: int) -> Points:
    """A line that turns a little every 100 m."""
    direction, points = chance.uniform(0, 2 * pi), [(0.0, 0.0)]
    for _ in range(corners):
        direction += chance.gauss(0, 0.25)
        x, y = points[-1]
        points.append((x + 100 * cos(direction), y + 100 * sin(direction)))
    return points


def _beside(line: Points, metres: float) -> Points:
    """The line moved to its left."""
    moved = []
    for number, (x, y) in enumerate(line):
        (x1, y1), (x2, y2) = line[max(number - 1, 0)], line[min(number + 1, len(line) - 1)]
        length = dist((x1, y1), (x2, y2))
        moved.append((x - metres * (y2 - y1) / length, y + metres * (x2 - x1) / length))
    return moved


def _whole(x: float, y: float) -> tuple[int, int]:
    return round((PLANE.lon + x / PLANE.east) * 1e7), round((PLANE.lat + y / METRES_NORTH) * 1e7)
