"""When an Overpass server may be asked again: kept on disk, so that a new start forgets nothing."""

import contextlib
import json
import math
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from shoemon.ground.osm.write_whole import write_whole
from shoemon.model.clock import iso

FILE = "waits.json"
FIRST_S, LONGEST_S = 60.0, 6 * 3600.0
"""Seconds after the first failure in a row, doubled with each one more, and never beyond."""
CELL_FIRST_S, CELL_LONGEST_S = 3600.0, 7 * 86_400.0
"""The same for a cell whose own answer cannot be used: others are asked for meanwhile."""
ASKED_FOR_S = 86_400.0
"""A Retry-After beyond this is cut to it: a server's slip must not silence it for good."""


@dataclass(frozen=True)
class Wait:
    """Nothing before `until` (ISO 8601, UTC; empty: no wait), after so many failures in a row; `said` is why."""

    failures: int = 0
    until: str = ""
    said: str = ""


@dataclass
class Waits:
    """What is waited for with one server: with all questions, and with those for single cells."""

    server: str
    """As it may be shown; another server begins anew."""
    every: Wait = Wait()
    cells: dict[str, Wait] = field(default_factory=dict)

    def left_s(self, now: datetime) -> float:
        """Seconds until the server may be asked."""
        return _left_s(self.every, now, ASKED_FOR_S)

    def of_cell(self, cell: str, now: datetime) -> Wait | None:
        """Why this one cell is not asked for yet; None if it may be."""
        wait = self.cells.get(cell)
        return wait if wait is not None and _left_s(wait, now, CELL_LONGEST_S) > 0 else None

    def asking(self, now: datetime) -> None:
        """A question goes out: kept before, so that a process that is ended again and again does not ask each time."""
        self.every = Wait(self.every.failures, _after(now, FIRST_S), "had not answered when shoemon ended")

    def succeeded(self, cell: str, now: datetime, pause_s: float) -> None:
        self.every = Wait(0, _after(now, pause_s))
        self.cells.pop(cell, None)

    def failed(self, said: str, now: datetime, *, asked_s: float = 0.0, grows: bool = True) -> None:
        """The server gave no answer. `asked_s`: it said how long to wait; not `grows`: it was not even reached."""
        failures = self.every.failures + 1 if grows else self.every.failures
        wait_s = _grown(FIRST_S, LONGEST_S, failures if grows else 1)
        self.every = Wait(failures, _after(now, max(wait_s, min(asked_s, ASKED_FOR_S))), said)

    def refused(self, cell: str, said: str, now: datetime) -> None:
        """The answer for `cell` cannot be used."""
        failures = self.cells.get(cell, Wait()).failures + 1
        self.cells[cell] = Wait(failures, _after(now, _grown(CELL_FIRST_S, CELL_LONGEST_S, failures)), said)
        self.failed(said, now)


def read_waits(folder: Path, server: str) -> Waits:
    """What was kept in `folder` for `server`; a new beginning where nothing was, or nothing that can be read."""
    waits = Waits(server)
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if kept["server"] == server:
            every = _checked(kept["every"])
            cells = {str(name): _checked(wait) for name, wait in kept["cells"].items()}
            waits = Waits(server, every, cells)
    return waits


def write_waits(folder: Path, waits: Waits) -> None:
    """Keeps `waits` in `folder`, whole or not at all. Raises ShoemonError."""
    write_whole(folder / FILE, json.dumps(asdict(waits), indent=1).encode())


def _checked(wait: dict[str, object]) -> Wait:
    until, failures, said = str(wait["until"]), wait["failures"], str(wait["said"])
    if not isinstance(failures, int) or (until and datetime.fromisoformat(until).tzinfo is None):
        raise ValueError
    return Wait(max(failures, 0), until, said)


def _left_s(wait: Wait, now: datetime, longest_s: float) -> float:
    """0 also for what cannot be: a clock that was wrong must not silence the server for years."""
    left_s = (datetime.fromisoformat(wait.until) - now).total_seconds() if wait.until else 0.0
    return left_s if 0 < left_s <= longest_s + 1 else 0.0


def _grown(first_s: float, longest_s: float, failures: int) -> float:
    return float(min(first_s * 2.0 ** min(failures - 1, 40), longest_s))


def _after(now: datetime, seconds: float) -> str:
    """Up to whole seconds, never down: a server that names a time means not before."""
    return iso(now + timedelta(seconds=math.ceil(seconds) + (1 if now.microsecond else 0)))
