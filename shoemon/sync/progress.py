"""Report the progress of a sync to other processes, by a small file beside its lock: `shoemon sync` runs in a
terminal, and the pages of `shoemon serve` show its progress.

Not in state.db: progress is worth nothing after a crash, and nothing else should wait for it.
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
"""How long to wait before figures are written again; a new step is written at once."""


class SyncStep(NamedTuple):
    """The step of a sync, in words without figures, and its progress if known. A terminal shows `shown`: `doing` if
    None, no change if empty."""

    doing: str
    done: int | None = None
    total: int | None = None
    shown: str | None = None


class AtWork(TypedDict):
    """A running sync. `since`: when it began, in UTC."""

    doing: str
    since: str
    done: int | None
    total: int | None


class ProgressReporter:
    """Reports each step of a sync: in words to `show`, and in the file. An error with the file stops nothing."""

    def __init__(
        self, database: Path, clock: Clock, show: Callable[[str], None], ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._file, self._clock, self._show, self._ticks = _file(database), clock, show, ticks
        self._since: str | None = None
        self._written: tuple[str, float] | None = None
        self.earlier = 0
        """How much of the total was done by earlier syncs that this one continues."""

    def __call__(self, step: SyncStep) -> None:
        """Report `step`; write figures to the file at most once a second."""
        if shown := step.doing if step.shown is None else step.shown:
            self._show(shown)
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
    """The progress of the running sync, whichever process it runs in; None if none runs or has reported.

    A file whose lock nobody holds is of a sync that was killed, and is removed.
    """
    try:
        text = _file(database).read_bytes()
        with locking.unless_held(lock_file(database)) as free:
            if free:
                forget(database)
                return None
        return _parsed(json.loads(text))
    except (OSError, ValueError):  # nothing was reported, or the file is not ours
        return None


def forget(database: Path) -> None:
    """Remove the report of a sync that has ended. Only for who holds its lock."""
    try:
        _file(database).unlink(missing_ok=True)
    except OSError as error:
        log.debug("cannot remove the report of a sync: %s", error)


def lock_file(database: Path) -> Path:
    """The lock that a running sync of this database holds."""
    return database.with_name(database.name + ".sync.lock")


def _file(database: Path) -> Path:
    return database.with_name(database.name + ".sync.progress")


def _write(file: Path, at_work: AtWork) -> None:
    """Replace the file at once, so that nobody reads half of it."""
    new = file.with_name(file.name + ".new")  # one name is enough, as one sync runs at a time
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(json.dumps(at_work).encode())
        new.replace(file)
    except OSError as error:
        log.debug("cannot report the progress of the sync: %s", error)
        with suppress(OSError):
            new.unlink()


def _parsed(report: object) -> AtWork | None:
    match report:
        case {"doing": str(doing), "since": str(since), "done": int() | None as done, "total": int() | None as total}:
            return AtWork(doing=doing, since=since, done=done, total=total)
    return None
