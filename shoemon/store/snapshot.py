"""Read one state of the database."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from shoemon.model.errors import ShoemonError
from shoemon.store.schema import migrations
from shoemon.words.commands import command

Rows = Callable[..., list[dict[str, Any]]]
"""Answers `(sql, *values)` with rows, all from one state of the database."""


@contextmanager
def read_only(database: Path, timeout_s: float = 60.0) -> Iterator[sqlite3.Connection]:
    """Open one state of the file `database`, read-only; a sync that ends meanwhile is not seen. Raises ShoemonError
    if there is none, a later version has written it, or it cannot be read."""
    must_exist(database)
    still, before = is_still(database), database.stat()
    address = f"{database.absolute().as_uri()}?mode=ro{'&immutable=1' if still else ''}"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=timeout_s, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            _must_be_known(database, connection)
            yield connection
        after = database.stat()
        if still and (
            (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size) or not is_still(database)
        ):
            raise ShoemonError(f"{database} was changed while it was read; try again")
    except sqlite3.DatabaseError as error:
        raise ShoemonError(f"cannot read {database}: {_remedy(database, error)}") from None


def is_still(database: Path) -> bool:
    """Check that SQLite must be told `immutable` to read `database`: it cannot make its files in this directory, and
    nothing beside the file belongs to it. Another system may still write there, so compare the file after reading."""
    beside = (database.with_name(database.name + end) for end in ("-wal", "-journal"))
    return not (os.access(database.parent, os.W_OK) or any(file.exists() for file in beside))


def _must_be_known(database: Path, connection: sqlite3.Connection) -> None:
    known = {each.name for each in migrations.pending(Database(memory=True))}
    if any(each.name not in known for each in migrations.applied(Database(connection))):
        raise ShoemonError(
            f"{database} was written by a later version of shoemon; nothing was changed in it. Update shoemon, or "
            "restore a backup from before"
        )


def _remedy(database: Path, error: sqlite3.DatabaseError) -> str:
    if not os.access(database.parent, os.W_OK):
        return (
            f"{error}. Its directory is read-only: make it writable, or copy {database.name} with every file whose "
            "name begins so to one that is, and run shoemon there"
        )
    return f"{error}; to bring it up to date: {command('sync')}"


@contextmanager
def snapshot(database: Path) -> Iterator[Rows]:
    """Open the same, with rows by the names of their columns."""
    with read_only(database) as connection:
        connection.row_factory = sqlite3.Row
        yield lambda sql, *values: [dict(row) for row in connection.execute(sql, values)]


def must_exist(database: Path) -> None:
    """Raise ShoemonError while there is no database."""
    if not database.exists():
        raise ShoemonError(f"there is no database {database} yet; to make it: {command('sync')}")
