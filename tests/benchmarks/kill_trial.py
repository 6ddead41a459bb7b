"""Kills shoemon with SIGKILL at random moments while it reads, counts and writes to the runner, and counts what is lost.

    python tests/benchmarks/kill_trial.py [kills] [seed] [serve]

A worker adds a run to a table, syncs and delivers, over and over, through everything shoemon does: every run takes one
of twenty pairs across its next stage, so every run is an alert, to a web hook and to a mailbox. With `serve`, it is
`shoemon serve` of two homes that is killed: each life of it gets a new run in both, and in one a tap and an edit of a
pair, sent as a browser sends them, and a track, sent as a phone sends it. At the end a last sync sends what still waits. What should have been said is reckoned from the tables alone.

SIGKILL is what a crash or an impatient container does; it does not test a power cut.
"""

import csv
import multiprocessing
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kit.homes import COLUMNS, faults, table_source
from kit.http_servers import free_port
from kit.receivers import hook, mail_server

PAIRS = 20
LIFE_M, INITIAL_M, RUN_M = 100_000, 80_000, 10_000
LONGEST_S = 1.4
"""A worker lives for a random part of this; a round takes it about a tenth of a second."""
PRELOADED = [
    "shoemon.sync.pipeline",
    "shoemon.sources.table",
    "shoemon.notifiers.webhook",
    "shoemon.notifiers.email",
    "jinja2",
]
TAPPED = "tapped"
TOKEN = "a-long-token-of-this-trial"


class Result(NamedTuple):
    """What the trial counted. `due` is reckoned from the table; `lost` are those of which nobody was told."""

    kills: int
    due: int
    rows: int
    undelivered: int
    lost: int
    repeats: int
    most: int
    mails_lost: int
    mails_repeated: int
    integrity: str
    totals_differ: list[str]
    seconds: float


def work(directory: Path) -> None:
    """What is killed: adds a run, syncs, delivers, for ever."""
    from shoemon.config.load import load
    from shoemon.sync.pipeline import sync

    config = load(directory)
    while True:
        add_run(directory, len((directory / "watch.csv").read_text(encoding="utf-8").splitlines()))
        sync(config)


def add_run(home: Path, number: int, pair: str | None = None) -> None:
    hours = number - 1
    start = f"{2015 + hours // 8064}-{1 + hours // 672 % 12:02}-{1 + hours // 24 % 28:02}T{hours % 24:02}:00:00Z"
    pair = f"pair-{number % PAIRS}" if pair is None else pair
    with (home / "watch.csv").open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerow((number, start, RUN_M, "run", f"run {number}", pair, "road", 3000))


def set_up(directory: Path, hook_url: str, mail_port: int, schedule: str = "every: 6h") -> None:
    directory.mkdir(parents=True, exist_ok=True)
    mail = f"{{name: mail, type: email, to: me@example.org, host: 127.0.0.1, port: {mail_port}, security: none}}"
    source = table_source("watch", schedule=schedule)
    (directory / "shoemon.yaml").write_text(
        f"web: {{upload_token: {{file: token}}}}\nsources:\n{source}notify:\n  - {{name: hook, type: webhook, url: {hook_url}}}\n  - {mail}\n"
    )
    pair = "  - {{id: pair-{n}, name: Pair {n}, life: {life} m, initial: {initial} m}}\n"
    pairs = "".join(pair.format(n=n, life=LIFE_M, initial=INITIAL_M) for n in range(PAIRS))
    (directory / "shoes.yaml").write_text(f"shoes:\n{pairs}  - {{id: {TAPPED}, name: Tapped, life: 9000000 km}}\n")
    (directory / "watch.csv").write_text(",".join(COLUMNS) + "\r\n")
    (directory / "token").write_text(TOKEN)


def kill_trial(directory: Path, kills: int, seed: int = 1, *, loud: bool = False) -> Result:
    """Runs the trial in `directory` and counts."""
    began = time.monotonic()
    moments = random.Random(seed)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(PRELOADED)
    with hook(delay_s=0.002) as receiver, mail_server() as (room, port):
        home = directory / "killed"
        set_up(home, receiver.url, port)
        for done in range(1, kills + 1):
            process = processes.Process(target=work, args=(home,), daemon=True)
            process.start()
            # The first workers would all die while they import and make the tables.
            process.join(moments.random() * LONGEST_S + (1.0 if done % 20 == 1 else 0.1))
            if not process.is_alive():
                raise RuntimeError(f"the worker ended by itself with exit code {process.exitcode}")
            process.kill()
            process.join()
            if loud and done % 20 == 0:
                print(f"{done} kills, {len(receiver.ids)} posts, {len(room.ids)} mails", file=sys.stderr)
        drain(home)
        return _count(home, kills, receiver.counts, Counter(room.ids), time.monotonic() - began)


