"""The ground of planned routes: routes made of simulated runs, as a router or a hand would have drawn them, against the
true ways of the run; and whether the track and the route of one run agree.

    python tests/benchmarks/ground_routes.py DATA_DIR [--simulated 6] [--seed 40] [--only drawn] [--no-rivals]

DATA_DIR holds osm/EXTRACT-*.osm.pbf and ground/. Of each run's true path a route has every corner, every fifth or every
twentieth; or the corners of the path within 20 m (what a hand clicks), each moved by an error of 30 m (root mean square).
The truth of every two metres is known, so the columns are those of ground.py: right ground as a share of what is said
and of all, ways, and the error of the share of hard ground in points. Between two points of a route its stretches are
placed by their share of the true way there.

Beside it the nearest way, fastmm and Valhalla, where they are installed. Agreement: the difference between the shares of
hard ground in what is said of a track and of its route, in points, weighted by metres.
"""

import argparse
import random
import tempfile
import time
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate, pairwise
from math import dist, sqrt
from pathlib import Path

from ground import imported, read
from ground_rivals import rivals_on
from ground_scores import Sums, by_metre, ground_of, header
from ground_simulation import Made, Network, lost_seconds, noisy, route, seconds
from ground_valhalla import Valhalla, valhalla

from shoemon.ground.match.match import match
from shoemon.ground.match.piece import MapPiece
from shoemon.ground.match.planned import along, match_route
from shoemon.ground.match.shapes import simplified
from shoemon.ground.osm.reading import open_map
from shoemon.model.run_ground import Stretch
from shoemon.model.trace import Trace
from shoemon.sync.route_ground import KNOWN_APART_M

CASES = {"every 1st": (1, 0.0), "every 5th": (5, 0.0), "every 20th": (20, 0.0), "drawn 30 m": (0, 30.0)}
EXTRACTS = ("helsinki", "liechtenstein2024", "monaco2025")
STEP_M = 2.0
_CLICKED_M = 20.0
Line = list[tuple[float, float]]
Answers = Iterator[tuple[str, Sequence[Stretch], float]]


class Agreement:
    """Shares of hard ground that should be the same."""

    def __init__(self) -> None:
        self.points = self.metres = 0.0

    def add(self, one: Sequence[Stretch], two: Sequence[Stretch]) -> None:
        metres = sum(stretch.distance_m for stretch in one)
        self.points += metres * abs(hard_share(one) - hard_share(two))
        self.metres += metres

    def __str__(self) -> str:
        return f"{self.points / (self.metres or 1):.2f} points"


def hard_share(stretches: Sequence[Stretch]) -> float:
    metres: dict[str, float] = defaultdict(float)
    for stretch in stretches:
        metres[ground_of(stretch.surface)] += stretch.distance_m
    return 100 * metres["hard"] / ((sum(metres.values()) - metres["unknown"]) or 1.0)


def route_of(points: Line, case: str, network: Network, chance: random.Random) -> tuple[Trace, list[int]]:
    """The route, and which points of the path it has."""
    every, error = CASES[case]
    if every:
        kept = sorted({*range(0, len(points), every), len(points) - 1})
    else:
        numbers = {point: number for number, point in reversed(list(enumerate(points)))}
        kept = sorted({numbers[point] for point in simplified(points, _CLICKED_M)} | {len(points) - 1})
    lats, lons = array("d"), array("d")
    for number in kept:
        x, y = (along + chance.gauss(0, error / sqrt(2)) for along in points[number])
        lats.append(round(network.lat + y / 110_574, 6))
        lons.append(round(network.lon + x / network.east, 6))
    return Trace(array("d", range(len(kept))), lats, lons), kept


def track_of(points: Line, ways: list[int], network: Network, chance: random.Random) -> Trace:
    """The same run as a watch records it."""
    places = seconds(points, ways, chance)
    trace = noisy(places, chance.uniform(3.0, 5.0), (1, 1), lost_seconds(chance, len(places), 0), chance)
    lats = array("d", [network.lat + y / 110_574 for y in trace.lats])
    return replace(trace, lats=lats, lons=array("d", [network.lon + x / network.east for x in trace.lons]))


