"""Write wear and alerts from the totals in the database; part of the derived transaction."""

import json
import math
from datetime import date, datetime, timedelta

from sqlite_utils import Database

from shoemon.config.alert_settings import AlertSettings
from shoemon.config.load import Config
from shoemon.decide.alerts.shoe_alerts import KINDS, Situation, announce
from shoemon.decide.forecast import SEASON_DAYS
from shoemon.decide.wear import StageLimits, wear_of
from shoemon.model.clock import day_in, iso
from shoemon.model.plan import Plan
from shoemon.model.wear import ShoeUse, Wear
from shoemon.pages.decisions import count
from shoemon.pages.rows import rows_of
from shoemon.sync.tell.find_notices import Circumstances, find_notices
from shoemon.sync.tell.new_runs import announce_sources, hold_of
from shoemon.sync.tell.outbox import alerts_given, notices_given, rearm, standing_alerts, write_alerts
from shoemon.sync.tell.snooze import snoozed_now
from shoemon.words.alerts import write_alert
from shoemon.words.recipient import PageLinks, Recipient


def write_wear_and_alerts(database: Database, config: Config, moment: datetime) -> tuple[str, ...]:
    """Calculate and write the wear of every pair, and write the alerts that are due; return their ids."""
    now, zone, settings = iso(moment), config.main.zone, config.main.alerts
    today, soon = day_in(moment, zone), settings.soon
    limits = StageLimits(soon.at, settings.due, settings.again_every, soon.within / 86400)
    first_import = announce_sources(database, now)
    hold = hold_of(database, settings.hold, now)
    uses = shoe_uses(database, config.plan, today)
    resting = _rests_before(database, settings)
    wears = _wears(config.plan, uses, limits, today, resting)
    _write_wears(database, wears)
    settled, settled_uses = wears, uses
    if hold.runs and not first_import:
        settled_uses = without(database, uses, hold.runs)
        settled = _wears(config.plan, settled_uses, limits, today, resting)
    unassigned = count(rows_of(database.conn), "unassigned_runs")["unassigned_runs"] if first_import else 0
    standing = standing_alerts(database)
    of_lives = [each for each in standing if each.kind in KINDS]
    about_pairs = announce(Situation(
        config.plan, wears, settled, settled_uses, of_lives, alerts_given(database), limits, today,
        first_import, unassigned, snoozed_now(database, now),
    ))  # fmt: skip
    others = find_notices(database, settings, Circumstances(
        moment, zone, config.plan, frozenset(source.name for source in config.sources), hold, standing,
        notices_given(database), wears, uses,
    ))  # fmt: skip
    rearm(database, (*about_pairs.rearmed, *others.rearmed), now)
    recipient = recipient_of(config, today)
    alerts = [write_alert(due, recipient) for due in (*about_pairs.alerts, *others.alerts)]
    write_alerts(database, alerts, [notifier.name for notifier in config.notifiers], now)
    return tuple(alert.id for alert in alerts)


def recipient_of(config: Config, today: date) -> Recipient:
    """The reader of messages."""
    pages = PageLinks(config.main.web.url, config.database_name, config.household is not None)
    return Recipient(config.main.units, today, pages)


def _rests_before(database: Database, alerts: AlertSettings) -> str:
    """The day (ISO) before which the pairs were last worn that are resting; blank if none is."""
    latest = database.conn.execute("SELECT max(last_on) FROM shoe_surface_mileage").fetchone()[0]
    if not latest or not alerts.resting:
        return ""
    day = date.fromisoformat(latest).toordinal() - math.ceil(alerts.resting / 86400)
    return date.fromordinal(max(day, 1)).isoformat()


def _wears(plan: Plan, uses: dict[str, ShoeUse], limits: StageLimits, today: date, rests_before: str) -> list[Wear]:
    runner: dict[str, float] = {}
    for use in uses.values():
        for day, metres in use.daily_m.items():
            runner[day] = runner.get(day, 0.0) + metres
    return [wear_of(shoe, uses[shoe.id], runner, limits, today, rests_before) for shoe in plan.shoes]


def _write_wears(database: Database, wears: list[Wear]) -> None:
    columns = [column.name for column in database.table("shoe_wear").columns]
    database.conn.execute("DELETE FROM shoe_wear")
    database.conn.executemany(
        f"INSERT INTO shoe_wear({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        [tuple(getattr(wear, column) for column in columns) for wear in wears],
    )


def shoe_uses(database: Database, plan: Plan, today: date) -> dict[str, ShoeUse]:
    """Sum the legs of every shoe of the plan, to calculate its wear from."""
    since = (today - timedelta(days=SEASON_DAYS - 1)).isoformat()
    totals = """SELECT f.ground, m.distance_m, m.distance_m * f.wear_factor, m.first_on, m.last_on
                FROM shoe_surface_mileage m JOIN surfaces f ON f.id = m.surface WHERE m.shoe = ?"""
    daily = "SELECT local_date, sum(distance_m) FROM legs WHERE shoe = ? AND local_date >= ? GROUP BY local_date"
    uses: dict[str, ShoeUse] = {}
    for shoe in plan.shoes:
        rows = database.conn.execute(totals, (shoe.id,)).fetchall()
        ground: dict[str, float] = {}
        for name, metres, *_ in rows:
            ground[name] = ground.get(name, 0.0) + metres
        days = dict(database.conn.execute(daily, (shoe.id, since)))
        first_on = min((row[3] for row in rows), default=None)
        last_on = max((row[4] for row in rows), default=None)
        metres, worn = sum(row[1] for row in rows), sum(row[2] for row in rows)
        uses[shoe.id] = ShoeUse(metres, worn, ground, first_on, days, last_on)
    return uses


def without(database: Database, uses: dict[str, ShoeUse], runs: frozenset[str]) -> dict[str, ShoeUse]:
    """Subtract `runs` (ids of activities) from `uses`."""
    less, held = dict(uses), json.dumps(sorted(runs))
    sql = """SELECT l.shoe, f.ground, l.local_date, l.distance_m, l.distance_m * f.wear_factor
             FROM json_each(?) AS held JOIN legs l ON l.activity = held.value JOIN surfaces f ON f.id = l.surface"""
    for shoe, ground, day, metres, worn in database.conn.execute(sql, (held,)):
        if shoe in less:
            use = less[shoe]
            less[shoe] = use._replace(
                distance_m=max(0.0, use.distance_m - metres),
                worn_legs_m=max(0.0, use.worn_legs_m - worn),
                ground_m={**use.ground_m, ground: max(0.0, use.ground_m[ground] - metres)},
                daily_m={**use.daily_m, day: max(0.0, use.daily_m[day] - metres)}
                if day in use.daily_m
                else use.daily_m,
            )
    last_on = "SELECT max(local_date) FROM legs WHERE shoe = ? AND activity NOT IN (SELECT value FROM json_each(?))"
    for shoe in (shoe for shoe in uses if less[shoe] is not uses[shoe]):
        less[shoe] = less[shoe]._replace(last_on=database.conn.execute(last_on, (shoe, held)).fetchone()[0])
    return less
