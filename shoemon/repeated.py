"""Looks for the same run from two exports in the database: around what is undecided only, so that one new run stays cheap."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

from sqlite_utils import Database

from shoemon.config.load import Config
from shoemon.duplicates import WINDOW, Outline, find_duplicates
from shoemon.model import ActivityId


def look_for_duplicates(database: Database, config: Config) -> dict[ActivityId, ActivityId]:
    """Duplicates among the undecided records and their neighbours in time; a neighbour whose answer changes becomes
    undecided too. Nothing is looked at while there is one source only, with all its records listed."""
    conn = database.conn
    several = conn.execute("SELECT count(*) FROM sources WHERE activities > 0").fetchone()[0] > 1
    if not several and not conn.execute("SELECT 1 FROM activities WHERE missing_since IS NOT NULL LIMIT 1").fetchone():
        return {}
    order = {settings.name: index for index, settings in enumerate(config.sources)}
    duplicates = find_duplicates(list(_outlines(database)), order)
    sql = "SELECT id, duplicate_of FROM activities WHERE counted IS NOT NULL AND id IN (SELECT value FROM json_each(?))"
    stored = dict(conn.execute(sql, (json.dumps(list(duplicates)),)))
    changed = [id for id, before in stored.items() if before != duplicates.get(ActivityId(id))]
    orphans = """SELECT a.id FROM activities a JOIN activities kept ON kept.id = a.duplicate_of
                 WHERE a.duplicate_of IS NOT NULL AND kept.counted IS NULL AND a.counted IS NOT NULL"""
    changed += [id for (id,) in conn.execute(orphans) if ActivityId(id) not in stored]
    conn.executemany("UPDATE activities SET counted = NULL WHERE id = ?", [(id,) for id in changed])
    return duplicates


def _outlines(database: Database) -> Iterator[Outline]:
    """The undecided records and all within `WINDOW` of one, once each."""
    conn = database.conn
    undecided = [row[0] for row in conn.execute("SELECT DISTINCT substr(started_at, 1, 10) FROM activities WHERE counted IS NULL")]
    days = {day for text in undecided for day in _around(date.fromisoformat(text))}
    sql = """SELECT id, source, started_at, local_date, sport, distance_m, coalesce(elapsed_s, moving_s, 0),
               missing_since IS NOT NULL, coalesce(missing_since, updated_at)
             FROM activities WHERE started_at >= ? AND started_at < ?"""
    for start, end in _spans(sorted(days)):
        for row in conn.execute(sql, (start.isoformat(), end.isoformat())):
            yield Outline(*row)


def _around(day: date) -> list[date]:
    margin = 2 * WINDOW.days + 2
    return [day + timedelta(days=offset) for offset in range(-margin, margin + 1)]


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
