"""The tables of the map. Coordinates are whole numbers: degrees times 10,000,000, as OpenStreetMap keeps them.

The file is not shoemon.db and Datasette never opens it: the rows are OpenStreetMap's (ODbL), and can be imported again.
"""

import sqlite3

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
"""The notice that its licence requires."""
MAP_VERSION = 2
"""Raised when the tables or what an import writes into them change: the map must then be imported again."""

TABLES = """
    CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) STRICT;
    CREATE TABLE region(
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,        -- the file's name, or overpass:LAT,LON; importing it again replaces it
      kind TEXT NOT NULL,               -- file, overpass
      osm_date TEXT NOT NULL,           -- ISO 8601, of the data
      imported_at TEXT NOT NULL,
      south REAL NOT NULL, west REAL NOT NULL, north REAL NOT NULL, east REAL NOT NULL,   -- degrees
      ways INTEGER NOT NULL, areas INTEGER NOT NULL,
      bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, clip TEXT NOT NULL, attribution TEXT NOT NULL
    ) STRICT;
    CREATE TABLE revision(
      region TEXT PRIMARY KEY,          -- by its name
      number INTEGER NOT NULL           -- how often the surfaces of its ways have changed, also by other imports
    ) STRICT;
    CREATE TABLE way(
      id INTEGER PRIMARY KEY,           -- OpenStreetMap's
      region INTEGER NOT NULL REFERENCES region(id),
      highway TEXT NOT NULL, name TEXT,
      tags TEXT NOT NULL,               -- JSON, those that are read
      surface TEXT NOT NULL, origin TEXT NOT NULL, rule TEXT NOT NULL, confidence REAL NOT NULL,
      cost REAL NOT NULL                -- how unlikely a runner is on such a way, next to any other (nepers)
    ) STRICT;
    CREATE INDEX way_region ON way(region);
    CREATE TABLE edge(
      id INTEGER PRIMARY KEY,
      way INTEGER NOT NULL REFERENCES way(id),
      a INTEGER NOT NULL, b INTEGER NOT NULL,    -- OpenStreetMap's nodes at its ends
      shape BLOB NOT NULL               -- int32, little-endian: lon, lat, lon, lat ...
    ) STRICT;
    CREATE INDEX edge_way ON edge(way);
    CREATE VIRTUAL TABLE edge_box USING rtree_i32(id, west, east, south, north);
    CREATE TABLE area(
      id INTEGER PRIMARY KEY,
      osm TEXT NOT NULL UNIQUE,         -- w123 of way 123, r123 of relation 123
      region INTEGER NOT NULL REFERENCES region(id),
      tags TEXT NOT NULL,
      surface TEXT NOT NULL, origin TEXT NOT NULL, rule TEXT NOT NULL, confidence REAL NOT NULL,
      size_m2 REAL NOT NULL,
      shape BLOB NOT NULL               -- int32: number of rings, then each: number of points, lon, lat, lon, lat ...
    ) STRICT;
    CREATE INDEX area_region ON area(region);
    CREATE VIRTUAL TABLE area_box USING rtree_i32(id, west, east, south, north);
"""


def make_tables(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file. Needs a transaction around it to be all or nothing."""
    for statement in TABLES.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('version', ?)", (str(MAP_VERSION),))
