"""Mark alerts as seen, and mute a pair or a kind of alert for a while."""

import json
from collections.abc import Sequence

from sqlite_utils import Database

from shoemon.model.errors import MistakeError
from shoemon.store.database import get_meta, set_meta, writing
from shoemon.words.commands import command

LOOK_AGAIN_AT = "look_again_at"
"""Under this key it is noted when something may become due with time alone (UTC)."""


def acknowledge(database: Database, ids: Sequence[str], now: str) -> int:
    """Marks alerts, and those their messages speak for, as seen: what still waits of them is not sent, and of a pair
    that is due no further stage comes until its life is raised or its total falls. Returns how many messages that
    keeps back. Raises MistakeError, and marks none, if one of `ids` is no alert."""
    with writing(database):
        known = {id for (id,) in database.conn.execute("SELECT id FROM alerts")}
        unknown = [id for id in ids if id not in known]
        if unknown:
            raise MistakeError(f"there is no alert {', '.join(unknown)}; to list them: {command('alerts', 'list')}")
        given = json.dumps(list(ids))
        sql = """UPDATE alerts SET acknowledged_at = ?1,
                   acknowledged_life_m = (SELECT life_m FROM shoes WHERE id = alerts.shoe)
                 WHERE (id IN (SELECT value FROM json_each(?2)) OR covered_by IN (SELECT value FROM json_each(?2)))"""
        database.conn.execute(sql, (now, given))
        kept_back = """UPDATE deliveries SET state = 'acknowledged' WHERE state IN ('pending', 'failed')
                         AND alert IN (SELECT value FROM json_each(?))"""
        return int(database.conn.execute(kept_back, (given,)).rowcount)


def snooze(database: Database, subject: str, until: str, now: str) -> None:
    """Mutes new alerts about `subject` (the id of a shoe, or a kind of alert) until `until` (UTC)."""
    sql = """INSERT INTO snoozes(subject, until, created_at) VALUES (?, ?, ?)
             ON CONFLICT(subject) DO UPDATE SET until = excluded.until, created_at = excluded.created_at"""
    with writing(database):
        database.conn.execute(sql, (subject, until, now))
        _look_again(database, until)


def end_snooze(database: Database, subject: str, now: str) -> bool:
    """Ends the snooze of `subject`; whether there was one."""
    with writing(database):
        was = bool(database.conn.execute("DELETE FROM snoozes WHERE subject = ?", (subject,)).rowcount)
        if was:
            _look_again(database, now)
    return was


def _look_again(database: Database, at: str) -> None:
    """Lets the scheduler wake at `at`, if nothing wakes it before."""
    set_meta(database, LOOK_AGAIN_AT, min(get_meta(database, LOOK_AGAIN_AT) or at, at))


def snoozed_now(database: Database, now: str) -> frozenset[str]:
    """The subjects that are muted at `now`."""
    return frozenset(
        subject for (subject,) in database.conn.execute("SELECT subject FROM snoozes WHERE until > ?", (now,))
    )
