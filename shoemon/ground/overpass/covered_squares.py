"""Which squares of the map imported files cover, so that nobody need be asked for them."""

import sqlite3

from shoemon.ground.osm.clip import Clip, clip_from
from shoemon.ground.overpass.cells import Square
from shoemon.model.trace import Box

_WAY_OF_A_FILE = """
    SELECT 1 FROM edge_box b JOIN edge e ON e.id = b.id JOIN way w ON w.id = e.way JOIN region r ON r.id = w.region
    WHERE b.west <= ? AND b.east >= ? AND b.south <= ? AND b.north >= ? AND r.kind = 'file' LIMIT 1"""


class Coverage:
    """What the files in a map cover. The box of an extract holds more than its country: a square is covered where a
    way of a file is in it, too."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        sql = "SELECT clip, south, west, north, east FROM region WHERE kind = 'file'"
        self._files = [(clip_from(clip), Box(*sides)) for clip, *sides in connection.execute(sql)]

    def holds(self, square: Square) -> bool:
        """Whether a file covers all of `square`. Raises sqlite3.Error."""
        within = any(
            (square.lat, square.lon) in clip.cells if clip and clip.cells else square.is_within(box)
            for clip, box in self._files
        )
        west, east, south, north = Clip(square.box).edges
        return within and self._connection.execute(_WAY_OF_A_FILE, (east, west, north, south)).fetchone() is not None
