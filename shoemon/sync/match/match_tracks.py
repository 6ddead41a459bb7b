"""Match the tracks of new runs to the map, newest first, and store the results: a long history in batches, so that
results last and the rest is continued after any end.

A run is matched again when its track, the matcher, the map of its place, or a place of the runner's there has changed.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from shoemon.config.load import Config
from shoemon.ground.osm.opening import has_map
from shoemon.model.clock import Clock, iso
from shoemon.model.errors import ShoemonError
from shoemon.model.trace import Box
from shoemon.store.database import get_meta, writing
from shoemon.store.whereabouts import UntaggedWay, keep
from shoemon.sync.match.read_and_match import Survey, surveyor_of
from shoemon.sync.match.unmatched import PLACED, TRACK_KEY, Unmatched
from shoemon.sync.progress import SyncStep

BUDGET_S = 20.0
"""How long one sync matches tracks before it goes on; the next one continues."""
MATCHING = "matching runs to the map"
_BATCH = 25
"""So many runs are stored together: few enough to lose little, and enough not to wait for the disk each time."""
_READ = "('matched', 'partial', 'outside', 'indoors')"
"""The status of tracks that were read, in SQL."""


class Matched(NamedTuple):
    """How many runs were matched, how many are left, and notes on what prevented some of them. `away`: tracks that are
    not available; `cells`: cells of the map that were fetched."""

    runs: int = 0
    left: int = 0
    notes: tuple[str, ...] = ()
    away: int = 0
    cells: int = 0
    silent: int = 0
    """Of the runs, those whose track is unreadable or without positions."""

    @property
    def goes_on(self) -> bool:
        """Whether another sync would match more runs at once."""
        return self.left > 0 and self.runs + self.away + self.cells > 0


def match_tracks(
    database: Database,
    config: Config,
    clock: Clock,
    progress: Callable[[SyncStep], None],
    stopping: Callable[[], bool],
    budget_s: float = BUDGET_S,
) -> Matched:
    """Bring the map up to date, match runs for about `budget_s`, and mark those runs as undecided.

    Nothing happens, and nothing is read, where the runner has no map and no places. A problem with a track is stored
    with its run, a problem with the map is a note. Raises only what the database of runs raises.
    """
    if stopping():
        return Matched()
    notes = _bring_map_up_to_date(config, clock, progress)
    fetching = _Fetching(config.main.ground.overpass, config.map_database, clock, stopping)
    done, away, left, silent, held = 0, 0, 0, 0, dict.fromkeys(notes)
    try:
        placed = config.plan.places or get_meta(database, PLACED)
        if not has_map(config.map_database) and fetching.url is None and not placed:
            return Matched(notes=notes)
        from shoemon.sync.match.workers import surveys

        unmatched = Unmatched(database, config)
        if not (total := unmatched.count()):
            return Matched(notes=notes)
        left, until = total, time.monotonic() + budget_s
        progress(SyncStep(MATCHING, 0, total, shown=""))
        with closing(surveys(surveyor_of(config), unmatched.requests(), fetching if fetching.url else None)) as found:
            for batch in _batches(found, until, stopping):
                held |= {survey.message: None for survey in batch if survey.status == "waiting" and survey.message}
                kept = _store(
                    database, config.state_database, batch, unmatched.engine, max(iso(clock()), unmatched.pulled_at)
                )
                done, away, silent = done + kept.done, away + kept.away, silent + kept.silent
                left = total - done - away
                progress(SyncStep(MATCHING, done, total, f"matched {done} of {total} runs"))
        left = unmatched.count()
    except (ShoemonError, OSError, MemoryError) as error:
        held[_reason(error)] = None
    return Matched(done, left, tuple(held), away, fetching.cells, silent)


def _bring_map_up_to_date(config: Config, clock: Clock, progress: Callable[[SyncStep], None]) -> tuple[str, ...]:
    if not config.main.ground.map:
        return ()
    from shoemon.sync.match.update_map import update_map

    try:
        return tuple(update_map(
            config.map_database, config.directory, config.main.ground.map, iso(clock()),
            lambda said: progress(SyncStep("reading the map", shown=said)),
        ))  # fmt: skip
    except (ShoemonError, OSError, MemoryError, sqlite3.Error) as error:  # it reads no database but the map
        return (_reason(error),)


def _reason(error: BaseException) -> str:
    return str(error) or "there was not enough memory for the map"


class _Fetching:
    """Fetches the map a track needs, where the runner has allowed it, and counts the cells."""

    def __init__(self, url: str | None, map_database: Path, clock: Clock, stopping: Callable[[], bool]) -> None:
        self.url, self.cells = url, 0
        self._map, self._clock, self._stopping = map_database, clock, stopping

    def __call__(self, boxes: Sequence[Box]) -> str | None:
        from shoemon.ground.overpass.fetch import fetch_missing

        fetched = fetch_missing(self._map, self.url or "", boxes, self._clock, self._stopping)
        self.cells += fetched.cells
        return fetched.error or ("" if fetched.left else None)


def _batches(found: Iterator[Survey], until: float, stopping: Callable[[], bool]) -> Iterator[list[Survey]]:
    """Yield what is found, a few at a time, until the time is over or the process must stop."""

    def in_time() -> Iterator[Survey]:
        for survey in found:
            yield survey
            if time.monotonic() >= until or stopping():
                return

    surveyed = in_time()
    while batch := list(islice(surveyed, _BATCH)):
        yield batch


class _BatchCounts(NamedTuple):
    """How many tracks of a batch are done, not available (the result for an earlier one stays), and, of the first,
    silent."""

    done: int
    away: int
    silent: int


def _store(database: Database, state_database: Path, found: Sequence[Survey], engine: str, now: str) -> _BatchCounts:
    """Store the results of some tracks, and have these runs decided again. The result for an earlier track of a run
    stays, with a note, when there is none to read any more."""
    tried = [each for each in found if each.status != "waiting"]
    without = {each.activity: each for each in tried if each.status in ("away", "unreadable")}
    sql = f"SELECT activity FROM track_matches WHERE status IN {_READ} AND activity IN (SELECT value FROM json_each(?))"
    known = {id for (id,) in database.conn.execute(sql, (json.dumps(list(without)),))}
    batch = [each for each in tried if each.activity not in known]
    rows = [
        (
            each.activity, each.status, each.message, each.distance_m, each.outside_m, each.points, each.sigma_m,
            each.map_date, now, engine, each.map_key, *(each.box or (None,) * 4), each.covered_s, each.progress_m,
            each.activity,
        )
        for each in batch
    ]  # fmt: skip
    parts = [(each.activity, *part) for each in batch for part in each.parts]
    ways = [UntaggedWay(each.activity, *way) for each in batch for way in each.ways.items()]
    stated = [(surface, origin, each.activity, metre) for each in batch for metre, surface, origin in each.stated]
    ids = [(each.activity,) for each in batch]
    noted = [(without[id].message, now, id) for id in known]
    keep(state_database, (each.activity for each in batch), (laps for each in batch for laps in each.laps), ways)
    with writing(database):
        conn = database.conn
        conn.executemany("UPDATE track_matches SET message = ?, matched_at = ? WHERE activity = ?", noted)
        conn.executemany("DELETE FROM track_surfaces WHERE activity = ?", ids)
        conn.executemany(
            f"""INSERT OR REPLACE INTO track_matches(activity, status, message, distance_m, outside_m, points, sigma_m,
                  map_date, matched_at, engine, map_key, south, west, north, east, covered_s, progress_m, track_key)
                SELECT {", ".join("?" * 17)}, {TRACK_KEY} FROM activities a WHERE a.id = ?""",
            rows,
        )
        conn.executemany("INSERT INTO track_surfaces VALUES (?, ?, ?, ?, ?, ?)", parts)
        conn.executemany(
            "UPDATE ground_answers SET surface = ?, origin = ? WHERE activity = ? AND (start_m + end_m) / 2.0 = ?",
            stated,
        )
        conn.executemany("UPDATE activities SET counted = NULL WHERE id = ?", ids)
    new = [each.status for each in batch if each.status != "away"]
    return _BatchCounts(len(new), len(tried) - len(new), sum(status in ("unreadable", "no track") for status in new))
