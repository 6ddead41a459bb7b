"""SQLite through sqlite-utils: open the database, and store the records of a pull in one transaction."""

import hashlib
import json
import marshal
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Pull
from shoemon.model.errors import ReadAgainError, ShoemonError, SourceError
from shoemon.store.gear_names import GearChanges
from shoemon.store.locking import lock
from shoemon.store.schema import VIEWS_VERSION, make_views, migrations, write_reasons
from shoemon.store.snapshot import read_only
from shoemon.words.commands import command
from shoemon.words.problems import bounded, reason_lines
from shoemon.words.reasons import WORDS

_FIELDS = Activity._fields
_COLUMNS = (*_FIELDS, "content_hash", "first_seen_at", "updated_at")
_KEEP = ("id", "first_seen_at")
_UPSERT = (
    f"INSERT INTO activities({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "
    + "ON CONFLICT(id) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS if column not in _KEEP)
    + ", missing_since = NULL, counted = NULL"
)
_CHUNK = 1000
MANY = 10
"""Of so many records of a source or more, half do not vanish at once: that is a broken export."""
OPEN_WAIT_S = 60.0
"""How long to wait for another process that makes the tables or updates them."""


class Counts(NamedTuple):
    """The result of a pull, in records."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    noted: int = 0
    missing: int = 0


def open_database(path: Path, unit: str) -> Database:
    """Open the database at `path`, made or brought up to date, with the views in `unit`.

    WAL lets Datasette read while a sync writes; `synchronous=FULL` keeps what was committed through a power cut.
    Raises ShoemonError when the file is not a database of shoemon's, or of a later version: that is not written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two processes that make the tables at once would stop each other: SQLite does not wait while it turns to WAL.
        with lock(path.with_name(path.name + ".open.lock"), "opening of the database", OPEN_WAIT_S):
            if path.exists():
                with read_only(path):
                    pass
            database = Database(connect(path))
            if migrations.pending(database):
                with writing(database):  # all of them or none, and one wait for the disk
                    migrations.apply(database)
            _choose_unit(database, unit)
            _write_reasons(database)
    except (sqlite3.DatabaseError, OSError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise ShoemonError(f"cannot write to the database {path}: {reason}") from None
    return database


def connect(path: Path) -> sqlite3.Connection:
    """Connect with the pragmas that every writer of shoemon.db uses. One thread at a time may use the connection."""
    connection = sqlite3.connect(path, timeout=60, check_same_thread=False)
    # 16 MB of cache keep the indexes of a first import in memory; SQLite's own 2 MB spill them again and again.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@contextmanager
def writing(database: Database) -> Iterator[None]:
    """Run one transaction that has the writer's lock from its start; inside another one, a part of that.

    Begun as IMMEDIATE: a transaction that reads first and asks for the lock later is refused at once when another
    process has written in between, whatever the time-out.
    """
    if database.conn.in_transaction:
        with database.atomic():
            yield
        return
    database.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.conn.rollback()
        raise
    database.conn.commit()


def get_meta(database: Database, key: str) -> str | None:
    """Read a value that shoemon keeps beside the data."""
    row = database.conn.execute("SELECT value FROM _meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else None


def set_meta(database: Database, key: str, value: str) -> None:
    """Keep a value beside the data; the caller's transaction commits it."""
    database.conn.execute(
        "INSERT INTO _meta VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value", (key, value)
    )


def store_pull(
    database: Database, source: str, pull: Pull, now: str, progress: Callable[[int], None], *, accept: bool = False
) -> Counts:
    """Store every record of `pull` as new, changed or unchanged, note bad ones and the names of gear, and mark the
    records no longer listed. `progress` is called from time to time with the number of records read.

    Needs a transaction around it. Raises SourceError if a whole export suddenly lists nothing, or less than half, and
    `accept` is false: that is a broken export, not a runner who deleted everything; and for more records or problems
    than any export has. Raises ReadAgainError if additions are none.
    """
    had_any = count_activities(database, source) > 0
    listed = _listed(database, source) if pull.whole and had_any else []
    counts, gear = Counts(), GearChanges(database, source)
    seen: set[str] = set()
    problems: list[Problem] = []
    records = bounded(pull)
    while chunk := list(islice(records, _CHUNK)):
        activities = [record for record in chunk if isinstance(record, Activity)]
        problems += [record for record in chunk if isinstance(record, Problem)]
        ids = {activity.id for activity in activities}
        # The first records of a source need no look-up, unless one is repeated.
        look_up = had_any or not pull.whole or not seen.isdisjoint(ids)
        counts = _store_chunk(database, activities, now, counts, gear, look_up=look_up)
        if pull.whole:
            seen |= ids
        progress(counts.read + len(problems))
    if not pull.whole and counts.changed:
        raise ReadAgainError(f"what was added to {source} contradicts what it had")
    gone = [id for id in listed if id not in seen]
    if gone and not accept and (not seen or (len(listed) >= MANY and len(gone) > len(listed) / 2)):
        reasons = "".join(f"; {line}" for line in reason_lines([problem[:2] for problem in problems]))
        raise SourceError(
            f"{len(gone):,} of {len(listed):,} records are no longer in the export, so nothing was stored{reasons}; "
            f"if they were deleted, accept it with: {command('sync', source, '--accept', anywhere=True)}"
        )
    _store_problems(database, source, problems, now, whole=pull.whole)
    sql = "UPDATE activities SET missing_since = ?, counted = NULL WHERE id = ?"
    database.conn.executemany(sql, [(now, id) for id in gone])
    gear.write(now, any_missing=bool(gone))
    rejected = sum(not problem.is_note for problem in problems)
    return counts._replace(rejected=rejected, noted=len(problems) - rejected, missing=len(gone))


def content_hash(activity: Activity) -> str:
    """Return a hash that changes with anything in the record, raw or understood.

    marshal (format 2 gives equal bytes for equal values) is the fastest way to make bytes of a tuple; nothing is ever
    read back from it.
    """
    return hashlib.blake2b(marshal.dumps(tuple(activity), 2), digest_size=12).hexdigest()


def _store_chunk(
    database: Database, activities: list[Activity], now: str, counts: Counts, gear: GearChanges, *, look_up: bool
) -> Counts:
    hashes = [content_hash(activity) for activity in activities]
    known: dict[str, tuple[str, bool]] = {}
    if look_up:
        ids = json.dumps([activity.id for activity in activities])
        sql = """SELECT id, content_hash, missing_since IS NOT NULL
                 FROM activities WHERE id IN (SELECT value FROM json_each(?))"""
        known = {id: (stored_hash, bool(gone)) for id, stored_hash, gone in database.conn.execute(sql, (ids,))}
    different = [
        (activity, digest)
        for activity, digest in zip(activities, hashes, strict=True)
        if known.get(activity.id) != (digest, False)
    ]
    gear.see([activity for activity, _ in different], known.keys())
    rows = [(*activity, digest, now, now) for activity, digest in different]
    database.conn.executemany(_UPSERT, rows)
    added = len({row[0] for row in rows} - known.keys())
    return counts._replace(
        read=counts.read + len(activities),
        added=counts.added + added,
        changed=counts.changed + len(rows) - added,
        unchanged=counts.unchanged + len(activities) - len(rows),
    )


def _store_problems(database: Database, source: str, problems: Iterable[Problem], now: str, *, whole: bool) -> None:
    """Note bad records. One that has only moved to another place keeps the time it was first seen."""
    open_problems = "SELECT raw, min(first_seen_at) FROM problems WHERE source = ? AND resolved_at IS NULL GROUP BY raw"
    since = dict(database.conn.execute(open_problems, (source,))) if problems else {}
    since.pop("", None)
    if whole:  # those that are still there are opened again below
        resolve = "UPDATE problems SET resolved_at = ? WHERE source = ? AND resolved_at IS NULL"
        database.conn.execute(resolve, (now, source))
    sql = """INSERT INTO problems(source, place, message, raw, is_note, first_seen_at, last_seen_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(source, place, message) DO UPDATE SET last_seen_at = excluded.last_seen_at, resolved_at = NULL,
        is_note = excluded.is_note,
        first_seen_at = iif(ifnull(resolved_at, ?8) = ?8, first_seen_at, excluded.first_seen_at)"""
    rows = [(source, *problem, since.get(problem.raw, now), now, now) for problem in problems]
    database.conn.executemany(sql, rows)
    if whole:
        # What went missing as one of these came up was kept for it (see `held_back`), and has to be decided again.
        database.conn.execute(
            """UPDATE activities SET counted = NULL WHERE source = ? AND counted IS NOT NULL AND missing_since IN
                 (SELECT first_seen_at FROM problems WHERE source = ? AND resolved_at = ?)""",
            (source, source, now),
        )


def held_back(database: Database) -> set[tuple[str, str]]:
    """Return source and `missing_since` of records that went missing when another could not be read for the first time.

    They may be the same: with `missing: drop`, they are not dropped until that one can be read, or is gone too.
    """
    sql = "SELECT DISTINCT source, first_seen_at FROM problems WHERE resolved_at IS NULL AND NOT is_note"
    return set(database.conn.execute(sql))


def _range(source: str) -> tuple[str, str]:
    """Return the first and the past-the-last id of records of `source` (`;` follows `:`), for a scan of the key."""
    return f"{source}:", f"{source};"


def _listed(database: Database, source: str) -> list[str]:
    """Return the records that `source` listed at its last whole pull."""
    sql = "SELECT id FROM activities WHERE id >= ? AND id < ? AND missing_since IS NULL"
    return [id for (id,) in database.conn.execute(sql, _range(source))]


def count_activities(database: Database, source: str) -> int:
    """Count the stored records of `source`."""
    sql = "SELECT count(*) FROM activities WHERE id >= ? AND id < ?"
    return int(database.conn.execute(sql, _range(source)).fetchone()[0])


def _choose_unit(database: Database, unit: str) -> None:
    if get_meta(database, "views") == f"{unit} {VIEWS_VERSION}":
        return
    with writing(database):
        make_views(database, unit)
        set_meta(database, "units", unit)
        set_meta(database, "views", f"{unit} {VIEWS_VERSION}")


def _write_reasons(database: Database) -> None:
    words = hashlib.sha256(repr(WORDS).encode()).hexdigest()[:16]
    if get_meta(database, "reasons") != words:
        with writing(database):
            write_reasons(database)
            set_meta(database, "reasons", words)
