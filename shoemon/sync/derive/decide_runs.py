"""Derive everything in one transaction: decisions, legs, totals, wear and alerts."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlite_utils import Database

from shoemon.config.kinds import SourceSettings
from shoemon.config.load import Config
from shoemon.config.models import MainFile
from shoemon.decide.legs import Decide, Decision, make_decider
from shoemon.model.activity import Activity
from shoemon.model.clock import Clock, iso, system_clock
from shoemon.model.ids import ActivityId
from shoemon.model.plan import Plan
from shoemon.model.reason import Reason, reason
from shoemon.model.run_ground import GroundPart, RunGround
from shoemon.store.database import get_meta, held_back, set_meta
from shoemon.store.gear_names import former_names
from shoemon.sync.derive.find_same_runs import copies_of, find_same_runs
from shoemon.sync.derive.update_wear import write_wear_and_alerts

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
    INSERT INTO surface_mileage(surface, distance_m, runs)
      SELECT surface, sum(distance_m), sum(runs) FROM counted GROUP BY 1;
    UPDATE surface_mileage SET runs = runs - again.times FROM (
        SELECT surface, sum(times - 1) AS times
        FROM (SELECT surface, count(*) AS times FROM legs GROUP BY activity, surface HAVING count(*) > 1) GROUP BY 1
      ) AS again WHERE again.surface = surface_mileage.surface;
    DROP TABLE counted
"""
"""From the legs, all of them, in one pass. A leg is one (run, shoe, surface), so counting legs counts runs, but for a
surface that one run met in two pairs: that is counted once for the surface."""

_COUNTS = """UPDATE activities SET counted = 1, duplicate_of = NULL, not_counted = NULL, not_counted_detail = NULL
             WHERE counted IS NULL AND id <= ?"""
_DOES_NOT_COUNT = """UPDATE activities SET counted = 0, duplicate_of = ?, not_counted = ?, not_counted_detail = ?
                     WHERE rowid = ?"""
_NO_LONGER_LISTED = Reason("no_longer_listed")


class Derived(NamedTuple):
    """The number of records decided, and the ids of new alerts."""

    decided: int
    announced: tuple[str, ...]


def derive(database: Database, config: Config, now: datetime) -> Derived:
    """Decide every record that is new or changed (all if the configuration changed), recount the totals, and write the
    alerts that are due. Needs a transaction around it."""
    _note_settings(database, config.main)
    everything = get_meta(database, "decided_with") != _fingerprint(config)
    if everything:
        _write_shoes_and_surfaces(database, config.plan)
        database.conn.execute("UPDATE activities SET counted = NULL WHERE counted IS NOT NULL")
    come = "UPDATE activities SET counted = NULL WHERE not_counted = 'in_future' AND started_at <= ?"
    database.conn.execute(come, (_latest(now),))
    duplicates = _duplicates(database, config.plan, config.sources)
    decided = _decide(database, _decider(database, config.plan, now), config.sources, duplicates)
    if everything:
        _forget_totals_and_gone_shoes(database, config.plan)
        set_meta(database, "decided_with", _fingerprint(config))
    if decided or everything:
        set_meta(database, "matched_all", "")  # check again which of these have to be matched
        recount(database)
    return Derived(decided, write_wear_and_alerts(database, config, now))


def recount(database: Database) -> None:
    """Count every total anew from the legs. Needs a transaction around it."""
    for statement in _RECOUNT.split(";"):
        database.conn.execute(statement)


def _note_settings(database: Database, main: MainFile) -> None:
    """Store the settings that the pages need; they read nothing else."""
    targets = {kind: f"{target.share:g}" for kind, target in main.alerts.targets.items()}
    others = {"timezone": main.timezone, "lives": main.lives.model_dump_json(), "overlap": str(main.overlap)}
    for key, value in {**others, **dict.fromkeys(("hard_share", "soft_share")), **targets}.items():
        if value is None:
            database.conn.execute("DELETE FROM _meta WHERE key = ?", (key,))
        elif get_meta(database, key) != value:
            set_meta(database, key, value)


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
                "initial_m": shoe.initial_m, "life_m": shoe.life_m, "notes": shoe.notes, "link": shoe.link,
                "model": shoe.model, "size": shoe.size, "retired_because": shoe.retired_because,
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
        database.conn.execute(
            f"DELETE FROM {table} WHERE id NOT IN (SELECT value FROM json_each(?))", (json.dumps(kept),)
        )


