"""The recipients who have a message that others refused. They are kept in state.db, because every reader of the pages
sees shoemon.db."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from shoemon.store.state_database import opened

_TABLE = """CREATE TABLE IF NOT EXISTS recipients(
  notifier TEXT, alert TEXT, created_at TEXT, address TEXT, PRIMARY KEY(notifier, alert, created_at, address)
) STRICT"""


class Message(NamedTuple):
    """One alert by one notifier. With its time, because a new shoemon.db gives the ids of alerts again."""

    notifier: str
    alert: str
    created_at: str


def reached(state: Path, message: Message) -> frozenset[str]:
    """Return who has `message`. Writes, so that it fails before a mail is sent whose recipients could not be stored.
    Raises ShoemonError if state.db cannot be used."""
    add(state, message, [""])
    with opened(state, _TABLE) as connection:
        sql = "SELECT address FROM recipients WHERE notifier = ? AND alert = ? AND created_at = ?"
        return frozenset(address for (address,) in connection.execute(sql, message))


def add(state: Path, message: Message, addresses: Iterable[str]) -> None:
    """Store that `addresses` have `message`."""
    with opened(state, _TABLE) as connection:
        rows = [(*message, address) for address in addresses]
        connection.executemany("INSERT OR IGNORE INTO recipients VALUES (?, ?, ?, ?)", rows)


def forget(state: Path, message: Message) -> None:
    """Forget the recipients of `message`: all have it."""
    with opened(state, _TABLE) as connection:
        sql = "DELETE FROM recipients WHERE notifier = ? AND alert = ? AND created_at = ?"
        connection.execute(sql, message)
