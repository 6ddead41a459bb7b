"""The database as it stands at one moment, read or copied while a sync or Datasette may be at work."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from shoemon.model.errors import ShoemonError

Rows = Callable[..., list[dict[str, Any]]]
"""Answers `(sql, *values)` with rows, all from one state of the database."""


def back_up(database: Path, target: Path) -> int:
    """Copies `database` to `target` by SQLite's online backup (replaced only when the copy is whole and sound); returns
    its size in bytes.

    Raises ShoemonError when there is nothing to copy, the target is the database itself, or the copy fails its check.
    """
    if not database.exists():
        raise ShoemonError(f"there is no database {database} yet; `shoemon sync` makes it")
    if target.exists() and target.samefile(database):
        raise ShoemonError(f"{target} is the database itself; name another file")
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)
    try:
        partial.touch(0o600)  # as private as the database from its first byte, whatever the umask
        with closing(sqlite3.connect(database, timeout=60)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
            # One file to carry away: a copy in WAL mode would want its two companions.
            copy.execute("PRAGMA journal_mode=DELETE")
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise ShoemonError(f"the copy is not sound: {verdict}")
        shutil.copymode(database, partial)
        os.replace(partial, target)
    except (OSError, sqlite3.Error) as error:
        raise ShoemonError(f"cannot back up to {target}: {error}") from None
    finally:
        partial.unlink(missing_ok=True)
    return target.stat().st_size


@contextmanager
def read_only(database: Path, timeout_s: float = 60.0) -> Iterator[sqlite3.Connection]:
    """One state of the file `database`, which is left as it is; a sync that ends meanwhile is not seen."""
    address = f"{database.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=timeout_s, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        yield connection


@contextmanager
def snapshot(database: Path) -> Iterator[Rows]:
    """The same, as rows by the names of their columns. Raises ShoemonError."""
    must_exist(database)
    try:
        with read_only(database) as connection:
            connection.row_factory = sqlite3.Row
            yield lambda sql, *values: [dict(row) for row in connection.execute(sql, values)]
    except sqlite3.DatabaseError as error:
        raise ShoemonError(f"{database} cannot be read: {error}; `shoemon sync` brings it up to date") from None


def must_exist(database: Path) -> None:
    """Raises ShoemonError while there is no database."""
    if not database.exists():
        raise ShoemonError(f"there is no database {database} yet; `shoemon sync` makes it")
