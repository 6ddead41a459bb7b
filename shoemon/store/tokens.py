"""The tokens of logins, which servers issue and renew. They are stored in state.db, which only its owner can read."""

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
    """The token of one source. Raises ShoemonError if state.db cannot be used; no message contains a token."""

    def __init__(self, state: Path, source: str) -> None:
        self._state, self._source = state, source

    def read(self) -> Token | None:
        """Return the token written last; None if there is none."""
        with self._open() as connection:
            row = connection.execute("SELECT token FROM tokens WHERE source = ?", (self._source,)).fetchone()
        try:
            token = None if row is None else json.loads(row[0])
        except ValueError:  # changed by hand; a login writes it anew
            return None
        return token if isinstance(token, dict) else None

    def write(self, token: Token) -> None:
        """Store `token`: when this returns it is on the disk, and survives a power cut."""
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?)", (self._source, json.dumps(token)))

    def check(self) -> None:
        """Raise ShoemonError if nothing can be written here; the stored token stays."""
        with self.renewing(), self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO tokens VALUES ('', '')")
            connection.execute("DELETE FROM tokens WHERE source = ''")

    @contextmanager
    def renewing(self) -> Iterator[Token | None]:
        """Let one thread of one process renew at a time: wait for the lock, then return the stored token."""
        path = self._state.with_name(f"{self._state.name}.{self._source}.lock")
        with ExitStack() as held:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                held.enter_context(lock(path, f"renewal of the token of {self._source}", RENEW_WAIT_S))
            except OSError as error:
                raise ShoemonError(f"cannot use {path}: {error.strerror}") from None
            yield self.read()

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened(self._state, _TABLE)
