"""How long each page takes after a lifetime of runs, beside Datasette's own page of the same file's activities.

Run with `python tests/benchmarks/pages.py [--rows 50000] [--rounds 15] [--queries] [--config DIR]`. The database is made by
a real sync of a table (some seconds) unless the directory of a synced configuration is given. Pages are asked for turn by
turn over HTTP from a server in this process; figures are medians, ratios are a page's over Datasette's table page of 100
rows. `--queries` names the slowest statements of each page. The end says how much a browser loads for the first page.
"""

import argparse
import csv
import datetime as dt
import http.client
import random
import re
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from html import unescape
from pathlib import Path

from shoemon.config.load import Config, load
from shoemon.sync.pipeline import sync
from shoemon.web.desk import Desk
from shoemon.web.server import WebServer, make_app
from shoemon.words.recipient import _tilde

PAIRS = 36
SURFACES = ("asphalt", "asphalt", "asphalt", "gravel", "dirt", "concrete", "treadmill", "")
REFERENCE = "/shoemon/activities"
BAR, HOME_BAR = 2.0, 300_000
"""A page may take twice Datasette's own; what the first page needs may weigh 300 kB."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--queries", action="store_true", help="name the slowest statements of each page")
    parser.add_argument("--config", type=Path, help="the directory of a configuration that was synced before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = options.config or made(Path(name), options.rows)
        config = load(directory)
        statements: list[tuple[float, str]] = []
        with serving(config, statements if options.queries else None) as port:
            slow = compare(port, paths(config), options.rounds)
            if options.queries:
                name_queries(port, paths(config), statements)
            heavy = weigh(port)
    sys.exit(1 if slow or heavy else 0)


def made(directory: Path, rows: int) -> Path:
    """A configuration with `rows` runs of fifteen years in 36 pairs, synced; each hundredth run has no shoe."""
    generator = random.Random(1)
    step = int(15 * 365 * 86400 / rows)
    moment = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(seconds=rows * step)
    with (directory / "runs.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "start", "metres", "name", "shoe", "surface", "moving"])
        for number in range(rows):
            moment += dt.timedelta(seconds=step)
            metres = round(generator.uniform(3000, 20000), 1)
            pair = number * PAIRS // rows // 3 * 3 + generator.randrange(3)  # three at a time, then the next three
            gear = "" if number % 100 == 7 else f"g{min(pair, PAIRS - 1)}"
            name = generator.choice(("Morning run", "Evening run", "Intervals 6 x 1000 m", f"Long run {number}"))
            surface = generator.choice(SURFACES)
            table.writerow([number, moment.isoformat(), metres, name, gear, surface, int(metres / 3)])
    columns = "{id: id, start: start, distance: {column: metres, unit: m}, name: name, shoe: shoe, surface: surface, moving: moving}"
    main = f"timezone: UTC\nalerts: {{hard_share: 60%}}\nsources:\n  - {{name: runs, type: table, path: runs.csv, columns: {columns}}}\n"
    (directory / "shoemon.yaml").write_text(main)
    pairs = "".join(f"  - {{id: g{n}, name: Model {n}, life: 20000 km}}\n" for n in range(PAIRS))
    (directory / "shoes.yaml").write_text(f"shoes:\n{pairs}")
    start = time.perf_counter()
    sync(load(directory))
    print(f"{rows:,} runs in {PAIRS} pairs, synced in {time.perf_counter() - start:.1f} s")
    return directory


@contextmanager
def serving(config: Config, statements: list[tuple[float, str]] | None) -> Iterator[int]:
    """The pages at a port until the block ends; `statements` collects what is asked of the database, and when."""
    datasette = make_app(config.database, desks={"shoemon": Desk(config)})
    if statements is not None:
        watch_statements(statements)
    server = WebServer(datasette, port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server.port
    finally:
        server.stop()
        thread.join()


def watch_statements(statements: list[tuple[float, str]]) -> None:
    from datasette import hookimpl
    from datasette.plugins import pm

    class Watch:
        __name__ = "watch"

        @hookimpl
        def prepare_connection(self, conn: sqlite3.Connection) -> None:
            conn.set_trace_callback(lambda sql: statements.append((time.perf_counter(), sql)))

    pm.register(Watch())


def paths(config: Config) -> dict[str, str]:
    """Every kind of page, with the pair that has the most runs, a run of the middle and one without a shoe."""
    with closing(sqlite3.connect(config.database)) as conn:
        (shoe,) = conn.execute(
            "SELECT shoe FROM shoe_surface_mileage WHERE shoe IS NOT NULL GROUP BY 1 ORDER BY sum(runs) DESC"
        ).fetchone()
        (run,) = conn.execute(
            "SELECT id FROM activities ORDER BY started_at LIMIT 1 OFFSET (SELECT count(*) / 2 FROM activities)"
        ).fetchone()
        (loose,) = conn.execute("SELECT activity FROM legs WHERE shoe IS NULL ORDER BY local_date DESC").fetchone()
    return {
        "Home": "/", "a shoe": f"/-/shoe/{_tilde(shoe)}", "Ground": "/-/ground", "a run": f"/-/run/{_tilde(run)}",
        "Runs": "/-/runs", "Runs of a shoe": f"/-/runs?shoe={shoe}", "Runs by a word": "/-/runs?q=Long+run+1234",
        "which shoe?": f"/-/assign/{_tilde(loose)}", "runs without a shoe": "/-/assign", "progress": "/-/progress.json",
    }  # fmt: skip


def ask(connection: http.client.HTTPConnection, path: str) -> tuple[float, int, str]:
    """Seconds, status and text of an answer."""
    start = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    content = answer.read()
    return time.perf_counter() - start, answer.status, content.decode("utf-8", "replace")


def compare(port: int, asked: dict[str, str], rounds: int) -> list[str]:
    """Prints each page's time beside Datasette's own; the names of those over the bar. Charts are asked for as well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    asked = {**asked}
    for page in ("Home", "a shoe", "Ground"):
        _, _, html = ask(connection, asked[page])
        for number, source in enumerate(re.findall(r'data-src="([^"]+\?_shape[^"]*)"', html), 1):
            asked[f"  chart {number} of {page}"] = unescape(source)
    seconds: dict[str, list[float]] = {name: [] for name in ("", *asked)}
    missing = set()
    for turn in range(rounds + 1):  # the first warms up
        for name, path in {"": REFERENCE, **asked}.items():
            spent, status, _ = ask(connection, path)
            if status != 200:
                missing.add(name)
            if turn:
                seconds[name].append(spent)
    usual = statistics.median(seconds.pop(""))
    print(f"\n{REFERENCE}, Datasette's own: {usual * 1000:.0f} ms (median of {rounds})")
    slow = []
    for name, spent in seconds.items():
        median = statistics.median(spent)
        said = (
            " is not there"
            if name in missing
            else f"{median * 1000:7.1f} ms {median / usual:6.2f} times (worst {max(spent) * 1000:.0f} ms)"
        )
        print(f"  {name:24}{said}  {asked[name]}")
        slow += [name] if median > BAR * usual and name not in missing else []
    print(f"over {BAR:g} times: {', '.join(slow) or 'none'}")
    return slow


