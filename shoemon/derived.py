"""The transaction of everything derived: decisions, legs, totals, wear and alerts, all or nothing."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from sqlite_utils import Database

from shoemon.alerts import Situation, announce
from shoemon.config.load import Config
from shoemon.duplicates import WINDOW, Outline, find_duplicates
from shoemon.legs import Decision, make_decider
from shoemon.model import Activity, ActivityId, Plan, ShoeId, ShoeUse, Wear
from shoemon.outbox import alerts_given, rearm, standing_alerts, write_alerts
from shoemon.store import get_meta, set_meta
from shoemon.wear import HORIZON_DAYS, Limits, wear_of

_FIELDS = ", ".join("'' AS raw" if field == "raw" else field for field in Activity._fields)
_CHUNK = 2000
_RECOUNT = """
    DELETE FROM month_mileage; DELETE FROM shoe_surface_mileage; DELETE FROM surface_mileage;
    CREATE TEMP TABLE counted AS
      SELECT substr(local_date, 1, 7) AS month, shoe, surface, sum(distance_m) AS distance_m, count(*) AS runs,
        min(local_date) AS first_on, max(local_date) AS last_on FROM legs GROUP BY 1, 2, 3;
    INSERT INTO month_mileage(month, shoe, surface, distance_m, runs)
      SELECT month, shoe, surface, distance_m, runs FROM counted;
    INSERT INTO shoe_surface_mileage(shoe, surface, distance_m, runs, first_on, last_on)
      SELECT shoe, surface, sum(distance_m), sum(runs), min(first_on), max(last_on) FROM counted GROUP BY 1, 2;
    INSERT INTO surface_mileage(surface, distance_m, runs) SELECT surface, sum(distance_m), sum(runs) FROM counted GROUP BY 1;
    UPDATE surface_mileage SET runs = runs - again.times FROM (
        SELECT surface, sum(times - 1) AS times
        FROM (SELECT surface, count(*) AS times FROM legs GROUP BY activity, surface HAVING count(*) > 1) GROUP BY 1
      ) AS again WHERE again.surface = surface_mileage.surface;
    DROP TABLE counted
