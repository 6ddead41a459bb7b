"""Assemble ways to run on and open ground from the ways and relations that a reader finds: the same for every
reader."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from shoemon.ground.match.areas import AREA_KEYS
from shoemon.ground.match.tags import is_walkable, verdict_of_area
from shoemon.ground.osm.elements import MapArea, MapWay
from shoemon.ground.osm.rings import RingPart, rings_of

WALK_KEYS = ("highway", "leisure")
"""A way to run on has one of these keys."""
KEYS = (*AREA_KEYS, "surface")
"""A useful way or relation has one of these, or is a part of such a relation."""


class AreaRelation(NamedTuple):
    """Open ground whose rings are made of several ways."""

    id: int
    tags: Mapping[str, str]
    ways: tuple[int, ...]


def area_relation(relation_id: int, tags: Mapping[str, str], ways: Iterable[int]) -> AreaRelation | None:
    """Return the open ground of a relation, or None."""
    if tags.get("type") not in ("multipolygon", "boundary") or verdict_of_area(tags) is None:
        return None
    members = tuple(dict.fromkeys(ways))
    return AreaRelation(relation_id, tags, members) if members else None


class Assembly:
    """Takes all ways once, and yields each element as soon as it is complete."""

    def __init__(self, relations: Iterable[AreaRelation]) -> None:
        self._waiting: dict[int, list[AreaRelation]] = {}
        self._missing: dict[int, int] = {}
        self._parts: dict[int, RingPart] = {}
        for relation in relations:
            self._missing[relation.id] = len(relation.ways)
            for way in relation.ways:
                self._waiting.setdefault(way, []).append(relation)

    @property
    def members(self) -> Mapping[int, object]:
        """The ways that are a part of open ground that is not complete yet."""
        return self._waiting

    def needs(self, way: int, tags: Mapping[str, str]) -> bool:
        """Whether a way is useful; only then its shape must be looked up."""
        return way in self._waiting or is_walkable(tags) or verdict_of_area(tags) is not None

    def add(
        self, way: int, tags: Mapping[str, str], nodes: Sequence[int], shape: "array[int]"
    ) -> Iterator[MapWay | MapArea]:
        """Yield the elements that this way completes."""
        if is_walkable(tags):
            yield MapWay(way, tags, nodes, shape)
        if len(nodes) > 3 and nodes[0] == nodes[-1] and verdict_of_area(tags) is not None:
            yield MapArea(f"w{way}", tags, [shape])
        if nodes and way in self._waiting:
            self._parts[way] = RingPart(nodes[0], nodes[-1], shape)
            for relation in tuple(self._waiting[way]):
                self._missing[relation.id] -= 1
                if not self._missing[relation.id]:
                    yield from self._whole(relation)

    def _whole(self, relation: AreaRelation) -> Iterator[MapArea]:
        rings = rings_of(self._parts[way] for way in relation.ways)
        for way in relation.ways:
            self._waiting[way].remove(relation)
            if not self._waiting[way]:
                del self._waiting[way], self._parts[way]
        if rings:
            yield MapArea(f"r{relation.id}", relation.tags, rings)