def _duplicates(database: Database, plan: Plan, sources: Sequence[SourceSettings]) -> dict[ActivityId, ActivityId]:
    """Find duplicates of undecided records. Both ends of a changed pair are decided again, because either may lend its
    ground."""
    duplicates = find_same_runs(database, plan.corrections.values(), sources)
    undecided = database.conn.execute("SELECT id, duplicate_of FROM activities WHERE counted IS NULL").fetchall()
    copied = {(original,) for id, before in undecided for original in (before, duplicates.get(id)) if original}
    database.conn.executemany("UPDATE activities SET counted = NULL WHERE id = ?", copied)
    return duplicates


def _latest(now: datetime) -> str:
    """The last moment at which a run can have begun: a day from now, as clocks and zones may be wrong."""
    return iso(now + timedelta(days=1))


def _decider(database: Database, plan: Plan, now: datetime) -> Decide:
    return make_decider(plan, former_names(database), _latest(now))


def _decide(
    database: Database, decide: Decide, sources: Sequence[SourceSettings], duplicates: Mapping[ActivityId, ActivityId]
) -> int:
    conn = database.conn
    dropping = {settings.name for settings in sources if settings.missing == "drop"}
    held = held_back(database) if dropping else set()
    had_legs = conn.execute("SELECT 1 FROM legs LIMIT 1").fetchone() is not None
    sql = f"SELECT rowid, missing_since, {_FIELDS} FROM activities WHERE counted IS NULL ORDER BY id LIMIT {_CHUNK}"
    decided, copies = 0, _copies(duplicates)
    while rows := conn.execute(sql).fetchall():
        not_counted, legs = [], []
        ids = {fields[0]: copies.get(fields[0], ()) for _, _, *fields in rows}
        others = _others(database, ids)
        on_the_map = _ground_with_copies(database, ids, others)
        for rowid, missing_since, *fields in rows:
            activity = Activity._make(fields)
            decision = decide(activity, on_the_map.get(activity.id), *others.get(activity.id, ((), ())))
            original = duplicates.get(activity.id)
            is_dropped = missing_since and activity.source in dropping and (activity.source, missing_since) not in held
            if decision.counted and original is None and not is_dropped:
                legs += [(*leg[:4], activity.local_date, *leg[4], *leg[5], leg[6]) for leg in decision.legs]
            else:
                why = decision.not_counted or _NO_LONGER_LISTED
                why = why if original is None else reason("duplicate", of=original)
                not_counted.append((original, *why, rowid))
        if had_legs:
            conn.executemany("DELETE FROM legs WHERE activity = ?", [(row[2],) for row in rows])
        conn.executemany("INSERT INTO legs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", legs)
        conn.executemany(_DOES_NOT_COUNT, not_counted)
        # What is still undecided up to the last id of this chunk is what counts.
        conn.execute(_COUNTS, (rows[-1][2],))
        decided += len(rows)
    return decided


class Decided(NamedTuple):
    """A stored record, the decision about it, its copies, the best first, and the ids of records that it replaced."""

    activity: Activity
    decision: Decision
    copies: Sequence[Activity]
    replaced: Sequence[ActivityId]


def decide_one(
    database: Database, plan: Plan, sources: Sequence[SourceSettings], activity: str, clock: Clock = system_clock
) -> Decided | None:
    """Decide one stored record anew, without storing the decision; None if there is no such record."""
    fields = ", ".join(Activity._fields)
    row = database.conn.execute(f"SELECT {fields} FROM activities WHERE id = ?", (activity,)).fetchone()
    if row is None:
        return None
    ids = {activity: copies_of(database, sources, activity)}
    others = _others(database, ids)
    copies, replaced = others.get(activity, ((), ()))
    ground = _ground_with_copies(database, ids, others).get(activity)
    decide = _decider(database, plan, clock())
    return Decided(Activity._make(row), decide(Activity._make(row), ground, copies, replaced), copies, replaced)


