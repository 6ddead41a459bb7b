"""The track of one run on the map, drawn on each request: positions are stored in no file and no database.

For a page, which calls from several threads: one track is matched at a time, and the last few answers are kept in
memory until something they depend on changes.
"""

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from shoemon.config.kinds import SourceSettings
from shoemon.config.load import Config
from shoemon.decide.which_surface import BY_THE_MAP
from shoemon.model.errors import ShoemonError
from shoemon.model.reason import Reason, parts_of
from shoemon.model.sports import INDOOR_SPORTS
from shoemon.store.snapshot import read_only
from shoemon.sync.derive.find_same_runs import copies_of
from shoemon.sync.match.read_and_match import Request, surveyor_of
from shoemon.web.draw_track import NothingToDrawError, drawn
from shoemon.web.geojson import Json
from shoemon.words.commands import command

_WAIT_S = 20.0
_MOST_KEPT = 16
NOT_WHAT_COUNTS = "The drawing shows the track on the map; what counts is written above."


class _RunRecord(NamedTuple):
    """One of the records of a run, and what changes when its track may have changed."""

    id: str
    source: str
    track: str | None
    is_indoors: bool
    content_hash: str
    pulled_at: str | None


class _StoredRun(NamedTuple):
    """A run in the database: its records, the requested one first, and the reasons of its ground."""

    records: tuple[_RunRecord, ...]
    reasons: tuple[Reason, ...]


_kept: dict[object, Json] = {}
"""The last answers, by all they depend on."""
_one_at_a_time = threading.Lock()


def track(config: Config, run: str) -> Json:
    """Return the track of a stored run as GeoJSON, by surface, with the ways around it; or `{"missing": reason}` for
    the runner. Never raises for what a file, an export or the map contains. Callers must not change it."""
    try:
        stored = _stored(config.database, config.sources, run)
    except (ShoemonError, sqlite3.Error) as error:
        return _missing(
            f"The database cannot be read ({error}). To bring it up to date: {command('sync', anywhere=True)}"
        )
    if stored is None:
        return _missing(f"No run {run} is stored here. To read the exports: {command('sync', anywhere=True)}")
    key = _key(config, run, stored)
    if (known := _kept.get(key)) is not None:
        return known
    if not _one_at_a_time.acquire(timeout=_WAIT_S):
        return _missing("Other tracks are being drawn now. Load the page again in a moment.")
    try:
        answer = _kept.get(key) or _first_drawn(config, stored)
        if "missing" not in answer:
            _kept[key] = answer
            for oldest in list(_kept)[:-_MOST_KEPT]:
                del _kept[oldest]
        return answer
    except MemoryError:
        return _missing("There is not enough memory to draw this track.")
    finally:
        _one_at_a_time.release()


def _missing(words: str) -> Json:
    return {"missing": words}


def _stored(database_path: Path, sources: Sequence[SourceSettings], run: str) -> _StoredRun | None:
    """Read a run and its other records, in the order in which their tracks are tried, without those of the same export
    that were replaced."""
    with read_only(database_path, timeout_s=10) as connection:
        database = Database(connection)
        found = database.conn.execute("SELECT ifnull(duplicate_of, id) FROM activities WHERE id = ?", (run,)).fetchone()
        if found is None:
            return None
        original = found[0]
        sql = """SELECT a.id, a.source, a.track, ifnull(a.indoor, 0) OR a.sport IN {}, a.content_hash, s.last_success_at
                 FROM activities a LEFT JOIN sources s ON s.name = a.source
                 WHERE a.id = ?1 AND (a.id = ?2 OR a.missing_since IS NULL OR a.source <> ?3)"""
        ids = dict.fromkeys((run, original, *copies_of(database, sources, original)))
        asked = ((id, run, run.partition(":")[0]) for id in ids)
        rows = [database.conn.execute(sql.format(INDOOR_SPORTS), each).fetchone() for each in asked]
        records = [_RunRecord(*row) for row in rows if row is not None]
        sql = """SELECT surface_reason, surface_detail FROM legs WHERE activity = ?
                 GROUP BY 1, 2 ORDER BY sum(distance_m) DESC"""
        reasons = [Reason(*row) for row in database.conn.execute(sql, (original,))]
        return _StoredRun(tuple(records), tuple(reasons))


def _key(config: Config, run: str, stored: _StoredRun) -> object:
    """Return a key that changes when the answer may."""
    grounds = tuple(sorted((name, surface.ground) for name, surface in config.plan.surfaces.items()))
    settings = (grounds, config.plan.places, repr(config.sources))
    return (str(config.database), run, stored, settings, _stamp_of_map(config.map_database))


def _stamp_of_map(map_database: Path) -> tuple[tuple[int, int], ...]:
    files = (map_database, map_database.with_name(f"{map_database.name}-wal"))
    found = []
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        if status.st_size:  # who only reads makes an empty log for that time
            found.append((status.st_size, status.st_mtime_ns))
    return tuple(found)


def _first_drawn(config: Config, stored: _StoredRun) -> Json:
    tracked = [record for record in stored.records if record.track]
    if not tracked:
        return _missing(
            "Its export names no track of this run, so there is nothing to draw. A source that reads the files of the "
            "watch (type `tracks`) may have it."
        )
    failed: list[str] = []
    with closing(surveyor_of(config)()) as surveyor:
        for record in tracked:
            if record.is_indoors:
                failed.append("It was run indoors, so there is no track to draw.")
                continue
            request = Request(record.id, record.source, record.track or "")
            try:
                return drawn(config.map_database, config.plan, surveyor, request, _note(stored))
            except NothingToDrawError as error:
                failed.append(str(error))
    return _missing(failed[0])


def _note(stored: _StoredRun) -> str:
    """Where something was trusted more than the map, or filled its gaps, or the track goes nowhere, that the drawing is
    not what counts."""
    parts = [part for reason in stored.reasons for part in parts_of(reason)]
    codes = {reason.code for reason in BY_THE_MAP.values()}
    is_drawn = all(part.code in codes and "track_share" not in part.parameters for part in parts)
    return "" if is_drawn else NOT_WHAT_COUNTS
