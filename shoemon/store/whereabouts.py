"""Where runs went on unknown ground: the laps, rounded to some 10 metres, and the ways without a surface tag. Both show
where somebody lives: they are stored in state.db, which Datasette never opens."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from shoemon.store.state_database import opened

_LAPS = """CREATE TABLE IF NOT EXISTS laps(
  activity TEXT NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL, lap_m REAL NOT NULL, reach_m REAL NOT NULL,
  open_m REAL NOT NULL
) STRICT"""
_WAYS = """CREATE TABLE IF NOT EXISTS untagged_ways(
  activity TEXT NOT NULL, way INTEGER NOT NULL, distance_m INTEGER NOT NULL, PRIMARY KEY (activity, way)
) STRICT, WITHOUT ROWID"""
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


class UntaggedWay(NamedTuple):
    """The metres of one record on a way whose surface no tag gives."""

    activity: str
    way: int
    distance_m: int


def keep(
    state_database: Path, activities: Iterable[str], laps: Iterable[OpenLaps], ways: Iterable[UntaggedWay]
) -> None:
    """Store the laps and ways of these records in place of what was stored of them. Raises ShoemonError."""
    rounded = [each._replace(lat=round(each.lat, _DIGITS), lon=round(each.lon, _DIGITS)) for each in laps]
    ids = [(activity,) for activity in activities]
    with opened(state_database, _LAPS) as connection:
        connection.execute(_WAYS)
        for table in ("laps", "untagged_ways"):
            connection.executemany(f"DELETE FROM {table} WHERE activity = ?", ids)
        connection.executemany("INSERT INTO laps VALUES (?, ?, ?, ?, ?, ?)", rounded)
        connection.executemany("INSERT INTO untagged_ways VALUES (?, ?, ?)", ways)


def kept_laps(state_database: Path) -> list[OpenLaps]:
    """Return all stored laps; none where they cannot be read."""
    return [OpenLaps(*row) for row in _rows(state_database, "SELECT * FROM laps ORDER BY activity, lat, lon")]


def kept_ways(state_database: Path) -> list[UntaggedWay]:
    """Return all stored ways, those of a record with most metres first; none where they cannot be read."""
    sql = "SELECT * FROM untagged_ways ORDER BY activity, distance_m DESC, way"
    return [UntaggedWay(*row) for row in _rows(state_database, sql)]


def _rows(state_database: Path, sql: str) -> list[tuple[Any, ...]]:
    address = f"{state_database.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=60)) as connection:
            return connection.execute(sql).fetchall()
    except sqlite3.Error:
        return []