def drain(home: Path) -> None:
    from shoemon.config.load import load
    from shoemon.sync.pipeline import sync

    for _ in range(2):
        report = sync(load(home))
        assert not report.failed, report


def due_in(tables: Iterable[Path], initial_m: int, life_m: int) -> set[tuple[str, str]]:
    """Pair and stage of everything that should have been said, from the tables alone."""
    worn_m: Counter[str] = Counter()
    for table in tables:
        with table.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                worn_m[row["shoe"]] += int(row["metres"])
    return {(pair, stage) for pair, metres in worn_m.items() if pair for stage in stages(initial_m + metres, life_m)}


def stages(metres: float, life_m: int) -> list[str]:
    """The stages of a pair's life up to these metres."""
    percent = int(100 * metres // life_m)
    return [*(["soon"] if percent >= 90 else []), *map(str, range(100, percent + 1, 10))]


def reached_in(home: Path) -> set[tuple[str, str]]:
    """Pair and highest stage, by what counts now: a sync that sees a pair cross several notifies of the last one."""
    try:
        with closing(sqlite3.connect(f"file:{home}/shoemon.db?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT shoe, sum(distance_m) FROM legs WHERE shoe <> ? GROUP BY shoe", (TAPPED,))
            found = [(pair, stages(INITIAL_M + metres, LIFE_M)[-1:]) for pair, metres in rows]
    except sqlite3.OperationalError:  # there is no table yet
        return set()
    return {(pair, stage) for pair, last in found for stage in last}


def told_in(database: Path) -> dict[tuple[str, str], str]:
    """The message that told of each pair and stage."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT shoe, stage, coalesce(covered_by, id) FROM alerts WHERE shoe IS NOT NULL")
        return {(shoe, stage): message for shoe, stage, message in rows}


def _count(home: Path, kills: int, posts: Counter[str], mails: Counter[str], seconds: float) -> Result:
    from shoemon.notifiers.standard_webhook import webhook_id

    due, told = due_in([home / "watch.csv"], INITIAL_M, LIFE_M), told_in(home / "shoemon.db")
    with closing(sqlite3.connect(home / "shoemon.db")) as connection:
        deliveries = connection.execute("SELECT alert, state FROM deliveries").fetchall()
        integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
    return Result(
        kills=kills,
        due=len(due),
        rows=len(told),
        undelivered=sum(state != "sent" for _, state in deliveries),
        lost=sum(pair not in told or posts[webhook_id(told[pair])] == 0 for pair in due),
        repeats=sum(posts.values()) - len(posts),
        most=max(posts.values(), default=0),
        mails_lost=len({alert for alert, _ in deliveries}) - len(mails),
        mails_repeated=sum(mails.values()) - len(mails),
        integrity=integrity,
        totals_differ=faults(home / "shoemon.db"),
        seconds=round(seconds, 1),
    )


def kill_serve(directory: Path, kills: int, seed: int) -> bool:
    """Kills `shoemon serve`, and prints what of the taps, edits, tracks and alerts was lost in each home; whether
    anything was."""
    from shoemon.config.load import load

    moments, taps, port, lost = random.Random(seed), set[tuple[str, str]](), free_port(), 0
    edits, uploads = Counter[str](), Counter[str]()
    homes = [directory / name for name in ("anna", "bob")]
    due: dict[Path, set[tuple[str, str]]] = {home: set() for home in homes}
    with hook() as receiver, mail_server() as (_, mail_port):
        for home in homes:
            set_up(home, receiver.url, mail_port, "every: 1s")
        for number in range(1, kills + 1):
            for home in homes:  # a run with a pair by its export, and one without that is tapped on the pages
                add_run(home, 2 * number)
                add_run(home, 2 * number + 1, pair="")
            command = [sys.executable, "-m", "shoemon", "serve", *map(str, homes), "--port", str(port)]
            with subprocess.Popen(command, stderr=subprocess.DEVNULL) as serving:
                until, home, written = time.monotonic() + 10.0, moments.choice(homes), False
                while not written and time.monotonic() < until:
                    with suppress(requests.RequestException):
                        written = tap(f"http://127.0.0.1:{port}", home.name, 2 * number + 1)
                    time.sleep(0.1)
                taps |= {(home.name, f"watch:{2 * number + 1}")} if written else set()
                with suppress(requests.RequestException):
                    sends_first = moments.random() < 0.5
                    for sends in (sends_first, not sends_first):
                        if sends:
                            uploads[home.name] += upload(f"http://127.0.0.1:{port}", home.name, number)
                        elif edit(f"http://127.0.0.1:{port}", home.name, number):
                            edits[home.name] = number
                time.sleep(moments.random() * 0.5)
                serving.kill()
            for home in homes:
                due[home] |= reached_in(home)
            if number % 20 == 0:
                print(f"{number} kills, {len(taps)} taps written, {len(receiver.ids)} posts", file=sys.stderr)
        for home in homes:
            drain(home)
            with closing(sqlite3.connect(home / "shoemon.db")) as connection:
                worn = {run for (run,) in connection.execute("SELECT activity FROM legs WHERE shoe = ?", (TAPPED,))}
                waiting = connection.execute("SELECT count(*) FROM deliveries WHERE state <> 'sent'").fetchone()[0]
                tracks = connection.execute("SELECT count(*) FROM activities WHERE source = 'posted'").fetchone()[0]
            missing = due[home] - told_in(home / "shoemon.db").keys()
            taps_lost = {run for name, run in taps if name == home.name} - worn
            wrong, note = faults(home / "shoemon.db"), load(home).plan.shoes[-1].notes or "edit 0"
            edits_lost, tracks_lost = int(note.split()[1]) < edits[home.name], max(uploads[home.name] - tracks, 0)
            halves = [path.name for path in (home / "inbox").rglob(".part-*")]
            print(f"{home.name}: {len(taps_lost)} of {len(taps)} taps lost, {tracks_lost} of {uploads[home.name]} tracks lost, edit {edits[home.name]} written, {note} there, {len(missing)} of {len(due[home])} alerts lost, {waiting} not sent, {wrong}, {halves}")  # fmt: skip
            lost += len(taps_lost) + len(missing) + len(wrong) + edits_lost + tracks_lost
    return bool(lost)


def tap(site: str, home: str, number: int) -> bool:
    """Give a run without a pair one; whether that is answered as written."""
    page = requests.get(f"{site}/{home}/-/assign", timeout=5)
    found = rf'action="([^"]*/assign/watch~3A{number}[^"]*)".*?name="token" value="([^"]+)"'
    form = re.search(found, page.text, re.DOTALL)
    if form is None:
        return False
    sent = {"token": form[2], "shoe": TAPPED, "back": "list"}
    return requests.post(site + form[1], data=sent, allow_redirects=False, timeout=10).status_code == 303


def edit(site: str, home: str, number: int) -> bool:
    """Write a note of a pair by its form; whether that is answered as written."""
    page = requests.get(f"{site}/{home}/-/pair/{TAPPED}", timeout=5)
    token = re.search('name="token" value="([^"]+)"', page.text)
    sent = {"token": token and token[1], "do": "set", "name": "Tapped", "notes": f"edit {number}", "gear": ""}
    answer = requests.post(f"{site}/{home}/-/pair/{TAPPED}", data=sent, allow_redirects=False, timeout=10)
    return answer.status_code == 303


def upload(site: str, home: str, number: int) -> bool:
    """Send a track of its own; whether that is answered as stored."""
    start = datetime(2010, 1, 1, tzinfo=UTC) + timedelta(days=number)
    points = "".join(
        f'<trkpt lat="{60 + at / 4000}" lon="25"><time>{start + timedelta(seconds=10 * at):%Y-%m-%dT%H:%M:%SZ}</time></trkpt>'
        for at in range(60)
    )
    body = f'<gpx version="1.1"><trk><type>running</type><trkseg>{points}</trkseg></trk></gpx>'
    headers = {"Authorization": f"Bearer {TOKEN}"}
    address = f"{site}/{home}/-/upload?name=run-{number}.gpx"
    return requests.post(address, data=body.encode(), headers=headers, timeout=10).status_code == 201


def main() -> None:
    words = [word for word in sys.argv[1:] if word != "serve"]
    kills, seed = map(int, [*words, *("200", "1")[len(words) :]])
    with tempfile.TemporaryDirectory() as directory:
        if "serve" in sys.argv:
            sys.exit(kill_serve(Path(directory), kills, seed))
        result = kill_trial(Path(directory), kills, seed, loud=True)
    print("\n".join(f"{name} {value}" for name, value in result._asdict().items()))
    sys.exit(1 if result.lost or result.mails_lost or result.totals_differ or result.integrity != "ok" else 0)


if __name__ == "__main__":
    main()
