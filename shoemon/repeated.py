"""Looks for the same run from two exports in the database: around what is undecided only, so a new run is cheap."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

from sqlite_utils import Database

from shoemon.config.load import Config
from shoemon.duplicates import WINDOW, Outline, find_duplicates
from shoemon.model import ActivityId
from shoemon.store import held_back

_REACH_DAYS = WINDOW.days + 1
"""So many days apart two records can be that begin within `WINDOW` of each other."""


def look_for_duplicates(database: Database, config: Config) -> dict[ActivityId, ActivityId]:
    """Duplicates among the undecided records and their neighbours in time; a neighbour whose answer changes becomes
    undecided too. Nothing is looked at while there is one source only, with all its records listed."""
    conn = database.conn
    several = conn.execute("SELECT count(*) FROM sources WHERE activities > 0").fetchone()[0] > 1
    if not several and not conn.execute("SELECT 1 FROM activities WHERE missing_since IS NOT NULL LIMIT 1").fetchone():
        return {}
    order = {settings.name: index for index, settings in enumerate(config.sources)}
    dropping = [settings.name for settings in config.sources if settings.missing == "drop"]
    # First of all, for what was copied may have moved to another day, out of sight of its copies.
    conn.execute(
        """UPDATE activities SET counted = NULL WHERE duplicate_of IS NOT NULL AND counted IS NOT NULL
             AND duplicate_of IN (SELECT id FROM activities WHERE counted IS NULL)"""
    )
    undecided = _undecided_days(database)
    duplicates = find_duplicates(list(_outlines(database, undecided, dropping)), order)
    # Further out than one window the piece that was looked at does not hold every neighbour.
    touched = [day.isoformat() for day in _around(undecided, _REACH_DAYS)]
    sql = """SELECT id, duplicate_of FROM activities
             WHERE counted IS NOT NULL AND id IN (SELECT value FROM json_each(?))
               AND substr(started_at, 1, 10) IN (SELECT value FROM json_each(?))"""
    stored = dict(conn.execute(sql, (json.dumps(list(duplicates)), json.dumps(touched))))
    changed = [id for id, before in stored.items() if before != duplicates.get(ActivityId(id))]
    conn.executemany("UPDATE activities SET counted = NULL WHERE id = ?", [(id,) for id in changed])
    return duplicates


def _undecided_days(database: Database) -> list[date]:
    sql = "SELECT DISTINCT substr(started_at, 1, 10) FROM activities WHERE counted IS NULL"
    return [date.fromisoformat(day) for (day,) in database.conn.execute(sql)]


def _outlines(database: Database, undecided: list[date], dropping: list[str]) -> Iterator[Outline]:
    """The records around `undecided` days, once each, with all that those within `WINDOW` are compared with. What is
    missing from a source that drops it counts in no case, unless it is held back: nothing is the same run as that."""
    sql = """SELECT id, source, started_at, local_date, sport, distance_m, coalesce(elapsed_s, moving_s, 0),
               missing_since IS NOT NULL, coalesce(missing_since, updated_at)
             FROM activities WHERE started_at >= ? AND started_at < ?
               AND (missing_since IS NULL OR source NOT IN (SELECT value FROM json_each(?))
                 OR (source, missing_since) IN
                   (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)))"""
    dropped, held = json.dumps(dropping), json.dumps(list(held_back(database)) if dropping else [])
    for start, end in _spans(sorted(_around(undecided, 2 * _REACH_DAYS))):
        for row in database.conn.execute(sql, (start.isoformat(), end.isoformat(), dropped, held)):
            yield Outline(*row)


def _around(days: list[date], margin: int) -> set[date]:
    return {day + timedelta(days=offset) for day in days for offset in range(-margin, margin + 1)}


def _spans(days: list[date]) -> Iterator[tuple[date, date]]:
    """Runs of consecutive `days`, as (first, day after the last)."""
    start = previous = None
    for day in days:
        if previous is None or start is None:
            start = day
        elif day != previous + timedelta(days=1):
            yield start, previous + timedelta(days=1)
            start = day
        previous = day
    if start is not None and previous is not None:
        yield start, previous + timedelta(days=1)
