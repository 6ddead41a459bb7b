"""Run the syncs that a page asks for, in a thread beside the pages: also where no scheduler runs in this process."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import NamedTuple

from shoemon.config.load import Config
from shoemon.model.clock import Clock
from shoemon.model.errors import ShoemonError
from shoemon.model.text import one_line
from shoemon.store import locking
from shoemon.sync.pipeline import choose, sync_to_the_end
from shoemon.sync.progress import lock_file
from shoemon.sync.schedule import describe

log = logging.getLogger(__name__)
WAIT_S = 2.0
"""How long a page waits for the end: most syncs read nothing new, and end soon."""


class Ended(NamedTuple):
    """How a sync ended."""

    words: str
    failed: bool


class PageSync:
    """Runs at most one sync at a time for the pages of a home, and none while another process runs one."""

    def __init__(self, clock: Clock, stopping: Callable[[], bool]) -> None:
        self._clock, self._stopping = clock, stopping
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self.last: Ended | None = None
        """How the last one ended; None while none has."""

    def start(self, config: Config, names: list[str] | None) -> None:
        """Start a sync of these sources (None: all), and wait for a moment. Raises ShoemonError if one is running
        (LockedError), or a name is unknown; OSError if nothing can be written here."""
        choose(config.sources, names)
        with self._starting:
            if self._thread is not None and self._thread.is_alive():
                raise locking.LockedError("another sync is running (these pages started it)")
            with locking.lock(lock_file(config.database), "sync"):
                self.last = None
            # It ends with the process: what it has not stored is read again.
            run = copy_context().run
            self._thread = threading.Thread(target=run, args=(self._sync, config, names), name="sync", daemon=True)
            self._thread.start()
        self._thread.join(WAIT_S)

    def _sync(self, config: Config, names: list[str] | None) -> None:
        try:
            report = sync_to_the_end(config, names, self._clock, stopping=self._stopping)
            faults = [f"{outcome.source}: {outcome.error}" for outcome in report.outcomes if outcome.error]
            words = one_line(". ".join([describe(report), *faults, *report.ground.notes]))
            self.last = Ended(words, report.failed)
        except (ShoemonError, sqlite3.Error, OSError) as error:
            self.last = Ended(one_line(str(error)), failed=True)
        log.log(logging.ERROR if self.last.failed else logging.INFO, "sync from the pages: %s", self.last.words)
