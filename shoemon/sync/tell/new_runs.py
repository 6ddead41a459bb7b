"""Find which runs are new, and which of them on hold: known for so short a time that their shoe may still be corrected
where they come from.

A run is new when it came in after the first import of its export, which a digest announced as a whole.
"""

import json
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlite_utils import Database

from shoemon.model.clock import iso
from shoemon.store.database import get_meta, set_meta

# A run counts as known since the first of its records was: another export that brings it later makes it no newer, nor
# does it when that first record is dropped, which leaves no link but the start.
_SEEN = """
    SELECT * FROM (
      SELECT a.id, first.value AS since, min(a.first_seen_at, ifnull(
          (SELECT min(c.first_seen_at) FROM activities c WHERE c.duplicate_of = a.id
             OR c.missing_since IS NOT NULL AND c.started_at = a.started_at), a.first_seen_at)) AS seen_at
      FROM json_each(:announced) AS first
        JOIN activities a ON a.source = first.key AND a.first_seen_at > max(first.value, :after) WHERE a.counted = 1)
    WHERE seen_at > max(since, :after)"""


class Hold(NamedTuple):
    """`runs`: the ids of those on hold. `ends_at`: when the first of them no longer is (UTC)."""

    runs: frozenset[str] = frozenset()
    ends_at: str | None = None


def announce_sources(database: Database, now: str) -> bool:
    """Return whether a source has brought runs for the first time since the last announcement, and remember those
    sources in the transaction that announces, so that no crash loses one."""
    with_runs = [name for (name,) in database.conn.execute("SELECT name FROM sources WHERE activities > 0")]
    announced = _announced(database, now)
    latest = max(announced.values(), default=now)
    if latest > now:  # from a clock that was wrong; runs known by then stay known
        sql = "UPDATE activities SET first_seen_at = ?1 WHERE first_seen_at > ?1 AND first_seen_at <= ?2"
        database.conn.execute(sql, (now, latest))
    known = {name: min(moment, now) for name, moment in announced.items()}
    after = known | {name: now for name in with_runs if name not in known}
    set_meta(database, "announced_sources", json.dumps(after, sort_keys=True))
    return len(after) > len(known)


def _announced(database: Database, now: str) -> dict[str, str]:
    """When the first import of each source was announced. An earlier version kept only their names: runs that it has
    stored by `now` are not new."""
    kept = json.loads(get_meta(database, "announced_sources") or "{}")
    return kept if isinstance(kept, dict) else dict.fromkeys(kept, now)


def hold_of(database: Database, hold_s: float, now: str) -> Hold:
    """The hold at `now`, where each new run is on hold for `hold_s`."""
    span = timedelta(seconds=hold_s)
    if not span:
        return Hold()
    rows = _seen(database, _announced(database, now), after=iso(datetime.fromisoformat(now) - span))
    # A moment in the future comes from a clock that was wrong, and holds no run back.
    held = {id: seen_at for id, seen_at in rows if seen_at <= now}
    ends = min((datetime.fromisoformat(seen_at) + span for seen_at in held.values()), default=None)
    return Hold(frozenset(held), None if ends is None else iso(ends))


def new_runs(database: Database, hold: Hold, now: str) -> list[str]:
    """Ids of the runs that are new and not on hold."""
    return [id for id, _ in _seen(database, _announced(database, now)) if id not in hold.runs]


def _seen(database: Database, announced: dict[str, str], after: str = "") -> list[tuple[str, str]]:
    """New runs that were first seen after `after`: their ids, and when they were first seen."""
    sql = f"SELECT id, seen_at FROM ({_SEEN})"
    found = database.conn.execute(sql, {"announced": json.dumps(announced), "after": after})
    return [(id, seen_at) for id, seen_at in found]
