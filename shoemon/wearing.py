"""Wear and alerts from the totals in the database; part of the transaction of everything derived."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

from sqlite_utils import Database

from shoemon.alerts import Situation, announce
from shoemon.config.load import Config
from shoemon.model import Plan, ShoeUse, Wear
from shoemon.outbox import alerts_given, rearm, standing_alerts, write_alerts
from shoemon.store import get_meta, set_meta
from shoemon.wear import HORIZON_DAYS, Limits, wear_of


def write_wear_and_alerts(database: Database, config: Config, now: str, today: date) -> tuple[str, ...]:
    """Reckons the wear of every pair, writes it, and writes the alerts that are due; returns their ids."""
    uses = shoe_uses(database, config.plan, today)
    runner: dict[str, float] = {}
    for use in uses.values():
        for day, metres in use.daily_m.items():
            runner[day] = runner.get(day, 0.0) + metres
    limits = limits_of(config)
    wears = [wear_of(shoe, uses[shoe.id], runner, limits, today) for shoe in config.plan.shoes]
    _write_wears(database, wears)
    first_import = _first_import(database)
    sql = "SELECT count(DISTINCT activity) FROM legs WHERE shoe IS NULL"
    unassigned = database.conn.execute(sql).fetchone()[0] if first_import else 0
    situation = Situation(
        config.plan, wears, uses, standing_alerts(database), alerts_given(database), limits, config.main.units, today,
        first_import, unassigned,
    )  # fmt: skip
    announcement = announce(situation)
    rearm(database, announcement.rearmed, now)
    write_alerts(database, announcement.alerts, [settings.name for settings in config.notifiers], now)
    return tuple(alert.id for alert in announcement.alerts)


def limits_of(config: Config) -> Limits:
    """The alert settings as the pure parts take them."""
    alerts = config.main.alerts
    return Limits(alerts.soon.at, alerts.due, alerts.again_every, alerts.soon.within / 86400)


def _first_import(database: Database) -> bool:
    """Whether a source has brought runs for the first time since the last announcement. Kept in the transaction that
    announces, so that a crash between storing and announcing forgets nothing."""
    with_runs = {name for (name,) in database.conn.execute("SELECT name FROM sources WHERE activities > 0")}
    announced = set(json.loads(get_meta(database, "announced_sources") or "[]"))
    if with_runs <= announced:
        return False
    set_meta(database, "announced_sources", json.dumps(sorted(with_runs | announced)))
    return True


def _write_wears(database: Database, wears: Sequence[Wear]) -> None:
    columns = [column.name for column in database.table("shoe_wear").columns]
    database.conn.execute("DELETE FROM shoe_wear")
    database.conn.executemany(
        f"INSERT INTO shoe_wear({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        [tuple(getattr(wear, column) for column in columns) for wear in wears],
    )


def shoe_uses(database: Database, plan: Plan, today: date) -> dict[str, ShoeUse]:
    """The sums of legs that wear is reckoned from, by shoe; every shoe of the plan has one."""
    since = (today - timedelta(days=HORIZON_DAYS - 1)).isoformat()
    totals = """SELECT f.ground, m.distance_m, m.distance_m * f.wear_factor, m.first_on
                FROM shoe_surface_mileage m JOIN surfaces f ON f.id = m.surface WHERE m.shoe = ?"""
    daily = "SELECT local_date, sum(distance_m) FROM legs WHERE shoe = ? AND local_date >= ? GROUP BY local_date"
    uses: dict[str, ShoeUse] = {}
    for shoe in plan.shoes:
        rows = database.conn.execute(totals, (shoe.id,)).fetchall()
        ground: dict[str, float] = {}
        for name, metres, _, _ in rows:
            ground[name] = ground.get(name, 0.0) + metres
        days = dict(database.conn.execute(daily, (shoe.id, since)))
        first_on = min((row[3] for row in rows), default=None)
        uses[shoe.id] = ShoeUse(sum(row[1] for row in rows), sum(row[2] for row in rows), ground, first_on, days)
    return uses
