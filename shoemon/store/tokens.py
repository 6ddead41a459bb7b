"""The keys that servers hand out and change: kept in state.db, which only its owner can read, before they are used."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from shoemon.model.errors import ShoemonError
from shoemon.store.locking import lock
from shoemon.store.state_database import opened

_TABLE = """CREATE TABLE IF NOT EXISTS tokens(source TEXT PRIMARY KEY, token TEXT NOT NULL) STRICT"""
RENEW_WAIT_S = 120.0
"""How long to wait for another process that renews the same token."""
Token = dict[str, Any]


class Tokens:
    """The token of one source. Raises ShoemonError if state.db cannot be used; no message holds a token."""

    def __init__(self, state: Path, source: str) -> None:
        self._state, self._source = state, source

    def read(self) -> Token | None:
        """What was written last; None if nothing was."""
        with self._open() as connection:
            row = connection.execute("SELECT token FROM tokens WHERE source = ?", (self._source,)).fetchone()
        try:
            token = None if row is None else json.loads(row[0])
        except ValueError:  # somebody has been at it; a login makes it anew
            return None
        return token if isinstance(token, dict) else None

    def write(self, token: Token) -> None:
        """Keeps `token`: when this returns it is on the disk, and outlasts a power cut."""
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?)", (self._source, json.dumps(token)))

    def check(self) -> None:
        """Raises ShoemonError if nothing can be written here; what is kept stays."""
        with self.renewing(), self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO tokens VALUES ('', '')")
            connection.execute("DELETE FROM tokens WHERE source = ''")

    @contextmanager
    def renewing(self) -> Iterator[Token | None]:
        """Only one renews at a time: holds a lock over threads and processes, and gives what is kept once it has it."""
        path = self._state.with_name(f"{self._state.name}.{self._source}.lock")
        with ExitStack() as held:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                held.enter_context(lock(path, f"renewing the token of {self._source}", RENEW_WAIT_S))
            except OSError as error:
                raise ShoemonError(f"cannot use {path}: {error.strerror}") from None
            yield self.read()

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened(self._state, _TABLE)
