"""Open the map's file; for an import make it where there is none, and anew where it is of another version."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from shoemon.ground.osm.schema import MAP_VERSION, make_tables
from shoemon.model.errors import ShoemonError
from shoemon.words.commands import command

CLIP_OF = "clip "
"""Beginning of the key, in table `meta`, of the clip of a file that is not in the map yet."""
_MAGIC = b"SQLite format 3\x00"


def remedy() -> str:
    """Return the remedy for a map that cannot be used."""
    return f"import the map again: {command('map', 'import', 'FILE', anywhere=True)}"


def version_of(connection: sqlite3.Connection) -> int | None:
    """Return the version of the map in a file; None where there is none."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'").fetchone():
        return None
    row = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    return int(row[0]) if row and str(row[0]).isdigit() else None


def refuse_other_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ShoemonError with the remedy where the map is of another version than this."""
    version = version_of(connection)
    if version is None:
        raise ShoemonError(f"there is no map in {path}; {remedy()}")
    if version != MAP_VERSION:
        raise ShoemonError(f"the map {path} has version {version}, this shoemon reads {MAP_VERSION}; {remedy()}")


def open_to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that reads the map at `path`. Raises ShoemonError where there is none, or one of another
    version."""
    if not path.is_file():
        raise ShoemonError(f"there is no map at {path}; to get one: {command('map', 'get')}")
    try:
        with ExitStack() as opened:
            uri = f"file:{quote(str(path))}?mode=ro"
            connection = opened.enter_context(closing(sqlite3.connect(uri, uri=True, isolation_level=None)))
            refuse_other_version(connection, path)
            opened.pop_all()
            return connection
    except sqlite3.Error as error:
        raise ShoemonError(f"the map {path} cannot be read ({error}); {remedy()}") from None


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Report in one sentence a failing disk, or rows that are not what was written."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ShoemonError(f"the map {path} cannot be read ({error}); {remedy()}") from None
    except (sqlite3.DatabaseError, ValueError, IndexError, TypeError) as error:
        raise ShoemonError(f"the map {path} is damaged ({error}); delete it, and {remedy()}") from None


def has_map(path: Path) -> bool:
    """Whether there is a map at `path`, or something else to report: not if there is no file, or an empty one, as after
    a first import that was killed."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=60)) as connection:
            return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
    except sqlite3.Error:
        return path.is_file()


def is_damaged(path: Path) -> bool:
    """Whether the file at `path` is a database of SQLite, and damaged. Reads all of it."""
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return False
        with closing(sqlite3.connect(path, timeout=60)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
    except sqlite3.OperationalError as error:
        raise ShoemonError(f"cannot read the map {path}: {error}") from None
    except sqlite3.DatabaseError:
        return True
    except OSError:
        return False


def remove_map(path: Path) -> None:
    """Delete the map's file and SQLite's files beside it. Raises ShoemonError."""
    try:
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
    except OSError as error:
        raise ShoemonError(f"cannot delete the map {path}: {error.strerror}") from None


@contextmanager
def map_for_import(path: Path) -> Iterator[sqlite3.Connection]:
    """Return a connection in one transaction, which is all or nothing: readers see the old map until it ends. Where
    there was none, no file is left if it fails."""
    is_first = not path.exists()
    try:
        with _transaction(path) as connection:
            yield connection
    except BaseException:
        if is_first:
            with suppress(ShoemonError):
                remove_map(path)
        raise


@contextmanager
def _transaction(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT, 0o600))  # a map around the runs reveals where they were
    except OSError as error:
        raise ShoemonError(f"cannot write the map {path}: {error}") from None
    try:
        with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as connection:
            # 64 MB of cache keep the upper part of the index of boxes in memory.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-64000", "temp_store=MEMORY"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                if version_of(connection) != MAP_VERSION:
                    make_anew(connection)
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise ShoemonError(f"cannot write the map {path}: {error}") from None


def make_anew(connection: sqlite3.Connection) -> None:
    """Drop all tables and make empty ones. What is known of files stays, from another version only their clips."""
    if version_of(connection) == MAP_VERSION:
        notes = connection.execute("SELECT key, value FROM meta WHERE key <> 'version'").fetchall()
    else:
        notes = [(f"{CLIP_OF}{name}", clip) for name, clip in clips(connection).items()]
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY sql NOT LIKE 'CREATE VIRTUAL%'"
    for (name,) in connection.execute(sql).fetchall():
        if not name.startswith("sqlite_"):
            connection.execute('DROP TABLE IF EXISTS "' + name.replace('"', '""') + '"')
    make_tables(connection)
    connection.executemany("INSERT INTO meta VALUES (?, ?)", notes)


def clips(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the clips of the files that were imported in part, by name; also from another version, as far as it has
    them."""
    found: dict[str, str] = {}
    for sql in (
        f"SELECT substr(key, {len(CLIP_OF) + 1}), value FROM meta WHERE key LIKE '{CLIP_OF}%'",
        "SELECT name, clip FROM region WHERE clip <> ''",
    ):
        with suppress(sqlite3.OperationalError):  # another version need not have that table or column
            found.update((str(name), str(clip)) for name, clip in connection.execute(sql))
    return found
