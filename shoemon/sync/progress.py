"""Report what a sync at work is doing to other processes, by a small file beside its lock: `shoemon sync` runs in a
terminal, and the pages of `shoemon serve` show how far it has come.

Not in state.db: it is worth nothing after a crash, and what is must not wait for it, or be written with less care.
"""

import json
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypedDict

from shoemon.model.clock import Clock, iso
from shoemon.store import locking

log = logging.getLogger(__name__)
EVERY_S = 1.0
"""How long to wait before figures are written again; a change of what is being done is written at once."""


class SyncStep(NamedTuple):
    """What a sync does now, in words without figures, and how far it is with it, where that is known. `said` is what a
    terminal shows of it: `doing` if None, nothing new if empty."""

    doing: str
    done: int | None = None
    total: int | None = None
    said: str | None = None


class AtWork(TypedDict):
    """A sync at work. `since`: when it began, in UTC."""

    doing: str
    since: str
    done: int | None
    total: int | None


class ProgressReporter:
    """Reports each step of a sync: in words to `say`, and in the file. A file that cannot be written stops nothing."""

    def __init__(
        self, database: Path, clock: Clock, say: Callable[[str], None], ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._file, self._clock, self._say, self._ticks = _file(database), clock, say, ticks
        self._since: str | None = None
        self._written: tuple[str, float] | None = None
        self.earlier = 0
        """Of what is counted up to a total, how much was done by the syncs that this one goes on with."""

    def __call__(self, step: SyncStep) -> None:
        """Reports `step`. Figures that follow one another within a second are left out of the file."""
        if said := step.doing if step.said is None else step.said:
            self._say(said)
        self._since = self._since or iso(self._clock())
        now = self._ticks()
        if self._written is not None and self._written[0] == step.doing and now - self._written[1] < EVERY_S:
            return
        self._written = (step.doing, now)
        earlier = self.earlier if step.total is not None else 0
        done = None if step.done is None else step.done + earlier
        total = None if step.total is None else step.total + earlier
        _write(self._file, AtWork(doing=step.doing, since=self._since, done=done, total=total))


def read(database: Path) -> AtWork | None:
    """What the sync at work does, whichever process it runs in; None if there is none, or it has not reported yet.

    A file that nobody holds the lock for is of a sync that was killed, and is removed.
    """
    try:
        text = _file(database).read_bytes()
        with locking.unless_held(lock_file(database)) as free:
            if free:
                forget(database)
                return None
        return _understood(json.loads(text))
    except (OSError, ValueError):  # nothing was reported, or it is none of ours
        return None


def forget(database: Path) -> None:
    """Removes the report of a sync that has ended. Only for who holds its lock."""
    try:
        _file(database).unlink(missing_ok=True)
    except OSError as error:
        log.debug("cannot remove the report of a sync: %s", error)


def lock_file(database: Path) -> Path:
    """The lock that a sync of this database holds while it is at work."""
    return database.with_name(database.name + ".sync.lock")


def _file(database: Path) -> Path:
    return database.with_name(database.name + ".sync.progress")


def _write(file: Path, at_work: AtWork) -> None:
    """Puts the file in the place of the former one: it is read whole or not at all."""
    new = file.with_name(file.name + ".new")  # one name will do, as one sync at a time is at work
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(json.dumps(at_work).encode())
        new.replace(file)
    except OSError as error:
        log.debug("cannot report what the sync does: %s", error)
        with suppress(OSError):
            new.unlink()


def _understood(report: object) -> AtWork | None:
    match report:
        case {"doing": str(doing), "since": str(since), "done": int() | None as done, "total": int() | None as total}:
            return AtWork(doing=doing, since=since, done=done, total=total)
    return None
