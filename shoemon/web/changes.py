"""Carry out a change of the runner's files for the pages: write it, so that it can be undone, and decide again."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from typing import NamedTuple

from shoemon.config.edit.history import counts_at_once, undo_edit, write_edits
from shoemon.config.edit.operations import FileEdit, Operations, planned
from shoemon.config.edit.replace_file import ChangedError
from shoemon.config.edits import wait_until_saved
from shoemon.config.load import Config, load
from shoemon.config.reading import ConfigError
from shoemon.model.clock import Clock, iso
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.model.text import one_line
from shoemon.store.locking import LockedError
from shoemon.sync.pipeline import decide

log = logging.getLogger(__name__)
DECIDE_WAIT_S = 3.0
"""How long a page waits for a running sync to end; the change is written by then, and counts once it has ended."""
AFTER_SYNC = "It counts after the next sync."
_TRIES = 5
"""So often an edit is tried when somebody else changes the file at the same time."""
_EDITING = threading.Lock()
"""Keeps two taps of one process from changing the file at the same time."""


class Done(NamedTuple):
    """What became of a change: `undo` is the id by which it can be undone, None where nothing had to be written;
    `later` says why it does not count yet."""

    message: str
    undo: int | None
    later: str | None = None


Make = Callable[[Config], tuple[str, Operations | Sequence[FileEdit]]]
"""Returns the edits for a configuration, with a sentence on them."""


def carry_out(config: Config, clock: Clock, make: Make) -> Done:
    """Write the edits that `make` returns for the configuration as it is now, with a sentence on them; decide again.

    Raises MistakeError for what cannot be written as it is, ShoemonError if the file cannot be; then nothing is.
    """
    with _EDITING, listing_mistakes():
        title, undo, now = _written(config, clock, make)
    return Done(title, undo, _counted(now, clock))


def look(config: Config, make: Make) -> list[str]:
    """Return the lines that `carry_out` would write: after `+ ` those that come, after `- ` those that go. Raises
    ShoemonError as that."""
    with listing_mistakes():
        _, edits = _made(saved(config), make)
        return [line for edit in edits for line in edit.lines()]


def undo(config: Config, clock: Clock, id: int) -> Done:
    """Undo a change, and decide again. Raises as `carry_out`."""
    with _EDITING, listing_mistakes():
        edit = undo_edit(saved(config), id)
    later = _counted(saved(config), clock)
    return Done(f"Undone: {edit.title}", None, later if counts_at_once(edit) else later or AFTER_SYNC)


def _made(config: Config, make: Make) -> tuple[str, Sequence[FileEdit]]:
    title, edits = make(config)
    return title, planned(config.directory, edits) if isinstance(edits, Mapping) else edits


def _written(config: Config, clock: Clock, make: Make) -> tuple[str, int | None, Config]:
    for tries_left in reversed(range(_TRIES)):
        now = saved(config)
        title, edits = _made(now, make)
        if not edits:
            return title, None, now
        try:
            return title, write_edits(now, title, edits, iso(clock())), saved(config)
        except ChangedError:
            if not tries_left:
                raise
    raise AssertionError


def saved(config: Config) -> Config:
    """Load the configuration as it is now, after an edit that is being saved."""
    if not wait_until_saved(config.directory):
        raise MistakeError("somebody is saving the settings; try again")
    return load(config.directory, household=config.household)


@contextmanager
def listing_mistakes() -> Iterator[None]:
    """Let an error name all mistakes, as pages show it."""
    try:
        yield
    except ConfigError as error:
        mistakes = "\n".join(map(str, error.mistakes))
        raise MistakeError(f"correct these mistakes first:\n{mistakes}") from None


def _counted(config: Config, clock: Clock) -> str | None:
    """Decide again; return None, or a message if that can only be done later."""
    try:
        decide(config, clock, DECIDE_WAIT_S)
        return None
    except LockedError:
        # The running sync may have read the settings before the edit, and nobody may start another one.
        decide_later = partial(copy_context().run, _decide_later, config, clock)
        threading.Thread(target=decide_later, name="decide", daemon=True).start()
        return "A sync is running; it counts when that has ended."
    except (ShoemonError, sqlite3.Error, OSError) as error:
        log.error("cannot decide again: %s", one_line(str(error)))
        return f"It counts with the next sync; it could not be counted now: {one_line(str(error))}"


def _decide_later(config: Config, clock: Clock) -> None:
    while True:
        try:
            decide(config, clock)
        except LockedError:
            continue
        except (ShoemonError, sqlite3.Error, OSError) as error:
            log.error("cannot decide again after the running sync: %s", one_line(str(error)))
        return
