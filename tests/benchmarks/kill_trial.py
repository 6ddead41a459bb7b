"""Kills shoemon with SIGKILL at random moments while it reads, counts and writes to the runner, and counts what is lost.

    python tests/benchmarks/kill_trial.py [kills] [seed]

A worker adds a run to a table, syncs and delivers, over and over, through everything shoemon does: every run takes one
of twenty pairs across its next stage, so every run is an alert, to a web hook and to a mailbox. At the end a last sync
sends what still waits. What should have been said is reckoned from the table alone.

SIGKILL is what a crash or an impatient container does; it does not test a power cut.
"""

import csv
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kit.homes import COLUMNS, faults, table_source
from kit.receivers import hook, mail_server

PAIRS = 20
LIFE_KM, INITIAL_KM, RUN_KM = 100, 80, 10
LONGEST_S = 1.4
"""A worker lives for a random part of this; a round takes it about a tenth of a second."""


class Result(NamedTuple):
    """What the trial counted. `due` is reckoned from the table; `lost` are those of which nobody was told."""

    kills: int
    due: int
    rows: int
    marked_sent: int
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

    table, config = directory / "watch.csv", load(directory)
    while True:
        number = len(table.read_text(encoding="utf-8").splitlines())
        with table.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(_run(number))
        sync(config)


def _run(number: int) -> tuple[object, ...]:
    hours = number - 1
    start = f"{2015 + hours // 8064}-{1 + hours // 672 % 12:02}-{1 + hours // 24 % 28:02}T{hours % 24:02}:00:00Z"
    return (number, start, RUN_KM * 1000, "run", f"run {number}", f"pair-{number % PAIRS}", "road", 3000)


def _set_up(directory: Path, hook_url: str, mail_port: int) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    mail = f"{{name: mail, type: email, to: me@example.org, host: 127.0.0.1, port: {mail_port}, security: none}}"
    (directory / "shoemon.yaml").write_text(
        f"sources:\n{table_source('watch')}notify:\n  - {{name: hook, type: webhook, url: {hook_url}}}\n  - {mail}\n"
    )
    pair = "  - {{id: pair-{n}, name: Pair {n}, life: {life} km, initial: {initial} km}}\n"
    pairs = "".join(pair.format(n=n, life=LIFE_KM, initial=INITIAL_KM) for n in range(PAIRS))
    (directory / "shoes.yaml").write_text(f"shoes:\n{pairs}")
    (directory / "watch.csv").write_text(",".join(COLUMNS) + "\r\n")


def kill_trial(directory: Path, kills: int, seed: int = 1, *, loud: bool = False) -> Result:
    """Runs the trial in `directory` and counts."""
    began = time.monotonic()
    moments = random.Random(seed)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(
        [
            "shoemon.sync.pipeline",
            "shoemon.sources.table",
            "shoemon.notifiers.webhook",
            "shoemon.notifiers.email",
            "jinja2",
        ]
    )
    with hook(delay_s=0.002) as receiver, mail_server() as (room, port):
        home = directory / "killed"
        _set_up(home, receiver.url, port)
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
        _drain(home)
        return _count(home, kills, receiver.counts, Counter(room.ids), time.monotonic() - began)


def _drain(home: Path) -> None:
    from shoemon.config.load import load
    from shoemon.sync.pipeline import sync

    for _ in range(2):
        report = sync(load(home))
        assert not report.failed, report


def due_in(table: Path) -> set[tuple[str, str]]:
    """Pair and stage of everything that should have been said, from the table alone."""
    with table.open(newline="", encoding="utf-8") as file:
        runs = Counter(row["shoe"] for row in csv.DictReader(file))
    stages = ["soon", *(str(percent) for percent in range(100, 100 + 10 * max(runs.values()), 10))]
    return {(pair, stage) for pair, count in runs.items() for stage in stages[:count]}


def _count(home: Path, kills: int, posts: Counter[str], mails: Counter[str], seconds: float) -> Result:
    import sqlite3
    from contextlib import closing

    from shoemon.notifiers.standard_webhook import webhook_id

    due = due_in(home / "watch.csv")
    with closing(sqlite3.connect(home / "shoemon.db")) as connection:
        told = {
            (shoe, stage): spoken or id
            for id, shoe, stage, spoken in connection.execute(
                "SELECT id, shoe, stage, covered_by FROM alerts WHERE shoe IS NOT NULL"
            )
        }
        states = Counter(state for (state,) in connection.execute("SELECT state FROM deliveries"))
        messages = {id for (id,) in connection.execute("SELECT alert FROM deliveries")}
        integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
    return Result(
        kills=kills,
        due=len(due),
        rows=len(told),
        marked_sent=states["sent"],
        undelivered=sum(states.values()) - states["sent"],
        lost=sum(pair not in told or posts[webhook_id(told[pair])] == 0 for pair in due),
        repeats=sum(posts.values()) - len(posts),
        most=max(posts.values(), default=0),
        mails_lost=len(messages) - len(mails),
        mails_repeated=sum(mails.values()) - len(mails),
        integrity=integrity,
        totals_differ=faults(home / "shoemon.db"),
        seconds=round(seconds, 1),
    )


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as directory:
        result = kill_trial(Path(directory), kills, seed, loud=True)
    print(f"kills {result.kills} (seed {seed}), {result.seconds} s")
    print(
        f"alerts due {result.due}, alert rows {result.rows}, marked sent {result.marked_sent}, still waiting {result.undelivered}"
    )
    print(f"posts: lost {result.lost}, repeats {result.repeats}, most for one id {result.most}")
    print(f"mails: lost {result.mails_lost}, repeats {result.mails_repeated}")
    print(
        f"integrity_check {result.integrity}; totals {'equal a recount' if not result.totals_differ else result.totals_differ}"
    )
    sys.exit(1 if result.lost or result.mails_lost or result.totals_differ or result.integrity != "ok" else 0)


if __name__ == "__main__":
    main()
