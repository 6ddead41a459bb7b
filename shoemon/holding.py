"""Which runs are on hold: known for so short a time that their shoe may still be corrected where they come from."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlite_utils import Database

from shoemon.clock import iso
from shoemon.config.load import Config
from shoemon.store import get_meta

# A run counts as known since the first of its records was: another export that brings it later holds nothing back.
_SEEN = """
    SELECT a.id, min(a.first_seen_at, ifnull(
        (SELECT min(c.first_seen_at) FROM activities c WHERE c.duplicate_of = a.id), a.first_seen_at)) AS seen_at
    FROM sources s JOIN activities a ON a.source = s.name AND a.first_seen_at > :since WHERE a.counted = 1"""


class Hold(NamedTuple):
    """`since`: what was known before is neither new nor on hold (UTC). `runs`: the ids of those on hold.
    `ends_at`: when the first of them no longer is."""

    since: str
    runs: frozenset[str] = frozenset()
    ends_at: str | None = None


def hold_of(database: Database, config: Config, now: str) -> Hold:
    """The hold at `now`."""
    since = get_meta(database, "digest_at") or now
    span = timedelta(seconds=config.main.alerts.hold)
    if not span:
        return Hold(since)
    until = iso(datetime.fromisoformat(now) - span)
    rows = database.conn.execute(
        f"SELECT id, seen_at FROM ({_SEEN}) WHERE seen_at > :since", {"since": max(since, until)}
    )
    # A moment of the future is of a clock that was wrong, and holds nothing.
    held = {id: seen_at for id, seen_at in rows if seen_at <= now}
    ends = min((datetime.fromisoformat(seen_at) + span for seen_at in held.values()), default=None)
    return Hold(since, frozenset(held), None if ends is None else iso(ends))


def new_runs(database: Database, hold: Hold, since_day: str) -> list[str]:
    """Ids of the counted runs on or after `since_day` (ISO) that came in after the last first import, not on hold."""
    sql = f"""SELECT seen.id FROM ({_SEEN}) AS seen JOIN activities a ON a.id = seen.id
              WHERE seen_at > :since AND a.local_date >= :day ORDER BY a.started_at, a.id"""
    found = database.conn.execute(sql, {"since": hold.since, "day": since_day})
    return [id for (id,) in found if id not in hold.runs]
