"""Find the same run from two exports in the database, only around undecided records, so that a new run is cheap."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlite_utils import Database

from shoemon.config.kinds import SourceSettings
from shoemon.decide.same_run.compare import SAME_START_S, Outline, rank
from shoemon.decide.same_run.duplicates import WINDOW, Duplicates, StatedCopies, find_duplicates, stated_copies
from shoemon.model.ids import ActivityId
from shoemon.model.plan import Correction
from shoemon.store.database import held_back

_REACH_DAYS = WINDOW.days + 1
"""Days that two records can be apart which begin within `WINDOW` of each other."""
_MOST_TURNS = 3
_OUTLINE = """id, source, started_at, local_date, sport, distance_m, coalesce(nullif(elapsed_s, 0), moving_s, 0),
  missing_since IS NOT NULL, coalesce(missing_since, updated_at), utc_offset_s, ifnull(zone_assumed, 0),
  start_lat, start_lon"""
_ALL = "SELECT DISTINCT substr(started_at, 1, 10) FROM activities"
_UNDECIDED = f"{_ALL} WHERE counted IS NULL"
_CROWDED = """
    WITH span AS (SELECT date(min(started_at), '-3 days') AS first, date(max(started_at), '+3 days') AS last
                  FROM activities WHERE counted IS NULL)
    SELECT DISTINCT day FROM (
      SELECT substr(started_at, 1, 10) AS day,
        unixepoch(started_at) + max(coalesce(nullif(elapsed_s, 0), moving_s, 0), :at_least_s) AS ends,
        lead(unixepoch(started_at)) OVER (ORDER BY started_at) AS next
      FROM span CROSS JOIN activities WHERE started_at >= first AND started_at < last AND length(started_at) > 10)
    WHERE next <= ends"""
"""Days near the undecided on which a record begins before another one has ended."""


class _StoredRecord(NamedTuple):
    """A record to compare, and the earlier decision about it."""

    outline: Outline
    is_decided: bool
    duplicate_of: ActivityId | None
    maybe_same_as: ActivityId | None

    @property
    def day(self) -> date:
        return date.fromisoformat(self.outline.started_at[:10])


def find_same_runs(
    database: Database, corrections: Iterable[Correction], sources: Sequence[SourceSettings]
) -> tuple[dict[ActivityId, ActivityId], int]:
    """Find duplicates among the undecided records and their neighbours in time. Neighbours whose answer changes become
    undecided too; their number is returned as well. Of a single source with all its records listed only those are
    compared that overlap. Notes the records that may be the same run as another one, too."""
    conn = database.conn
    stated = stated_copies(corrections)
    several = conn.execute("SELECT count(*) FROM sources WHERE activities > 0").fetchone()[0] > 1
    missing = several or conn.execute("SELECT 1 FROM activities WHERE missing_since IS NOT NULL LIMIT 1").fetchone()
    order = _order(sources)
    dropping = [settings.name for settings in sources if settings.missing == "drop"]
    # First of all, for what was copied may have moved to another day, out of sight of its copies.
    for column in ("duplicate_of", "maybe_same_as"):
        conn.execute(
            f"""UPDATE activities SET counted = NULL WHERE {column} IS NOT NULL AND counted IS NOT NULL
                  AND {column} IN (SELECT id FROM activities WHERE counted IS NULL)"""
        )
    conn.execute("UPDATE activities SET maybe_same_as = NULL WHERE maybe_same_as IS NOT NULL AND counted IS NULL")
    _take_back_joined(database, stated)
    undecided = _days(database, _UNDECIDED if several or missing or stated.joined else _CROWDED)
    if not undecided:
        return {}, 0
    days, turns = set(undecided), 0
    while True:
        stored = list(_stored(database, days, dropping))
        found = find_duplicates([each.outline for each in stored], order, stated)
        chained = _chained(stored, found, undecided)
        loose = {each.day for each in chained} - _around(days, _REACH_DAYS)
        if not loose:
            break
        turns += 1
        # A chain that does not end soon goes through all of the history: better compared at once than day by day.
        days |= loose if turns < _MOST_TURNS else _days(database, _ALL)
    changed = [
        each.outline.id for each in chained if each.is_decided and each.duplicate_of != found.of.get(each.outline.id)
    ]
    conn.executemany("UPDATE activities SET counted = NULL WHERE id = ?", [(id,) for id in changed])
    ids = (each.outline.id for each in chained if each.maybe_same_as != found.in_doubt.get(each.outline.id))
    conn.executemany(
        "UPDATE activities SET maybe_same_as = ? WHERE id = ?", [(found.in_doubt.get(id), id) for id in ids]
    )
    return found.of, len(changed)


def copies_of(database: Database, sources: Sequence[SourceSettings], activity: str) -> list[ActivityId]:
    """Read the records that are copies of one, the best informed first."""
    sql, order = f"SELECT {_OUTLINE} FROM activities WHERE duplicate_of = ?", _order(sources)
    found = [Outline._make(row) for row in database.conn.execute(sql, (activity,))]
    return [outline.id for outline in sorted(found, key=lambda outline: rank(outline, order))]


def _order(sources: Sequence[SourceSettings]) -> dict[str, int]:
    return {settings.name: index for index, settings in enumerate(sources)}


def _take_back_joined(database: Database, stated: StatedCopies) -> None:
    """Decide records that a correction joins together, however far apart in time."""
    pairs = [pair for run, other in stated.joined.items() for pair in ((run, other), (other, run))]
    sql = """UPDATE activities SET counted = NULL WHERE counted IS NOT NULL AND id IN (
               SELECT json_extract(value, '$[1]') FROM json_each(?)
               WHERE json_extract(value, '$[0]') IN (SELECT id FROM activities WHERE counted IS NULL))"""
    while pairs and database.conn.execute(sql, (json.dumps(pairs),)).rowcount:
        pass


def _chained(stored: Iterable[_StoredRecord], found: Duplicates, undecided: set[date]) -> list[_StoredRecord]:
    """Find the records near `undecided` days, and those linked with them in chains: their answers may change."""
    touched = _around(undecided, _REACH_DAYS)
    links: dict[ActivityId, list[ActivityId]] = {}
    for one, other in found.links:
        links.setdefault(one, []).append(other)
        links.setdefault(other, []).append(one)
    by_id = {each.outline.id: each for each in stored}
    todo = [id for id, each in by_id.items() if each.day in touched]
    reached = set(todo)
    while todo:
        further = [other for other in links.get(todo.pop(), ()) if other not in reached]
        reached.update(further)
        todo += further
    return [by_id[id] for id in reached]


def _days(database: Database, sql: str) -> set[date]:
    return {date.fromisoformat(day) for (day,) in database.conn.execute(sql, {"at_least_s": SAME_START_S})}


def _stored(database: Database, days: set[date], dropping: list[str]) -> Iterator[_StoredRecord]:
    """Read the records around `days`, once each, with all that those within `WINDOW` are compared with. Records missing
    from a source that drops them are left out, unless they are held back: they never count."""
    sql = f"""SELECT {_OUTLINE}, counted IS NOT NULL, duplicate_of, maybe_same_as
             FROM activities WHERE started_at >= ? AND started_at < ?
               AND (missing_since IS NULL OR source NOT IN (SELECT value FROM json_each(?))
                 OR (source, missing_since) IN
                   (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)))"""
    dropped, held = json.dumps(dropping), json.dumps(list(held_back(database)) if dropping else [])
    for start, end in _spans(sorted(_around(days, 2 * _REACH_DAYS))):
        for *fields, is_decided, original, other in database.conn.execute(
            sql, (start.isoformat(), end.isoformat(), dropped, held)
        ):
            yield _StoredRecord(Outline._make(fields), bool(is_decided), original, other)


def _around(days: Iterable[date], margin: int) -> set[date]:
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
