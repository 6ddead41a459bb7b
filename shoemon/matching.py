"""Has the tracks of runs laid on the map, newest first, and keeps what came of each: a long history in pieces, so that
whatever was done lasts and the rest is taken up again after any end.

A run is done again when its track, the matcher, or the map of its place has changed.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import NamedTuple

from sqlite_utils import Database

from shoemon.clock import Clock, iso
from shoemon.config.load import Config
from shoemon.ground.trace import Box
from shoemon.model import ShoemonError
from shoemon.store import get_meta, set_meta, writing
from shoemon.surveying import Prepare, Request, Survey

BUDGET_S = 20.0
"""How long one sync lays tracks on the map before it goes on; the next one takes up what is left."""
_BATCH = 25
"""So many runs are kept together: little enough to lose nothing much, and enough not to wait for the disk each time."""
_MOST_AT_ONCE = 2000
_TRACK_KEY = """a.track || ' ' || a.started_at || ' ' || CAST(round(a.distance_m) AS INTEGER) || ' '
  || CAST(round(ifnull(a.elapsed_s, 0)) AS INTEGER)"""
"""Changes when the file behind a run may have: it is another, or the export says something else of what it holds."""
_WAITING = f"""
    FROM activities a LEFT JOIN track_matches m ON m.activity = a.id
    WHERE a.track IS NOT NULL AND ifnull(a.indoor, 0) = 0 AND a.source IN (SELECT value FROM json_each(?))
      AND a.sport IN (SELECT value FROM json_each(?)) AND a.sport NOT IN ('treadmill-run', 'virtual-run')
      AND (m.activity IS NULL OR m.engine <> ? OR m.map_key IS ? OR m.track_key <> {_TRACK_KEY})
