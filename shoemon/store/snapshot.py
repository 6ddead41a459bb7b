"""Read one state of the database."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from shoemon.model.errors import ShoemonError
from shoemon.words.commands import command

Rows = Callable[..., list[dict[str, Any]]]
"""Answers `(sql, *values)` with rows, all from one state of the database."""


@contextmanager
def read_only(database: Path, timeout_s: float = 60.0) -> Iterator[sqlite3.Connection]:
    """Open one state of the file `database`, read-only; a sync that ends meanwhile is not seen."""
    address = f"{database.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=timeout_s, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        yield connection


@contextmanager
def snapshot(database: Path) -> Iterator[Rows]:
    """Open the same, with rows by the names of their columns. Raises ShoemonError."""
    must_exist(database)
    try:
        with read_only(database) as connection:
            connection.row_factory = sqlite3.Row
            yield lambda sql, *values: [dict(row) for row in connection.execute(sql, values)]
    except sqlite3.DatabaseError as error:
        raise ShoemonError(f"cannot read {database}: {error}; to bring it up to date: {command('sync')}") from None


def must_exist(database: Path) -> None:
    """Raise ShoemonError while there is no database."""
    if not database.exists():
        raise ShoemonError(f"there is no database {database} yet; to make it: {command('sync')}")
