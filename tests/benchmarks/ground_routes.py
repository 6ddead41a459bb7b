"""The ground of planned routes: routes made of simulated runs, as a router or a hand would have drawn them, against the
true ways of the run; and whether the track and the route of one run agree.

    python tests/benchmarks/ground_routes.py DATA_DIR [--simulated 6] [--seed 40] [--no-rivals] [--no-given]

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
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from math import dist, sqrt
from pathlib import Path
from typing import NamedTuple

from ground import imported, read
from ground_rivals import rivals_on
from ground_scores import Sums, by_metre, ground_of, header
from ground_simulation import Made, Network, lost_seconds, noisy, route, seconds
from ground_valhalla import Valhalla, valhalla

from shoemon.ground.match.match import match
from shoemon.ground.match.piece import MapPiece
from shoemon.ground.match.planned import along, match_route
from shoemon.ground.match.shapes import simplified
from shoemon.ground.osm.reading import MapReader, open_map
from shoemon.model.run_ground import Match, Stretch
from shoemon.model.trace import Trace
from shoemon.sync.route_ground import KNOWN_APART_M

CASES = {"every 1st": (1, 0.0), "every 5th": (5, 0.0), "every 20th": (20, 0.0), "drawn 30 m": (0, 30.0)}
EXTRACTS = ("helsinki", "liechtenstein2024", "monaco2025")
STEP_M = 2.0
_CLICKED_M = 20.0
Line = list[tuple[float, float]]


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
        numbers = {(x + number * 1e-9, y): number for number, (x, y) in enumerate(points)}
        kept = [numbers[point] for point in simplified(list(numbers), _CLICKED_M)]
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
    parser.add_argument("--no-rivals", action="store_true", help="measure this matcher alone")
    parser.add_argument("--no-given", action="store_true", help="leave out the agreement over the given runs")
    args = parser.parse_args()
    scores = Scores()
    with tempfile.TemporaryDirectory() as directory:
        for extract in EXTRACTS:
            path = imported(args.data, extract, Path(directory))
            network, reader, chance = Network(path), open_map(path), random.Random(f"{args.seed} {extract}")
            rivals: Rivals | None = None
            if not args.no_rivals:
                file = next((args.data / "osm").glob(f"{extract}-*.osm.pbf"))
                rivals = Rivals(Valhalla(file, Path(directory), network.ways) if valhalla else None)
            for _ in range(args.simulated):
                one_run(network, reader, extract, chance, rivals, scores)
            for file in () if args.no_given else sorted((args.data / "ground").glob(f"{extract}.*/run_*.gpx.gz")):
                track = read(file.read_bytes())
                piece, untimed = reader.piece(track), replace(track, times=array("d", range(len(track))))
                scores.agree("points of given runs", match(track, piece), match_route(untimed, piece))
            reader.close()
    scores.show()


class Rivals(NamedTuple):
    """The matchers beside ours; they get the error of the line, too."""

    valhalla: Valhalla | None

    def answers(self, line: Trace, piece: MapPiece, error: float) -> Iterator[tuple[str, Sequence[Stretch]]]:
        for name, rival in rivals_on(piece).items():
            yield name, rival(line, piece)
        if self.valhalla:
            yield "Valhalla", self.valhalla(line, error)


class Scores:
    """The sums of each case and matcher, and the points by which shares of hard ground differ."""

    def __init__(self) -> None:
        self._cells: dict[str, dict[str, Sums]] = defaultdict(lambda: defaultdict(Sums))
        self._apart: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def add(self, cells: Sequence[str], name: str, stretches: Sequence[Stretch], truth: Made, taken_s: float) -> None:
        sums = Sums()
        sums.took(len(truth.trace), taken_s, 0.0)
        by_metre(sums, stretches, truth)
        for cell in cells:
            self._cells[cell][name].add(sums)

    def agree(self, case: str, track: Match, planned: Match) -> None:
        metres = sum(stretch.distance_m for stretch in track.stretches)
        self._apart[case].append((metres, abs(hard_share(track.stretches) - hard_share(planned.stretches))))

    def show(self) -> None:
        print(header())
        for cell, of in sorted(self._cells.items()):
            for name, sums in of.items():
                print(sums.line(f"{cell} {name}"))
        if "all" in self._cells:
            print("What a confidence is worth", *self._cells["all"][""].calibration(), sep="\n")
        print("Points between the shares of hard ground of the track and of the route of one run:")
        for case, apart in self._apart.items():
            print(
                f"  {case}: {sum(metres * points for metres, points in apart) / sum(metres for metres, _ in apart):.2f}"
            )


def one_run(
    network: Network, reader: MapReader, extract: str, chance: random.Random, rivals: Rivals | None, scores: Scores
) -> None:
    """Make a run and its routes, and score each."""
    points, ways = route(network, chance)
    track = track_of(points, ways, network, chance)
    (truth, before), as_run = truth_of(points, ways, network), match(track, reader.piece(track))
    for case, (_, error) in CASES.items():
        planned, kept = route_of(points, case, network, chance)
        line, piece = along(planned), reader.piece(along(planned, KNOWN_APART_M))
        start = time.process_time()
        ours = match_route(planned, piece)
        taken_s = time.process_time() - start
        scores.agree(case, as_run, ours)
        for name, found in (("", ours.stretches), *(rivals.answers(line, piece, error) if rivals else ())):
            steps = placed(found, line, [before[number] for number in kept])
            scores.add(
                (f"{case} {extract}", f"{case} all", "all"),
                name,
                steps,
                truth._replace(trace=planned),
                0.0 if name else taken_s,
            )


if __name__ == "__main__":
    main()
