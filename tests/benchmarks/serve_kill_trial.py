"""Kills `shoemon serve` of two homes with SIGKILL at random moments, while runs come in and pairs are tapped on its pages.

    python tests/benchmarks/serve_kill_trial.py [kills] [seed]

Each life of the process gets a new run in both homes, which crosses a stage of its pair, and a tap in one of them, sent as
a browser sends it. At the end both homes are synced once, and everything is compared with what the tables say and with
the taps that were answered as written.
"""

import random
import re
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.kill_trial import _drain, _run, _set_up, due_in
from kit.homes import faults, table_source
from kit.receivers import hook, mail_server

PORT = 8097
SITE = f"http://127.0.0.1:{PORT}"
STAYS = "tapped"


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    moments, taps = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1), dict[tuple[str, str], str]()
    with tempfile.TemporaryDirectory() as name, hook() as receiver, mail_server() as (_room, port):
        homes = [Path(name, each) for each in ("anna", "bob")]
        for home in homes:
            _set_up(home, receiver.url, port)
            main_file = home / "shoemon.yaml"
            main_file.write_text(
                main_file.read_text().replace(table_source("watch"), table_source("watch", schedule="every: 1s"))
            )
            shoes = home / "shoes.yaml"
            shoes.write_text(shoes.read_text() + f"  - {{id: {STAYS}, name: Tapped, life: 9000000 km}}\n")
        for number in range(1, kills + 1):
            for home in homes:
                add_run(home, number)
            command = [sys.executable, "-m", "shoemon", "serve", *map(str, homes), "--port", str(PORT)]
            with subprocess.Popen(command, stderr=subprocess.DEVNULL) as serving:
                until = time.monotonic() + 10.0
                home = moments.choice(homes)
                while time.monotonic() < until:
                    with suppress(requests.RequestException):
                        if (run := tap(home.name, number)) is not None:
                            taps[home.name, run] = STAYS
                            break
                    time.sleep(0.1)
                time.sleep(moments.random() * 0.5)
                serving.kill()
            if number % 20 == 0:
                print(f"{number} kills, {len(taps)} taps written, {len(receiver.ids)} posts", file=sys.stderr)
        for home in homes:
            _drain(home)
        print(f"{kills} kills, {len(taps)} taps written")
        for home in homes:
            report(home, {run for owner, run in taps if owner == home.name})


def add_run(home: Path, number: int) -> None:
    """A run with a pair by its export, and one without that is tapped on the pages."""
    with (home / "watch.csv").open("a", encoding="utf-8") as file:
        for row in (_run(2 * number), (*_run(2 * number + 1)[:5], "", *_run(2 * number + 1)[6:])):
            file.write(",".join(map(str, row)) + "\r\n")


def tap(home: str, number: int) -> str | None:
    """Give the newest run without a pair one; its id once that is answered as written."""
    page = requests.get(f"{SITE}/{home}/-/assign", timeout=5)
    form = re.search(
        rf'action="([^"]*/assign/watch~3A{2 * number + 1}[^"]*)".*?name="token" value="([^"]+)"', page.text, re.S
    )
    if form is None:
        return None
    sent = {"token": form[2], "shoe": STAYS, "back": "list"}
    answer = requests.post(SITE + form[1], data=sent, allow_redirects=False, timeout=10)
    return f"watch:{2 * number + 1}" if answer.status_code == 303 else None


def report(home: Path, tapped: set[str]) -> None:
    import sqlite3

    with closing(sqlite3.connect(home / "shoemon.db")) as connection:
        worn = {run for (run,) in connection.execute("SELECT activity FROM legs WHERE shoe = ?", (STAYS,))}
        told = set(connection.execute("SELECT shoe, stage FROM alerts WHERE shoe IS NOT NULL"))
        waiting = connection.execute("SELECT count(*) FROM deliveries WHERE state <> 'sent'").fetchone()[0]
    due = {(shoe, stage) for shoe, stage in due_in(home / "watch.csv") if shoe}
    print(
        f"{home.name}: taps lost {len(tapped - worn)}, alerts due {len(due)} lost {len(due - told)}, not sent {waiting}, "
        f"totals {faults(home / 'shoemon.db') or 'equal a recount'}"
    )


if __name__ == "__main__":
    main()
