"""Make rows of the map's tables from ways, edges and areas. Pure, but for the machine's byte order."""

import json
import sys
from array import array
from collections.abc import Sequence

from shoemon.ground.match.areas import KEPT_OF_AREA
from shoemon.ground.match.tags import KEPT, LEISURE_TRACK, TagVerdict, cost_of_way, verdict_of_way
from shoemon.ground.osm.elements import MapArea, MapWay
from shoemon.ground.osm.rings import size_m2

MapRow = tuple[object, ...]

_LONGEST_VALUE = 255
"""OpenStreetMap's own limit of a tag's value."""


def way_row(way: MapWay, region: int) -> MapRow:
    """Make the row of `way` for table `way`, with its surface by its tags."""
    tags = {key: way.tags[key][:_LONGEST_VALUE] for key in KEPT if key in way.tags}
    verdict, cost = verdict_of_way(tags), cost_of_way(tags)
    highway, name = tags.pop("highway", LEISURE_TRACK), tags.pop("name", None)
    return (way.id, region, highway, name, json.dumps(tags, ensure_ascii=False), *verdict, cost)


def area_row(number: int, area: MapArea, verdict: TagVerdict, rings: "Sequence[array[int]]", region: int) -> MapRow:
    """Make the row of `area` for table `area`; `rings` are those of it with an inside."""
    tags = {key: area.tags[key][:_LONGEST_VALUE] for key in KEPT_OF_AREA if key in area.tags}
    shape = array("i", [len(rings)])
    for ring in rings:
        shape.append(len(ring) // 2)
        shape.extend(ring)
    return (number, area.osm, region, json.dumps(tags, ensure_ascii=False), *verdict, size_m2(rings), stored(shape))


def stored(shape: "array[int]") -> bytes:
    """Return `shape` as int32, little-endian."""
    if sys.byteorder == "big":
        shape = array("i", shape)
        shape.byteswap()
    return shape.tobytes()


def shape_in(blob: bytes) -> "array[int]":
    """Read the shape from the bytes that `stored` made."""
    shape = array("i", blob)
    if sys.byteorder == "big":
        shape.byteswap()
    return shape
