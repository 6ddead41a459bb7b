"""Kills `shoemon sync` with SIGKILL while it renews a login, and counts logins that are lost without a word: for
store/test_tokens.py.

A server hands out new tokens at each renewal, and takes the old ones no more at once (as FitTrackee does), or for good
(with a grace, as others do). Before each sync it ends the tokens that are in use, and lists one run more. The sync is
killed at one of three moments: when the server has made new tokens and has not yet answered; some milliseconds later,
around the moment they are stored; or at any moment of its life. Then `shoemon sync` must either work, or end with 1 and
say how to log in, with the failure in the database; after `login` it must work.

SIGKILL is what a crash or an impatient container does; it does not test a power cut.
"""

import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kit.api_servers import Answer, Asked
from kit.homes import Home
from kit.login_server import CLIENT, SECRET, Logins, Runner, login_server

from shoemon.sync.pull import source_context

MAIN = """\
sources:
  - name: strava
    type: strava-api
    client_id: "{client}"
    client_secret: {{file: secret.txt}}
    base_url: {url}/api/v3
    oauth_url: {url}/oauth
"""
MOMENTS = ("before the answer", "around the store", "any")
WHY, REMEDY = "was interrupted", "log in again: shoemon login strava"
KM = 5
_STORE_S = 0.02
"""Within so long after the server has made new tokens they are stored."""


class Trial:
    """One home, its server, and what was counted. `went_on` and `asked` are the syncs after a kill, by how they ended;
    `silent` those that ended well and did not bring everything, or failed before the kill, or without the remedy or a
    word in the database."""

    def __init__(self, directory: Path, url: str, logins: Logins, seed: int) -> None:
        self.home, self.logins, self.random = Home(directory / "home"), logins, random.Random(seed)
        self.output = directory / "output.txt"
        self.home.main(MAIN.format(client=CLIENT, url=url))
        self.home.shoes("shoes: [{id: peg, name: Peg, gear: [g1]}]\n")
        (self.home.directory / "secret.txt").write_text(SECRET)
        self.processes = multiprocessing.get_context("forkserver")
        self.processes.set_forkserver_preload(
            ["shoemon.cli.main", "shoemon.sync.pipeline", "shoemon.report.status", "shoemon.sources.strava_api", "shoemon.sources.kit.oauth.access",
             "shoemon.sources.strava_api.listing", "shoemon.sources.kit.api"]
        )  # fmt: skip
        self.runs: list[dict[str, Any]] = []
        self.went_on, self.asked, self.too_late = 0, 0, 0
        self.silent, self.secrets_out = list[str](), list[str]()

    def answer(self, asked: Asked) -> Answer:
        """The API: all runs on one page, and one pair of shoes."""
        if asked.path.startswith("/api/v3/gear/"):
            return Answer({"id": "g1", "name": "Peg"})
        return Answer(self.runs if asked.query.get("page") == "1" else [])

    def add_run(self) -> None:
        number = len(self.runs)
        start = f"{2015 + number // 336}-{1 + number // 28 % 12:02}-{1 + number % 28:02}T10:00:00Z"
        self.runs.append(
            {"id": number + 1, "type": "Run", "start_date": start, "distance": KM * 1000.0, "gear_id": "g1",
             "elapsed_time": 1800, "name": f"run {number}"}
        )  # fmt: skip

    def log_in(self) -> None:
        from shoemon.sources.strava_api import login

        config = self.home.config
        login(config.sources[0], source_context(config), Runner(self.logins.leave, paste=True))  # type: ignore[arg-type]

    def start(self) -> Any:
        process = self.processes.Process(target=command, args=(self.home.directory, self.output), daemon=True)
        process.start()
        return process

    def sync(self) -> int:
        """The exit code of a sync that is left alone."""
        process = self.start()
        process.join(120)
        self.look_for_secrets()
        return int(process.exitcode)

    def kill_one(self, moment: str) -> bool:
        """Whether a sync was killed at `moment`. One that ended well before is too late, one that failed is silent."""
        self.logins.end_access()
        self.add_run()
        killed, started = threading.Event(), threading.Event()
        process: list[Any] = []

        def kill() -> None:
            started.wait(10)
            process[0].kill()
            killed.set()

        if moment == "before the answer":
            self.logins.renewed = kill
        elif moment == "around the store":
            pause_s = self.random.random() * _STORE_S
            self.logins.renewed = lambda: threading.Timer(pause_s, kill).start()
        process.append(self.start())
        started.set()
        if moment == "any":
            time.sleep(self.random.random() * 0.4)
            kill()
        process[0].join(120)
        killed.wait(1)
        self.logins.renewed = lambda: None
        code: int = process[0].exitcode
        self.too_late += code == 0
        if code not in (0, -signal.SIGKILL):
            self.silent.append(f"{moment}: ended with {code} before it was killed: {self.output.read_text()}")
        return code == -signal.SIGKILL

    def judge(self, moment: str) -> None:
        """The sync after a kill, and after a login where that is asked for."""
        code = self.sync()
        if code == 0:
            self.went_on += 1
        elif code == 1 and all(
            words in said for words in (WHY, REMEDY) for said in (self.output.read_text(), str(self.last_errors()))
        ):
            self.asked += 1
            self.log_in()
            code = self.sync()
        stored = self.stored()
        if code != 0 or self.last_errors() != [(None,)] or stored != (len(self.runs), len(self.runs)):
            self.silent.append(f"{moment}: ended with {code}, {stored} of {len(self.runs)}: {self.output.read_text()}")

    def last_errors(self) -> list[Any]:
        return self.home.rows("SELECT last_error FROM sources")

    def stored(self) -> tuple[int, int]:
        """Records, and those that count."""
        ((records, counted),) = self.home.rows(
            "SELECT count(*), total(counted) FROM activities WHERE missing_since IS NULL"
        )
        return records, int(counted)

    def look_for_secrets(self) -> None:
        """In every file but state.db (and its journal, which a kill may leave behind) and in all that was said."""
        files = [
            path
            for path in (*self.home.directory.iterdir(), self.output)
            if path.name not in ("secret.txt", "state.db")
        ]
        for path in files:
            if path.name == "state.db-journal":
                if path.stat().st_mode & 0o077:
                    self.secrets_out.append(f"{path.name} can be read by others")
                continue
            held = path.read_bytes()
            self.secrets_out += [path.name for secret in (*self.logins.made[-8:], SECRET) if secret.encode() in held]


def command(home: Path, output: Path) -> None:
    """What is killed: the command line, as a runner starts it."""
    from shoemon.cli.main import main

    with output.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = ["shoemon", "-v", "sync", "--config", str(home)]
    main()


def token_trial(directory: Path, kills: int, seed: int = 1, *, grace: bool = False) -> Trial:
    """Makes the trial in `directory`."""
    with login_server(lambda asked: Answer([]), grace=grace) as (server, logins):
        trial = Trial(directory, server.url, logins, seed)
        logins.api = trial.answer
        trial.add_run()
        trial.log_in()
        assert trial.sync() == 0, trial.output.read_text()
        done = 0
        while done < kills and len(trial.silent) <= kills:
            moment = MOMENTS[(len(trial.runs) - 1) % len(MOMENTS)]  # each round adds a run
            done += trial.kill_one(moment)
            trial.judge(moment)
    return trial
