"""The laps that runs go round on unknown ground. Positions are personal: they are stored in state.db, which Datasette
never opens, rounded to some 10 metres, and only until the ground there is known."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from shoemon.store.state_database import opened

_TABLE = """CREATE TABLE IF NOT EXISTS laps(
  activity TEXT NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL, lap_m REAL NOT NULL, reach_m REAL NOT NULL,
  open_m REAL NOT NULL
) STRICT"""
_DIGITS = 4


class OpenLaps(NamedTuple):
    """Laps of one record: their middle in degrees, the length of one, how far they reach from the middle, and their
    metres on ground that the map does not know."""

    activity: str
    lat: float
    lon: float
    lap_m: float
    reach_m: float
    open_m: float


def keep_laps(state_database: Path, activities: Iterable[str], laps: Iterable[OpenLaps]) -> None:
    """Store the laps of these records in place of what was stored of them. Raises ShoemonError."""
    rows = [each._replace(lat=round(each.lat, _DIGITS), lon=round(each.lon, _DIGITS)) for each in laps]
    with opened(state_database, _TABLE) as connection:
        connection.executemany("DELETE FROM laps WHERE activity = ?", [(activity,) for activity in activities])
        connection.executemany("INSERT INTO laps VALUES (?, ?, ?, ?, ?, ?)", rows)


def kept_laps(state_database: Path) -> list[OpenLaps]:
    """Return all stored laps; none where they cannot be read."""
    try:
        with closing(
            sqlite3.connect(f"{state_database.resolve().as_uri()}?mode=ro", uri=True, timeout=60)
        ) as connection:
            return [OpenLaps(*row) for row in connection.execute("SELECT * FROM laps ORDER BY activity, lat, lon")]
    except sqlite3.Error:
        return []
