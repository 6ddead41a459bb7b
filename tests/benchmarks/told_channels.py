"""The two receivers of the trial of what is told, a web server and a program, and how their messages are read: which
pairs, runs and sources each speaks of."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from told_oracle import Key
from told_score import Attempt
from told_world import World


class Channels:
    """A web server and a program that note whatever they are handed, also when they then do not take it."""

    def __init__(self, directory: Path, world: World) -> None:
        self.world, self._posts, self._log = world, list[bytes](), directory / "program.log"
        self._down, self._read = directory / "program.down", 0
        script = directory / "program.sh"
        script.write_text(f'#!/bin/sh\n{{ cat; echo; }} >> "{self._log}"\n[ ! -e "{self._down}" ]\n')
        script.chmod(0o755)
        channels = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                channels._posts.append(self.rfile.read(int(self.headers["content-length"])))
                how = world.down.get("hook")
                if how == "hang-up":
                    self.close_connection = True
                    return
                self.send_response(int(how or 200))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.notify = (
            f"notify:\n  - {{name: hook, type: webhook, url: 'http://127.0.0.1:{self.server.server_port}/'}}\n"
            f"  - {{name: program, type: command, command: ['{script}']}}\n"
        )

    def before_tick(self) -> None:
        if "program" in self.world.down:
            self._down.touch()
        else:
            self._down.unlink(missing_ok=True)

    def attempts(self, now: datetime) -> Iterator[tuple[str, Attempt]]:
        """What was handed over since asked last."""
        log = self._log.read_bytes() if self._log.exists() else b""
        handed = {"hook": self._posts[:], "program": log[self._read :].splitlines()}
        self._posts.clear()
        self._read = len(log)
        for channel, bodies in handed.items():
            for body in bodies:
                yield channel, _attempt(json.loads(body), now, channel not in self.world.down)


@contextmanager
def open_channels(directory: Path, world: World) -> Iterator[Channels]:
    channels = Channels(directory, world)
    thread = threading.Thread(target=channels.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield channels
    finally:
        channels.server.shutdown()
        channels.server.server_close()


def _attempt(body: dict[str, Any], now: datetime, taken: bool) -> Attempt:
    data = body["data"]
    kind = data["kind"]
    pairs = data["alerts"] if kind == "several" else [data] if kind in ("soon", "due", "over") else []
    keys: list[Key] = [(pair["shoe"], pair["stage"]) for pair in pairs]
    if kind == "unassigned":
        keys = [(kind, run["run"].split(":")[1]) for run in data["runs"]]
    elif kind == "stale":
        keys = [(kind, f"{source['reason']}:{source['source']}") for source in data["sources"]]
    elif not pairs:
        keys = [(kind,) if kind in ("digest", "hard_share") else (kind, data["stage"])]
    return Attempt(
        now,
        datetime.fromisoformat(body["timestamp"]),
        data["id"],
        tuple(keys),
        frozenset(pair["shoe"] for pair in pairs),
        taken,
    )
