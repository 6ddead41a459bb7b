"""What a first year costs on a small machine: 2,000 runs with tracks, a large map, and `serve` at rest.

    docker run --memory 512m --cpuset-cpus 0 ...    (or any other control group), and in it:
    python tests/benchmarks/small_machine.py TRACKS OSM_FILE [--runs 2000]

The GPX files (.gpx.gz) below TRACKS are done again on other days until there are enough. Each step is a process of its
own; it prints its seconds and the most memory that one process, and all of them together, had resident.
"""

import argparse
import gzip
import itertools
import re
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from urllib.request import urlopen

MAIN = "timezone: UTC\nsources: [{name: watch, type: tracks, path: tracks}]\n"
SHOES = "shoes: [{id: a, name: Pair, life: 9000 km}]\ndefault_shoe: a\n"
PORT = 8099


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tracks", type=Path, metavar="TRACKS")
    parser.add_argument("extract", type=Path, metavar="OSM_FILE")
    parser.add_argument("--runs", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "shoemon.yaml").write_text(MAIN)
        (home / "shoes.yaml").write_text(SHOES)
        write_runs(sorted(options.tracks.rglob("*.gpx.gz")), home / "tracks", options.runs)
        measure("first sync", home, "sync")
        measure("map import", home, "map", "import", str(options.extract.resolve()), "--around-runs", "2km")
        measure("matching all", home, "sync")
        measure("serve at rest", home, "serve", "--port", str(PORT), rest_s=60)
        measure("serve, read", home, "serve", "--port", str(PORT), rest_s=60, reads=("/", "/-/runs", "/-/ground"))


def write_runs(originals: list[Path], directory: Path, count: int) -> None:
    directory.mkdir()
    for number, original in zip(range(count), itertools.cycle(originals), strict=False):
        day = date(2020, 1, 1) + timedelta(days=number)
        text = re.sub(r"<time>\d{4}-\d\d-\d\d", f"<time>{day}", gzip.decompress(original.read_bytes()).decode())
        (directory / f"{number:04}.gpx").write_text(text)


def measure(what: str, home: Path, *command: str, rest_s: float = 0.0, reads: tuple[str, ...] = ()) -> None:
    """Run a command to its end, or for `rest_s`, and print what it needed; `reads` are pages to read meanwhile."""
    began, largest, together = time.perf_counter(), 0.0, 0.0
    with subprocess.Popen(
        [sys.executable, "-m", "shoemon", *command, "--config", home], stderr=subprocess.DEVNULL
    ) as it:
        while it.poll() is None and not (rest_s and time.perf_counter() - began > rest_s):
            found = [resident_mb(pid) for pid in family(it.pid)]
            largest, together = max(largest, *found, 0.0), max(together, sum(found))
            time.sleep(0.2)
            if reads and time.perf_counter() - began > 10:
                for page in reads:
                    urlopen(f"http://127.0.0.1:{PORT}{page}").read()
                reads = ()
        seconds, now = time.perf_counter() - began, resident_mb(it.pid)
        it.terminate()
    ended = f"at the end {now:.0f} MB" if rest_s else f"code {it.returncode}"
    print(f"{what}: {seconds:.0f} s, one process {largest:.0f} MB, together {together:.0f} MB, {ended}", flush=True)


def family(pid: int) -> list[int]:
    """A process and all it started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(other for child in children for other in family(int(child)))]


def resident_mb(pid: int) -> float:
    try:
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    main()
