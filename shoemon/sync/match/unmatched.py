"""Find the runs to match: those that never were, and those whose track, matcher, map or places have changed.

A track that was not available is tried again after each pull of its source, one that was unreadable after a pull with
new records.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

from sqlite_utils import Database

from shoemon.config.kinds import SourceSettings
from shoemon.config.load import Config
from shoemon.ground.extracts.published import Spot
from shoemon.ground.laps import LAPS_VERSION
from shoemon.ground.match.piece import METRES_NORTH
from shoemon.ground.match.places import key_of
from shoemon.ground.osm.clip import SQUARES_PER_DEGREE
from shoemon.model.errors import ShoemonError
from shoemon.model.plan import Plan
from shoemon.model.sports import INDOOR_SPORTS
from shoemon.model.trace import Box
from shoemon.store.database import get_meta, open_database, set_meta, writing
from shoemon.sync.match.read_and_match import GridCell, NoMap, Request, map_of, surveyor_of
from shoemon.sync.match.workers import spots_of_tracks
from shoemon.words.commands import command

if TYPE_CHECKING:
    from shoemon.ground.osm.reading import MapReader

MOST_AT_ONCE = 2000
TRACK_KEY = """a.track || ' ' || a.started_at || ' ' || CAST(round(a.distance_m) AS INTEGER) || ' '
  || CAST(round(ifnull(a.elapsed_s, 0)) AS INTEGER)
  || CASE WHEN instr(a.raw, '"trace"') AND json_valid(a.raw) THEN ifnull(' ' || json_extract(a.raw, '$.trace'), '')
     ELSE '' END"""
"""Changes when the file behind a run may have: its name, or its content by the export. A source that reads the tracks
puts a digest of its points into `trace`."""
_STALE = "changed"
"""The map key of a run until it is matched to the new map, or the new places."""
PLACED = "placed"
"""The key in `_meta` of the places that the runs are matched to; a blank value for none."""
_EVERYWHERE = Box(-90, -180, 90, 180)
_TRACKED = f"""a.track IS NOT NULL AND ifnull(a.indoor, 0) = 0 AND a.sport NOT IN {INDOOR_SPORTS}
      AND a.source IN (SELECT value FROM json_each(:sources))
      AND (a.sport IN (SELECT value FROM json_each(:sports)) OR a.id IN (SELECT value FROM json_each(:worn)))"""
"""True of a run whose track gives its ground; `_chosen` has the values."""
_ASKED = "(SELECT json_group_array((start_m + end_m) / 2.0) FROM ground_answers WHERE activity = a.id)"
_WAITING = f"""
    FROM activities a LEFT JOIN track_matches m ON m.activity = a.id LEFT JOIN sources p ON p.name = a.source
      LEFT JOIN (SELECT source, started_at, max(id) FROM syncs WHERE outcome = 'stored' GROUP BY source) s
        ON s.source = a.source
    WHERE {_TRACKED} AND p.last_error IS NULL
      AND CASE
        WHEN m.activity IS NULL THEN 1
        WHEN m.message IS NULL OR m.status IN ('unreadable', 'no track') THEN
          m.engine <> :engine OR m.map_key IS :stale OR m.track_key <> {TRACK_KEY}
          OR m.message IS NOT NULL AND substr(m.matched_at, 1, 19) < substr(s.started_at, 1, 19)
        ELSE m.matched_at < p.last_success_at END
