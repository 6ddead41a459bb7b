"""How often the interval of `shoemon ground check` holds the true share of right metres, on simulated runs.

    python tests/benchmarks/ground_check.py DATA_DIR [--runs 12] [--trials 1000] [--seed 20]

DATA_DIR holds osm/EXTRACT-*.osm.pbf. Runs are made up over each extract (ground_simulation.py) and matched. The true ground
of a way with a `surface` tag is that of the tag; of any other, what the map infers, or by a chance of one less its
confidence the opposite. All this is done again with a map of which 15 % of the tags are wrong. The truth is the share of the stated metres (hard, soft or synthetic) whose second was on that ground.
One trial draws stretches as the program does, with other random numbers, and answers each with the ground of most seconds
around its middle. `holds` is the share of trials whose 90 % interval has the truth in it, at least 90 % wanted; `wide` its mean width
in points. Beside it: the interval of Wilson for the same estimate, and that of Clopper and Pearson for the plain share
of right answers.
"""

import argparse
import random
import sqlite3
import tempfile
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import accumulate, islice
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

from ground import imported
from ground_scores import ground_of
from ground_simulation import SCENARIOS, Made, Network, make_run

from shoemon.decide import ground_check
from shoemon.decide.ground_check import (
    GROUNDS,
    RunPart,
    StatedPart,
    Stratum,
    Stretch,
    draw,
    estimate,
    stretch_in,
)
from shoemon.ground.match.match import match
from shoemon.ground.osm.reading import open_map
from shoemon.model.run_ground import Match, summed

EXTRACTS = ("helsinki", "liechtenstein2024", "monaco2025")
SEEN_M = 15.0
"""How far around the middle of a stretch the runner looks."""
Z = NormalDist().inv_cdf(0.95)


class Run(NamedTuple):
    """A matched run: its stated parts, its track, and where each second of the truth ends along it."""

    stated: list[StatedPart]
    track: list[RunPart]
    truth: list[tuple[float, float, str, str]]
    """Start and end of a piece along the track, in metres, its stated ground, and its true one."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=int, default=12, help="per extract and scenario")
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20)
    args = parser.parse_args()
    print(f"{'':20s} runs  answers  truth | holds  wide | Wilson  wide | plain  wide")
    with tempfile.TemporaryDirectory() as directory:
        maps = {extract: imported(args.data, extract, Path(directory)) for extract in EXTRACTS}
        for wrong_tags in (0.0, 0.15):
            print(f"{wrong_tags:.0%} of the tags wrong")
            everything: dict[str, Run] = {}
            for extract, path in maps.items():
                runs = dict(made(path, extract, wrong_tags, args))
                report(extract, runs, args.trials)
                everything |= runs
            report("all", everything, args.trials)


def made(path: Path, extract: str, wrong_tags: float, args: argparse.Namespace) -> Iterator[tuple[str, Run]]:
    network, chance = Network(path), random.Random(f"{args.seed} {extract}")
    with closing(sqlite3.connect(path)) as connection:
        sure = dict(connection.execute("SELECT id, iif(origin = 'tag', ?, confidence) FROM way", (1 - wrong_tags,)))
    for way, confidence in sorted(sure.items()):
        highway, surface, origin, cost = network.ways[way]
        if chance.random() >= confidence:
            network.ways[way] = (highway, "paved" if ground_of(surface) == "soft" else "unpaved", origin, cost)
    with closing(open_map(path)) as reader:
        for scenario in SCENARIOS:
            for number in range(args.runs):
                run = make_run(network, scenario, chance)
                name = f"{extract}.{scenario}:{number}"
                yield name, matched(name, run, match(run.trace, reader.piece(run.trace)))


def matched(name: str, run: Made, found: Match) -> Run:
    stated = [
        StatedPart(name, part.surface, part.origin, ground_of(part.surface), part.distance_m, part.confidence)
        for part in summed(found)
        if ground_of(part.surface) in GROUNDS
    ]
    track = [RunPart(each.surface, each.origin, ground_of(each.surface), each.distance_m) for each in found.stretches]
    truth = []
    starts = accumulate((part.metres for part in track), initial=0.0)
    for each, part, start in zip(found.stretches, track, starts, strict=False):
        seconds = range(max(int(each.start_s), 0), min(int(each.end_s) + 1, len(run.surfaces))) or range(1)
        step = part.metres / len(seconds)
        truth += [
            (start + step * n, start + step * (n + 1), part.ground, ground_of(run.surfaces[second]))
            for n, second in enumerate(seconds)
        ]
    return Run(stated, track, truth)


def report(name: str, runs: dict[str, Run], trials: int) -> None:
    stated = [part for run in runs.values() for part in run.stated]
    pieces = [piece for run in runs.values() for piece in run.truth if piece[2] in GROUNDS]
    right = sum(end - start for start, end, said, true in pieces if said == true)
    truth = right / sum(end - start for start, end, *_ in pieces)
    for answers in (10, 50):
        found = [trial(stated, runs, answers, salt) for salt in range(trials)]
        columns = [
            f"{sum(low <= truth <= high for low, high in rule) / trials:6.1%} {100 * sum(high - low for low, high in rule) / trials:5.1f}"
            for rule in zip(*found, strict=True)
        ]
        print(f"{name:20s} {len(runs):4d} {answers:8d} {truth:6.2%} | {' | '.join(columns)}", flush=True)


def trial(stated: Sequence[StatedPart], runs: dict[str, Run], answers: int, salt: int) -> list[tuple[float, float]]:
    """The interval of each rule after so many answers."""

    def find(part: StatedPart, share: float) -> Stretch | None:
        return stretch_in(runs[part.activity].track, part, share)

    metres = ground_check.metres_of(stated)
    sure = {(part.activity, part.surface, part.origin): part for part in stated}
    verdicts = []
    for each in islice(draw(stated, metres, {}, find, str(salt)), answers):
        run, part = runs[each.activity], sure[each.activity, each.surface, each.origin]
        middle = (each.start_m + each.end_m) / 2
        first, last = (bisect_left(run.truth, (middle + side * SEEN_M,)) for side in (-1, 1))
        grounds = Counter(true for *_, true in run.truth[first:last])
        verdicts.append((part.stratum, grounds.most_common(1)[0][0] == part.ground))
    shipped = estimate(metres, verdicts)
    plain = ground_check.interval(sum(right for _, right in verdicts), len(verdicts))
    assert shipped is not None
    return [(shipped.low, shipped.high), wilson(shipped.share, effective(metres, verdicts)), plain]


def effective(metres: dict[Stratum, float], verdicts: Sequence[tuple[Stratum, bool]]) -> float:
    counts = Counter(stratum for stratum, _ in verdicts)
    return sum(metres[each] for each in counts) ** 2 / sum(metres[each] ** 2 / n for each, n in counts.items())


def wilson(share: float, answers: float) -> tuple[float, float]:
    middle = (share + Z**2 / (2 * answers)) / (1 + Z**2 / answers)
    half = Z * (share * (1 - share) / answers + Z**2 / (4 * answers**2)) ** 0.5 / (1 + Z**2 / answers)
    return middle - half, middle + half


if __name__ == "__main__":
    main()
