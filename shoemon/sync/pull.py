"""Pull one source: read it, store its records in one transaction, and log the result."""

import hashlib
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from sqlite_utils import Database

from shoemon import __version__
from shoemon.config.kinds import SourceSettings
from shoemon.config.load import Config
from shoemon.model.activity import Activity
from shoemon.model.clock import Clock, iso, system_clock
from shoemon.model.contracts import Cursor
from shoemon.model.errors import ReadAgainError, ShoemonError
from shoemon.sources import READERS, Context, open_source
from shoemon.store.database import Counts, count_activities, store_pull, writing
from shoemon.store.state_database import State
from shoemon.sync.progress import SyncStep

log = logging.getLogger(__name__)


def source_context(config: Config, clock: Clock = system_clock) -> Context:
    """All that a source needs besides its own settings."""
    return Context(config.directory, config.main.timezone, config.state_database, clock)


class Outcome(NamedTuple):
    """The result of one source: `stored`, `unchanged` or `failed` (`error` is the reason; `needs_runner`: waiting will
    not help)."""

    source: str
    outcome: str
    counts: Counts
    error: str | None = None
    needs_runner: bool = False


class PullJob(NamedTuple):
    """One source being pulled. `keep`: store its cursor (not in a preview). `accept`: most of its records may be gone.
    `progress` gets the number of records read so far."""

    database: Database
    state: State
    settings: SourceSettings
    context: Context
    started: datetime
    keep: bool = True
    accept: bool = False
    progress: Callable[[SyncStep], None] = lambda _: None


def pull(job: PullJob) -> Outcome:
    """Pull one source. Any error is stored and does not stop the others."""
    name = job.settings.name
    job.progress(SyncStep(f"reading {name}"))
    try:
        last = _last_stored(job.database, name)
        try:
            return _read(job, job.state.cursor(name, _fingerprint(job.settings, job.context.timezone), last), last)
        except ReadAgainError:
            return _read(job, None, last)
    except ShoemonError as error:
        reason = str(error).encode("utf-8", "replace").decode()  # half a character cannot be stored
        outcome = Outcome(name, "failed", Counts(), reason, not getattr(error, "retryable", True))
    except sqlite3.Error as error:  # such as a full disk: no fault of the source or the program
        outcome = Outcome(name, "failed", Counts(), f"it could not be stored: {error}")
    except Exception as error:
        log.exception("source %s failed", name)
        outcome = Outcome(name, "failed", Counts(), f"unexpected {type(error).__name__}; see the log")
    _write_sync(job, outcome)
    return outcome


def _read(job: PullJob, cursor: Cursor | None, last: tuple[int, str] | None) -> Outcome:
    """Read the source from `cursor` on and store its records, all or none; then store the new cursor."""
    name, fingerprint = job.settings.name, _fingerprint(job.settings, job.context.timezone)

    def seen(records: int) -> None:
        job.progress(SyncStep(f"reading {name}", records, shown=""))

    with closing(open_source(job.settings, job.context).pull(cursor)) as pulled:
        if pulled.unchanged:
            outcome, stands_for = Outcome(name, "unchanged", Counts()), last
            _write_sync(job, outcome)
        else:
            with writing(job.database):
                _write_source(job.database, job.settings, iso(job.started))
                accept = job.accept or getattr(job.settings, "by_hand", False)
                counts = store_pull(job.database, name, pulled, iso(job.started), seen, accept=accept)
                outcome = Outcome(name, "stored", counts)
                stands_for = _write_sync(job, outcome)
        if job.keep and stands_for is not None and (not pulled.unchanged or pulled.cursor not in (None, cursor)):
            job.state.remember(name, pulled.cursor, fingerprint, stands_for)
    return outcome


def _fingerprint(settings: SourceSettings, timezone: str) -> str:
    """A digest that changes when records may be read differently."""
    read_with = settings.model_dump_json(exclude={"every", "cron", "missing"})
    changes = f"{read_with}{timezone}{__version__}{READERS}{Activity._fields}"
    return hashlib.sha256(changes.encode()).hexdigest()[:32]


def _last_stored(database: Database, source: str) -> tuple[int, str] | None:
    sql = "SELECT id, started_at FROM syncs WHERE source = ? AND outcome = 'stored' ORDER BY id DESC LIMIT 1"
    row = database.conn.execute(sql, (source,)).fetchone()
    return (int(row[0]), str(row[1])) if row else None


def _write_source(database: Database, settings: SourceSettings, now: str) -> None:
    database.conn.execute(
        """INSERT INTO sources(name, type, last_attempt_at) VALUES (?, ?, ?)
           ON CONFLICT(name) DO UPDATE SET type = excluded.type, last_attempt_at = excluded.last_attempt_at""",
        (settings.name, settings.type, now),
    )


def _write_sync(job: PullJob, outcome: Outcome) -> tuple[int, str]:
    """Write the history of this sync and the state of its source; return the sync's id and start."""
    database, settings, started, finished = job.database, job.settings, job.started, job.context.clock()
    counts = outcome.counts
    with writing(database):
        _write_source(database, settings, iso(started))
        row = (settings.name, started.isoformat(), finished.isoformat(), outcome.outcome, *counts, outcome.error)
        id = database.conn.execute(
            """INSERT INTO syncs(source, started_at, finished_at, outcome, read, added, changed, unchanged, rejected,
                 noted, missing, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            row,
        ).lastrowid
        if outcome.error is None:
            database.conn.execute(
                """UPDATE sources SET last_success_at = ?, last_error = NULL, needs_runner = NULL, activities = ?
                   WHERE name = ?""",
                (iso(finished), count_activities(database, settings.name), settings.name),
            )
        else:
            values = (outcome.error, outcome.needs_runner, settings.name)
            database.conn.execute("UPDATE sources SET last_error = ?, needs_runner = ? WHERE name = ?", values)
        _forget_old_idle_syncs(database, settings.name)
    return int(id or 0), started.isoformat()


def _forget_old_idle_syncs(database: Database, source: str) -> None:
    """Keep the last thousand syncs without news, and the last thousand that failed; all others stay."""
    for outcome in ("unchanged", "failed"):
        database.conn.execute(
            """DELETE FROM syncs WHERE source = ?1 AND outcome = ?2 AND id <= (
                 SELECT id FROM syncs WHERE source = ?1 AND outcome = ?2 ORDER BY id DESC LIMIT 1 OFFSET 1000)""",
            (source, outcome),
        )
