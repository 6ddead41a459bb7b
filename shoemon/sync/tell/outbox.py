"""The outbox: store alerts and their deliveries, send what is pending, and mark what was delivered.

A delivery is marked after it succeeded, so a crash can repeat one message (with the same id), but not lose one.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, NamedTuple

from sqlite_utils import Database

from shoemon.config.load import Config
from shoemon.config.models import MainFile
from shoemon.decide.rules import in_day
from shoemon.model.alert import Alert, Standing
from shoemon.model.clock import iso, time_in
from shoemon.model.contracts import Notifier
from shoemon.model.errors import DeliveryError, PartlyDeliveredError, ShoemonError
from shoemon.store.database import writing
from shoemon.sync.tell.mail_tickets import open_to_deliver
from shoemon.sync.tell.retries import next_attempt

log = logging.getLogger(__name__)
LONGEST_WAIT = timedelta(days=2)
"""No wait is longer (see retries): a later time comes from a clock that was wrong, and is ignored."""
_ALERT = "a.id, a.kind, a.shoe, a.stage, a.title, a.body, a.data, a.covered_by"


class Pending(NamedTuple):
    """A delivery that waits. `shoes`: the pairs that its message is about; messages about one pair keep their order.
    `left`: how many recipients have not got what others have."""

    alert: Alert
    created_at: str
    notifier: str
    attempts: int
    next_attempt_at: str
    left: int | None
    shoes: frozenset[str]


class Delivered(NamedTuple):
    """The result of one round, in messages; `errors` are those of the messages that were not delivered."""

    sent: int
    waiting: int
    failed: int
    errors: tuple[str, ...]

    def then(self, later: "Delivered") -> "Delivered":
        """Two rounds as one; `waiting` is that of the later one."""
        errors = (*self.errors, *later.errors)
        return Delivered(self.sent + later.sent, later.waiting, self.failed + later.failed, errors)


def standing_alerts(database: Database) -> list[Standing]:
    """Alerts that were given and not re-armed since, without those that only cover others."""
    sql = """SELECT id, kind, shoe, stage, coalesce(json_extract(data, '$.worn_m'), 0.0),
               coalesce(json_extract(data, '$.life_m'), 0.0), json_extract(data, '$.target'),
               acknowledged_life_m
             FROM alerts WHERE rearmed_at IS NULL AND stage NOT IN ('several', 'first') ORDER BY id"""
    return [Standing(*row) for row in database.conn.execute(sql)]


def alerts_given(database: Database) -> dict[tuple[str, str], int]:
    """Count the alerts ever given, by shoe and stage."""
    return Counter((shoe, stage) for shoe, stage in database.conn.execute("SELECT shoe, stage FROM alerts"))


def notices_given(database: Database) -> dict[tuple[str, str], int]:
    """Count the alerts ever given that are about no pair, by kind and stage."""
    sql = "SELECT kind, stage, count(*) FROM alerts WHERE shoe IS NULL GROUP BY 1, 2"
    return {(kind, stage): count for kind, stage, count in database.conn.execute(sql)}


def rearm(database: Database, ids: Iterable[str], now: str) -> None:
    """Let alerts come again. Needs a transaction around it."""
    database.conn.executemany("UPDATE alerts SET rearmed_at = ? WHERE id = ?", [(now, id) for id in ids])


def write_alerts(database: Database, alerts: Sequence[Alert], notifiers: Sequence[str], now: str) -> None:
    """Write alerts, and a pending delivery to each notifier for every alert that no other covers.

    Needs the transaction that changes the totals around it.
    """
    for alert in alerts:
        data = json.dumps(alert.data)
        database.conn.execute(
            """INSERT INTO alerts(id, kind, shoe, stage, created_at, title, body, data, covered_by)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (alert.id, alert.kind, alert.shoe, alert.stage, now, alert.title, alert.body, data, alert.covered_by),
        )
    pending = [(alert.id, notifier, now) for alert in alerts if alert.covered_by is None for notifier in notifiers]
    sql = "INSERT INTO deliveries(alert, notifier, state, attempts, next_attempt_at) VALUES (?, ?, 'pending', 0, ?)"
    database.conn.executemany(sql, pending)


def deliver(
    database: Database,
    config: Config,
    clock: Callable[[], datetime],
    stopping: Callable[[], bool] = lambda: False,
    *,
    urgent: bool = False,
    only: str | None = None,
) -> Delivered:
    """Send what is pending and due, each notifier on its own (`only`: through this one), and mark each message after it
    was delivered. In quiet hours nothing is sent, unless `urgent`."""
    pending = [item for item in pending_deliveries(database) if only in (None, item.notifier)]
    if not urgent and is_quiet(config.main, clock()):
        return Delivered(0, len(pending), 0, ())
    by_notifier: dict[str, list[Pending]] = {}
    for item in pending:
        by_notifier.setdefault(item.notifier, []).append(item)
    settings = {item.name: item for item in config.notifiers}
    rounds = [
        _deliver_round(database, cache(partial(open_to_deliver, config, settings[name])), queue, clock, stopping)
        if name in settings
        else _give_up(database, queue, f"there is no notifier `{name}` any more")
        for name, queue in by_notifier.items()
    ]
    return Delivered(
        sum(item.sent for item in rounds), sum(item.waiting for item in rounds), sum(item.failed for item in rounds),
        tuple(error for item in rounds for error in item.errors),
    )  # fmt: skip


def is_quiet(main: MainFile, now: datetime) -> bool:
    """Check whether it is one of the runner's quiet hours."""
    quiet = main.alerts.quiet
    return quiet is not None and in_day(time_in(now, main.zone), *quiet)


