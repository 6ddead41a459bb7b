"""The pipeline: read, decide, write, announce. Whoever reads `sync` has seen the whole program.

Each source is stored in a transaction of its own, everything derived in another; what is announced is sent after.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, closing
from datetime import datetime
from typing import NamedTuple

from sqlite_utils import Database

from shoemon import __version__, locking, outbox
from shoemon.clock import Clock, day_in, iso, system_clock
from shoemon.config.kinds import SourceSettings
from shoemon.config.load import Config
from shoemon.derived import Derived, derive
from shoemon.model import Cursor, MistakeError, ShoemonError
from shoemon.state import State
from shoemon.store import Counts, NotAnAdditionError, count_activities, open_database, store_pull, writing

log = logging.getLogger(__name__)
SYNC_WAIT_S = 600.0
"""How long a sync waits for another one to end."""


class Outcome(NamedTuple):
    """What became of one source: `stored`, `unchanged` or `failed` (then `error` says why)."""

    source: str
    outcome: str
    counts: Counts
    error: str | None = None


class Report(NamedTuple):
    """What a sync did."""

    outcomes: tuple[Outcome, ...]
    derived: Derived
    delivered: outbox.Delivered
    moved: tuple["Move", ...] = ()

    @property
    def failed(self) -> bool:
        """Whether anything went wrong that the runner should know of."""
        return any(outcome.error for outcome in self.outcomes) or bool(self.delivered.failed)


class Move(NamedTuple):
    """Metres of a shoe (None: nobody's) before and after."""

    shoe: str | None
    before_m: float
    after_m: float


def sync(
    config: Config,
    names: Iterable[str] | None = None,
    clock: Clock = system_clock,
    progress: Callable[[str], None] = lambda text: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Report:
    """Pulls the named sources (all if None), decides, and delivers. `stopping` is asked before each source and each
    message. Raises ShoemonError if the database cannot be used or a name is unknown."""
    chosen = choose(config, names)
    with closing(open_database(config.database, config.main.units)) as database, _one_sync(config):
        state = State(config.state_database)
        outcomes = tuple(
            _pull(database, state, config, settings, clock, progress) for settings in chosen if not stopping()
        )
        progress("deciding")
        with writing(database):
            derived = derive(database, config, iso(clock()), day_in(clock(), config.main.timezone))
        progress("delivering")
        return Report(outcomes, derived, outbox.deliver(database, config, clock, stopping))


def preview(config: Config, names: Iterable[str] | None = None, clock: Clock = system_clock) -> Report:
    """What `sync` would do, shoe by shoe: the same work, taken back at the end. Nothing is sent or remembered."""
    chosen = choose(config, names)
    with closing(open_database(config.database, config.main.units)) as database, _one_sync(config):
        state = State(config.state_database)
        before = _metres(database)
        database.conn.execute("BEGIN IMMEDIATE")
        try:
            outcomes = tuple(_pull(database, state, config, settings, clock, keep=False) for settings in chosen)
            derived = derive(database, config, iso(clock()), day_in(clock(), config.main.timezone))
            after = _metres(database)
        finally:
            database.conn.rollback()
    moves = (Move(shoe, before.get(shoe, 0.0), after.get(shoe, 0.0)) for shoe in {**before, **after})
    moved = tuple(move for move in moves if abs(move.after_m - move.before_m) > 0.05)
    return Report(outcomes, derived, outbox.Delivered(0, 0, 0, ()), moved)


def choose(config: Config, names: Iterable[str] | None) -> list[SourceSettings]:
    """The settings of the sources called `names`, of all if None. Raises MistakeError for a name that is not there."""
    if names is None:
        return list(config.sources)
    by_name = {settings.name: settings for settings in config.sources}
    names = list(names)
    unknown = [name for name in names if name not in by_name]
    if unknown:
        known = ", ".join(by_name) or "none"
        raise MistakeError(f"no source is called {', '.join(unknown)}; shoemon.yaml has: {known}")
    return [by_name[name] for name in names]


def _one_sync(config: Config) -> AbstractContextManager[None]:
    return locking.lock(config.database.with_name(config.database.name + ".sync.lock"), "sync", SYNC_WAIT_S)


def _pull(
    database: Database,
    state: State,
    config: Config,
    settings: SourceSettings,
    clock: Clock,
    progress: Callable[[str], None] = lambda text: None,
    *,
    keep: bool = True,
) -> Outcome:
    """Pulls one source. Whatever goes wrong with it is written down and does not stop the others."""
    progress(f"reading {settings.name}")
    started = clock()
    fingerprint = _fingerprint(config, settings)
    last = _last_stored(database, settings.name)

    def read(cursor: Cursor | None) -> Outcome:
        with closing(config.open_source(settings).pull(cursor)) as pull:
            if pull.unchanged:
                outcome = Outcome(settings.name, "unchanged", Counts())
                _write_sync(database, settings, outcome, started, clock())
                if keep and last is not None and pull.cursor not in (None, cursor):
                    state.remember(settings.name, pull.cursor, fingerprint, last)
                return outcome
            with writing(database):
                _write_source(database, settings, iso(started))
                counts = store_pull(database, settings.name, pull, iso(started))
                outcome = Outcome(settings.name, "stored", counts)
                written = _write_sync(database, settings, outcome, started, clock())
            if keep:
                state.remember(settings.name, pull.cursor, fingerprint, written)
        return outcome

    try:
        try:
            return read(state.cursor(settings.name, fingerprint, last))
        except NotAnAdditionError:
            return read(None)
    except ShoemonError as error:
        outcome = Outcome(settings.name, "failed", Counts(), str(error))
    except Exception as error:
        log.exception("source %s failed", settings.name)
        outcome = Outcome(settings.name, "failed", Counts(), f"unexpected {type(error).__name__}; the log says more")
    _write_sync(database, settings, outcome, started, clock())
    return outcome


def _fingerprint(config: Config, settings: SourceSettings) -> str:
    """Changes when a record may be understood differently than before."""
    return hashlib.sha256(
        f"{settings.model_dump_json()}{config.main.timezone}{__version__}".encode()
    ).hexdigest()[:32]


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


def _write_sync(
    database: Database, settings: SourceSettings, outcome: Outcome, started: datetime, finished: datetime
) -> tuple[int, str]:
    """Writes the history of this sync and the state of its source; returns the sync's id and start."""
    counts = outcome.counts
    with writing(database):
        _write_source(database, settings, iso(started))
        row = (settings.name, started.isoformat(), finished.isoformat(), outcome.outcome, *counts, outcome.error)
        id = database.conn.execute(
            """INSERT INTO syncs(source, started_at, finished_at, outcome, read, added, changed, unchanged, rejected,
                 missing, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            row,
        ).lastrowid
        if outcome.error is None:
            database.conn.execute(
                "UPDATE sources SET last_success_at = ?, last_error = NULL, activities = ? WHERE name = ?",
                (iso(finished), count_activities(database, settings.name), settings.name),
            )
        else:
            database.conn.execute("UPDATE sources SET last_error = ? WHERE name = ?", (outcome.error, settings.name))
        _forget_old_quiet_syncs(database, settings.name)
    return int(id or 0), started.isoformat()


def _forget_old_quiet_syncs(database: Database, source: str) -> None:
    """Keeps the last thousand syncs that brought nothing; all others stay for good."""
    database.conn.execute(
        """DELETE FROM syncs WHERE source = ? AND outcome = 'unchanged' AND id <= (
             SELECT id FROM syncs WHERE source = ? AND outcome = 'unchanged' ORDER BY id DESC LIMIT 1 OFFSET 1000)""",
        (source, source),
    )


def _metres(database: Database) -> dict[str | None, float]:
    return dict(database.conn.execute("SELECT shoe, sum(distance_m) FROM shoe_surface_mileage GROUP BY shoe"))