def truth_of(points: Line, ways: list[int], network: Network) -> tuple[Made, list[float]]:
    """The truth of every two metres of the path, and the metres before each of its points."""
    before = list(accumulate((dist(*pair) for pair in pairwise(points)), initial=0.0))
    count = int(before[-1] / STEP_M)
    found = [ways[min(bisect_right(before, number * STEP_M) - 1, len(ways) - 1)] for number in range(count)]
    told = [network.ways[way] for way in found]
    return Made(Trace(), [STEP_M] * count, found, [one[1] for one in told], [one[2] for one in told]), before


def placed(stretches: Sequence[Stretch], line: Trace, at: list[float]) -> list[Stretch]:
    """Stretches by true steps instead of metres along the route; `at`: the true metres at each point of the route."""
    times = list(line.times)

    def step(metres: float) -> float:
        after = min(max(bisect_right(times, metres), 1), len(times) - 1)
        span = times[after] - times[after - 1]
        share = min(max((metres - times[after - 1]) / span, 0.0), 1.0) if span > 0 else 1.0
        return (at[after - 1] + share * (at[after] - at[after - 1])) / STEP_M

    return [one._replace(start_s=step(one.start_s), end_s=step(one.end_s)) for one in stretches]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--simulated", type=int, default=6, help="runs per extract")
    parser.add_argument("--seed", type=int, default=40)
    parser.add_argument("--only", default="", help="parts of the names of cells, with commas: drawn, helsinki")
    parser.add_argument("--no-rivals", action="store_true", help="measure this matcher alone")
    args = parser.parse_args()
    cells: dict[str, dict[str, Sums]] = defaultdict(lambda: defaultdict(Sums))
    agree: dict[str, Agreement] = defaultdict(Agreement)
    with tempfile.TemporaryDirectory() as directory:
        for extract in EXTRACTS:
            path = imported(args.data, extract, Path(directory))
            network, reader, chance = Network(path), open_map(path), random.Random(f"{args.seed} {extract}")
            other = None
            if valhalla is not None and not args.no_rivals:
                file = next((args.data / "osm").glob(f"{extract}-*.osm.pbf"))
                other = Valhalla(file, Path(directory), network.ways)
            for _ in range(args.simulated):
                points, ways = route(network, chance)
                track = track_of(points, ways, network, chance)
                truth, before = truth_of(points, ways, network)
                run = match(track, reader.piece(track)).stretches
                for case in CASES:
                    planned, kept = route_of(points, case, network, chance)
                    if not any(part in f"{case} {extract}" for part in args.only.split(",")):
                        continue
                    line, piece = along(planned), reader.piece(along(planned, KNOWN_APART_M))
                    at = [before[number] for number in kept]
                    for name, found, taken_s in answers(
                        planned, line, piece, CASES[case][1], not args.no_rivals, other
                    ):
                        sums = Sums()
                        sums.took(len(line), taken_s, 0.0)
                        by_metre(sums, placed(found, line, at), truth)
                        for cell in (f"{case} {extract}", f"{case} all", "all"):
                            cells[cell][name].add(sums)
                        if not name:
                            agree[case].add(run, found)
            if not args.only:
                for file in sorted((args.data / "ground").glob(f"{extract}.*/run_*.gpx.gz")):
                    track = read(file.read_bytes())
                    piece = reader.piece(track)
                    planned = replace(track, times=array("d", range(len(track))))
                    agree["points of given runs"].add(
                        match(track, piece).stretches, match_route(planned, piece).stretches
                    )
            reader.close()
    print(header())
    for cell, of in sorted(cells.items(), key=lambda item: (item[0] == "all", item[0])):
        for name, sums in of.items():
            print(sums.line(f"{cell} {name}"))
    print("What a confidence is worth\n" + "\n".join(cells["all"][""].calibration()))
    print(
        "Hard share of the track and of the route of one run: "
        + ", ".join(f"{case} {of}" for case, of in agree.items())
    )


def answers(
    planned: Trace, line: Trace, piece: MapPiece, error: float, rivals: bool, other: Valhalla | None
) -> Answers:
    """Each matcher's stretches of a route, by metres along it, and the seconds they took."""
    asked: dict[str, Callable[[], Sequence[Stretch]]] = {"": lambda: match_route(planned, piece).stretches}
    if rivals:
        asked |= {name: partial(rival, line, piece) for name, rival in rivals_on(piece).items()}
    if other is not None:
        asked["Valhalla"] = partial(other, line, error)
    for name, answer in asked.items():
        start = time.process_time()
        yield name, answer(), time.process_time() - start


if __name__ == "__main__":
    main()
