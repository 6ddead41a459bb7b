"""Small OpenStreetMap files, written as a test shows them, and what a map made of them holds."""

import os
import sqlite3
from array import array
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import quoteattr

from shoemon.ground.osm.clip import Clip
from shoemon.ground.osm.osm_xml import OsmXmlFile
from shoemon.ground.osm.writing import Region, WrittenCounts, write_region

NOW = "2024-06-01T12:00:00Z"

TABLES = ("region", "way", "edge", "edge_box", "area", "area_box")


def osm(text: str, *, head: str = "") -> str:
    """OSM XML of lines `n1 47.1 9.5` (lat, lon), `w10 1,2,3 highway=path`, `r5 w10,w11 type=multipolygon`; a tag's
    value has `+` for a space, and `@2024-01-02T03:04:05Z` among the tags is when it was last changed."""
    elements = "".join(_element(line.split()) for line in text.splitlines() if line.strip())
    return f'<?xml version="1.0"?>\n<osm version="0.6">{head}{elements}</osm>\n'


def _element(words: list[str]) -> str:
    kind, number = words[0][0], words[0][1:]
    if kind == "n":
        return f'<node id="{number}" version="1" lat="{words[1]}" lon="{words[2]}"/>\n'
    rest = [word for word in words[2:] if not word.startswith("@")]
    stamp = "".join(f' timestamp="{word[1:]}"' for word in words[2:] if word.startswith("@"))
    parts = [part for part in words[1].split(",") if part != "-"]
    if kind == "w":
        inner = "".join(f'<nd ref="{part}"/>' for part in parts)
    else:
        types = {"n": "node", "w": "way", "r": "relation"}
        inner = "".join(f'<member type="{types[part[0]]}" ref="{part[1:]}" role=""/>' for part in parts)
    for word in rest:
        key, value = word.split("=", 1)
        inner += f"<tag k={quoteattr(key)} v={quoteattr(value.replace('+', ' '))}/>"
    name = {"w": "way", "r": "relation"}[kind]
    return f'<{name} id="{number}" version="1"{stamp}>{inner}</{name}>\n'


def region(name: str = "here.osm", kind: str = "file") -> Region:
    """A region as the file `name` would be."""
    return Region(name, kind, "", None, 100, "abc")


def rows(path: Path, table: str, columns: str = "*") -> list[tuple[object, ...]]:
    """The rows of `table` in their order."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2").fetchall()


def all_rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the map but its marks."""
    return {table: rows(path, table) for table in TABLES}


def edges(path: Path) -> list[tuple[int, int, int]]:
    """Way, first and last node of every edge, in order of way and place."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT way, a, b FROM edge ORDER BY way, id").fetchall()


def numbers(blob: object) -> list[int]:
    """A stored shape as numbers (on a little-endian machine)."""
    assert isinstance(blob, bytes)
    return list(array("i", blob))


def damage(path: Path, *tables: str) -> None:
    """Overwrites the first page of each of `tables`, as a failing disk may."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        sql = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        pages = [connection.execute(sql, (table,)).fetchone()[0] for table in tables]
    with path.open("r+b") as file:
        for page in pages:
            file.seek(size * (page - 1))
            file.write(b"\xa5" * size)


class Place:
    """A map, and files that are written into it."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.map = directory, directory / "maps" / "map.db"

    def take(self, text: str, name: str = "here.osm", clip: Clip | None = None) -> WrittenCounts:
        file = self.directory / name
        file.write_text(osm(text), encoding="utf-8")
        os.utime(file, (1e9, 1e9))  # the date of its data, where it names none
        return write_region(self.map, region(name), OsmXmlFile(file, clip), clip, NOW)
