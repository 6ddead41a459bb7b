"""The key that signs tickets: made once, and kept in state.db, which only its owner can read."""

import secrets
from pathlib import Path

from shoemon.store.state_database import opened

_TABLE = """CREATE TABLE IF NOT EXISTS desk_key(
  one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT"""


def desk_key(state: Path) -> bytes:
    """Return the key in state.db at `state`, and make it the first time. Without that file, no ticket made before is
    valid. Raises ShoemonError if state.db cannot be used."""
    with opened(state, _TABLE) as connection:
        row = connection.execute("SELECT key FROM desk_key").fetchone()
        if row is None:
            # Of two that make one at the same moment, the first stays.
            connection.execute("INSERT OR IGNORE INTO desk_key VALUES (1, ?)", (secrets.token_bytes(32),))
            row = connection.execute("SELECT key FROM desk_key").fetchone()
        return bytes(row[0])
