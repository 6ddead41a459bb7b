"""Find the same run from several exports among all stored records: ten thousand take a quarter of a second."""

import json
from collections.abc import Iterable, Sequence

from sqlite_utils import Database

from shoemon.config.kinds import SourceSettings
from shoemon.decide.same_run.compare import Outline, rank
from shoemon.decide.same_run.duplicates import find_duplicates, stated_copies
from shoemon.model.ids import ActivityId
from shoemon.model.plan import Correction
from shoemon.store.database import held_back

_OUTLINE = """id, source, started_at, local_date, sport, distance_m, coalesce(nullif(elapsed_s, 0), moving_s, 0),
  missing_since IS NOT NULL, coalesce(missing_since, updated_at), utc_offset_s, ifnull(zone_assumed, 0),
  start_lat, start_lon"""
_STORED = f"""
    SELECT {_OUTLINE}, counted IS NOT NULL, duplicate_of, maybe_same_as FROM activities
    WHERE missing_since IS NULL OR source NOT IN (SELECT value FROM json_each(?)) OR (source, missing_since) IN
      (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))"""
"""Without the records missing from a source that drops them, unless they are held back: they never count."""


def find_same_runs(
    database: Database, corrections: Iterable[Correction], sources: Sequence[SourceSettings]
) -> dict[ActivityId, ActivityId]:
    """Find the duplicates among all records, if some are undecided. Those whose answer changes become undecided too.
    Notes the records that may be the same run as another one."""
    conn = database.conn
    if conn.execute("SELECT 1 FROM activities WHERE counted IS NULL LIMIT 1").fetchone() is None:
        return {}
    conn.execute("UPDATE activities SET maybe_same_as = NULL WHERE maybe_same_as IS NOT NULL AND counted IS NULL")
    dropping = [settings.name for settings in sources if settings.missing == "drop"]
    held = list(held_back(database)) if dropping else []
    outlines, decided, doubted = list[Outline](), [], {}
    for *fields, is_decided, original, other in conn.execute(_STORED, (json.dumps(dropping), json.dumps(held))):
        outlines.append(Outline._make(fields))
        decided += [(outlines[-1].id, original)] if is_decided else []
        doubted[outlines[-1].id] = other
    found = find_duplicates(outlines, _order(sources), stated_copies(corrections))
    changed = [(id,) for id, original in decided if original != found.of.get(id)]
    conn.executemany("UPDATE activities SET counted = NULL WHERE id = ?", changed)
    doubts = [(found.in_doubt.get(id), id) for id, other in doubted.items() if other != found.in_doubt.get(id)]
    conn.executemany("UPDATE activities SET maybe_same_as = ? WHERE id = ?", doubts)
    return found.of


def copies_of(database: Database, sources: Sequence[SourceSettings], activity: str) -> list[ActivityId]:
    """Read the records that are copies of one, the best informed first."""
    sql, order = f"SELECT {_OUTLINE} FROM activities WHERE duplicate_of = ?", _order(sources)
    found = [Outline._make(row) for row in database.conn.execute(sql, (activity,))]
    return [outline.id for outline in sorted(found, key=lambda outline: rank(outline, order))]


def _order(sources: Sequence[SourceSettings]) -> dict[str, int]:
    return {settings.name: index for index, settings in enumerate(sources)}
