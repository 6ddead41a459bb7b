"""What the notices look at, read from the database, and which of them are due; part of the derived transaction."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from shoemon.config.load import Config
from shoemon.decide.alerts import other_alerts as notices
from shoemon.decide.alerts.facts import LongRun, OpenRun, SourceState, Week
from shoemon.decide.alerts.other_alerts import Notice, Noticed
from shoemon.decide.likely_shoes import Outing, likely_shoes
from shoemon.model.alert import Standing
from shoemon.model.clock import iso
from shoemon.model.wear import ShoeUse, Wear
from shoemon.store.database import set_meta
from shoemon.sync.suggest_shoes import past_runs
from shoemon.sync.tell.new_runs import Hold, new_runs
from shoemon.sync.tell.snooze import LOOK_AGAIN_AT, snoozed_now
from shoemon.words import other_alerts as words
from shoemon.words.shoe_alerts import Reader, pairs_in_use


class Moment(NamedTuple):
    """The moment at which is looked: the time, whom it is told, the runs on hold, the alerts that stand, how many
    were ever given by kind and stage, and the wear of all pairs."""

    now: datetime
    reader: Reader
    hold: Hold
    standing: Sequence[Standing]
    given: Mapping[tuple[str, str], int]
    wears: Sequence[Wear]
    uses: Mapping[str, ShoeUse]


def notice(database: Database, config: Config, moment: Moment) -> Noticed:
    """The alerts that are due beside those of pairs, and which may come again. Notes when to look again."""
    found: list[Notice] = []
    gone: list[str] = []
    snoozed = snoozed_now(database, iso(moment.now))
    for kind, look in _KINDS.items():
        for item in look(database, config, moment):
            if not isinstance(item, Notice):
                gone.append(item)  # also while nothing is told: what comes again after that is news
            elif kind not in snoozed:
                found.append(item)
    _look_again(database, config, moment)
    return notices.give(found, gone, moment.standing, moment.given)


Found = Iterator[Notice | str]
"""What is due, and the ids of standing alerts whose condition has gone."""


def _stale(database: Database, config: Config, moment: Moment) -> Found:
    states = {state.name: state for state in source_states(database) if state.name in {s.name for s in config.sources}}
    stale = config.main.alerts.stale
    failing, silent = timedelta(seconds=stale.failing), timedelta(seconds=stale.silent)
    yield from notices.stale_notices(states.values(), failing, silent, moment.now, moment.reader)
    for item in moment.standing:
        reason, _, name = item.stage.partition(":")
        state = states.get(name)
        still = state is not None and (
            state.error is not None if reason == "failing" else notices.is_silent(state, silent, moment.now)
        )
        if item.kind == "stale" and not still:
            yield item.id


def source_states(database: Database) -> list[SourceState]:
    """Every source that was ever pulled, as it stands."""
    # The last new record is later than the first one of all: it was not the first import that brought it. A success
    # after the last attempt is of a clock that was wrong.
    sql = """SELECT s.name, s.type, s.last_error, (SELECT min(started_at) FROM syncs WHERE source = s.name),
               iif(s.last_success_at <= s.last_attempt_at, s.last_success_at, NULL),
               (SELECT max(first_seen_at) FROM activities WHERE source = s.name),
               (SELECT max(first_seen_at) > min(first_seen_at) FROM activities WHERE source = s.name)
             FROM sources s ORDER BY s.name"""
    return [SourceState._make((*row[:-1], bool(row[-1]))) for row in database.conn.execute(sql)]


def _hard_share(database: Database, config: Config, moment: Moment) -> Found:
    target = config.main.alerts.hard_share
    standing = [item for item in moment.standing if item.kind == "hard_share"]
    ground_m = _ground_since(database, moment, notices.HARD_DAYS) if target is not None else {}
    due, gone = notices.hard_notice(ground_m, target, moment.reader)
    # With a higher target the earlier message is not about what the runner wants now.
    yield from (item.id for item in standing if gone or (target is not None and target > (item.target or 0.0) + 1e-9))
    if due is not None:
        yield due


def _ground_since(database: Database, moment: Moment, days: int) -> dict[str, float]:
    first = moment.reader.today - timedelta(days=days - 1)
    return _ground_between(database, first.isoformat(), moment.reader.today.isoformat())


def _ground_between(database: Database, first: str, last: str) -> dict[str, float]:
    sql = """SELECT f.ground, sum(l.distance_m) FROM legs l JOIN surfaces f ON f.id = l.surface
             WHERE l.local_date BETWEEN ? AND ? GROUP BY 1"""
    return dict(database.conn.execute(sql, (first, last)))


def _unassigned(database: Database, config: Config, moment: Moment) -> Found:
    if not config.main.alerts.unassigned:
        return
    # A run that another export brought again, and whose record counts now, was told of under the id of the other.
    sql = """WITH told AS MATERIALIZED (
               SELECT json_extract(run.value, '$.run') AS id FROM alerts, json_each(data, '$.runs') run
               WHERE kind = 'unassigned'
               UNION ALL SELECT other.value FROM alerts, json_each(data, '$.others') other WHERE kind = 'unassigned')
             SELECT a.id, a.local_date, ifnull(a.name, ''), a.sport, sum(l.distance_m), min(l.shoe_reason), a.indoor,
               coalesce(a.gear_name, a.gear_raw, '')
             FROM json_each(?) AS new JOIN legs l ON l.activity = new.value AND l.shoe IS NULL
               JOIN activities a ON a.id = l.activity
             WHERE a.id NOT IN told
               AND NOT EXISTS (SELECT 1 FROM activities c WHERE c.id IN told
                 AND (c.duplicate_of = a.id OR c.missing_since IS NOT NULL AND c.started_at = a.started_at))
             GROUP BY a.id ORDER BY a.started_at, a.id"""
    new = json.dumps(new_runs(database, moment.hold, iso(moment.now)))
    rows = database.conn.execute(sql, (new,)).fetchall()
    past = [worn for _, worn in past_runs(database.conn, rows[0][1], rows[-1][1])] if rows else []
    runs = []
    for number, (id, day, name, sport, metres, reason, indoor, gear) in enumerate(rows):
        outing = Outing(day, sport, name, metres, bool(indoor), gear)
        likely = likely_shoes(outing, past, config.plan.shoes) if number < words.LISTED else []
        runs.append(OpenRun(id, day, name, sport, metres, reason, likely))
    yield from notices.unassigned_notice(runs, moment.reader)


def _longest(database: Database, config: Config, moment: Moment) -> Found:
    if not config.main.alerts.longest:
        return
    since = (moment.reader.today - timedelta(days=notices.RECENT_DAYS)).isoformat()
    sql = """WITH run AS (SELECT activity, local_date, sum(distance_m) AS distance_m FROM legs GROUP BY activity)
             SELECT r.activity, r.local_date, ifnull(a.name, ''), r.distance_m,
               max(b.distance_m), b.local_date, count(*)
             FROM json_each(?) AS new JOIN run r ON r.activity = new.value AND r.local_date >= ?
               JOIN activities a ON a.id = r.activity
               JOIN run b ON b.local_date BETWEEN date(r.local_date, ?) AND date(r.local_date, '-1 day')
             GROUP BY r.activity ORDER BY r.distance_m DESC"""
    new = json.dumps(new_runs(database, moment.hold, iso(moment.now)))
    rows = database.conn.execute(sql, (new, since, f"-{notices.LONGEST_DAYS} days"))
    by_day = {row[1]: LongRun(*row) for row in reversed(rows.fetchall())}  # of each day the longest
    yield from (each for each in notices.longest_notices(by_day.values(), moment.reader) if _is_new(each, moment))


def _weekly(database: Database, config: Config, moment: Moment) -> Found:
    when = config.main.alerts.weekly
    if when is None:
        return
    due, last_day = notices.last_weekly(moment.now, *when, ZoneInfo(config.main.timezone))
    began = database.conn.execute("SELECT min(created_at) FROM alerts WHERE kind = 'digest'").fetchone()[0]
    if began is None or iso(due) < began:  # what was before the first import, its digest said
        return
    # A day is told of in one digest only, also when the runner wants it at another time from now on.
    told = [stage for kind, stage in moment.given if kind == "weekly" and stage <= moment.reader.today.isoformat()]
    since = date.fromisoformat(max(told)) + timedelta(days=1) if told else date.min
    first, last = max(last_day - timedelta(days=6), since).isoformat(), last_day.isoformat()
    if first > last:
        return
    sql = "SELECT shoe, sum(distance_m) FROM legs WHERE local_date BETWEEN ? AND ? GROUP BY shoe"
    shoes = dict(database.conn.execute(sql, (first, last)))
    count = "SELECT count(DISTINCT activity) FROM legs WHERE local_date BETWEEN ? AND ?"
    runs = database.conn.execute(count, (first, last)).fetchone()[0]
    open_runs = database.conn.execute(f"{count} AND shoe IS NULL", (first, last)).fetchone()[0]
    week = Week(first, last, runs, _ground_between(database, first, last), shoes, open_runs)
    pairs = pairs_in_use(config.plan, moment.wears)
    yield Notice("weekly", last, words.about_week(week, pairs, moment.uses, moment.reader))


def _return_plan(database: Database, config: Config, moment: Moment) -> Found:
    plan = config.main.alerts.return_plan
    if plan is None:
        return
    steps = [(step.start, step.share) for step in plan.steps]
    sql = "SELECT local_date, sum(distance_m) FROM legs WHERE local_date BETWEEN ? AND ? GROUP BY 1"
    daily = dict(database.conn.execute(sql, (plan.steps[0].start, plan.until)))
    weeks = notices.planned_weeks(steps, plan.until, plan.usual, daily, moment.reader.today)
    told = database.conn.execute(_TOLD_WEEKS).fetchall()
    for notice in notices.plan_notices(weeks, moment.reader):
        week = notice.text.data
        same = [item for item in told if item[1] <= week["until"] and week["from"] <= item[2]]
        if all(allowed < week["allowed_m"] - 0.5 for _, _, _, allowed in same):
            # A plan that allows more now, and is exceeded all the same, is news; a week that only moved is not.
            yield from (id for id, *_ in same)
            yield notice


_TOLD_WEEKS = """
    SELECT id, json_extract(data, '$.from'), json_extract(data, '$.until'), json_extract(data, '$.allowed_m')
    FROM alerts WHERE kind = 'return_plan'"""


def _is_new(item: Notice, moment: Moment) -> bool:
    return (item.kind, item.stage) not in moment.given


_KINDS: Mapping[str, Callable[[Database, Config, Moment], Found]] = {
    "stale": _stale,
    "unassigned": _unassigned,
    "hard_share": _hard_share,
    "longest": _longest,
    "return_plan": _return_plan,
    "weekly": _weekly,
}
KINDS = tuple(_KINDS)
"""The kinds of alert that are about no single pair."""


def _look_again(database: Database, config: Config, moment: Moment) -> None:
    """Notes when something may become due without a new record: a hold or a snooze that ends, the time of a digest, a
    source that has failed for long enough. A new day is looked at anyway."""
    now = iso(moment.now)
    times: list[Any] = [moment.hold.ends_at]
    times += [until for (until,) in database.conn.execute("SELECT until FROM snoozes WHERE until > ?", (now,))]
    alerts = config.main.alerts
    if alerts.weekly is not None:
        due, _ = notices.last_weekly(moment.now, *alerts.weekly, ZoneInfo(config.main.timezone))
        times.append(iso(due + timedelta(days=7)))
    for state in source_states(database):
        if state.error is not None:
            since, span = state.last_success_at or state.first_attempt_at, alerts.stale.failing
        else:
            since, span = state.last_new_at, alerts.stale.silent
        if since and span:
            times.append(iso(datetime.fromisoformat(since) + timedelta(seconds=span)))
    soonest = min((time for time in times if time and time > now), default="")
    set_meta(database, LOOK_AGAIN_AT, soonest)
