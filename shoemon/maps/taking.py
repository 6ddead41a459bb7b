"""What an import takes away from the map: the region it replaces, and ways and areas that it takes over from others."""

import json
import sqlite3
from collections.abc import Iterable

from shoemon.maps.opening import make_anew


def take_away_region(connection: sqlite3.Connection, name: str) -> bool:
    """Takes away the region `name`; returns whether there are others. Where there are none, all tables are made anew,
    which is quicker than to empty them."""
    if not connection.execute("SELECT 1 FROM region WHERE name <> ?", (name,)).fetchone():
        make_anew(connection)
        return False
    row = connection.execute("SELECT id FROM region WHERE name = ?", (name,)).fetchone()
    if row is not None:
        _take_away_ways(connection, "SELECT id FROM way WHERE region = ?", row[0])
        _take_away_areas(connection, "SELECT id FROM area WHERE region = ?", row[0])
        connection.execute("DELETE FROM region WHERE id = ?", row)
    return True


def take_over_ways(connection: sqlite3.Connection, ways: Iterable[int], region: int) -> dict[int, set[int]]:
    """Takes those of `ways` away that other regions had; returns the nodes at which they were cut, for there ways of
    these regions may meet them."""
    cuts: dict[int, set[int]] = {}
    sql = """SELECT e.way, e.a, e.b FROM edge e JOIN way w ON w.id = e.way
        WHERE w.id IN (SELECT value FROM json_each(?)) AND w.region <> ?"""
    for way, a, b in connection.execute(sql, (json.dumps(list(ways)), region)):
        cuts.setdefault(way, set()).update((a, b))
    if cuts:
        _take_away_ways(connection, "SELECT value FROM json_each(?)", json.dumps(list(cuts)))
    return cuts


def take_over_areas(connection: sqlite3.Connection, names: Iterable[str], region: int) -> None:
    """Takes those areas away that other regions had."""
    sql = "SELECT id FROM area WHERE osm IN (SELECT value FROM json_each(?)) AND region <> ?"
    found = [row[0] for row in connection.execute(sql, (json.dumps(list(names)), region))]
    if found:
        _take_away_areas(connection, "SELECT value FROM json_each(?)", json.dumps(found))


def _take_away_ways(connection: sqlite3.Connection, ways: str, value: int | str) -> None:
    edges = f"SELECT id FROM edge WHERE way IN ({ways})"
    connection.execute(f"DELETE FROM edge_box WHERE id IN ({edges})", (value,))
    connection.execute(f"DELETE FROM edge WHERE way IN ({ways})", (value,))
    connection.execute(f"DELETE FROM way WHERE id IN ({ways})", (value,))


def _take_away_areas(connection: sqlite3.Connection, areas: str, value: int | str) -> None:
    connection.execute(f"DELETE FROM area_box WHERE id IN ({areas})", (value,))
    connection.execute(f"DELETE FROM area WHERE id IN ({areas})", (value,))
