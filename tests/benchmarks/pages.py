"""How long each page takes after a lifetime of runs, beside Datasette's own page of the same file's activities.

Run with `python tests/benchmarks/pages.py [--rows 50000] [--rounds 15] [--config DIR]`. The database is made by a real sync
of a table (some seconds) unless the directory of a synced configuration is given. Pages are asked for turn by turn over
HTTP from a server in this process; figures are medians, ratios are a page's over Datasette's table page of 100 rows. The
end says how much a browser loads for the first page.
"""

import argparse
import datetime as dt
import random
import re
import statistics
import sys
import tempfile
import time
from html import unescape
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kit.homes import Home, table_source
from kit.runners import served

PAIRS = 60
SURFACES = ("asphalt", "asphalt", "asphalt", "gravel", "dirt", "concrete", "treadmill", "")
NAMES = ("Morning run", "Evening run", "Intervals 6 x 1000 m", "Long run")
BAR, HOME_BAR, WEIGHT_BAR = 2.0, 1.0, 200_000
"""A page may take twice as long as Datasette's own, the first page as long; what a browser loads for it may weigh 200 kB."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--config", type=Path, help="the directory of a configuration that was synced before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Home.__new__(Home) if options.config else Home(Path(name))
        if options.config:
            home.directory = options.config
        else:
            fill(home, options.rows)
        with served(home) as pages, requests.Session() as session:
            slow = compare(session, pages.url.rstrip("/"), paths(home), options.rounds)
            heavy = weigh(session, pages.url.rstrip("/"))
    sys.exit(1 if slow or heavy else 0)


def fill(home: Home, count: int) -> None:
    """Give the home `count` runs of fifteen years in 60 pairs, three at a time; each hundredth run has no shoe."""
    dice, step = random.Random(1), dt.timedelta(days=15 * 365) / count
    start, rows = dt.datetime.now(dt.UTC) - count * step, []
    for number in range(count):
        gear = "" if number % 100 == 7 else f"Model {number * PAIRS // count // 3 * 3 + dice.randrange(3)}"
        moment, metres = start + number * step, round(dice.uniform(3000, 20000), 1)
        day = moment.isoformat(timespec="seconds")
        rows.append(
            (number, day, metres, "run", f"{dice.choice(NAMES)} {number}", gear, dice.choice(SURFACES), int(metres / 3))
        )
    home.main(f"timezone: UTC\nalerts: {{hard_share: 60%}}\nsources:\n{table_source('runs')}")
    home.shoes("shoes:\n" + "".join(f"  - {{id: g{n}, name: Model {n}, life: 20000 km}}\n" for n in range(PAIRS)))
    home.table("runs", rows)
    home.clock.now = dt.datetime.now(dt.UTC)
    began = time.perf_counter()
    home.sync()
    print(f"{count:,} runs in {PAIRS} pairs, synced in {time.perf_counter() - began:.1f} s")


def paths(home: Home) -> dict[str, str]:
    """Every kind of page, with the pair that has the most runs, a run of the middle and one without a shoe."""
    worn = "SELECT shoe FROM shoe_surface_mileage WHERE shoe IS NOT NULL GROUP BY 1 ORDER BY sum(runs) DESC LIMIT 1"
    middle = "SELECT id FROM activities ORDER BY started_at LIMIT 1 OFFSET (SELECT count(*) / 2 FROM activities)"
    loose = "SELECT activity FROM legs WHERE shoe IS NULL ORDER BY local_date DESC LIMIT 1"
    shoe, run, open_run = (home.rows(sql)[0][0].replace(":", "~3A") for sql in (worn, middle, loose))
    return {
        "": "/shoemon/activities", "Home": "/", "a shoe": f"/-/shoe/{shoe}", "Ground": "/-/ground", "a run": f"/-/run/{run}",
        "Runs": "/-/runs", "Runs of a shoe": f"/-/runs?shoe={shoe}", "Runs by a word": "/-/runs?q=Long+run+1234",
        "which shoe?": f"/-/assign/{open_run}", "runs without a shoe": "/-/assign", "progress": "/-/progress.json",
    }  # fmt: skip


def compare(session: requests.Session, url: str, asked: dict[str, str], rounds: int) -> list[str]:
    """Print each page's time beside Datasette's own; return the names of those over the bar. Charts are asked for too."""
    for page in ("Home", "a shoe", "Ground"):
        charts = re.findall(r'data-src="([^"]+\?_shape[^"]*)"', session.get(url + asked[page]).text)
        asked |= {f"  chart {number} of {page}": unescape(source) for number, source in enumerate(charts, 1)}
    seconds: dict[str, list[float]] = {name: [] for name in asked}
    for turn in range(rounds + 1):  # the first warms up
        for name, path in asked.items():
            began = time.perf_counter()
            session.get(url + path).raise_for_status()
            if turn:
                seconds[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(spent) for name, spent in seconds.items()}
    usual = medians.pop("")
    print(f"\n{asked['']}, Datasette's own: {usual * 1000:.0f} ms (median of {rounds})")
    for name, median in medians.items():
        worst = max(seconds[name]) * 1000
        print(f"  {name:24}{median * 1000:7.1f} ms {median / usual:6.2f} times (worst {worst:.0f} ms)  {asked[name]}")
    slow = [name for name, median in medians.items() if median > usual * (HOME_BAR if name == "Home" else BAR)]
    print(f"over {BAR:g} times (Home: {HOME_BAR:g}): {', '.join(slow) or 'none'}")
    return slow


def weigh(session: requests.Session, url: str) -> bool:
    """Print what a browser loads for the first page, uncompressed; return whether it is more than the bar."""
    first = session.get(f"{url}/")
    found = re.findall(r'(?:<(?:link|script|img)\b[^>]*?(?:href|src)|data-src)="([^"]+)"', first.text)
    parts = {"/": len(first.content)} | {path: len(session.get(url + path).content) for path in map(unescape, found)}
    total = sum(parts.values())
    print(f"\nthe first page: {total / 1000:.0f} kB in {len(parts)} requests (bar {WEIGHT_BAR / 1000:.0f} kB)")
    for address, size in sorted(parts.items(), key=lambda part: -part[1]):
        print(f"  {size / 1000:7.1f} kB  {address}")
    return total > WEIGHT_BAR


if __name__ == "__main__":
    main()
