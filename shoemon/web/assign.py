"""Give a run its pair: write a correction into shoes.yaml, and decide all runs again at once."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypedDict

from shoemon.config.checking import suggestion
from shoemon.config.edit.correct import assign_shoe
from shoemon.config.edit.insert import flow
from shoemon.config.edit.replace_file import ChangedError
from shoemon.config.edits import wait_until_saved
from shoemon.config.load import SHOES_FILE, Config, load
from shoemon.config.reading import ConfigError
from shoemon.model.clock import Clock
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.model.ids import ActivityId
from shoemon.model.plan import NO_PAIR, Plan
from shoemon.model.reason import BY_SETTINGS, Reason
from shoemon.model.text import one_line
from shoemon.store.database import open_database
from shoemon.store.locking import LockedError
from shoemon.store.snapshot import must_exist
from shoemon.sync.derive.decide_runs import decide_one
from shoemon.sync.pipeline import decide
from shoemon.words.reasons import Exports, why_not_counted

log = logging.getLogger(__name__)
DECIDE_WAIT_S = 3.0
"""How long a page waits for a running sync to end; the pair is written by then, and counts once it has ended."""
_NOTHING_TO_DO = "It is so already; nothing had to be written."
_TRIES = 5
"""So often an edit is tried when somebody else changes the file at the same time."""
_EDITING = threading.Lock()
"""Keeps two taps of one process from changing the file at the same time."""


class AssignAnswer(TypedDict):
    """Whether it is `done`, that is, written into shoes.yaml; a message; and the same lines for editing by hand.
    `waits`: it is written, and counts only later."""

    done: bool
    waits: bool
    message: str
    yaml: str


class _Run(NamedTuple):
    """A run that counts: its counted record, that one and its copies, and the pairs it has by the settings (none: it
    was in no pair; None: that is open)."""

    id: ActivityId
    records: tuple[ActivityId, ...]
    pairs: frozenset[str | None]


def assign(settings: Config, run: str, shoe: str | None, clock: Clock) -> AssignAnswer:
    """Write into shoes.yaml beside `settings` that `run` was done in `shoe` (None: remove that again), and decide.

    Of a run that several exports have, any record may be named. The answer reports what is impossible; then nothing is
    written.
    """
    run, shoe = _whole(run), None if shoe is None else _whole(shoe)
    lines = yaml_lines(run, shoe)
    if not wait_until_saved(settings.directory):
        return _refused(f"Nothing is written: somebody is saving {SHOES_FILE}. Try again.", lines)
    try:
        config = load(settings.directory, household=settings.household)
        about = _counting(config, run)
        lines = yaml_lines(about.id, shoe)
        done = _written(config.directory, config.plan, about, shoe)
    except ConfigError as error:
        mistakes = "\n".join(map(str, error.mistakes))
        return _refused(f"Nothing is written. Correct these mistakes first:\n{mistakes}", lines)
    except (ShoemonError, sqlite3.Error, OSError) as error:
        return _refused(f"Nothing is written: {one_line(str(error))}", lines)
    why_later = _counted(config, clock)
    message = f"{done} {why_later or 'It counts now.'}"
    return AssignAnswer(done=True, waits=why_later is not None, message=message, yaml=lines)


def _whole(text: str) -> str:
    """Replace half characters in `text`, which no database or file can contain."""
    return text.encode("utf-8", "replace").decode()


def _refused(message: str, lines: str) -> AssignAnswer:
    return AssignAnswer(done=False, waits=False, message=message, yaml=lines)


def yaml_lines(run: str, shoe: str | None) -> str:
    """Return the correction as it can be copied into shoes.yaml; nothing for none."""
    return "" if shoe is None else f"corrections:\n  - {flow({'run': run, 'shoe': shoe})}\n"


def _counting(config: Config, run: str) -> _Run:
    """Find the run of record `run`. Raises MistakeError if it is not stored, or does not count."""
    must_exist(config.database)
    with closing(open_database(config.database, config.main.units)) as database:
        sql = "SELECT coalesce(duplicate_of, id) FROM activities WHERE id = ?"
        row = database.conn.execute(sql, (run,)).fetchone()
        found = decide_one(database, config.plan, config.sources, row[0]) if row else None
        if row is None or found is None:
            raise MistakeError(f"no run {run} is stored; the page of runs without a shoe lists those that need one")
        id, decision = found.activity.id, found.decision
        sql = "SELECT 1 FROM activities WHERE id = ? AND counted = 0 AND missing_since IS NOT NULL"
        is_gone = database.conn.execute(sql, (id,)).fetchone() is not None
    records, corrections = (id, *(copy.id for copy in found.copies), *found.replaced), config.plan.corrections
    ignored = next((each for each in records if each in corrections and corrections[each].ignore), None)
    if is_gone or not (decision.counted or ignored):
        exports = Exports({settings.name: settings.type for settings in config.sources})
        why = why_not_counted(decision.not_counted or Reason("no_longer_listed"), found.activity.source, exports)
        raise MistakeError(f"{id} does not count, so it needs no pair: {why}")
    pairs = frozenset(leg.shoe or (NO_PAIR if leg.shoe_reason.code in BY_SETTINGS else None) for leg in decision.legs)
    return _Run(id if decision.counted else ignored or id, records, pairs)  # the edit names the place of the `ignore`


def _written(directory: Path, plan: Plan, run: _Run, shoe: str | None) -> str:
    """Edit shoes.yaml if necessary; return a sentence on what was done. Raises ShoemonError."""
    if shoe is None:
        corrections = plan.corrections
        corrected = [id for id in run.records if id in corrections and corrections[id].shoe is not None]
        for record in corrected:
            _edit(directory, record, None)
        removed = f"Removed from {SHOES_FILE}: export and rules decide about the pair again."
        return removed if corrected else _NOTHING_TO_DO
    names = {NO_PAIR: "none of yours"} | {str(each.id): each.name for each in plan.shoes}
    if shoe not in names:
        raise MistakeError(f"no shoe has the id `{shoe}`{suggestion(shoe, names)}")
    if run.pairs == {shoe}:
        return _NOTHING_TO_DO
    _edit(directory, run.id, shoe)
    return f"Written into {SHOES_FILE} as a correction: the pair is {one_line(names[shoe])}."


def _edit(directory: Path, run: str, shoe: str | None) -> None:
    edited(partial(assign_shoe, directory / SHOES_FILE, run, shoe))


def edited(change: Callable[[], None]) -> None:
    """Make a change of shoes.yaml, again where somebody else edits it at the same moment. Raises ShoemonError."""
    with _EDITING:
        for tries_left in reversed(range(_TRIES)):
            try:
                change()
                return
            except ChangedError:
                if not tries_left:
                    raise


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
