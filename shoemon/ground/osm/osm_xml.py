"""Read plain OpenStreetMap files, .osm and .osm.gz, with the standard library where pyosmium is not installed."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from shoemon.ground.match.tags import is_walkable
from shoemon.ground.osm.assemble import AreaRelation, Assembly, area_relation
from shoemon.ground.osm.clip import Clip
from shoemon.ground.osm.elements import NOWHERE, MapArea, MapWay
from shoemon.ground.osm.osm_xml_elements import XmlElement, elements_in
from shoemon.model.clock import iso
from shoemon.model.trace import Box

_MOMENT = re.compile(r"2\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class NodePlaces:
    """Places of nodes. Most files list nodes in the order of their numbers; others are sorted at the first look."""

    def __init__(self) -> None:
        self._nodes, self._lons, self._lats = array("q"), array("i"), array("i")
        self._in_order = True

    def add(self, node: int, lon: int, lat: int) -> None:
        if self._nodes and node <= self._nodes[-1]:
            self._in_order = False
        self._nodes.append(node)
        self._lons.append(lon)
        self._lats.append(lat)

    def find(self, node: int) -> tuple[int, int]:
        """Return lon and lat of `node`; NOWHERE twice where it is unknown."""
        if not self._in_order:
            self._put_in_order()
        at = bisect_left(self._nodes, node)
        if at < len(self._nodes) and self._nodes[at] == node:
            return self._lons[at], self._lats[at]
        return NOWHERE, NOWHERE

    def _put_in_order(self) -> None:
        order = sorted(range(len(self._nodes)), key=self._nodes.__getitem__)
        self._nodes = array("q", (self._nodes[at] for at in order))
        self._lons = array("i", (self._lons[at] for at in order))
        self._lats = array("i", (self._lats[at] for at in order))
        self._in_order = True


class OsmXmlFile:
    """The elements of a file (see elements.OsmElements). With a `clip`, only places around it are read."""

    def __init__(self, path: Path, clip: Clip | None = None) -> None:
        self._path, self._clip = path, clip
        self.osm_date = ""
        self.box: Box | None = None
        self._places: NodePlaces | None = None
        self._relations: list[AreaRelation] = []

    def node_uses(self) -> Iterator[Sequence[int]]:
        """Yield the nodes of every way to run on; store the places of nodes and the relations that are open ground."""
        self._places, self._relations = NodePlaces(), []
        around = self._clip.widened if self._clip else None
        newest = ""
        for found in elements_in(self._path, nodes=True):
            if isinstance(found, Box):
                self.box = found
            elif found.name == "node":
                given = found.attributes
                lon, lat = _coordinate(given.get("lon", ""), 180), _coordinate(given.get("lat", ""), 90)
                if NOWHERE not in (lon, lat) and (around is None or around.contains(lon, lat)):
                    self._places.add(found.id, lon, lat)
            elif found.name == "way" and is_walkable(found.tags):
                stamp = found.attributes.get("timestamp", "")
                newest = max(newest, stamp if _MOMENT.fullmatch(stamp) else "")
                yield found.parts
            elif found.name == "relation":
                relation = area_relation(found.id, found.tags, found.parts)
                if relation is not None:
                    self._relations.append(relation)
        self.osm_date = newest or iso(datetime.fromtimestamp(self._path.stat().st_mtime, UTC))

    def __iter__(self) -> Iterator[MapWay | MapArea]:
        if self._places is None:
            for _ in self.node_uses():
                pass
        places = self._places or NodePlaces()
        assembly = Assembly(self._relations)
        for way in elements_in(self._path, nodes=False):
            if isinstance(way, XmlElement) and way.name == "way" and assembly.needs(way.id, way.tags):
                shape = array("i", chain.from_iterable(map(places.find, way.parts)))
                yield from assembly.add(way.id, way.tags, way.parts, shape)


def _coordinate(text: str, furthest: float) -> int:
    try:
        degrees = float(text)
    except ValueError:
        return NOWHERE
    return round(degrees * 1e7) if -furthest <= degrees <= furthest else NOWHERE
