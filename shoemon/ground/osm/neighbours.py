"""Infer the surface of footways without a tag from those around them: in a town where every tagged one is paved, an
untagged one is probably paved too.

Ways that are tagged later turn out to be less often hard than those that were tagged first: for plain footways the
share fell from .65 to .5 (two editions of three extracts). Local shares are shifted by as much, and only those that are
clear even then are used.
"""

import sqlite3
from collections import defaultdict
from math import exp, log

from shoemon.model.surfaces import BUILT_IN, PAVED, UNKNOWN, UNPAVED
from shoemon.model.trace import Box

RULE = "as those around"
CELL = 200_000
"""A fiftieth of a degree in the map's whole numbers: a part of a town."""
FEWEST = 20
"""So many tagged footways in a cell are evidence."""
LEAST = 0.8
MOST = 0.9
"""The highest confidence of what is inferred from others."""
_SHIFT = log(0.65 / 0.35)
_FOOTWAYS = """
    SELECT way.id, way.surface, way.origin, way.rule, way.confidence, way.region, first.west, first.south
    FROM (SELECT DISTINCT edge.way FROM edge_box AS box JOIN edge ON edge.id = box.id
          WHERE box.west <= ? AND box.east >= ? AND box.south <= ? AND box.north >= ?) AS near
      JOIN way ON way.id = near.way JOIN edge_box AS first ON first.id = (SELECT min(id) FROM edge WHERE way = way.id)
    WHERE way.highway IN ('footway', 'steps') AND json_extract(way.tags, '$.footway') IS NULL
      AND (way.origin = 'tag' OR way.surface = 'unknown' OR way.rule = ?)"""
"""A way is in the cell of its first edge, whichever of its edges was found."""
_NeighbourCell = tuple[int, int]


def infer_from_neighbours(connection: sqlite3.Connection, box: Box) -> int:
    """Give untagged footways in and around `box` the surface of those in their cell, where these agree; return how many
    have one. Call it in the transaction that changed any of them. Table `revision` counts the changes by region."""
    west, south, east, north = (
        round(degrees * 10_000_000) // CELL for degrees in (box.west, box.south, box.east, box.north)
    )
    edges = ((east + 2) * CELL, (west - 1) * CELL, (north + 2) * CELL, (south - 1) * CELL, RULE)
    counts: dict[_NeighbourCell, list[int]] = defaultdict(lambda: [0, 0])
    untagged: list[tuple[int, int, _NeighbourCell, tuple[str, str, str, float]]] = []
    for way, surface, origin, rule, confidence, region, lon, lat in connection.execute(_FOOTWAYS, edges):
        cell = (lon // CELL, lat // CELL)
        if not (west - 1 <= cell[0] <= east + 1 and south - 1 <= cell[1] <= north + 1):
            continue  # its cell is not read completely
        ground = BUILT_IN[surface].ground if surface in BUILT_IN else "unknown"
        if origin != "tag":
            untagged.append((way, region, cell, (surface, origin, rule, confidence)))
        elif ground in ("hard", "soft"):
            counts[cell][ground == "soft"] += 1
    found = [(way, region, before, _verdict(*counts[cell])) for way, region, cell, before in untagged]
    changed = [(way, region, verdict) for way, region, before, verdict in found if verdict != before]
    connection.executemany(
        "UPDATE way SET surface = ?, origin = ?, rule = ?, confidence = ? WHERE id = ?",
        [(*verdict, way) for way, _, verdict in changed],
    )
    connection.executemany(
        """INSERT INTO revision SELECT name, 1 FROM region WHERE id = ?
           ON CONFLICT(region) DO UPDATE SET number = number + 1""",
        [(region,) for region in sorted({region for _, region, _ in changed})],
    )
    return sum(verdict[0] != UNKNOWN for *_, verdict in found)


def _verdict(hard: int, soft: int) -> tuple[str, str, str, float]:
    """Return surface, origin, rule and confidence of an untagged way among so many hard and soft ones."""
    if hard + soft >= FEWEST:
        odds = log((hard + 1) / (soft + 1)) - _SHIFT
        probability = 1 / (1 + exp(-odds))
        for surface, sure in ((PAVED, probability), (UNPAVED, 1 - probability)):
            if sure >= LEAST:
                return surface, "inferred", RULE, min(round(sure, 3), MOST)
    return UNKNOWN, "unknown", "", 0.0