"""


def _chosen(plan: Plan, sources: Sequence[SourceSettings]) -> dict[str, str]:
    """Return the sources and sports that count, and the runs that count because a correction gives them a shoe, as
    JSON."""
    worn = [id for id, correction in plan.corrections.items() if correction.shoe is not None]
    return {
        "sources": json.dumps([settings.name for settings in sources]),
        "sports": json.dumps(sorted(plan.sports)),
        "worn": json.dumps(sorted(worn)),
    }


class Unmatched:
    """The runs that have to be matched. Raises ShoemonError if the map cannot be used."""

    def __init__(self, database: Database, config: Config) -> None:
        from shoemon.ground.match.match import ENGINE
        from shoemon.model.recording import TRACK_READER

        self.engine = f"{ENGINE} tracks-{TRACK_READER} laps-{LAPS_VERSION}"
        self._database = database
        self._values = {**_chosen(config.plan, config.sources), "engine": self.engine, "stale": _STALE}
        pulled = database.conn.execute("SELECT name, last_success_at, last_error FROM sources ORDER BY name").fetchall()
        self.pulled_at = max((at for _, at, _ in pulled if at), default="")
        """The last successful pull of a source; what is tried now is tried after that, whatever the clock shows."""
        state = f"{_mark_stale(database, config)} {self._values} {pulled}"
        self._state = hashlib.sha256(state.encode()).hexdigest()[:32]

    def count(self) -> int:
        """Count them. Skipped while nothing has changed since there were none."""
        conn = self._database.conn
        undecided = conn.execute("SELECT 1 FROM activities WHERE counted IS NULL LIMIT 1").fetchone()
        if get_meta(self._database, "matched_all") == self._state and not undecided:
            return 0
        count = int(conn.execute(f"SELECT count(*) {_WAITING}", self._values).fetchone()[0])
        with writing(self._database):
            set_meta(self._database, "matched_all", "" if count else self._state)
        return count

    def requests(self) -> list[Request]:
        """Return the newest of them; those that were not available the last time come last, to not delay the others."""
        order = f"m.status IS 'away', a.started_at DESC LIMIT {MOST_AT_ONCE}"
        sql = f"SELECT a.id, a.source, a.track, {_ASKED} {_WAITING} ORDER BY {order}"
        rows = self._database.conn.execute(sql, self._values)
        return [Request(id, source, track, tuple(json.loads(asked))) for id, source, track, asked in rows]


def _mark_stale(database: Database, config: Config) -> str:
    """Mark the runs whose part of the map, or whose places, have changed; return a key that differs for any other map
    and places."""
    places = config.plan.places
    with closing(_opened(config)) as map:
        if isinstance(map, NoMap) and not places and not get_meta(database, PLACED):
            return ""
        whole = map.key(_EVERYWHERE) + key_of(places, _EVERYWHERE)
        if get_meta(database, "matched_on") == whole:
            return whole
        key = cache(lambda box: map.key(box) + key_of(places, box))  # most runs of one runner are in few boxes
        sql = "SELECT activity, map_key, south, west, north, east FROM track_matches WHERE south IS NOT NULL"
        rows = database.conn.execute(sql).fetchall()
        stale = [(_STALE, activity) for activity, was, *sides in rows if key(Box(*sides)) != was]
    with writing(database):
        database.conn.executemany("UPDATE track_matches SET map_key = ? WHERE activity = ?", stale)
        set_meta(database, "matched_on", whole)
        set_meta(database, PLACED, key_of(places, _EVERYWHERE))
    return whole


def _opened(config: Config) -> "MapReader | NoMap":
    """Open the map. One that cannot be used is none where missing cells are fetched: then it is made anew, from
    disk."""
    try:
        return map_of(config.map_database)
    except ShoemonError:
        if config.main.ground.overpass is None:
            raise
        return NoMap()


def places_of_runs(config: Config, progress: Callable[[str], None] = lambda _: None) -> list[frozenset[Spot]]:
    """Return for each run with a track the squares of 0.001 degrees with points of it. Reads every track once. Raises
    ShoemonError if there is none."""
    with closing(open_database(config.database, config.main.units)) as database:
        sql = f"SELECT a.id, a.source, a.track FROM activities a WHERE {_TRACKED}"
        requests = [Request(*row) for row in database.conn.execute(sql, _chosen(config.plan, config.sources))]
    places = []
    for done, spots in enumerate(spots_of_tracks(surveyor_of(config), requests), 1):
        places.append(spots)
        progress(f"reading where the runs were: {done} of {len(requests)} tracks")
    if not any(places):
        raise ShoemonError(f"there is no track of a run yet; first read a source that has tracks: {command('sync')}")
    return [spots for spots in places if spots]


def cells_around(cells: Iterable[GridCell], margin_m: float) -> frozenset[GridCell]:
    """Return `cells`, and those within `margin_m` metres around."""
    return frozenset(one for cell in cells for one in _around(cell, margin_m))


def _around(cell: GridCell, margin_m: float) -> list[GridCell]:
    """Return `cell` and its neighbours within `margin_m`; cells are narrower the further north or south they are."""
    rows = math.ceil(margin_m / (METRES_NORTH / SQUARES_PER_DEGREE))
    narrow = max(math.cos(math.radians(min(abs(cell[0] / SQUARES_PER_DEGREE) + 1, 89))), 0.02)
    columns = math.ceil(margin_m / (METRES_NORTH / SQUARES_PER_DEGREE * narrow))
    return [
        (cell[0] + row, cell[1] + column) for row in range(-rows, rows + 1) for column in range(-columns, columns + 1)
    ]
