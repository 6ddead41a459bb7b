"""Time, memory and size of `shoemon map import`, beside a bare pyosmium pass over the same file.

Run with `python tests/benchmarks/map_import.py OSM_FILE... [--copies 12] [--repeats 3]`. Each figure is of a process of
its own. The files given are also joined into one, with `--copies` of each side by side (numbers and places shifted),
and that is imported whole and in part; from the files of growing size the line through the two largest is drawn on to
500 MB. Nothing here is a promise: it prints.
"""

import argparse
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import osmium

TARGET_MB = 500.0
NUMBERS_APART = 20_000_000_000
"""More than OpenStreetMap has nodes."""
DEGREES_APART = 3.0
IMPORT = """
import gc, sys
from pathlib import Path
from shoemon.ground.osm.clip import clip_of_box
from shoemon.ground.osm.importing import import_file
gc.set_threshold(50_000)
clip = clip_of_box(sys.argv[3]) if len(sys.argv) > 3 else None
print(*import_file(Path(sys.argv[2]), Path(sys.argv[1]), clip, "2024-01-01T00:00:00Z"))
"""
BARE = """
import sys, osmium
print(sum(1 for _ in osmium.FileProcessor(sys.argv[1])))
"""
MEASURED = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


class Figure(NamedTuple):
    """One process: seconds of the wall, of the processors, and megabytes at its peak."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    said: list[int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="OSM_FILE")
    parser.add_argument("--copies", type=int, default=12)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        figures: dict[Path, Figure] = {}
        for file in sorted(options.files, key=lambda file: file.stat().st_size):
            figures[file] = compare(file, directory, options.repeats)
        for copies in (max(options.copies // 3, 1), options.copies):
            joined = directory / f"{copies}-copies.osm.pbf"
            join(options.files, joined, copies)
            figures[joined] = compare(joined, directory, 1)
        show_clip(joined, directory)
        extrapolate(figures)


def compare(file: Path, directory: Path, repeats: int) -> Figure:
    """Median of the imports of `file`, after printing it beside a bare pass."""
    database = directory / "maps" / "map.db"
    ours, bare = [], []
    for _ in range(repeats):
        database.unlink(missing_ok=True)
        ours.append(measured(IMPORT, file, database))
        bare.append(measured(BARE, file))
    figure = sorted(ours)[len(ours) // 2]
    ways, edges, areas = figure.said
    megabytes, stored = file.stat().st_size / 1e6, database.stat().st_size / 1e6
    print(f"\n{file.name}: {megabytes:.1f} MB, {bare[0].said[0]:,} objects, load {load()}")
    print(f"  {ways:,} ways, {edges:,} edges, {areas:,} areas; map {stored:.1f} MB ({stored / megabytes:.2f}x)")
    print(f"  import {figure.wall_s:.2f} s ({figure.wall_s / megabytes:.2f} s/MB), processors {figure.cpu_s:.2f} s")
    print(f"  peak memory {figure.peak_mb:.0f} MB; a bare pass {min(one.peak_mb for one in bare):.0f} MB")
    wall, cpu = (statistics.median(column) for column in zip(*(one[:2] for one in bare), strict=True))
    print(f"  bare pass, every object once: {wall:.2f} s, processors {cpu:.2f} s")
    print(f"  ratio to it: {figure.wall_s / wall:.2f} of the wall, {figure.cpu_s / cpu:.2f} of the processors")
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) FROM edge").fetchone()[0] == edges
    return figure


def show_clip(file: Path, directory: Path) -> None:
    """Prints what an import of a small piece of `file` takes."""
    database = directory / "clipped.db"
    with osmium.io.Reader(str(file)) as reader:
        whole = reader.header().box()
    lat, lon = (whole.bottom_left.lat + whole.top_right.lat) / 2, (whole.bottom_left.lon + whole.top_right.lon) / 2
    box = f"{lat - 0.05},{lon - 0.05},{lat + 0.05},{lon + 0.05}"
    figure = measured(IMPORT, file, database, box)
    print(f"\n{file.name}, a box of 0.1 degree of it: {figure.said[0]:,} ways, {figure.wall_s:.2f} s, "
          f"peak memory {figure.peak_mb:.0f} MB, map {database.stat().st_size / 1e6:.1f} MB")  # fmt: skip


def extrapolate(figures: dict[Path, Figure]) -> None:
    """Prints the line through the two largest files, drawn on."""
    small, large = sorted(figures, key=lambda file: file.stat().st_size)[-2:]
    sizes = [file.stat().st_size / 1e6 for file in (small, large)]
    print(f"\ndrawn on to {TARGET_MB:.0f} MB, from {sizes[0]:.1f} and {sizes[1]:.1f} MB:")
    for name in ("wall_s", "cpu_s", "peak_mb"):
        first, second = getattr(figures[small], name), getattr(figures[large], name)
        slope = (second - first) / (sizes[1] - sizes[0])
        print(f"  {name}: {second + slope * (TARGET_MB - sizes[1]):.0f} ({slope:.3f} for each MB)")


def measured(script: str, *arguments: object) -> Figure:
    """Runs `script` in a process of its own, which says some numbers and at last its peak of memory in kilobytes."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-c", script + MEASURED, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    *said, peak = map(int, done.stdout.split())
    return Figure(wall, cpu, peak / 1024, said)


def join(files: list[Path], target: Path, copies: int) -> None:
    """Writes `copies` of `files` into one, sorted as such files are: nodes, ways, relations, by number."""
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2024-01-01T00:00:00Z")
    header.add_box(first_box(files[0]))
    with osmium.SimpleWriter(str(target), header=header) as writer:
        for kind in (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION):
            for number in range(copies * len(files)):
                copy, file = divmod(number, len(files))
                shift, east = number * NUMBERS_APART, copy * DEGREES_APART
                for found in osmium.FileProcessor(str(files[file]), kind):
                    writer.add(shifted(found, shift, east))


def shifted(found: Any, shift: int, east: float) -> object:
    """`found` under another number, and so much further east."""
    if found.is_node():
        return found.replace(id=found.id + shift, location=(found.lon + east, found.lat))
    if found.is_way():
        return found.replace(id=found.id + shift, nodes=[node.ref + shift for node in found.nodes])
    members = [(member.type, member.ref + shift, member.role) for member in found.members]
    return found.replace(id=found.id + shift, members=members)


def first_box(file: Path) -> osmium.osm.Box:
    """Where the nodes of `file` lie."""
    places = [node.location for node in osmium.FileProcessor(str(file), osmium.osm.NODE)]
    lons, lats = [place.lon for place in places], [place.lat for place in places]
    return osmium.osm.Box(min(lons), min(lats), max(lons), max(lats))


def load() -> str:
    """How busy the machine is: figures taken on a busy one are too large."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"


if __name__ == "__main__":
    main()
