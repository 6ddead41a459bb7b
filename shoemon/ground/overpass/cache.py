"""Keep answers of an Overpass server on disk, as they came: nothing is fetched twice."""

import gzip
import json
import sqlite3
import zlib
from pathlib import Path
from typing import NamedTuple

from shoemon.ground.osm.clip import Clip, clip_from
from shoemon.ground.osm.write_whole import write_whole
from shoemon.ground.overpass.answer import MOMENT
from shoemon.ground.overpass.cells import Cell, Square
from shoemon.ground.overpass.server import LARGEST_ANSWER, QUERY_VERSION
from shoemon.model.trace import Box

_WAY_OF_A_FILE = """
    SELECT 1 FROM edge_box b JOIN edge e ON e.id = b.id JOIN way w ON w.id = e.way JOIN region r ON r.id = w.region
    WHERE b.west <= ? AND b.east >= ? AND b.south <= ? AND b.north >= ? AND r.kind = 'file' LIMIT 1"""
FOLDER = "overpass"
_LONGEST_HEAD = 1_000


class CachedAnswer(NamedTuple):
    """An answer and when it came (ISO 8601, UTC)."""

    body: bytes
    fetched_at: str


def cache_of(map_path: Path) -> Path:
    return map_path.with_name(FOLDER)


def write_cached(folder: Path, cell: Cell, answer: CachedAnswer) -> None:
    """Write `answer` to disk: a line with its time, then the answer. Raises ShoemonError."""
    head = json.dumps({"cell": cell.name, "fetched_at": answer.fetched_at, "question": QUERY_VERSION})
    # no time and no name in the gzip header: the same answer makes the same file
    write_whole(_path(folder, cell), gzip.compress(head.encode() + b"\n" + answer.body, mtime=0))


def read_cached(folder: Path, cell: Cell) -> CachedAnswer | None:
    """Read the answer for `cell`; None if there is none, if it cannot be read, or if it answers an older query."""
    try:
        with gzip.open(_path(folder, cell)) as file:
            head = json.loads(file.readline(_LONGEST_HEAD))
            body = file.read(LARGEST_ANSWER + 1)
    except (OSError, EOFError, zlib.error, ValueError):
        return None
    if not isinstance(head, dict) or head.get("question") != QUERY_VERSION or head.get("cell") != cell.name:
        return None
    fetched_at = head.get("fetched_at")
    if not isinstance(fetched_at, str) or not MOMENT.fullmatch(fetched_at) or len(body) > LARGEST_ANSWER:
        return None
    return CachedAnswer(body, fetched_at)


def _path(folder: Path, cell: Cell) -> Path:
    return folder / f"{cell.name}.json.gz"


class Coverage:
    """The squares that the files in a map cover. The box of an extract is larger than its country: a square is covered
    only if it also contains a way of a file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        sql = "SELECT clip, south, west, north, east FROM region WHERE kind = 'file'"
        self._files = [(clip_from(clip), Box(*sides)) for clip, *sides in connection.execute(sql)]

    def contains(self, square: Square) -> bool:
        """Whether a file covers all of `square`. Raises sqlite3.Error."""
        within = any(
            (square.lat, square.lon) in clip.cells if clip and clip.cells else square.is_within(box)
            for clip, box in self._files
        )
        west, east, south, north = Clip(square.box).edges
        return within and self._connection.execute(_WAY_OF_A_FILE, (east, west, north, south)).fetchone() is not None
