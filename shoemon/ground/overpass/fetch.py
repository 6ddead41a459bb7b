"""Fetch the map where no file covers a run, from an Overpass server that the runner names: cell by cell, once each.

The server learns the cells and nothing finer. One query at a time with a pause after it, none while the server asks to
wait, few in one call; every answer stays on disk, so a map made anew costs no query.
"""

import hashlib
import itertools
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from shoemon.ground.osm.opening import version_of
from shoemon.ground.osm.schema import MAP_VERSION, make_tables
from shoemon.ground.osm.writing import Region, write_region
from shoemon.ground.overpass.answer import Answer, CellError, read_answer
from shoemon.ground.overpass.backoff import Wait, Waits, read_waits, write_waits
from shoemon.ground.overpass.cache import CachedAnswer, Coverage, cache_of, read_cached, write_cached
from shoemon.ground.overpass.cells import Cell, cells_outside
from shoemon.ground.overpass.server import Manners, ask
from shoemon.model.clock import Clock, iso
from shoemon.model.errors import ShoemonError
from shoemon.model.trace import Box
from shoemon.net.addresses import shown
from shoemon.net.failure import Failed

KIND = "overpass"
MOST_QUERIES = 10
"""In one call: with two megabytes and some seconds for each, a sync continues within a minute or two."""
LONGEST_CALL = timedelta(minutes=5)
"""After this no further query is sent in the same call, however few there were."""
OLDEST = timedelta(days=365)
"""A cell is fetched again when it is older: within two to four years 0 to 2 % of the ground changes its tags."""
_SLICE_S = 0.5


class FetchedCells(NamedTuple):
    """The result for the cells that were missing, or old."""

    cells: int
    """Added to the map, from the server or from answers on disk."""
    left: int
    """Still missing; a later call continues with them. Old ones are not missing."""
    error: str | None
    """Why some are missing, in one sentence; None also when they are more than one call fetches."""


class _CellJob(NamedTuple):
    map_path: Path
    url: str
    waits: Waits
    clock: Clock
    stopping: Callable[[], bool]
    manners: Manners


def fetch_missing(
    map_path: Path,
    url: str,
    boxes: Iterable[Box],
    clock: Clock,
    stopping: Callable[[], bool],
    *,
    limit: int = MOST_QUERIES,
    manners: Manners = Manners(),  # noqa: B008 - it cannot be changed
) -> FetchedCells:
    """Add the cells that `boxes` touch to the map, in the order of `boxes`, with at most `limit` queries.

    Give a long run as several small boxes: every cell of a box is fetched, and a box wider than a degree is left out.
    Nothing is fetched where imported files cover the map. Never raises for what the server does or the disk refuses;
    `error` reports it.
    """
    job = _CellJob(map_path, url, read_waits(cache_of(map_path), shown(url)), clock, stopping, manners)
    came: set[Cell] = set()
    missing: list[Cell] = []
    error: str | None = None
    try:
        missing, old = _wanted(map_path, boxes, clock())
        came.update(cell for cell in missing if not stopping() and _add_cached(job, cell))
        came.update(_add_fetched(job, [cell for cell in (*missing, *old) if cell not in came], limit))
    except ShoemonError as refused:
        error = str(refused)
    left = [cell for cell in missing if cell not in came]
    return FetchedCells(len(came), len(left), error or _reason(job, left))


def _wanted(map_path: Path, boxes: Iterable[Box], now: datetime) -> tuple[list[Cell], list[Cell]]:
    """Return the cells that are not in the map, and those that are old. Raises ShoemonError."""
    oldest = iso(now - OLDEST)
    try:
        with closing(_opened(map_path)) as connection:
            cells = cells_outside(boxes, Coverage(connection).contains)
            # a cell without a checksum has lost something, and is added again
            sql = "SELECT name, imported_at FROM region WHERE kind = ? AND sha256 <> ''"
            fetched = dict(connection.execute(sql, (KIND,)).fetchall())
    except (sqlite3.Error, OSError) as error:
        raise ShoemonError(f"cannot read the map {map_path}: {error}; delete it, and it is made anew") from None
    missing = [cell for cell in cells if region_name(cell) not in fetched]
    return missing, [cell for cell in cells if fetched.get(region_name(cell), oldest) < oldest]


