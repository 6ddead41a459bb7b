"""state.db: what sources keep between pulls, in a table for each kind: cursors here, the tokens of logins (tokens.py),
and what a source keeps for itself. A file of its own that only its owner can read, and that Datasette never opens."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from shoemon.model.contracts import Cursor
from shoemon.model.errors import ShoemonError
from shoemon.words.commands import command

_TABLE = """CREATE TABLE IF NOT EXISTS cursors(
  source TEXT PRIMARY KEY, cursor TEXT NOT NULL, sync INTEGER NOT NULL, synced_at TEXT NOT NULL, settings TEXT NOT NULL
) STRICT"""


@contextmanager
def opened(path: Path, table: str) -> Iterator[sqlite3.Connection]:
    """Open state.db at `path` with `table`, for one transaction; what it wrote is on the disk when it ends, and
    survives a power cut. Raises ShoemonError if it cannot be used."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        with closing(sqlite3.connect(path, timeout=60)) as connection, connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute(table)
            yield connection
    except (OSError, sqlite3.Error) as error:
        raise ShoemonError(
            f"cannot use {path}: {error}. If it is broken, delete it: the next sync reads everything "
            f"anew, after a login to the sources that need one: {command('login', 'SOURCE', anywhere=True)}"
        ) from None


class State:
    """The cursors of all sources. Each is valid only with the sync that stored its records."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with opened(path, _TABLE):
            pass

    def cursor(self, source: str, settings: str, last_sync: tuple[int, str] | None) -> Cursor | None:
        """Return the cursor that `source` left in sync `last_sync` (id, start) under the same settings, else None.

        The sync is compared because a restored or deleted shoemon.db does not have all that the cursor counts as read.
        """
        with closing(self._connect()) as connection:
            row = connection.execute(
                "SELECT cursor, sync, synced_at FROM cursors WHERE source = ? AND settings = ?", (source, settings)
            ).fetchone()
        if row is None or last_sync is None or (row[1], row[2]) != last_sync:
            return None
        cursor: Cursor = json.loads(row[0])
        return cursor

    def remember(self, source: str, cursor: Cursor | None, settings: str, sync: tuple[int, str]) -> None:
        """Keep `cursor`; call it after its records were committed."""
        with closing(self._connect()) as connection, connection:
            if cursor is None:
                connection.execute("DELETE FROM cursors WHERE source = ?", (source,))
            else:
                connection.execute(
                    "INSERT OR REPLACE INTO cursors VALUES (?, ?, ?, ?, ?)",
                    (source, json.dumps(cursor), *sync, settings),
                )

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=60)
