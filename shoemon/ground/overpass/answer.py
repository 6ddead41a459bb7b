"""Read the answer of an Overpass server about a cell as map data. It may be hostile: it is accepted as a whole or not
at all."""

import json
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shoemon.ground.osm.assemble import Assembly, area_relation
from shoemon.ground.osm.elements import NOWHERE, MapArea, MapWay
from shoemon.ground.osm.rings import RingPart, rings_of
from shoemon.model.errors import ShoemonError
from shoemon.model.trace import Box

_MOST_PARTS = 1_000_000
"""Lists, and dicts other than points: two or three for each way. Hostile JSON has one in three bytes, which needs a
hundred in memory."""
_TOO_MANY = "sent JSON of more parts than any cell has"
_MOST_RING_PARTS = 1_000
"""Of one area of open ground. An area of more is half a country, and joining it takes time by their square."""
_LARGEST_ID = 2**63
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

LonLat = tuple[int, int]
"""In degrees times 10,000,000."""


class CellError(ShoemonError):
    """The answer about a cell cannot be used; the text follows the name of the server."""


class Answer:
    """The elements of an answer (see shoemon.ground.osm.elements.OsmElements), all in memory: a cell is small."""

    def __init__(self, osm_date: str, box: Box, found: Sequence[MapWay | MapArea]) -> None:
        self.osm_date = osm_date
        self.box: Box | None = box
        self._found = found

    def __iter__(self) -> Iterator[MapWay | MapArea]:
        yield from self._found

    def node_uses(self) -> Iterator[Sequence[int]]:
        yield from (each.nodes for each in self._found if isinstance(each, MapWay))


def read_answer(body: bytes, box: Box, fetched_at: str) -> Answer:
    """Read the answer in `body`, about `box`. Raises CellError where it is none, incomplete, or damaged."""
    whole = _parsed(body)
    remark = whole.get("remark")
    if isinstance(remark, str) and not remark.startswith("runtime remark"):
        reason = "".join(letter for letter in remark if letter.isprintable())[:200]
        raise CellError(f"gave up on the query: {reason}")
    elements = whole.get("elements")
    if not isinstance(elements, list):
        raise CellError("sent JSON that is not an answer of Overpass: it has no list of elements")
    # by number, because a server may send one twice
    found = {(type(each), each[0]): each for element in elements for each in _read_element(element)}
    return Answer(_date(whole) or fetched_at, box, tuple(found.values()))


def _read_element(element: Any) -> Iterator[MapWay | MapArea]:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind == "way":
        yield from _read_way(element)
    elif kind == "relation":
        yield from _read_relation(element)


def _parsed(body: bytes) -> dict[str, Any]:
    if body.count(b"[") > _MOST_PARTS:
        raise CellError(_TOO_MANY)
    dicts = 0

    def point_or_dict(found: dict[str, Any]) -> dict[str, Any] | LonLat:
        """Make points at once, because the many dicts of a large answer would fill the memory."""
        nonlocal dicts
        lat, lon = found.get("lat"), found.get("lon")
        if len(found) == 2 and isinstance(lat, float | int) and isinstance(lon, float | int):
            if not (-90 <= lat <= 90 and -180 <= lon <= 180):
                raise CellError("sent a place that is not on Earth")
            return round(lon * 10_000_000), round(lat * 10_000_000)
        dicts += 1
        if dicts > _MOST_PARTS:
            raise CellError(_TOO_MANY)
        return found

    try:
        whole = json.loads(body, object_hook=point_or_dict, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise CellError("sent incomplete or invalid JSON") from None
    if not isinstance(whole, dict):
        raise CellError("sent JSON that is not an answer of Overpass")
    return whole


def _no_number(word: str) -> None:
    raise ValueError(word)


def _date(whole: Mapping[str, Any]) -> str | None:
    head = whole.get("osm3s")
    moment = head.get("timestamp_osm_base") if isinstance(head, dict) else None
    return moment if isinstance(moment, str) and MOMENT.fullmatch(moment) else None


def _read_way(element: Mapping[str, Any]) -> Iterator[MapWay | MapArea]:
    identity, tags, nodes, points = _id(element), _tags(element), element.get("nodes"), _points(element)
    fits = isinstance(nodes, list) and points is not None and len(nodes) == len(points)
    if not fits or not all(type(node) is int and 0 < node < _LARGEST_ID for node in nodes or ()):
        raise CellError(f"sent way {identity} without its nodes or places")
    yield from Assembly(()).add(identity, tags, array("q", nodes or ()), _shape(points or ()))


def _read_relation(element: Mapping[str, Any]) -> Iterator[MapArea]:
    identity, tags, members = _id(element), _tags(element), element.get("members")
    if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
        raise CellError(f"sent relation {identity} without its members")
    lines = [_points(member) for member in members if member.get("type") == "way"]
    if not area_relation(identity, tags, range(len(lines))) or len(lines) > _MOST_RING_PARTS:
        return
    if all(line and None not in line for line in lines):
        rings = rings_of(_ring_part(line) for line in lines if line)
        if rings:
            yield MapArea(f"r{identity}", tags, rings)


def _ring_part(line: Sequence[LonLat | None]) -> RingPart:
    """Make a part of a ring. Overpass sends no nodes here; two ends at one place are the same node."""
    shape = _shape(line)
    return RingPart(_place(shape[0], shape[1]), _place(shape[-2], shape[-1]), shape)


def _place(lon: int, lat: int) -> int:
    return lon * 2**32 + lat


def _id(element: Mapping[str, Any]) -> int:
    identity = element.get("id")
    if type(identity) is not int or not 0 < identity < _LARGEST_ID:
        raise CellError("sent an element without a number")
    return identity


def _tags(element: Mapping[str, Any]) -> dict[str, str]:
    tags = element.get("tags", {})
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise CellError(f"sent {element['type']} {element['id']} with tags that are not texts")
    return {_text(key): _text(value) for key, value in tags.items()}


def _text(text: str) -> str:
    """Replace halves of characters in `text`, which JSON can contain and a database cannot."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _points(element: Mapping[str, Any]) -> list[LonLat | None] | None:
    """Return the geometry; None if it is not a list of places."""
    geometry = element.get("geometry")
    if not isinstance(geometry, list) or not all(point is None or isinstance(point, tuple) for point in geometry):
        return None
    return geometry


def _shape(line: Sequence[LonLat | None]) -> "array[int]":
    return array("i", (part for point in line for part in point or (NOWHERE, NOWHERE)))