def region_name(cell: Cell) -> str:
    """Return the name of a cell in the map, `overpass:60.15,24.90`."""
    return f"{KIND}:{cell.name}"


def _opened(map_path: Path) -> sqlite3.Connection:
    """Open the map; an empty one where there is none, or one of another version, which an import makes anew."""
    if map_path.exists():
        connection = sqlite3.connect(f"{map_path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            if version_of(connection) == MAP_VERSION:
                return connection
        except sqlite3.Error:
            connection.close()
            raise
        connection.close()
    connection = sqlite3.connect(":memory:")
    make_tables(connection)
    return connection


def _add_cached(job: _CellJob, cell: Cell) -> bool:
    """Add the cell to the map if its answer is on disk."""
    answer = read_cached(cache_of(job.map_path), cell)
    if answer is None:
        return False
    try:
        read = read_answer(answer.body, cell.box, answer.fetched_at)
    except CellError:
        return False
    _write(job, cell, answer, read)
    return True


def _add_fetched(job: _CellJob, cells: Iterable[Cell], limit: int) -> Iterator[Cell]:
    """Fetch one cell after the other, as long as the server and the time allow; yield those that came."""
    started = job.clock()
    allowed = (cell for cell in cells if job.waits.of_cell(cell.name, job.clock()) is None)
    for cell in itertools.islice(allowed, limit):
        if job.clock() - started > LONGEST_CALL or not _waited(job) or not _fetch(job, cell):
            return
        yield cell


def _waited(job: _CellJob) -> bool:
    """Wait for the pause after the last query; False if the wait is a longer one, or shoemon ends."""
    left_s = job.waits.left_s(job.clock())
    if left_s > job.manners.pause_s + 1:
        return False
    while left_s > 0 and not job.stopping():
        job.manners.sleep(min(left_s, _SLICE_S))
        left_s -= _SLICE_S
    return not job.stopping()


def _fetch(job: _CellJob, cell: Cell) -> bool:
    """Fetch the cell; False if the server did not send it. Raises ShoemonError if the disk or the map refuses it."""
    folder, waits = cache_of(job.map_path), job.waits
    waits.asking(job.clock())
    write_waits(folder, waits)
    try:
        answer = CachedAnswer(ask(job.url, cell, job.manners), iso(job.clock()))
        read = read_answer(answer.body, cell.box, answer.fetched_at)
    except CellError as error:
        waits.refused(cell.name, str(error), job.clock())
    except Failed as failure:
        waits.failed(failure.words, job.clock(), asked_s=failure.wait_s, grows=failure.reached)
    else:
        waits.succeeded(cell.name, job.clock(), job.manners.pause_s)
        write_waits(folder, waits)
        write_cached(folder, cell, answer)
        _write(job, cell, answer, read)
        return True
    write_waits(folder, waits)
    return False


def _write(job: _CellJob, cell: Cell, answer: CachedAnswer, read: Answer) -> None:
    """Write the cell into the map, as of the time it was fetched."""
    name = region_name(cell)
    digest = hashlib.sha256(answer.body).hexdigest()
    region = Region(name, KIND, read.osm_date, cell.box, len(answer.body), digest)
    write_region(job.map_path, region, read, None, answer.fetched_at)


def _reason(job: _CellJob, left: Sequence[Cell]) -> str | None:
    """Report why `left` are missing; None where a later call simply continues."""
    now, waits = job.clock(), job.waits
    held = [wait for cell in left if (wait := waits.of_cell(cell.name, now)) is not None]
    wait = waits.every if left and waits.every.said and waits.left_s(now) else held[0] if held else Wait()
    again = f"it is asked again after {wait.until}, until then the map lacks {len(left)} cells"
    return f"{waits.server} {wait.said}; {again}" if wait.said else None
