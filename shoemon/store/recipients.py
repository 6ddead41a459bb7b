"""The recipients who have a message that others refused: in state.db, because all who see the pages see shoemon.db."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shoemon.model.errors import PartlyDeliveredError
from shoemon.store.state_database import opened

_TABLE = "CREATE TABLE IF NOT EXISTS recipients(message TEXT PRIMARY KEY, reached TEXT NOT NULL) STRICT"


@contextmanager
def reached(state: Path, *message: str) -> Iterator[frozenset[str]]:
    """Give who has `message`; whom it reaches in the block is stored if others refuse it. Written to at once, so that
    nothing is sent that could not be remembered. Raises ShoemonError if state.db cannot be used."""
    key = json.dumps(message)
    with opened(state, _TABLE) as connection:
        connection.execute("INSERT OR IGNORE INTO recipients VALUES (?, '[]')", (key,))
        [(found,)] = connection.execute("SELECT reached FROM recipients WHERE message = ?", (key,)).fetchall()
    before = frozenset(json.loads(found))
    try:
        yield before
    except PartlyDeliveredError as error:
        with opened(state, _TABLE) as connection:
            now = json.dumps(sorted(before | error.reached))
            connection.execute("UPDATE recipients SET reached = ? WHERE message = ?", (now, key))
        raise
    with opened(state, _TABLE) as connection:
        connection.execute("DELETE FROM recipients WHERE message = ?", (key,))
