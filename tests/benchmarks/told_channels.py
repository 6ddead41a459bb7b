"""The two receivers of the trial of what is told, a web server and a program, and how their messages are read: which
pairs, runs and sources each speaks of."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Self

from kit.http_servers import listening, says
from told_oracle import Key
from told_score import Attempt
from told_world import World


class Channels:
    """A web server and a program that note whatever they are handed, also when they then do not take it."""

    def __init__(self, directory: Path, world: World) -> None:
        self.world, self._posts, self._log = world, list[bytes](), directory / "program.log"
        self._down, self._read = directory / "program.down", 0
        self._script = directory / "program.sh"
        self._script.write_text(f'#!/bin/sh\n{{ cat; echo; }} >> "{self._log}"\n[ ! -e "{self._down}" ]\n')
        self._script.chmod(0o755)
        self.notify = ""

    @contextmanager
    def open(self) -> Iterator[Self]:
        with listening(self._answer) as url:
            self.notify = (
                f"notify:\n  - {{name: hook, type: webhook, url: '{url}/'}}\n"
                f"  - {{name: program, type: command, command: ['{self._script}']}}\n"
            )
            yield self

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        self._posts.append(request.rfile.read(int(request.headers["content-length"])))
        how = self.world.down.get("hook")
        if how != "hang-up":
            says(b"", int(how or 200))(request)

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
