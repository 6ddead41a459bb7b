"""Wait before asking an Overpass server again: kept on disk, so that a restart forgets nothing."""

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
"""Seconds after the first failure in a row, doubled with each further one, up to the second figure."""
CELL_FIRST_S, CELL_LONGEST_S = 3600.0, 7 * 86_400.0
"""The same for a cell whose answer cannot be used: others are fetched meanwhile."""
ASKED_FOR_S = 86_400.0
"""The longest Retry-After that is obeyed: a server's mistake must not stop shoemon for good."""


@dataclass(frozen=True)
class Wait:
    """No request before `until` (ISO 8601, UTC; empty: no wait), after so many failures in a row; `said` is why."""

    failures: int = 0
    until: str = ""
    said: str = ""


@dataclass
class Waits:
    """The waits for one server: for all queries, and for single cells."""

    server: str
    """As it may be shown; for another server all begins anew."""
    every: Wait = Wait()
    cells: dict[str, Wait] = field(default_factory=dict)

    def left_s(self, now: datetime) -> float:
        return _left_s(self.every, now, ASKED_FOR_S)

    def of_cell(self, cell: str, now: datetime) -> Wait | None:
        """Return the wait for this one cell; None if it may be fetched."""
        wait = self.cells.get(cell)
        return wait if wait is not None and _left_s(wait, now, CELL_LONGEST_S) > 0 else None

    def asking(self, now: datetime) -> None:
        """Note a query before it is sent, so that a process that is killed again and again does not ask each time."""
        self.every = Wait(self.every.failures, _after(now, FIRST_S), "had not answered when shoemon ended")

    def succeeded(self, cell: str, now: datetime, pause_s: float) -> None:
        self.every = Wait(0, _after(now, pause_s))
        self.cells.pop(cell, None)

    def failed(self, said: str, now: datetime, *, asked_s: float = 0.0, grows: bool = True) -> None:
        """Note that the server gave no answer. `asked_s`: the wait it asks for; not `grows`: it was not even
        reached."""
        failures = self.every.failures + 1 if grows else self.every.failures
        wait_s = _grown(FIRST_S, LONGEST_S, failures if grows else 1)
        self.every = Wait(failures, _after(now, max(wait_s, min(asked_s, ASKED_FOR_S))), said)

    def refused(self, cell: str, said: str, now: datetime) -> None:
        """Note that the answer for `cell` cannot be used."""
        failures = self.cells.get(cell, Wait()).failures + 1
        self.cells[cell] = Wait(failures, _after(now, _grown(CELL_FIRST_S, CELL_LONGEST_S, failures)), said)
        self.failed(said, now)


def read_waits(folder: Path, server: str) -> Waits:
    """Read the waits for `server` from `folder`; new ones where there are none, or none that can be read."""
    waits = Waits(server)
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if kept["server"] == server:
            every = _checked(kept["every"])
            cells = {str(name): _checked(wait) for name, wait in kept["cells"].items()}
            waits = Waits(server, every, cells)
    return waits


def write_waits(folder: Path, waits: Waits) -> None:
    """Write `waits` into `folder`, whole or not at all. Raises ShoemonError."""
    write_whole(folder / FILE, json.dumps(asdict(waits), indent=1).encode())


def _checked(wait: dict[str, object]) -> Wait:
    until, failures, said = str(wait["until"]), wait["failures"], str(wait["said"])
    if not isinstance(failures, int) or (until and datetime.fromisoformat(until).tzinfo is None):
        raise ValueError
    return Wait(max(failures, 0), until, said)


def _left_s(wait: Wait, now: datetime, longest_s: float) -> float:
    """Return the seconds left; 0 also for an impossible wait: a clock that was wrong must not stop shoemon for
    years."""
    left_s = (datetime.fromisoformat(wait.until) - now).total_seconds() if wait.until else 0.0
    return left_s if 0 < left_s <= longest_s + 1 else 0.0


def _grown(first_s: float, longest_s: float, failures: int) -> float:
    return float(min(first_s * 2.0 ** min(failures - 1, 40), longest_s))


def _after(now: datetime, seconds: float) -> str:
    """Round up to whole seconds: a server that names a time means not before."""
    return iso(now + timedelta(seconds=math.ceil(seconds) + (1 if now.microsecond else 0)))
