"""What Garmin answered about the ground of each run, kept in state.db beside the cursor, which any upgrade makes void:
asked for some at each pull, thousands of runs would be without their ground for days."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from shoemon.model.errors import ShoemonError, SourceError
from shoemon.store.state_database import opened

_TABLE = """CREATE TABLE IF NOT EXISTS garmin_shares(
  source TEXT NOT NULL, activity TEXT NOT NULL, mark TEXT NOT NULL, answered ANY NOT NULL, first_asked_s REAL NOT NULL,
  last_asked_s REAL NOT NULL, PRIMARY KEY (source, activity)
) STRICT"""
_SETTLED_S = 2 * 86_400.0
"""So long Garmin may take to reckon the ground of a run once it lists it, to be on the safe side."""

Answered = float | Literal["none", "failed"]
"""A share from 0 to 1; that Garmin knows none; or that the detail could not be had."""


class Share(NamedTuple):
    """What was answered about a run; `mark` tells what the run was like then. Times are seconds since 1970."""

    mark: str
    answered: Answered
    first_asked_s: float
    last_asked_s: float

    def is_due(self, now_s: float) -> bool:
        """Whether it is to be asked for again.

        That there is none is believed if it was said again two days after the first time; until then, the next time
        comes when twice as long has passed. What a clock that was ahead has put down is not believed.
        """
        if self.answered != "none":
            return self.answered == "failed"
        waited_s, since_s = self.last_asked_s - self.first_asked_s, now_s - self.last_asked_s
        if waited_s < 0 or since_s < 0:
            return True
        return waited_s < _SETTLED_S and since_s >= waited_s


Shares = dict[str, Share]
"""By the activity's id."""


class KeptShares:
    """The shares of one source. Raises SourceError if state.db cannot be used; without one, nothing is kept."""

    def __init__(self, state: Path | None, source: str) -> None:
        self._state, self._source = state, source

    def read(self) -> Shares:
        """All that were written, those of activities that are gone too."""
        if self._state is None:
            return {}
        sql = "SELECT activity, mark, answered, first_asked_s, last_asked_s FROM garmin_shares WHERE source = ?"
        with self._opened(self._state) as connection:
            return {activity: Share(*share) for activity, *share in connection.execute(sql, (self._source,))}

    def write(self, shares: Shares) -> None:
        """Keeps `shares` beside, or instead of, what is there."""
        if self._state is None:
            return
        rows = [(self._source, activity, *share) for activity, share in shares.items()]
        with self._opened(self._state) as connection:
            connection.executemany("INSERT OR REPLACE INTO garmin_shares VALUES (?, ?, ?, ?, ?, ?)", rows)

    @contextmanager
    def _opened(self, state: Path) -> Iterator[sqlite3.Connection]:
        try:
            with opened(state, _TABLE) as connection:
                yield connection
        except ShoemonError as error:
            raise SourceError(str(error)) from None