"""
_STALE = "changed"
"""Stands as map key of a run until it is laid on the new map."""


class Matched(NamedTuple):
    """How many runs were laid on the map, how many are left, and what was in the way of some of them."""

    runs: int = 0
    left: int = 0
    notes: tuple[str, ...] = ()


def match_tracks(
    database: Database,
    config: Config,
    clock: Clock,
    progress: Callable[[str], None],
    stopping: Callable[[], bool],
    budget_s: float = BUDGET_S,
) -> Matched:
    """Brings the map up to date, lays runs on it for about `budget_s`, and marks those runs as undecided.

    Nothing happens, and nothing is read, where the runner has no map. What is wrong with a track is kept with its run,
    what is wrong with the map or an export is a note.
    """
    notes = _bring_map_up_to_date(config, clock, progress)
    if not config.map_database.exists() and config.main.ground.overpass is None:
        return Matched(notes=notes)
    from shoemon.workers import surveys

    done, total, held = 0, 0, dict.fromkeys(notes)
    try:
        waiting = _Waiting(database, config)
        if not (total := waiting.count()):
            return Matched(notes=notes)
        until = time.monotonic() + budget_s
        with closing(surveys(config, waiting.requests(), _prepare(config, clock, stopping))) as found:
            for batch in _batches(found, until, stopping):
                held |= {survey.message or "": None for survey in batch if survey.status == "waiting"}
                done += _keep(database, batch, waiting.engine, iso(clock()))
                progress(f"ground of {done} of {total} runs")
        total = done + waiting.count()
    except ShoemonError as error:  # of the map; exports and tracks that cannot be read wait, or are kept as they are
        held[str(error)] = None
    return Matched(done, total - done, tuple(held))


def _bring_map_up_to_date(config: Config, clock: Clock, progress: Callable[[str], None]) -> tuple[str, ...]:
    if not config.main.ground.map:
        return ()
    from shoemon.maps.upkeep import import_what_changed

    return tuple(import_what_changed(config, iso(clock()), progress))


def _prepare(config: Config, clock: Clock, stopping: Callable[[], bool]) -> Prepare | None:
    """What fetches the map a track needs, where the runner has allowed it."""
    url = config.main.ground.overpass
    if url is None:
        return None

    def prepare(boxes: Sequence[Box]) -> str | None:
        from shoemon.maps.overpass import fetch_missing

        fetched = fetch_missing(config.map_database, url, boxes, clock, stopping)
        if fetched.error or fetched.left:
            return fetched.error or "its map is fetched piece by piece"
        return None

    return prepare


class _Waiting:
    """The runs that are to be laid on the map. Raises ShoemonError if the map cannot be used."""

    def __init__(self, database: Database, config: Config) -> None:
        from shoemon.ground.matching import ENGINE

        self.engine = ENGINE
        self._database = database
        sources = json.dumps([settings.name for settings in config.sources])
        self._values = (sources, json.dumps(sorted(config.plan.sports)), ENGINE, _STALE)
        self._state = f"{_mark_stale(database, config)} {self._values}"

    def count(self) -> int:
        """How many there are. Not looked for while nothing has changed since there were none."""
        conn = self._database.conn
        undecided = conn.execute("SELECT 1 FROM activities WHERE counted IS NULL LIMIT 1").fetchone()
        if get_meta(self._database, "matched_all") == self._state and not undecided:
            return 0
        count = int(conn.execute(f"SELECT count(*) {_WAITING}", self._values).fetchone()[0])
        with writing(self._database):
            set_meta(self._database, "matched_all", "" if count else self._state)
        return count

    def requests(self) -> list[Request]:
        """The newest of them."""
        sql = f"SELECT a.id, a.source, a.track {_WAITING} ORDER BY a.started_at DESC LIMIT {_MOST_AT_ONCE}"
        return [Request(*row) for row in self._database.conn.execute(sql, self._values)]


def _mark_stale(database: Database, config: Config) -> str:
    """Marks the runs whose piece of map has changed; returns what tells this map from any other."""
    from shoemon.maps.reading import open_map

    if not config.map_database.exists():
        return ""
    try:
        opened = open_map(config.map_database)
    except ShoemonError:
        if config.main.ground.overpass is None:
            raise
        return ""  # of another version; what was fetched for it makes it anew, from disk
    with closing(opened) as map:
        whole = map.key(Box(-90, -180, 90, 180))
        if get_meta(database, "matched_on") == whole:
            return whole
        sql = "SELECT activity, map_key, south, west, north, east FROM track_matches WHERE south IS NOT NULL"
        stale = [
            (_STALE, activity)
            for activity, key, *sides in database.conn.execute(sql).fetchall()
            if map.key(Box(*sides)) != key
        ]
    with writing(database):
        database.conn.executemany("UPDATE track_matches SET map_key = ? WHERE activity = ?", stale)
        set_meta(database, "matched_on", whole)
    return whole


def _batches(found: Iterator[Survey], until: float, stopping: Callable[[], bool]) -> Iterator[list[Survey]]:
    """What was found, a few at a time, until the time is over or the process is to stop."""

    def in_time() -> Iterator[Survey]:
        for survey in found:
            yield survey
            if time.monotonic() >= until or stopping():
                return

    surveyed = in_time()
    while batch := list(islice(surveyed, _BATCH)):
        yield batch


def _keep(database: Database, found: Sequence[Survey], engine: str, now: str) -> int:
    """Keeps what came of some tracks, and has these runs decided about anew; returns how many are done."""
    batch = [each for each in found if each.status != "waiting"]
    rows = [
        (
            each.activity, each.status, each.message, each.distance_m, each.outside_m, each.points, each.sigma_m,
            each.map_date, now, engine, each.map_key, *(each.box or (None,) * 4), each.activity,
        )
        for each in batch
    ]  # fmt: skip
    parts = [(each.activity, *part) for each in batch for part in each.parts]
    ids = [(each.activity,) for each in batch]
    with writing(database):
        conn = database.conn
        conn.executemany("DELETE FROM track_surfaces WHERE activity = ?", ids)
        conn.executemany(
            f"""INSERT OR REPLACE INTO track_matches(activity, status, message, distance_m, outside_m, points, sigma_m,
                  map_date, matched_at, engine, map_key, south, west, north, east, track_key)
                SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {_TRACK_KEY} FROM activities a WHERE a.id = ?""",
            rows,
        )
        conn.executemany("INSERT INTO track_surfaces VALUES (?, ?, ?, ?, ?)", parts)
        conn.executemany("UPDATE activities SET counted = NULL WHERE id = ?", ids)
    return len(batch)
