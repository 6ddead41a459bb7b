"""What other regions lose when one is replaced by less: ways that it had taken over, and that they are to bring
again."""

import sqlite3
from collections.abc import Callable

from shoemon.ground.osm.clip import Clip, clip_from
from shoemon.model.trace import Box


def note_edges(connection: sqlite3.Connection, name: str, covered: Box) -> None:
    """Notes, for as long as this connection lasts, where the edges of region `name` lie outside what will be
    `covered`."""
    connection.execute("CREATE TEMP TABLE former(way INTEGER, lon INTEGER, lat INTEGER)")
    west, east, south, north = Clip(covered).edges
    connection.execute(
        """INSERT INTO former SELECT * FROM (
          SELECT e.way, (b.west + b.east) / 2 AS lon, (b.south + b.north) / 2 AS lat
          FROM region r JOIN way w ON w.region = r.id JOIN edge e ON e.way = w.id JOIN edge_box b ON b.id = e.id
          WHERE r.name = ?
        ) WHERE NOT (lon BETWEEN ? AND ? AND lat BETWEEN ? AND ?)""",
        (name, west, east, south, north),
    )


def mark_holes(connection: sqlite3.Connection, name: str, covers: Callable[[int, int], bool]) -> None:
    """Forgets which state of their data the other regions have in whose part of the map edges noted are missing now, so
    that it is brought again. What `covers` holds is gone from OpenStreetMap, and no hole."""
    holes = connection.execute(
        """SELECT lon, lat FROM former WHERE NOT EXISTS (
          SELECT 1 FROM edge e JOIN edge_box b ON b.id = e.id WHERE e.way = former.way
          AND former.lon BETWEEN b.west AND b.east AND former.lat BETWEEN b.south AND b.north)"""
    )
    places = [place for place in holes if not covers(*place)]
    sql = "SELECT name, clip, south, west, north, east FROM region WHERE name <> ?"
    for other, clip, *sides in connection.execute(sql, (name,)).fetchall() if places else ():
        piece = clip_from(clip) or Clip(Box(*sides))
        if any(piece.holds(lon, lat) for lon, lat in places):
            connection.execute("UPDATE region SET sha256 = '' WHERE name = ?", (other,))
            connection.execute("DELETE FROM meta WHERE key = ?", (f"file {other}",))
