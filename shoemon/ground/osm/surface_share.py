"""How much of the map says its surface: the length of its ways by how their surface is known."""

import sqlite3
from contextlib import closing
from math import cos, hypot, radians
from pathlib import Path

from shoemon.ground.osm.rows import shape_in
from shoemon.model.errors import ShoemonError
from shoemon.model.globe import METRES_A_DEGREE

_METRES = METRES_A_DEGREE / 1e7
"""Metres to one step of a coordinate along a meridian."""


def lengths_by_origin(map_database: Path) -> dict[str, dict[str, float]]:
    """Metres of way by region and origin (`tag`, `inferred`, `unknown`). Raises ShoemonError if they cannot be read."""
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