"""
"""From the legs, all of them, in one pass. A leg is one (run, shoe, surface), so counting legs counts runs, but for a
surface that one run met in two pairs: that is counted once for the surface."""


class Derived(NamedTuple):
    """What deciding did: how many records were decided about, and the ids of new alerts."""

    decided: int
    announced: tuple[str, ...]


def derive(database: Database, config: Config, now: str, today: date) -> Derived:
    """Decides about every record that is new or changed (about all if the configuration changed), recounts the totals,
    and writes the alerts that are due. Needs a transaction around it."""
    everything = get_meta(database, "decided_with") != _fingerprint(config)
    if everything:
        _write_shoes_and_surfaces(database, config.plan)
        database.conn.execute("UPDATE activities SET counted = NULL WHERE counted IS NOT NULL")
    duplicates = _look_for_duplicates(database, config)
    decided = _decide(database, config, duplicates)
    if everything:
        _forget_totals_and_gone_shoes(database, config.plan)
        set_meta(database, "decided_with", _fingerprint(config))
    if decided or everything:
        for statement in _RECOUNT.split(";"):
            database.conn.execute(statement)
    return Derived(decided, _write_wear_and_alerts(database, config, now, today))


def _fingerprint(config: Config) -> str:
    sources = [(settings.name, settings.missing) for settings in config.sources]
    return hashlib.sha256(f"{config.plan_fingerprint}{sources}".encode()).hexdigest()[:32]


def _write_shoes_and_surfaces(database: Database, plan: Plan) -> None:
    shoes = database.table("shoes")
    shoes.upsert_all(
        (
            {
                "id": shoe.id, "name": shoe.name, "brand": shoe.brand, "kind": shoe.kind, "bought_on": shoe.bought_on,
                "retired_on": shoe.retired_on, "price": shoe.price, "currency": shoe.currency,
                "initial_m": shoe.initial_m, "life_m": shoe.life_m, "notes": shoe.notes,
            }
            for shoe in plan.shoes
        ),
        pk="id",
    )  # fmt: skip
    database.table("surfaces").upsert_all(
        ({"id": s.id, "ground": s.ground, "wear_factor": s.wear_factor} for s in plan.surfaces.values()), pk="id"
    )


def _forget_totals_and_gone_shoes(database: Database, plan: Plan) -> None:
    for table in ("month_mileage", "shoe_surface_mileage", "surface_mileage", "shoe_wear"):
        database.conn.execute(f"DELETE FROM {table}")
    for table, kept in (("shoes", [shoe.id for shoe in plan.shoes]), ("surfaces", list(plan.surfaces))):
        database.conn.execute(f"DELETE FROM {table} WHERE id NOT IN (SELECT value FROM json_each(?))", (json.dumps(kept),))


def _look_for_duplicates(database: Database, config: Config) -> dict[ActivityId, ActivityId]:
    """Duplicates among the undecided records and their neighbours in time; a neighbour whose answer changes becomes
    undecided too. Nothing is looked at while there is one source only, with all its records listed."""
    conn = database.conn
    several = conn.execute("SELECT count(*) FROM sources WHERE activities > 0").fetchone()[0] > 1
    if not several and not conn.execute("SELECT 1 FROM activities WHERE missing_since IS NOT NULL LIMIT 1").fetchone():
        return {}
    order = {settings.name: index for index, settings in enumerate(config.sources)}
    duplicates = find_duplicates(list(_outlines(database)), order)
    sql = "SELECT id, duplicate_of FROM activities WHERE counted IS NOT NULL AND id IN (SELECT value FROM json_each(?))"
    stored = dict(conn.execute(sql, (json.dumps(list(duplicates)),)))
    changed = [id for id, before in stored.items() if before != duplicates.get(ActivityId(id))]
    orphans = """SELECT a.id FROM activities a JOIN activities kept ON kept.id = a.duplicate_of
                 WHERE a.duplicate_of IS NOT NULL AND kept.counted IS NULL AND a.counted IS NOT NULL"""
    changed += [id for (id,) in conn.execute(orphans) if ActivityId(id) not in stored]
    conn.executemany("UPDATE activities SET counted = NULL WHERE id = ?", [(id,) for id in changed])
    return duplicates


def _outlines(database: Database) -> Iterator[Outline]:
    """The undecided records and all within `WINDOW` of one, once each."""
    conn = database.conn
    undecided = [row[0] for row in conn.execute("SELECT DISTINCT substr(started_at, 1, 10) FROM activities WHERE counted IS NULL")]
    days = {day for text in undecided for day in _around(date.fromisoformat(text))}
    sql = """SELECT id, source, started_at, local_date, sport, distance_m, coalesce(elapsed_s, moving_s, 0),
               missing_since IS NOT NULL
             FROM activities WHERE started_at >= ? AND started_at < ?"""
    for start, end in _spans(sorted(days)):
        for row in conn.execute(sql, (start.isoformat(), end.isoformat())):
            yield Outline(*row)


def _around(day: date) -> list[date]:
    margin = 2 * WINDOW.days + 2
    return [day + timedelta(days=offset) for offset in range(-margin, margin + 1)]


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


def _decide(database: Database, config: Config, duplicates: Mapping[ActivityId, ActivityId]) -> int:
    conn = database.conn
    decide = make_decider(config.plan)
    dropping = {settings.name for settings in config.sources if settings.missing == "drop"}
    had_legs = conn.execute("SELECT 1 FROM legs LIMIT 1").fetchone() is not None
    sql = f"SELECT rowid, missing_since, {_FIELDS} FROM activities WHERE counted IS NULL ORDER BY id LIMIT {_CHUNK}"
    decided = 0
    while rows := conn.execute(sql).fetchall():
        not_counted, legs = [], []
        for rowid, missing_since, *fields in rows:
            activity = Activity._make(fields)
            decision = decide(activity)
            original = duplicates.get(activity.id)
            if decision.counted and original is None and not (missing_since and activity.source in dropping):
                legs += [(leg[0], leg[1], leg[2], leg[3], activity.local_date, *leg[4:]) for leg in decision.legs]
            else:
                not_counted.append((original, rowid))
        if had_legs:
            conn.executemany("DELETE FROM legs WHERE activity = ?", [(row[2],) for row in rows])
        conn.executemany("INSERT INTO legs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", legs)
        conn.executemany("UPDATE activities SET counted = 0, duplicate_of = ? WHERE rowid = ?", not_counted)
        # What is still undecided up to the last id of this chunk is what counts.
        conn.execute(
            "UPDATE activities SET counted = 1, duplicate_of = NULL WHERE counted IS NULL AND id <= ?", (rows[-1][2],)
        )
        decided += len(rows)
    return decided


def decide_one(database: Database, config: Config, activity: str) -> tuple[Activity, Decision] | None:
    """What would be decided about one stored record now, with the reason if it does not count; None if not stored."""
    fields = ", ".join(Activity._fields)
    row = database.conn.execute(f"SELECT {fields} FROM activities WHERE id = ?", (activity,)).fetchone()
    return (Activity._make(row), make_decider(config.plan)(Activity._make(row))) if row else None


def _write_wear_and_alerts(database: Database, config: Config, now: str, today: date) -> tuple[str, ...]:
    uses = shoe_uses(database, config.plan, today)
    runner: dict[str, float] = {}
    for use in uses.values():
        for day, metres in use.daily_m.items():
            runner[day] = runner.get(day, 0.0) + metres
    limits = limits_of(config)
    wears = [wear_of(shoe, uses[shoe.id], runner, limits, today) for shoe in config.plan.shoes]
    _write_wears(database, wears)
    first_import = _first_import(database)
    unassigned = database.conn.execute("SELECT coalesce(sum(runs), 0) FROM shoe_surface_mileage WHERE shoe IS NULL").fetchone()[0]
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


def _write_wears(database: Database, wears: list[Wear]) -> None:
    columns = [column.name for column in database.table("shoe_wear").columns]
    database.conn.execute("DELETE FROM shoe_wear")
    database.conn.executemany(
        f"INSERT INTO shoe_wear({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        [tuple(getattr(wear, column) for column in columns) for wear in wears],
    )


def shoe_uses(database: Database, plan: Plan, today: date) -> dict[ShoeId, ShoeUse]:
    """The sums of legs that wear is reckoned from, by shoe; every shoe of the plan has one."""
    since = (today - timedelta(days=HORIZON_DAYS - 1)).isoformat()
    totals = """SELECT f.ground, m.distance_m, m.distance_m * f.wear_factor, m.first_on
                FROM shoe_surface_mileage m JOIN surfaces f ON f.id = m.surface WHERE m.shoe = ?"""
    daily = "SELECT local_date, sum(distance_m) FROM legs WHERE shoe = ? AND local_date >= ? GROUP BY local_date"
    uses = {}
    for shoe in plan.shoes:
        rows = database.conn.execute(totals, (shoe.id,)).fetchall()
        ground: dict[str, float] = {}
        for name, metres, _, _ in rows:
            ground[name] = ground.get(name, 0.0) + metres
        days = dict(database.conn.execute(daily, (shoe.id, since)))
        first_on = min((row[3] for row in rows), default=None)
        uses[shoe.id] = ShoeUse(sum(row[1] for row in rows), sum(row[2] for row in rows), ground, first_on, days)
    return uses
