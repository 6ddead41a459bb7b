"""Remove from the map what an import replaces: the region itself, and ways and areas it takes over from others."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence

from shoemon.ground.osm.clip import Clip, clip_from
from shoemon.ground.osm.cut_ways import PlacePair, step
from shoemon.ground.osm.opening import make_anew
from shoemon.ground.osm.rows import shape_in
from shoemon.model.trace import Box


def has_others(connection: sqlite3.Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM region WHERE name <> ?", (name,)).fetchone() is not None


def former_ends(connection: sqlite3.Connection, name: str) -> Iterator[Sequence[int]]:
    """Yield the ends of the edges of region `name`, each twice: ways of other regions may meet its ways there, which
    its own data does not show."""
    sql = "SELECT e.a, e.b FROM region r JOIN way w ON w.region = r.id JOIN edge e ON e.way = w.id WHERE r.name = ?"
    for ends in connection.execute(sql, (name,)):
        yield (*ends, *ends)


def remove_region(connection: sqlite3.Connection, name: str) -> None:
    """Remove the region `name`. Where it is the only one, all tables are made anew, which is faster than emptying
    them."""
    if not has_others(connection, name):
        make_anew(connection)
        return
    row = connection.execute("SELECT id FROM region WHERE name = ?", (name,)).fetchone()
    if row is not None:
        _remove_ways(connection, "SELECT id FROM way WHERE region = ?", row[0])
        _remove_areas(connection, "SELECT id FROM area WHERE region = ?", row[0])
        connection.execute("DELETE FROM region WHERE id = ?", row)


def take_over_ways(
    connection: sqlite3.Connection, ways: Iterable[int], region: int, losers: set[int]
) -> dict[int, set[int]]:
    """Remove those of `ways` that belong to other regions, and add these to the `losers`; return the nodes at which
    they were cut, because ways of these regions may meet them there."""
    cuts: dict[int, set[int]] = {}
    sql = """SELECT e.way, w.region, e.a, e.b FROM edge e JOIN way w ON w.id = e.way
        WHERE w.id IN (SELECT value FROM json_each(?)) AND w.region <> ?"""
    for way, loser, a, b in connection.execute(sql, (json.dumps(list(ways)), region)):
        cuts.setdefault(way, set()).update((a, b))
        losers.add(loser)
    if cuts:
        _remove_ways(connection, "SELECT value FROM json_each(?)", json.dumps(list(cuts)))
    return cuts


def steps_of_others(connection: sqlite3.Connection, ways: Iterable[int], region: int) -> dict[int, set[PlacePair]]:
    """Return the steps that other regions have of `ways`."""
    steps: dict[int, set[PlacePair]] = {}
    sql = """SELECT e.way, e.shape FROM edge e JOIN way w ON w.id = e.way
        WHERE w.id IN (SELECT value FROM json_each(?)) AND w.region <> ?"""
    for way, blob in connection.execute(sql, (json.dumps(list(ways)), region)):
        shape = shape_in(blob)
        steps.setdefault(way, set()).update(step(shape, index) for index in range(1, len(shape) // 2))
    return steps


def take_over_areas(connection: sqlite3.Connection, names: Iterable[str], region: int, losers: set[int]) -> None:
    """Remove those areas that belong to other regions, and add these to the `losers`."""
    sql = "SELECT id, region FROM area WHERE osm IN (SELECT value FROM json_each(?)) AND region <> ?"
    found = connection.execute(sql, (json.dumps(list(names)), region)).fetchall()
    if found:
        losers.update(loser for _, loser in found)
        _remove_areas(connection, "SELECT value FROM json_each(?)", json.dumps([area for area, _ in found]))


def count_again(connection: sqlite3.Connection, regions: Iterable[int]) -> None:
    """Count again what is left of `regions`: the counts show that the map of their places has changed."""
    connection.executemany(
        """UPDATE region SET ways = (SELECT count(*) FROM way WHERE region = ?1),
        areas = (SELECT count(*) FROM area WHERE region = ?1) WHERE id = ?1""",
        [(region,) for region in regions],
    )


def _remove_ways(connection: sqlite3.Connection, ways: str, value: int | str) -> None:
    edges = f"SELECT id FROM edge WHERE way IN ({ways})"
    connection.execute(f"DELETE FROM edge_box WHERE id IN ({edges})", (value,))
    connection.execute(f"DELETE FROM edge WHERE way IN ({ways})", (value,))
    connection.execute(f"DELETE FROM way WHERE id IN ({ways})", (value,))


def _remove_areas(connection: sqlite3.Connection, areas: str, value: int | str) -> None:
    connection.execute(f"DELETE FROM area_box WHERE id IN ({areas})", (value,))
    connection.execute(f"DELETE FROM area WHERE id IN ({areas})", (value,))


def note_edges(connection: sqlite3.Connection, name: str, covered: Box) -> None:
    """Note, in a temporary table, the edges of region `name` outside what will be `covered`."""
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
    """Clear the checksum of other regions in whose part of the map a noted edge is missing now, so that they are
    imported again. An edge missing where `covers` is true is gone from OpenStreetMap, and no hole."""
    holes = connection.execute(
        """SELECT lon, lat FROM former WHERE NOT EXISTS (
          SELECT 1 FROM edge e JOIN edge_box b ON b.id = e.id WHERE e.way = former.way
          AND former.lon BETWEEN b.west AND b.east AND former.lat BETWEEN b.south AND b.north)"""
    )
    places = [place for place in holes if not covers(*place)]
    sql = "SELECT name, clip, south, west, north, east FROM region WHERE name <> ?"
    for other, clip, *sides in connection.execute(sql, (name,)).fetchall() if places else ():
        part = clip_from(clip) or Clip(Box(*sides))
        if any(part.contains(lon, lat) for lon, lat in places):
            connection.execute("UPDATE region SET sha256 = '' WHERE name = ?", (other,))
            connection.execute("DELETE FROM meta WHERE key = ?", (f"file {other}",))
