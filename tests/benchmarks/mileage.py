"""Mileage, time and memory beside strava-gear, which stores nothing, and beside sqlite-utils' plain insert of the same
table, which decides nothing. The table of runs is in strava-gear's own format, with dated gear rules.

Run with `python tests/benchmarks/mileage.py [--rows 50000] [--repeats 5] [--growth]`; it needs `pip install strava-gear`.
Every figure is of whole processes in turn; ratios are shoemon's over the other's.
"""

import argparse
import csv
import datetime as dt
import io
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GEARS = 12
CHANGES = ("2012-07-01", "2015-03-15")
"""Days on which every gear name passes to a new pair."""
BIN = Path(sys.executable).parent
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {"TZ": "UTC"}
"""Compiled modules are kept, as they are for every installed program; a bare day of strava-gear's is one in UTC."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--growth", action="store_true", help="also 5 thousand and a million rows")
    options = parser.parse_args()
    if not (BIN / "strava-gear").exists():
        sys.exit("strava-gear is not installed beside this Python; pip install strava-gear")
    compare(100, 1)  # warms up: compiles modules, fills the disk cache
    print("\nthat was to warm up; now it counts")
    compare_help(options.repeats)
    figures = {options.rows: compare(options.rows, options.repeats)}
    if options.growth:
        figures |= {rows: compare(rows, 1) for rows in (5_000, 1_000_000)}
        show_growth(figures)


def compare_help(repeats: int) -> None:
    ours = [timed([BIN / "shoemon", "--help"]) for _ in range(repeats * 3)]
    theirs = [timed([BIN / "strava-gear", "--help"]) for _ in range(repeats * 3)]
    show("--help", ours, theirs)


def compare(rows: int, repeats: int) -> dict[str, float]:
    """Medians of wall seconds by job, after printing them beside strava-gear's."""
    print(f"\n{rows:,} runs, {GEARS * (len(CHANGES) + 1)} pairs")
    names = ("first", "nothing new", "one new", "totals", "theirs", "insert")
    jobs: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_inputs(folder, rows)
            command = [BIN / "shoemon", "sync", "--config", folder]
            files = ["--rules", folder / "rules.yaml", "--csv", folder / "runs.csv"]
            gear = [BIN / "strava-gear", *files, "-r", "components", "-f", "csv"]
            insert = [
                BIN / "sqlite-utils",
                "insert",
                folder / "plain.db",
                "runs",
                folder / "runs.csv",
                "--csv",
                "--pk",
                "id",
            ]
            jobs["theirs"].append(timed(gear))
            jobs["insert"].append(timed(insert))
            jobs["first"].append(timed(command))
            jobs["nothing new"].append(timed(command))
            with (folder / "runs.csv").open("a") as table:
                table.write("One more,g1,2025-01-01T06:00:00+00:00,1800,5000.0,10,9999999,Run\n")
            jobs["one new"].append(timed(command))
            difference = largest_difference(folder, gear)
            jobs["totals"].append((totals_seconds(folder / "shoemon.db"), 0.0))
    print(f"  largest difference of any pair: {difference:.4f} km")
    for job in ("first", "nothing new", "one new"):
        show(f"{job} sync", jobs[job], jobs["theirs"])
    show("beside an insert", jobs["first"], jobs["insert"])
    return {job: statistics.median(seconds for seconds, _ in runs) for job, runs in jobs.items()}


