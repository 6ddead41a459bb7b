"""Find what is due beside alerts about pairs: read the database, decide; part of the derived transaction."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from typing import Any, NamedTuple

from sqlite_utils import Database

from shoemon.config.alert_settings import AlertSettings
from shoemon.decide.alerts import other_alerts
from shoemon.decide.alerts.facts import Announcement, LongRun, OpenRun, SourceState, Week
from shoemon.decide.alerts.other_alerts import Notice
from shoemon.decide.alerts.shoe_alerts import pairs_in_use
from shoemon.model.alert import Standing
from shoemon.model.clock import day_in, iso
from shoemon.model.plan import Plan
from shoemon.model.reason import Reason
from shoemon.model.wear import ShoeUse, Wear
from shoemon.pages.decisions import OPEN
from shoemon.pages.rows import rows_of
from shoemon.pages.targets import last_days
from shoemon.store.database import set_meta
from shoemon.sync.new_gear import new_gear
from shoemon.sync.suggest_shoes import likely_of
from shoemon.sync.tell.new_runs import Hold, new_runs
from shoemon.sync.tell.snooze import LOOK_AGAIN_AT, snoozed_now
from shoemon.words.figures import LISTED


class Circumstances(NamedTuple):
    """The input of all notices: the time, the runner's zone, plan and sources (by name), the runs on hold, the standing
    alerts, how many were ever given by kind and stage, and the wear of all pairs."""

    now: datetime
    zone: tzinfo
    plan: Plan
    sources: frozenset[str]
    hold: Hold
    standing: Sequence[Standing]
    given: Mapping[tuple[str, str], int]
    wears: Sequence[Wear]
    uses: Mapping[str, ShoeUse]

    @property
    def today(self) -> date:
        return day_in(self.now, self.zone)


def find_notices(database: Database, alerts: AlertSettings, around: Circumstances) -> Announcement:
    """Find the alerts that are due beside those of pairs, and which may come again. Store when to look again."""
    found: list[Notice] = []
    gone: list[str] = []
    snoozed = snoozed_now(database, iso(around.now))
    for kind, look in _KINDS.items():
        for item in look(database, alerts, around):
            if not isinstance(item, Notice):
                gone.append(item)  # also while it is muted: what comes again after that is new
            elif kind not in snoozed:
                found.append(item)
    _look_again(database, alerts, around)
    return other_alerts.give(found, gone, around.standing, around.given)


Notices = Iterator[Notice | str]
"""What is due, and the ids of standing alerts whose condition no longer holds."""


def _stale(database: Database, alerts: AlertSettings, around: Circumstances) -> Notices:
    states = {state.name: state for state in source_states(database) if state.name in around.sources}
    failing, silent = timedelta(seconds=alerts.stale.failing), timedelta(seconds=alerts.stale.silent)
    yield from other_alerts.stale_notices(states.values(), failing, silent, around.now)
    for item in around.standing:
        reason, _, name = item.stage.partition(":")
        state = states.get(name)
        still = state is not None and (
            state.error is not None if reason == "failing" else other_alerts.is_silent(state, silent, around.now)
        )
        if item.kind == "stale" and not still:
            yield item.id


def source_states(database: Database) -> list[SourceState]:
    """The state of every source that was ever pulled."""
    # The last new record is later than the first one of all: it was not the first import that brought it. A success
    # after the last attempt is of a clock that was wrong.
    sql = """SELECT s.name, s.type, s.last_error, (SELECT min(started_at) FROM syncs WHERE source = s.name),
               iif(s.last_success_at <= s.last_attempt_at, s.last_success_at, NULL),
               (SELECT max(first_seen_at) FROM activities WHERE source = s.name),
               (SELECT max(first_seen_at) > min(first_seen_at) FROM activities WHERE source = s.name)
             FROM sources s ORDER BY s.name"""
    return [SourceState._make((*row[:-1], bool(row[-1]))) for row in database.conn.execute(sql)]


def _ground_share(kind: str, database: Database, alerts: AlertSettings, around: Circumstances) -> Notices:
    standing = [item for item in around.standing if item.kind == kind]
    target = alerts.targets.get(kind)
    if target is None:
        yield from (item.id for item in standing)
        return
    due, gone = other_alerts.share_notice(target, last_days(rows_of(database.conn), around.today))
    # With a milder target the earlier message is not about what the runner wants now.
    yield from (item.id for item in standing if gone or target.margin(item.target or 0.0) > 1e-9)
    if due is not None:
        yield due


def _unassigned(database: Database, alerts: AlertSettings, around: Circumstances) -> Notices:
    if not alerts.unassigned:
        return
    # A run that another export brought again, and whose record counts now, was announced under the id of the other.
    sql = f"""WITH known AS MATERIALIZED (
               SELECT json_extract(run.value, '$.run') AS id FROM alerts, json_each(data, '$.runs') run
               WHERE kind = 'unassigned'
               UNION ALL SELECT other.value FROM alerts, json_each(data, '$.others') other WHERE kind = 'unassigned')
             SELECT a.id, a.local_date, ifnull(a.name, ''), a.sport, sum(l.distance_m), l.shoe_reason, l.shoe_detail
             FROM json_each(?) AS new JOIN legs l ON l.activity = new.value AND {OPEN}
               JOIN activities a ON a.id = l.activity
             WHERE a.id NOT IN known
               AND NOT EXISTS (SELECT 1 FROM activities c WHERE c.id IN known
                 AND (c.duplicate_of = a.id OR c.missing_since IS NOT NULL AND c.started_at = a.started_at))
             GROUP BY a.id ORDER BY a.started_at, a.id"""
    new = json.dumps(new_runs(database, around.hold, iso(around.now)))
    rows = database.conn.execute(sql, (new,)).fetchall()
    listed = [row[0] for row in rows[:LISTED]]
    likely = likely_of(database.conn, listed, around.plan)
    runs = [OpenRun._make((*row[:5], Reason(*row[5:]), likely.get(row[0], ()))) for row in rows]
    types = dict(database.conn.execute("SELECT name, type FROM sources"))
    pairs = new_gear(database.conn, around.plan, listed) if runs else ()
    yield from other_alerts.unassigned_notice(runs, types, pairs)


def _longest(database: Database, alerts: AlertSettings, around: Circumstances) -> Notices:
    if not alerts.longest:
        return
    since = (around.today - timedelta(days=other_alerts.RECENT_DAYS)).isoformat()
    sql = """WITH run AS (SELECT activity, local_date, sum(distance_m) AS distance_m FROM legs GROUP BY activity)
             SELECT r.activity, r.local_date, ifnull(a.name, ''), r.distance_m,
               max(b.distance_m), b.local_date, count(*)
             FROM json_each(?) AS new JOIN run r ON r.activity = new.value AND r.local_date >= ?
               JOIN activities a ON a.id = r.activity
               JOIN run b ON b.local_date BETWEEN date(r.local_date, ?) AND date(r.local_date, '-1 day')
             GROUP BY r.activity ORDER BY r.distance_m DESC"""
    new = json.dumps(new_runs(database, around.hold, iso(around.now)))
    rows = database.conn.execute(sql, (new, since, f"-{other_alerts.LONGEST_DAYS} days"))
    by_day = {row[1]: LongRun(*row) for row in reversed(rows.fetchall())}  # of each day the longest
    yield from (
        each for each in other_alerts.longest_notices(by_day.values()) if (each.kind, each.stage) not in around.given
    )


def _weekly(database: Database, alerts: AlertSettings, around: Circumstances) -> Notices:
    when = alerts.weekly
    if when is None:
        return
    due, last_day = other_alerts.last_weekly(around.now, *when, around.zone)
    began = database.conn.execute("SELECT min(created_at) FROM alerts WHERE kind = 'digest'").fetchone()[0]
    if began is None or iso(due) < began:  # the digest of the first import covers the weeks before it
        return
    # A day is in one digest only, also when the runner wants it at another time from now on.
    given = [stage for kind, stage in around.given if kind == "weekly" and stage <= around.today.isoformat()]
    since = date.fromisoformat(max(given)) + timedelta(days=1) if given else date.min
    first, last = max(last_day - timedelta(days=6), since).isoformat(), last_day.isoformat()
    if first > last:
        return
    sql = "SELECT shoe, sum(distance_m) FROM legs WHERE local_date BETWEEN ? AND ? GROUP BY shoe"
    shoes = dict(database.conn.execute(sql, (first, last)))
    count = "SELECT count(DISTINCT activity) FROM legs WHERE local_date BETWEEN ? AND ?"
    runs = database.conn.execute(count, (first, last)).fetchone()[0]
    open_runs = database.conn.execute(f"{count} AND {OPEN}", (first, last)).fetchone()[0]
    pairs = pairs_in_use(around.plan, around.wears, around.uses)
    sql = """SELECT f.ground, sum(l.distance_m) FROM legs l JOIN surfaces f ON f.id = l.surface
             WHERE l.local_date BETWEEN ? AND ? GROUP BY 1"""
    ground_m = dict(database.conn.execute(sql, (first, last)))
    yield Notice("weekly", last, Week(first, last, runs, ground_m, shoes, open_runs, pairs))


def _return_plan(database: Database, alerts: AlertSettings, around: Circumstances) -> Notices:
    plan = alerts.return_plan
    if plan is None:
        return
    steps = [(step.start, step.share) for step in plan.steps]
    sql = "SELECT local_date, sum(distance_m) FROM legs WHERE local_date BETWEEN ? AND ? GROUP BY 1"
    daily = dict(database.conn.execute(sql, (plan.steps[0].start, plan.until)))
    given = database.conn.execute(_WEEKS_GIVEN).fetchall()
    weeks = other_alerts.planned_weeks(steps, plan.until, plan.usual, daily, around.today)
    for week in other_alerts.weeks_over_plan(weeks):
        same = [item for item in given if item[1] <= week.last and week.first <= item[2]]
        if all(allowed < week.allowed_m - 0.5 for _, _, _, allowed in same):
            # A plan that allows more now, and is exceeded all the same, is news; a week that only moved is not.
            yield from (id for id, *_ in same)
            yield Notice("return_plan", week.first, week)


def _reserve(database: Database, _: AlertSettings, around: Circumstances) -> Notices:
    muted = snoozed_now(database, iso(around.now))
    wears = {wear.shoe: wear for wear in around.wears}
    pairs = ((shoe, wears[shoe.id]) for shoe in around.plan.shoes if shoe.id not in muted)
    in_use = (pair for pair in pairs if pair[1].status != "retired" and not pair[1].resting_since)
    yield from other_alerts.reserve_notices(in_use, around.today)


_WEEKS_GIVEN = """
    SELECT id, json_extract(data, '$.from'), json_extract(data, '$.until'), json_extract(data, '$.allowed_m')
    FROM alerts WHERE kind = 'return_plan'"""


_KINDS: Mapping[str, Callable[[Database, AlertSettings, Circumstances], Notices]] = {
    "stale": _stale,
    "unassigned": _unassigned,
    "hard_share": partial(_ground_share, "hard_share"),
    "soft_share": partial(_ground_share, "soft_share"),
    "longest": _longest,
    "return_plan": _return_plan,
    "reserve": _reserve,
    "weekly": _weekly,
}
KINDS = tuple(_KINDS)
"""The kinds of alert that can be muted, beside those about the life of a pair."""


def _look_again(database: Database, alerts: AlertSettings, around: Circumstances) -> None:
    """Store when something may become due without a new record: the end of a hold or a snooze, the time of a digest, a
    source that has failed for long enough. Every new day is looked at anyway."""
    now = iso(around.now)
    times: list[Any] = [around.hold.ends_at]
    times += [until for (until,) in database.conn.execute("SELECT until FROM snoozes WHERE until > ?", (now,))]
    if alerts.weekly is not None:
        due, _ = other_alerts.last_weekly(around.now, *alerts.weekly, around.zone)
        times.append(iso(due + timedelta(days=7)))
    for state in source_states(database):
        if state.error is not None:
            since, span = state.read_at, alerts.stale.failing
        else:
            since, span = state.last_new_at, alerts.stale.silent
        if since and span:
            times.append(iso(datetime.fromisoformat(since) + timedelta(seconds=span)))
    soonest = min((time for time in times if time and time > now), default="")
    set_meta(database, LOOK_AGAIN_AT, soonest)
