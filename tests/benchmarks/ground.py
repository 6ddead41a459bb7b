"""Accuracy, speed and memory of matching runs to the map, beside the bars they are held to.

    python tests/benchmarks/ground.py DATA_DIR [--simulated 6] [--seed 20] [--no-rivals] [--only real,smart] [--half 0]

DATA_DIR holds ground/EXTRACT.SCENARIO/run_NN.gpx.gz, ground/truth.tsv, osm/EXTRACT-*.osm.pbf and real_tracks/. The extracts
are imported and every run is matched as the program does it. `--only` names cells by parts of their names, `--half` takes
every other run (of what is given), so that one half can be tuned on and the other looked at once.

Given runs are compared by their sums: truth.tsv has the metres per surface of those metres whose surface OpenStreetMap
states. Said are the metres of origin `tag` or `area`, scaled to the run's true length. Right are, run by run, the smaller
of what is said and what is true of each ground (or surface), added up. `ground` and `fine` are the right metres as a
share of those that could be compared (the smaller of said and true metres of the run); `of all` as a share of all true
metres, so that what is left unknown counts as wrong, and so does `paved` for asphalt. `hard` is the mean over runs, by
their stated metres, of the difference between the share of hard metres in what is said and in the truth, in points. Ground
that is only inferred may be on stated metres (a run matched to the undescribed way beside the right one) or on others:
sums cannot tell, so `at most` counts all of it where it fits, and the truth is between `of all` and `at most`.

Real tracks (ground_real_tracks.py), simulated runs and cases (ground_simulation.py over the same maps, ground_made_maps.py
over maps made up) have the truth of every second: the same figures by metre, the share on the right `way`, and what a
confidence is worth. Beside them the nearest way and, where it is installed, fastmm. Of gaps and tunnels only the metres
without a point count. Speeds are of one process, by its own CPU time: matching with loading the map from SQLite, and with
reading the file too. Memory is the largest of a fresh process that reads and matches all runs of a cell.
"""

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from ground_made_maps import MADE, made_run
from ground_real_tracks import real_run
from ground_rivals import Matcher, rivals_on
from ground_scores import BARS, Sums, by_metre, by_sums, header
from ground_simulation import CASES, SCENARIOS, Made, Network, make_run

from shoemon.ground.match.match import ENGINE, match
from shoemon.ground.match.piece import MapPiece
from shoemon.ground.osm.importing import import_file
from shoemon.ground.osm.reading import open_map
from shoemon.model.run_ground import Stretch
from shoemon.model.trace import Trace
from shoemon.sources.formats.reading import read_track