def write_inputs(folder: Path, rows: int) -> None:
    """runs.csv and both programs' configuration of the same pairs."""
    generator = random.Random(1)
    moment = dt.datetime(2010, 1, 1, 6, tzinfo=dt.UTC)
    step = int(15 * 365 * 86400 / rows)
    with (folder / "runs.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(
            ["name", "gear_id", "start_date", "moving_time", "distance", "total_elevation_gain", "id", "type"]
        )
        for number in range(rows):
            moment += dt.timedelta(seconds=generator.randint(step // 2, step))
            metres = round(generator.uniform(3000, 20000), 1)
            gear = f"g{generator.randrange(GEARS)}"
            climb = generator.randint(0, 300)
            table.writerow([f"Run {number}", gear, moment.isoformat(), int(metres / 3), metres, climb, number, "Run"])
    spans = list(zip(("", *CHANGES), (*CHANGES, ""), strict=True))
    rules = [
        "aliases: {" + ", ".join(f"Model {gear}: g{gear}" for gear in range(GEARS)) + "}",
        "rules:",
        *(
            ("  - since: " + since if since else "  - since: 2000-01-01")
            + "".join(f"\n    Model {gear}: {{shoe: g{gear}-{index}}}" for gear in range(GEARS))
            for index, (since, _) in enumerate(spans)
        ),
    ]
    (folder / "rules.yaml").write_text("\n".join(rules) + "\n")
    columns = "{id: id, start: start_date, distance: {column: distance, unit: m}, moving: moving_time, sport: type, name: name, shoe: gear_id, elevation: total_elevation_gain}"
    (folder / "shoemon.yaml").write_text(
        f"timezone: UTC\nsources:\n  - {{name: runs, type: table, path: runs.csv, columns: {columns}}}\n"
    )
    shoes = [
        f"  - {{id: g{gear}-{index}, name: Model {gear} no {index}, gear: g{gear}, life: 9000000 km, worn: {{{window(since, until)}}}}}"
        for gear in range(GEARS)
        for index, (since, until) in enumerate(spans)
    ]
    (folder / "shoes.yaml").write_text("shoes:\n" + "\n".join(shoes) + "\n")


def window(since: str, until: str) -> str:
    return ", ".join(f"{name}: {day}" for name, day in (("from", since), ("until", until)) if day)


def timed(command: list[object]) -> tuple[float, float]:
    """Wall seconds and peak megabytes of one whole process."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{command[0]} failed: {process.stderr.read().decode() if process.stderr else ''}")
    return seconds, peak_mb(usage)


def peak_mb(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


def largest_difference(folder: Path, gear: list[object]) -> float:
    """Kilometres by which the two programs differ most on any pair; prints both totals."""
    report = subprocess.run([str(part) for part in gear], capture_output=True, text=True, check=True, env=ENVIRONMENT)
    theirs = {row["id"]: float(row["km"]) for row in csv.DictReader(io.StringIO(report.stdout))}
    status = subprocess.run(
        [BIN / "shoemon", "status", "--json", "--config", folder], capture_output=True, text=True, check=True
    )
    ours = {shoe["shoe"]: shoe["distance_m"] / 1000 for shoe in json.loads(status.stdout)["shoes"]}
    worn = {shoe: km for shoe, km in ours.items() if km}
    if worn.keys() != {shoe for shoe, km in theirs.items() if km}:
        sys.exit(f"different pairs: {sorted(worn.keys() ^ theirs.keys())}")
    print(f"  together {sum(ours.values()):,.1f} km, strava-gear {sum(theirs.values()):,.1f} km")
    return max(abs(ours[shoe] - km) for shoe, km in theirs.items())


def totals_seconds(database: Path) -> float:
    """Seconds that counting the totals anew from the legs takes, the part of a sync that grows with the history."""
    from shoemon.store.database import open_database, writing
    from shoemon.sync.derive.decide_runs import recount

    opened = open_database(database, "km")
    start = time.perf_counter()
    with writing(opened):
        recount(opened)
    seconds = time.perf_counter() - start
    opened.close()
    return seconds


def show(job: str, ours: list[tuple[float, float]], theirs: list[tuple[float, float]]) -> None:
    seconds, other = (statistics.median(run[0] for run in runs) for runs in (ours, theirs))
    memory, other_memory = (statistics.median(run[1] for run in runs) for runs in (ours, theirs))
    print(
        f"  {job:18} {seconds:6.2f} s beside {other:6.2f} s: {seconds / other:5.2f} times;"
        f" {memory:5.0f} MB beside {other_memory:5.0f} MB: {memory / other_memory:5.2f} times"
    )


def show_growth(figures: dict[int, dict[str, float]]) -> None:
    print("\ngrowth")
    for rows, jobs in sorted(figures.items()):
        print(
            f"  {rows:>7,} runs: first {jobs['first'] / rows * 1e6:6.1f} us a run, nothing new {jobs['nothing new']:.2f} s,"
            f" one new {jobs['one new']:.2f} s, without the totals' {jobs['totals']:.2f} s"
            f" {jobs['one new'] - jobs['totals']:.2f} s"
        )


if __name__ == "__main__":
    main()