def decide_again(
    database: Database, plan: Plan, only: str | None, clock: Clock = system_clock
) -> Iterator[tuple[ActivityId, Decision]]:
    """Decide the runs that count anew by `plan`, without storing the decisions; `only`: those in this JSON list of
    ids. The records of each run stay as they are."""
    decide = _decider(database, plan, clock())
    duplicates = database.conn.execute("SELECT id, duplicate_of FROM activities WHERE duplicate_of IS NOT NULL")
    copies = _copies(dict(duplicates.fetchall()))
    chosen = "" if only is None else "AND id IN (SELECT value FROM json_each(:only))"
    cursor = database.conn.execute(f"SELECT {_FIELDS} FROM activities WHERE counted = 1 {chosen}", {"only": only})
    while rows := [Activity._make(row) for row in cursor.fetchmany(_CHUNK)]:
        others = _others(database, {row.id: copies.get(row.id, ()) for row in rows})
        on_the_map = _ground_with_copies(database, [row.id for row in rows], others)
        for row in rows:
            yield row.id, decide(row, on_the_map.get(row.id), *others.get(row.id, ((), ())))


def _copies(duplicates: Mapping[ActivityId, ActivityId]) -> dict[ActivityId, list[ActivityId]]:
    """List the duplicates of each record."""
    copies: dict[ActivityId, list[ActivityId]] = {}
    for copy, original in duplicates.items():
        copies.setdefault(original, []).append(copy)
    return copies


_Others = Mapping[str, tuple[Sequence[Activity], Sequence[ActivityId]]]
"""The copies of records that lend, and the ids of those that do not: their own export listed these in their place."""


def _others(database: Database, copies: Mapping[str, Sequence[ActivityId]]) -> _Others:
    """Read the other records of each run that has some, without their `raw`."""
    wanted = [copy for of in copies.values() for copy in of]
    if not wanted:
        return {}
    sql = f"SELECT missing_since, {_FIELDS} FROM activities WHERE id IN (SELECT value FROM json_each(?))"
    found = {row[1]: row for row in database.conn.execute(sql, (json.dumps(wanted),))}
    others = {}
    for id, of in copies.items():
        stored = [copy for copy in of if copy in found]
        replaced = [copy for copy in stored if found[copy][0] and _source_of(copy) == _source_of(id)]
        others[id] = [Activity._make(found[copy][1:]) for copy in stored if copy not in replaced], replaced
    return others


def _ground_with_copies(database: Database, ids: Iterable[str], others: _Others) -> dict[str, RunGround]:
    """Read the matched ground of records; for one without a track, that of the first of its copies."""
    own = _ground(database, ids)
    without = {id: [copy.id for copy in copies] for id, (copies, _) in others.items() if id not in own}
    lent = _ground(database, [copy for of in without.values() for copy in of]) if without else {}
    return own | {id: lent[copy] for id, of in without.items() for copy in reversed(of) if copy in lent}


def _source_of(id: str) -> str:
    return id.partition(":")[0]


def _ground(database: Database, ids: Iterable[str]) -> dict[str, RunGround]:
    parts: dict[tuple[str, float | None, float | None], list[GroundPart]] = {}
    sql = """SELECT m.activity, m.covered_s, m.progress_m, t.surface, t.origin, t.distance_m, t.confidence, t.place
             FROM json_each(?) AS wanted JOIN track_surfaces t ON t.activity = wanted.value
               JOIN track_matches m ON m.activity = t.activity
               JOIN activities a ON a.id = t.activity AND a.track IS NOT NULL
             ORDER BY t.activity, t.distance_m DESC, t.surface, t.origin, t.place"""
    for activity, covered_s, progress_m, *values in database.conn.execute(sql, (json.dumps(list(ids)),)):
        parts.setdefault((activity, covered_s, progress_m), []).append(GroundPart(*values))
    return {activity: RunGround(tuple(found), *covered) for (activity, *covered), found in parts.items()}
