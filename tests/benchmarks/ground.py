"""Accuracy, speed and memory of matching runs to the map, beside the bars they are held to.

    python tests/benchmarks/ground.py DATA_DIR [--simulated 6] [--seed 20]

DATA_DIR holds ground/EXTRACT.SCENARIO/run_NN.gpx.gz, ground/truth.tsv and osm/EXTRACT-*.osm.pbf. The extracts are
imported and every run is matched as the program does it.

Given runs are compared by their sums: truth.tsv has the metres per surface of those metres whose surface OpenStreetMap
states. Said are the metres of origin `tag` or `area`, scaled to the run's true length. Right are, run by run, the smaller
of what is said and what is true of each ground (or surface), added up. `ground` and `fine` are the right metres as a
share of those that could be compared (the smaller of said and true metres of the run); `of all` as a share of all true
metres, so that what is left unknown counts as wrong, and so does `paved` for asphalt. `hard` is the mean over runs of the
difference between the share of hard metres in what is said and in the truth, in points. Ground that is only inferred
may lie on stated metres (a run laid on the undescribed way beside the right one) or on others: sums cannot tell, so
`at most` counts all of it where it fits, and the truth lies between `of all` and `at most`.

Simulated runs (ground_simulation.py, over the same maps) have the truth of every second: the same figures by metre, and
what a confidence is worth. Speeds are of one process, by its own CPU time: matching with loading the map from SQLite, and
with reading the file too. Memory is the largest of a fresh process that reads and matches all runs of a cell.
"""

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from ground_scores import BINS, Sums, by_metre, by_sums, header
from ground_simulation import SCENARIOS, Network, make_run

from shoemon.ground.match.match import ENGINE, match
from shoemon.ground.osm.importing import import_file
from shoemon.ground.osm.reading import open_map
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
    parser.add_argument("--simulated", type=int, default=6, help="runs per extract and scenario")
    parser.add_argument("--seed", type=int, default=20)
    args = parser.parse_args()
    truth = {row["file"]: row for row in csv.DictReader((args.data / "ground" / "truth.tsv").open(), delimiter="\t")}
    cells = sorted({name.split("/")[0] for name in truth})
    with tempfile.TemporaryDirectory() as directory:
        maps = {
            extract: imported(args.data, extract, Path(directory)) for extract in {cell.split(".")[0] for cell in cells}
        }
        print(f"{ENGINE}\n\nGiven runs, by sums\n{header()}")
        total = Sums()
        for cell in cells:
            total.add(given(cell, args.data, maps[cell.split(".")[0]], truth))
        print(total.line("all"))
        if args.simulated:
            simulated(maps, args)


def imported(data: Path, extract: str, directory: Path) -> Path:
    file = next((data / "osm").glob(f"{extract}-*.osm.pbf"))
    import_file(directory / f"{extract}.db", file, None, "2026-01-01T00:00:00Z")
    return directory / f"{extract}.db"


def traces(folder: Path) -> dict[str, bytes]:
    return {f"{folder.name}/{file.name}": file.read_bytes() for file in sorted(folder.glob("run_*.gpx.gz"))}


def read(packed: bytes) -> Trace:
    return read_track(BytesIO(packed), "run.gpx.gz")[0].trace


def given(cell: str, data: Path, map_path: Path, truth: dict[str, dict[str, str]]) -> Sums:
    reader, sums = open_map(map_path), Sums()
    for name, packed in traces(data / "ground" / cell).items():
        before = time.process_time()
        trace = read(packed)
        start = time.process_time()
        found = match(trace, reader.piece(trace))
        end = time.process_time()
        sums.took(len(trace), end - start, end - before)
        row = truth[name]
        by_sums(sums, found.stretches, json.loads(row["fine_json"]), float(row["length_m"]))
    reader.close()
    command = [sys.executable, "-c", MATCH_ALL, str(map_path), str(data / "ground" / cell)]
    sums.memory_mb = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    print(sums.line(cell), flush=True)
    return sums


def simulated(maps: dict[str, Path], args: argparse.Namespace) -> None:
    print(f"\nSimulated runs, by metre (seed {args.seed})\n{header()}")
    total = Sums()
    for extract, path in sorted(maps.items()):
        network, reader = Network(path), open_map(path)
        for scenario in SCENARIOS:
            chance, sums = random.Random(f"{args.seed} {extract} {scenario}"), Sums()
            for _ in range(args.simulated):
                run = make_run(network, scenario, chance)
                start = time.process_time()
                stretches = match(run.trace, reader.piece(run.trace)).stretches
                sums.took(len(run.trace), time.process_time() - start, 0.0)
                by_metre(sums, stretches, run)
            print(sums.line(f"{extract}.{scenario}"), flush=True)
            total.add(sums)
        reader.close()
    print(total.line("all"))
    print("\nWhat a confidence is worth: share of the metres whose surface OpenStreetMap states, and right ground")
    for least, most in BINS:
        metres, right = total.bins[least]
        share, good = metres / (total.true_m or 1), right / metres if metres else 0
        print(f"  {least:.2f} to {min(most, 1):.2f}: {share:6.1%} of metres, {good:6.1%} right")


if __name__ == "__main__":
    main()
