"""Explain why one run counts as it does: what its export said, what was decided, and which metres the map knows."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from sqlite_utils import Database

from shoemon.config.load import Config
from shoemon.decide.fill_from_copies import inform
from shoemon.model.activity import Activity
from shoemon.model.reason import Reason
from shoemon.model.surfaces import UNKNOWN
from shoemon.model.units import write_distance
from shoemon.report.explain_data import ids_of, not_stored
from shoemon.store.snapshot import read_only
from shoemon.words.commands import command
from shoemon.words.reasons import ORIGINS, Exports, why_ground, why_not_counted, why_shoe


def explain_lines(config: Config, run: str) -> Iterator[str]:
    """Everything that led to the legs of one run. Raises ShoemonError if it is not stored."""
    from shoemon.sync.derive.decide_runs import decide_one

    unit = config.main.units
    with read_only(config.database) as connection:
        database = Database(connection)
        decide = partial(decide_one, database, config.plan, config.sources)
        found = next(filter(None, map(decide, ids_of(config, run))), None)
        if found is None:
            raise not_stored(run)
        activity, decision, copies, replaced = found
        sql = "SELECT missing_since, duplicate_of FROM activities WHERE id = ?"
        missing_since, original = database.conn.execute(sql, (activity.id,)).fetchone()
        exports = Exports(dict(database.conn.execute("SELECT name, type FROM sources").fetchall()))
        legs = list(_leg_lines(database, activity, unit, exports))
        ground = list(_map_lines(database, activity, copies, unit))
    yield f"{activity.id}: {activity.name or '(no name)'}"
    yield f"  {activity.started_at} (local day {activity.local_date}), {activity.sport} ({activity.sport_raw})"
    gear = activity.gear_name or activity.gear_raw or "none"
    yield f"  {write_distance(activity.distance_m, unit, 2)} by the export; gear {gear}"
    if missing_since:
        yield f"  no longer listed by its export since {missing_since}"
    if original:
        yield f"  does not count: it is the same run as {original}"
    elif decision.not_counted:
        yield f"  does not count: {why_not_counted(decision.not_counted, activity.source, exports)}"
    yield from _copy_lines(activity, copies, unit)
    yield from (f"  recorded as {id} before" for id in replaced)
    yield from legs
    yield from ground
    yield f"  as it came: {activity.raw[:2000]}"


def _copy_lines(activity: Activity, copies: Sequence[Activity], unit: str) -> Iterator[str]:
    """The other records of the same run, and what they lent this one."""
    lenders = inform(activity, copies).lenders
    for copy in copies:
        lent = ", ".join(field for field, source in lenders.items() if source == copy.source)
        lends = f"; it lends: {lent}" if lent else ""
        yield f"  also recorded as {copy.id} ({write_distance(copy.distance_m, unit, 2)}){lends}"


def _leg_lines(database: Database, activity: Activity, unit: str, exports: Exports) -> Iterator[str]:
    """Each leg, and below it why it counts for its shoe and its surface."""
    sql = """SELECT coalesce(shoe, '(no shoe)'), surface, distance_m, shoe_reason, shoe_detail, surface_reason,
               surface_detail, confidence FROM legs WHERE activity = ? ORDER BY distance_m DESC, surface"""
    for shoe, surface, metres, *reasons, confidence in database.conn.execute(sql, (activity.id,)):
        sure = f" ({confidence:.0%} sure)" if 0 < confidence < 1 else ""
        shoe_reason, surface_reason = Reason(*reasons[:2]), Reason(*reasons[2:])
        yield f"  {write_distance(metres, unit, 2)} on {shoe}, {surface}{sure}"
        yield f"    {shoe}: {why_shoe(shoe_reason, activity.source, exports, unit)}"
        whys = why_ground(surface_reason, metres, activity.source, exports, unit)
        listed = [f"{why} ({write_distance(of, unit, 2)})" if len(whys) > 1 else why for why, of in whys]
        yield f"    {surface}: {'; '.join(listed)}"


def _map_lines(database: Database, activity: Activity, copies: Sequence[Activity], unit: str) -> Iterator[str]:
    """What the map says of the track, whether it counts or is outdone by something that is trusted more."""
    columns = "status, message, distance_m, sigma_m, map_date"
    row = database.conn.execute(f"SELECT {columns} FROM track_matches WHERE activity = ?", (activity.id,)).fetchone()
    if row is None:
        sql = """SELECT DISTINCT a.id FROM activities a JOIN track_surfaces t ON t.activity = a.id
                 WHERE a.duplicate_of = ? AND a.track IS NOT NULL"""
        matched = {id for (id,) in database.conn.execute(sql, (activity.id,))}
        copy = next((copy.id for copy in copies if copy.id in matched), None)
        if copy is not None:
            yield f"  its ground is that of {copy}, the same run, whose track was matched"
        elif activity.track:
            yield f"  its track {activity.track} is not matched to a map; to get one: {command('map', 'get')}"
        return
    status, message, distance_m, sigma_m, map_date = row
    if not activity.track:
        yield "  its export names no track any more, so its match to the map does not count"
        return
    if status in ("no track", "unreadable", "away"):
        yield f"  its track {activity.track}: {message}"
    elif status == "indoors":
        yield f"  its track {activity.track} was recorded indoors, as the device reports"
    elif status == "outside":
        yield f"  its track {activity.track} is where no map was imported"
    else:
        distance = write_distance(distance_m, unit, 2)
        date = f" of {map_date[:10]}" if map_date else ""
        yield f"  {distance} of track matched to the map{date} (positions good to {sigma_m:.0f} m):"
        yield from (f"    {line}" for line in _surface_lines(database, activity.id, unit))
    if message and status not in ("no track", "unreadable", "away"):
        yield f"    (from an earlier sync; last attempt: {message})"


def _surface_lines(database: Database, activity: str, unit: str) -> Iterator[str]:
    sql = """SELECT surface, origin, distance_m, confidence FROM track_surfaces
             WHERE activity = ? ORDER BY distance_m DESC, surface"""
    found: list[tuple[Any, ...]] = database.conn.execute(sql, (activity,)).fetchall()
    for surface, origin, metres, confidence in found:
        sure = f", {confidence:.0%} sure" if surface != UNKNOWN else ""
        yield f"{write_distance(metres, unit, 2)} {surface} ({ORIGINS[origin]}{sure})"
