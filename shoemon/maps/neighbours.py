"""What footways of which nothing is said are made of, by those around them: in a town where every described one is
paved, one that is not described is no coin toss.

Where surfaces are stated later, ways turn out to be less often hard than those that were stated first: for plain
footways the share fell from .65 to .5 (two editions of three extracts). Local shares are shifted by as much, and only
those that are clear even so are believed.
"""

import sqlite3
from collections import defaultdict
from math import exp, log

from shoemon.ground.surfaces import BUILT_IN, PAVED, UNKNOWN, UNPAVED
from shoemon.ground.trace import Box

RULE = "as those around"
CELL = 200_000
"""A fiftieth of a degree in the map's whole numbers: a part of a town."""
FEWEST = 20
"""So many described footways of a cell are evidence."""
LEAST = 0.8
MOST = 0.9
"""Nothing that was inferred from others is surer than this."""
_SHIFT = log(0.65 / 0.35)
_FOOTWAYS = """
    SELECT way.id, way.surface, way.origin, min(box.west), min(box.south)
    FROM edge_box AS box JOIN edge ON edge.id = box.id JOIN way ON way.id = edge.way
    WHERE box.west <= ? AND box.east >= ? AND box.south <= ? AND box.north >= ?
      AND way.highway IN ('footway', 'steps')
      AND (way.origin = 'tag' OR way.surface = 'unknown' OR way.rule = ?)
      AND json_extract(way.tags, '$.footway') IS NULL
    GROUP BY way.id"""


def infer_from_neighbours(connection: sqlite3.Connection, box: Box) -> int:
    """Says of the silent footways in and around `box` what those of their cell are, where these agree; returns of how
    many. To be called in the transaction that changed any of them."""
    west, south, east, north = (
        round(degrees * 10_000_000) for degrees in (box.west, box.south, box.east, box.north)
    )  # fmt: skip
    around = (east + CELL, west - CELL, north + CELL, south - CELL, RULE)
    counts: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    silent: list[tuple[int, tuple[int, int]]] = []
    for way, surface, origin, lon, lat in connection.execute(_FOOTWAYS, around):
        cell = (lon // CELL, lat // CELL)
        ground = BUILT_IN[surface].ground if surface in BUILT_IN else "unknown"
        if origin != "tag":
            silent.append((way, cell))
        elif ground in ("hard", "soft"):
            counts[cell][ground == "soft"] += 1
    told = [(*_word(*counts[cell]), way) for way, cell in silent]
    connection.executemany("UPDATE way SET surface = ?, origin = ?, rule = ?, confidence = ? WHERE id = ?", told)
    return sum(surface != UNKNOWN for surface, *_ in told)


def _word(hard: int, soft: int) -> tuple[str, str, str, float]:
    """Surface, origin, rule and confidence of a silent way among so many hard and soft ones."""
    if hard + soft >= FEWEST:
        odds = log((hard + 1) / (soft + 1)) - _SHIFT
        probability = 1 / (1 + exp(-odds))
        for surface, sure in ((PAVED, probability), (UNPAVED, 1 - probability)):
            if sure >= LEAST:
                return surface, "inferred", RULE, min(round(sure, 3), MOST)
    return UNKNOWN, "unknown", "", 0.0