MATCH_ALL = """
import sys
from pathlib import Path
from shoemon.ground.match.match import match
from shoemon.ground.osm.reading import open_map
from shoemon.sources.formats.reading import read_track
reader = open_map(Path(sys.argv[1]))
for file in sorted(Path(sys.argv[2]).glob("run_*.gpx.gz")):
    with file.open("rb") as stream:
        trace = read_track(stream, file.name)[0].trace
    match(trace, reader.piece(trace))
status = Path("/proc/self/status")  # what getrusage tells may be the parent's
print(int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024 if status.exists() else 0)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--simulated", type=int, default=6, help="runs per extract and scenario, and per case")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--no-rivals", action="store_true", help="measure this matcher alone")
    parser.add_argument("--only", default="", help="parts of the names of cells, with commas: given, real, case, smart")
    parser.add_argument("--half", type=int, choices=(0, 1), help="every other of the given runs and tracks")
    args = parser.parse_args()
    truth = {row["file"]: row for row in csv.DictReader((args.data / "ground" / "truth.tsv").open(), delimiter="\t")}
    cells = sorted({name.split("/")[0] for name in truth})
    print(f"{ENGINE}\n{BARS}")
    with tempfile.TemporaryDirectory() as directory:
        maps = {
            extract: imported(args.data, extract, Path(directory)) for extract in {cell.split(".")[0] for cell in cells}
        }
        if chosen := [cell for cell in cells if wanted(f"given {cell}", args)]:
            print(f"\nGiven runs, by sums\n{header()}")
            total = Sums()
            for cell in chosen:
                total.add(given(cell, args, maps[cell.split(".")[0]], truth))
            print(total.line("all"))
        by_second("Real tracks", "real", real(args), args)
        by_second("Simulated runs", "simulated", simulated(maps, SCENARIOS, "simulated", args), args)
        by_second("Cases", "case", cases(maps, args), args)


def wanted(name: str, args: argparse.Namespace) -> bool:
    return any(part in name for part in args.only.split(","))


def imported(data: Path, extract: str, directory: Path) -> Path:
    file = next((data / "osm").glob(f"{extract}-*.osm.pbf"))
    import_file(directory / f"{extract}.db", file, None, "2026-01-01T00:00:00Z")
    return directory / f"{extract}.db"


def halved(items: list[Path], args: argparse.Namespace) -> list[Path]:
    return items if args.half is None else items[args.half :: 2]


def read(packed: bytes) -> Trace:
    return read_track(BytesIO(packed), "run.gpx.gz")[0].trace


def given(cell: str, args: argparse.Namespace, map_path: Path, truth: dict[str, dict[str, str]]) -> Sums:
    reader, sums = open_map(map_path), Sums()
    for file in halved(sorted((args.data / "ground" / cell).glob("run_*.gpx.gz")), args):
        packed, before = file.read_bytes(), time.process_time()
        trace = read(packed)
        start = time.process_time()
        found = match(trace, reader.piece(trace))
        end = time.process_time()
        sums.took(len(trace), end - start, end - before)
        row = truth[f"{cell}/{file.name}"]
        by_sums(sums, found.stretches, json.loads(row["fine_json"]), float(row["length_m"]))
    reader.close()
    if args.half is None:
        command = [sys.executable, "-c", MATCH_ALL, str(map_path), str(args.data / "ground" / cell)]
        sums.memory_mb = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    print(sums.line(cell), flush=True)
    return sums


Runs = Iterator[tuple[str, Made, MapPiece, float]]
"""The cell of a run, the run, its map, and the seconds it took to load that."""


def real(args: argparse.Namespace) -> Runs:
    for folder in halved(sorted((args.data / "real_tracks").glob("*")), args):
        if wanted(f"real {folder.name}", args):
            yield f"real {folder.name}", *real_run(folder, random.Random(f"{args.seed} {folder.name}")), 0.0


def simulated(
    maps: dict[str, Path],
    scenarios: dict[str, tuple[float, float, tuple[int, int]]],
    kind: str,
    args: argparse.Namespace,
) -> Runs:
    for extract, path in sorted(maps.items()):
        chosen = [scenario for scenario in scenarios if wanted(f"{kind} {extract}.{scenario}", args)]
        network, reader = Network(path) if chosen and args.simulated else None, open_map(path)
        for scenario in chosen if network else ():
            chance = random.Random(f"{args.seed} {extract} {scenario}")
            for _ in range(args.simulated):
                run = make_run(network, scenario, chance)
                start = time.process_time()
                piece = reader.piece(run.trace)
                yield f"{kind} {extract}.{scenario}", run, piece, time.process_time() - start
        reader.close()


def cases(maps: dict[str, Path], args: argparse.Namespace) -> Runs:
    yield from simulated(maps, CASES, "case", args)
    for case in MADE:
        if wanted(f"case {case}", args):
            chance = random.Random(f"{args.seed} {case}")
            for _ in range(3 * args.simulated):
                yield f"case {case}", *made_run(case, chance), 0.0


def by_second(title: str, kind: str, runs: Runs, args: argparse.Namespace) -> None:
    """Print a line for each cell and matcher, and what confidences are worth."""
    cells: dict[str, dict[str, Sums]] = defaultdict(lambda: defaultdict(Sums))
    for cell, run, piece, loading_s in runs:
        matchers: dict[str, Matcher] = {"": ours} if args.no_rivals else {"": ours, **rivals_on(piece)}
        for name, matcher in matchers.items():
            sums, start = Sums(), time.process_time()
            stretches = matcher(run.trace, piece)
            sums.took(len(run.trace), time.process_time() - start + loading_s, 0.0)
            by_metre(sums, stretches, run)
            cells[cell][name].add(sums)
            cells[f"all {kind}"][name].add(sums)
    if not cells:
        return
    print(f"\n{title}, by metre (seed {args.seed})\n{header()}")
    for cell in sorted(cells, key=lambda cell: cell.startswith("all")):
        for name, sums in cells[cell].items():
            print(sums.line(f"{cell} {name}"), flush=True)
    print("What a confidence is worth: share of the stated metres, right ground, and what was said")
    print("\n".join(cells[f"all {kind}"][""].calibration()))


def ours(trace: Trace, piece: MapPiece) -> list[Stretch]:
    return list(match(trace, piece).stretches)


if __name__ == "__main__":
    main()