def pending_deliveries(database: Database) -> list[Pending]:
    """Every delivery that waits, oldest first."""
    sql = f"""SELECT {_ALERT}, a.created_at, d.notifier, d.attempts, d.next_attempt_at, d.recipients_left,
                (SELECT json_group_array(shoe) FROM alerts WHERE covered_by = a.id OR id = a.id)
              FROM deliveries d JOIN alerts a ON a.id = d.alert
              WHERE d.state = 'pending' ORDER BY a.created_at, a.rowid"""
    return [
        Pending(_alert(row), row[8], row[9], row[10], row[11], row[12], frozenset(json.loads(row[13])) - {None})
        for row in database.conn.execute(sql)
    ]


def _alert(row: Sequence[Any]) -> Alert:
    id, kind, shoe, stage, title, body, data, covered_by = row[:8]
    return Alert(id, kind, shoe, stage, title, body, json.loads(data), covered_by)


def _deliver_round(
    database: Database,
    opened: Callable[[], Notifier],
    queue: Sequence[Pending],
    clock: Callable[[], datetime],
    stopping: Callable[[], bool],
) -> Delivered:
    """Deliver one notifier's queue. Messages about one pair keep their order: before a newer one the older ones are
    sent, and it waits while one of them is not delivered, unless some recipients have that."""
    sent = failed = 0
    errors: list[str] = []
    held: dict[str, str] = {}
    now, beyond = iso(clock()), iso(clock() + LONGEST_WAIT)
    wanted = [item for item in queue if not now < item.next_attempt_at <= beyond]
    for index, item in enumerate(queue):
        pulled = any(later in wanted and later.shoes & item.shoes for later in queue[index + 1 :])
        if stopping() or (item not in wanted and not pulled) or not _still_waits(database, item):
            continue
        holding = [held[shoe] for shoe in item.shoes if shoe in held]
        if holding:
            _postpone(database, item, max(holding), None)
            held.update(dict.fromkeys(item.shoes, max(holding)))  # nor may a newer one overtake this one
            continue
        error = _send(opened, item)
        if error is None:
            _mark_sent(database, item, iso(clock()))
            sent += 1
            continue
        key = f"{item.alert.id} {item.notifier}"  # so that two channels do not try in the same second
        again = next_attempt(
            item.attempts + 1, iso(clock()), item.created_at, error.retryable, error.retry_after_s, key
        )
        errors.append(f"{item.notifier}: {error}")
        tried = item._replace(left=error.left) if isinstance(error, PartlyDeliveredError) else item
        if again is None:
            _mark_failed(database, tried, str(error))
            failed += 1
        else:
            _postpone(database, tried, again, str(error))
            if tried.left is None:
                held.update(dict.fromkeys(item.shoes, again))
    return Delivered(sent, len(queue) - sent - failed, failed, tuple(errors))


def _still_waits(database: Database, item: Pending) -> bool:
    """Check that the runner has not marked it as seen meanwhile."""
    sql = "SELECT state = 'pending' FROM deliveries WHERE alert = ? AND notifier = ?"
    return bool(database.conn.execute(sql, (item.alert.id, item.notifier)).fetchone()[0])


def _send(opened: Callable[[], Notifier], item: Pending) -> DeliveryError | None:
    try:
        opened().send(item.alert, item.created_at)
    except DeliveryError as error:
        return error
    except ShoemonError as error:
        return DeliveryError(str(error))
    except Exception as error:  # noqa: BLE001 one broken notifier or message must not stop the others
        log.error("notifier %s failed on alert %s: %s", item.notifier, item.alert.id, type(error).__name__)
        return DeliveryError(f"unexpected {type(error).__name__}")
    return None


def _mark_sent(database: Database, item: Pending, now: str) -> None:
    sent = "state = 'sent', sent_at = ?, attempts = attempts + 1, last_error = NULL"
    _update(database, item._replace(left=None), sent, now)


def _mark_failed(database: Database, item: Pending, error: str) -> None:
    log.error("alert %s could not be sent to %s: %s", item.alert.id, item.notifier, error)
    failed = "state = iif(state = 'pending', 'failed', state)"  # the runner may have acknowledged it meanwhile
    _update(database, item, f"{failed}, attempts = attempts + 1, last_error = ?", error)


def _postpone(database: Database, item: Pending, until: str, error: str | None) -> None:
    tried = ", attempts = attempts + 1, last_error = ?" if error is not None else ""
    _update(database, item, f"next_attempt_at = ?{tried}", until, *([error] if error is not None else []))


def _update(database: Database, item: Pending, change: str, *values: str) -> None:
    sql = f"UPDATE deliveries SET {change}, recipients_left = ? WHERE alert = ? AND notifier = ?"
    with writing(database):
        database.conn.execute(sql, (*values, item.left, item.alert.id, item.notifier))


def _give_up(database: Database, queue: Sequence[Pending], error: str) -> Delivered:
    for item in queue:
        _mark_failed(database, item, error)
    return Delivered(0, 0, len(queue), (error,))


def retry_failed(database: Database, now: str, notifiers: Iterable[str]) -> int:
    """Make every failed delivery to one of `notifiers` pending again, and every one that waits due now; return how many
    had failed.

    Deliveries to a notifier that no longer exists stay failed.
    """
    their = "notifier IN (SELECT value FROM json_each(?))"
    with writing(database):
        sql = f"""UPDATE deliveries SET state = 'pending', attempts = 0, next_attempt_at = ?
                  WHERE state = 'failed' AND {their}"""
        again = database.conn.execute(sql, (now, names := json.dumps(list(notifiers)))).rowcount
        sql = f"UPDATE deliveries SET next_attempt_at = ? WHERE state = 'pending' AND {their}"
        database.conn.execute(sql, (now, names))
    return again
