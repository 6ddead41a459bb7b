"""Plain OpenStreetMap files, .osm and .osm.gz, read with the standard library where pyosmium is not installed."""

import re
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from shoemon.ground.match.tags import is_walkable
from shoemon.ground.osm.assemble import AreaRelation, Gathering, area_relation
from shoemon.ground.osm.clip import Clip
from shoemon.ground.osm.elements import NOWHERE, MapArea, MapWay
from shoemon.ground.osm.node_places import NodePlaces
from shoemon.ground.osm.osm_xml_elements import Node, Relation, XmlWay, elements_in
from shoemon.model.clock import iso
from shoemon.model.trace import Box

_MOMENT = re.compile(r"2\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class OsmXmlFile:
    """The elements of a file (see elements.Elements). With a `clip`, places around it only are known."""

    def __init__(self, path: Path, clip: Clip | None = None) -> None:
        self._path, self._clip = path, clip
        self.osm_date = ""
        self.box: Box | None = None
        self._places: NodePlaces | None = None
        self._relations: list[AreaRelation] = []

    def node_uses(self) -> Iterator[Sequence[int]]:
        """The nodes of every way to run on. Learns where nodes lie, and which relations are open ground."""
        self._places, self._relations = NodePlaces(), []
        around = self._clip.widened if self._clip else None
        newest = ""
        for found in elements_in(self._path, nodes=True):
            if isinstance(found, Node):
                lon, lat = _coordinate(found.lon, 180), _coordinate(found.lat, 90)
                if NOWHERE not in (lon, lat) and (around is None or around.holds(lon, lat)):
                    self._places.add(found.id, lon, lat)
            elif isinstance(found, XmlWay):
                if is_walkable(found.tags):
                    newest = max(newest, found.timestamp if _MOMENT.fullmatch(found.timestamp) else "")
                    yield found.nodes
            elif isinstance(found, Relation):
                relation = area_relation(found.id, found.tags, found.ways)
                if relation is not None:
                    self._relations.append(relation)
            else:
                self.box = found
        self.osm_date = newest or iso(datetime.fromtimestamp(self._path.stat().st_mtime, UTC))

    def __iter__(self) -> Iterator[MapWay | MapArea]:
        if self._places is None:
            for _ in self.node_uses():
                pass
        places = self._places or NodePlaces()
        gathering = Gathering(self._relations)
        for way in elements_in(self._path, nodes=False):
            if isinstance(way, XmlWay) and gathering.wants(way.id, way.tags):
                shape = array("i")
                for node in way.nodes:
                    shape.extend(places.find(node))
                yield from gathering.take(way.id, way.tags, way.nodes, shape)


def _coordinate(text: str, furthest: float) -> int:
    try:
        degrees = float(text)
    except ValueError:
        return NOWHERE
    return round(degrees * 1e7) if -furthest <= degrees <= furthest else NOWHERE
