"""Import a file of OpenStreetMap data into the map, and remember which state of the file that was."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from math import cos, hypot, radians
from pathlib import Path
from typing import NamedTuple

from shoemon.ground.osm.clip import Clip
from shoemon.ground.osm.files import open_file, region_of
from shoemon.ground.osm.opening import CLIP_OF, clips, map_for_import, remedy, remove_map, version_of
from shoemon.ground.osm.rows import shape_in
from shoemon.ground.osm.schema import MAP_VERSION
from shoemon.ground.osm.writing import WrittenCounts, write_region
from shoemon.model.errors import ShoemonError
from shoemon.model.globe import METRES_A_DEGREE

_METRES = METRES_A_DEGREE / 1e7
"""Metres of one step of a coordinate along a meridian."""


class ImportedFile(NamedTuple):
    """A file as it was imported. `mark` is its size and time, which show whether it may have changed since."""

    sha256: str
    clip: str
    mark: str
    at: str = ""
    """When it was imported (ISO 8601, UTC)."""


def import_file(
    map_database: Path,
    file: Path,
    clip: Clip | None,
    now: str,
    progress: Callable[[str], None] = lambda _: None,
    *,
    anew: bool = False,
) -> WrittenCounts:
    """Import `file`, or the part of it in `clip`; with `anew` into an empty map. Raises ShoemonError, and leaves the
    map as it was, or empty."""
    progress(f"{file.name}: reading")
    elements = open_file(file, clip)
    mark, region = mark_of(file), region_of(file)
    if anew:
        remove_map(map_database)
    written = write_region(map_database, region, elements, clip, now, progress)
    remember_mark(map_database, file.name, mark)
    return written


def known_files(map_database: Path) -> dict[str, ImportedFile]:
    """Return the files in the map by name; of files in a map of another version only their clips. Raises ShoemonError
    if it is not a map."""
    if not map_database.exists():
        return {}
    sql = """SELECT name, sha256, clip, ifnull((SELECT value FROM meta WHERE key = 'file ' || name), ''), imported_at
        FROM region WHERE kind = 'file'"""
    try:
        with closing(sqlite3.connect(map_database, timeout=60)) as connection:
            known = {name: ImportedFile("", clip, "") for name, clip in clips(connection).items()}
            if version_of(connection) == MAP_VERSION:
                known |= {name: ImportedFile(*rest) for name, *rest in connection.execute(sql)}
            return known
    except sqlite3.Error as error:
        raise ShoemonError(f"cannot read the map {map_database}: {error}; if it is damaged, {remedy()}") from None


def mark_of(file: Path) -> str:
    """Return the size of `file` and the time it was last written, as one text. Raises ShoemonError if it has none."""
    try:
        status = file.stat()
    except OSError as error:
        raise ShoemonError(f"cannot read {file}: {error.strerror}") from None
    return f"{status.st_size} {status.st_mtime_ns}"


def remember_mark(map_database: Path, name: str, mark: str) -> None:
    """Store that the content of file `name` with that mark is in the map."""
    with map_for_import(map_database) as connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"file {name}", mark))
        connection.execute("DELETE FROM meta WHERE key = ?", (f"{CLIP_OF}{name}",))


def lengths_by_origin(map_database: Path) -> dict[str, dict[str, float]]:
    """Sum up metres of way by region and origin (`tag`, `inferred`, `unknown`). Raises ShoemonError if the map cannot
    be read."""
    sums: dict[str, dict[str, float]] = {}
    sql = "SELECT r.name, w.origin, e.shape FROM edge e JOIN way w ON w.id = e.way JOIN region r ON r.id = w.region"
    try:
        with closing(sqlite3.connect(map_database, timeout=60)) as connection:
            for name, origin, shape in connection.execute(sql):
                sum_of = sums.setdefault(name, {})
                sum_of[origin] = sum_of.get(origin, 0.0) + _length_m(shape)
    except sqlite3.Error as error:
        raise ShoemonError(f"cannot read the map {map_database}: {error}") from None
    return sums


def _length_m(stored: bytes) -> float:
    shape = shape_in(stored)
    east = _METRES * cos(radians(shape[1] / 1e7)) if shape else 0.0
    lons, lats = shape[0::2], shape[1::2]
    steps = zip(lons, lats, lons[1:], lats[1:], strict=False)
    return sum(hypot((next_x - x) * east, (next_y - y) * _METRES) for x, y, next_x, next_y in steps)