def name_queries(port: int, asked: dict[str, str], statements: list[tuple[float, str]]) -> None:
    """Prints the slowest statements of each page, from its begin to that of the next, fetching its rows included; what
    follows the last one is shaping, laying out and sending."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    for name, path in asked.items():
        statements.clear()
        ask(connection, path)
        end = time.perf_counter()
        begun = sorted(statements)
        spans = [(later - start, sql) for (start, sql), (later, _) in zip(begun, [*begun[1:], (end, "")], strict=True)]
        rest = sum(spent for spent, sql in spans if sql == "ROLLBACK")
        print(f"\n{name}: {len(begun)} statements, {rest * 1000:.1f} ms after a reading or between two")
        for spent, sql in sorted((span for span in spans if span[1] != "ROLLBACK"), reverse=True)[:3]:
            print(f"  {spent * 1000:6.1f} ms  {' '.join(sql.split())[:160]}")


def weigh(port: int) -> bool:
    """Prints what a browser loads for the first page, uncompressed; whether it is more than the bar."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    _, _, html = ask(connection, "/")
    found = re.findall(r'(?:<(?:link|script|img)\b[^>]*?(?:href|src)|data-src)="([^"]+)"', html)
    parts = {"/": len(html.encode())}
    for address in dict.fromkeys(map(unescape, found)):
        _, status, content = ask(connection, address)
        parts[address] = len(content.encode()) if status == 200 else 0
    print(
        f"\nthe first page: {sum(parts.values()) / 1000:.0f} kB in {len(parts)} requests (bar {HOME_BAR / 1000:.0f} kB)"
    )
    for address, size in sorted(parts.items(), key=lambda part: -part[1]):
        print(f"  {size / 1000:7.1f} kB  {address}")
    return sum(parts.values()) > HOME_BAR


if __name__ == "__main__":
    main()
