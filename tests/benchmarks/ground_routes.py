"""Ground of planned routes: routes made of simulated runs, as a router or a hand would have drawn them, against the
true ways of the run.

    python tests/benchmarks/ground_routes.py DATA_DIR [--simulated 8] [--seed 40] [--only drawn] [--no-rivals]
"""

import argparse
import math
import random
import tempfile
import time
from array import array
from bisect import bisect_right
from collections import defaultdict
from itertools import accumulate, pairwise
from math import dist, hypot
from pathlib import Path

from ground import imported
from ground_rivals import rivals_on
from ground_scores import Sums, by_metre, header
from ground_simulation import Made, Network, _route

from shoemon.ground.match.planned import along, match_route
from shoemon.ground.osm.reading import open_map
from shoemon.model.run_ground import Stretch
from shoemon.model.trace import Trace

CASES = {"every 1st": (1, 0.0), "every 5th": (5, 0.0), "every 20th": (20, 0.0), "drawn": (0, 30.0)}
STEP_M = 2.0
Line = list[tuple[float, float]]


def kept_of(points: Line, every: int) -> list[int]:
    """The points of the path that the route has: every so many, or those that a hand would click."""
    if every:
        return sorted({*range(0, len(points), every), len(points) - 1})
    return simplified(points, 20.0)


def simplified(points: Line, tolerance: float) -> list[int]:
    """Douglas and Peucker: the points that a hand would click."""
    kept, todo = {0, len(points) - 1}, [(0, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        (x1, y1), (x2, y2) = points[first], points[last]
        length = hypot(x2 - x1, y2 - y1)
        worst, at = tolerance, None
        for number in range(first + 1, last):
            x, y = points[number]
            share = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length**2 if length else 0.0
            share = min(max(share, 0.0), 1.0)
            off = dist((x, y), (x1 + share * (x2 - x1), y1 + share * (y2 - y1)))
            if off > worst:
                worst, at = off, number
        if at is not None:
            kept.add(at)
            todo += [(first, at), (at, last)]
    return sorted(kept)


def route_of(points: Line, kept: list[int], error: float, network: Network, chance: random.Random) -> Trace:
    lats, lons = array("d"), array("d")
    for number in kept:
        turn, off = chance.uniform(0, 2 * math.pi), error * math.sqrt(chance.random())
        x, y = points[number][0] + off * math.cos(turn), points[number][1] + off * math.sin(turn)
        lats.append(round(network.lat + y / 110_574, 6))
        lons.append(round(network.lon + x / network.east, 6))
    return Trace(array("d", range(len(kept))), lats, lons)


def truth_of(points: Line, ways: list[int], network: Network, trace: Trace) -> tuple[Made, list[float]]:
    """The truth of every two metres of the path; and the metres before each of its points."""
    before = list(accumulate((dist(*pair) for pair in pairwise(points)), initial=0.0))
    count = int(before[-1] // STEP_M)
    found = [ways[min(bisect_right(before, number * STEP_M) - 1, len(ways) - 1)] for number in range(count)]
    told = [network.ways[way] for way in found]
    return Made(trace, [STEP_M] * count, found, [one[1] for one in told], [one[2] for one in told]), before


def placed(stretches: list[Stretch], route: Trace, at: list[float]) -> list[Stretch]:
    """Stretches by true steps instead of metres along the route; `at`: the true metres at each point of the route."""
    times = list(route.times)

    def place(metres: float) -> float:
        after = min(max(bisect_right(times, metres), 1), len(times) - 1)
        span = times[after] - times[after - 1]
        share = min(max((metres - times[after - 1]) / span, 0.0), 1.0) if span > 0 else 1.0
        return (at[after - 1] + share * (at[after] - at[after - 1])) / STEP_M

    return [one._replace(start_s=place(one.start_s), end_s=place(one.end_s)) for one in stretches]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--simulated", type=int, default=8, help="runs per extract")
    parser.add_argument("--seed", type=int, default=40)
    parser.add_argument("--only", default="")
    parser.add_argument("--no-rivals", action="store_true")
    args = parser.parse_args()
    extracts = ("helsinki", "liechtenstein2024", "monaco2025")
    cells: dict[str, dict[str, Sums]] = defaultdict(lambda: defaultdict(Sums))
    with tempfile.TemporaryDirectory() as directory:
        for extract in extracts:
            path = imported(args.data, extract, Path(directory))
            network, reader = Network(path), open_map(path)
            chance = random.Random(f"{args.seed} {extract}")
            for _ in range(args.simulated):
                points, ways = _route(network, chance)
                for case, (every, error) in CASES.items():
                    kept = kept_of(points, every)
                    route = route_of(points, kept, error, network, chance)
                    if not any(part in f"{extract} {case}" for part in args.only.split(",")):
                        continue
                    truth, before = truth_of(points, ways, network, route)
                    line = along(route)
                    piece = reader.piece(along(route, 500.0))
                    matchers = {"": lambda trace, piece: list(match_route(trace, piece).stretches)}
                    if not args.no_rivals:
                        matchers |= rivals_on(piece)
                    for name, matcher in matchers.items():
                        start = time.process_time()
                        stretches = placed(matcher(line, piece), line, [before[number] for number in kept])
                        sums = Sums()
                        sums.took(len(line), time.process_time() - start, 0.0)
                        by_metre(sums, stretches, truth)
                        for cell in (f"{case} {extract}", f"{case}", "all"):
                            cells[cell][name].add(sums)
    print(header())
    for cell, found in cells.items():
        for name, sums in found.items():
            print(sums.line(f"{cell} {name}"))
    for case in CASES:
        print(case, *cells[case][""].calibration(), sep="\n")


if __name__ == "__main__":
    main()
