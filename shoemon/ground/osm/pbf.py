"""Read OpenStreetMap files of every kind with pyosmium, above all .osm.pbf. The only place that uses pyosmium."""

import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shoemon.ground.match.tags import is_walkable
from shoemon.ground.osm.assemble import KEYS, WALK_KEYS, AreaRelation, Assembly, area_relation
from shoemon.ground.osm.clip import Clip
from shoemon.ground.osm.elements import MapArea, MapWay, UnusableError
from shoemon.model.clock import iso
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.model.text import one_line
from shoemon.model.trace import Box


def pyosmium() -> Any:
    """Import pyosmium. Raises MistakeError with the remedy where it is not installed."""
    try:
        import osmium
    except ImportError:
        raise MistakeError(
            "reading .osm.pbf requires pyosmium, which is not installed; run: pip install osmium (where pipx installed "
            "shoemon: pipx inject shoemon osmium). Without it, only plain .osm and .osm.gz files can be read"
        ) from None
    # It reads ahead so many blocks of some megabytes; its own 20 need 100 MB more, and no less time.
    os.environ.setdefault("OSMIUM_MAX_OSMDATA_QUEUE_SIZE", "3")
    return osmium


class OsmiumFile:
    """The elements of a file (see elements.OsmElements). With a `clip`, only places around it are read."""

    def __init__(self, path: Path, form: str, clip: Clip | None = None) -> None:
        self._osmium = pyosmium()
        self._path, self._clip = path, clip
        self._file = self._osmium.io.File(str(path), form)
        with self._readable(), self._osmium.io.Reader(self._file, self._osmium.osm.NOTHING) as reader:
            header = reader.header()
            self.osm_date = _moment(header.get("osmosis_replication_timestamp", ""))
            self.box = _box(header.box())
        self._places: Any = None
        self._relations: list[AreaRelation] = []
        self._near: set[int] = set()
        """With a clip, the ways to run on that have a place in or around it."""

    def node_uses(self) -> Iterator[Sequence[int]]:
        """Yield the nodes of every way to run on; store the places of nodes and the relations that are open ground."""
        osm, filters = self._osmium.osm, self._osmium.filter
        self._places, self._relations = self._osmium.index.create_map(self._kind_of_index()), []
        newest = datetime(1970, 1, 1, tzinfo=UTC)
        dated = bool(self.osm_date)
        chain = [
            filters.KeyFilter(*WALK_KEYS).enable_for(osm.WAY),
            filters.KeyFilter(*KEYS).enable_for(osm.RELATION),
            self._locations(),
            filters.EntityFilter(osm.WAY | osm.RELATION),
        ]
        if self._clip is not None:
            chain.insert(0, _Around(self._clip.widened))
        for found in self._read(osm.NODE | osm.WAY | osm.RELATION, chain):
            tags = dict(found.tags)
            if found.is_relation():
                ways = (member.ref for member in found.members if member.type == "w")
                relation = area_relation(found.id, tags, ways)
                if relation is not None:
                    self._relations.append(relation)
            elif is_walkable(tags):
                newest = newest if dated else max(newest, found.timestamp)
                if self._clip is None:
                    yield [node.ref for node in found.nodes]
                elif known := [node.ref for node in found.nodes if node.location.valid()]:
                    self._near.add(found.id)
                    yield known
        if newest.year < 2001:  # no way says when it was changed
            newest = datetime.fromtimestamp(self._path.stat().st_mtime, UTC)
        self.osm_date = self.osm_date or iso(newest)

    def __iter__(self) -> Iterator[MapWay | MapArea]:
        if self._places is None:
            for _ in self.node_uses():
                pass
        assembly = Assembly(self._relations)
        bare = _Members(assembly.members)
        chain = [self._locations(), self._osmium.filter.KeyFilter(*KEYS)]
        for way in self._read(self._osmium.osm.WAY, chain, bare):
            yield from bare.added(assembly)
            if self._clip is not None and not (way.id in self._near or _begins_near(way)):
                continue
            tags = dict(way.tags)
            if assembly.needs(way.id, tags):
                yield from assembly.add(way.id, tags, *_nodes_of(way))
        yield from bare.added(assembly)

    def _kind_of_index(self) -> str:
        """Both need sixteen bytes for a node; the other one needs twice as much for a moment, each time it grows."""
        grows_in_place = "sparse_mmap_array"
        return grows_in_place if grows_in_place in self._osmium.index.map_types() else "flex_mem"

    def _locations(self) -> Any:
        handler = self._osmium.NodeLocationsForWays(self._places)
        handler.ignore_errors()
        return handler

    def _read(self, entities: Any, chain: list[Any], left_out: Any = None) -> Iterator[Any]:
        """Yield what passes the `chain` of filters; pass the rest to `left_out`."""
        with self._readable(), self._osmium.io.Reader(self._file, entities) as reader:
            found = self._osmium.OsmFileIterator(reader, *chain)
            if left_out is not None:
                found.set_filtered_handler(left_out)
            yield from found

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Report in one sentence what pyosmium could not read."""
        try:
            yield
        except OSError as error:
            raise ShoemonError(f"cannot read {self._path}: {error.strerror or error}") from None
        except (self._osmium.InvalidLocationError, RuntimeError, ValueError, OverflowError) as error:
            reason = one_line(str(error))[:200]
            raise UnusableError(
                f"{self._path} is damaged or not OpenStreetMap data ({reason}); download it again"
            ) from None


class _Around:
    """Filters out the nodes outside of a clip: memory must not grow with what is outside."""

    def __init__(self, clip: Clip) -> None:
        self._contains = clip.contains
        self._west, self._east, self._south, self._north = clip.edges

    def node(self, node: Any) -> bool:
        """Whether it is filtered out. Called for every node: most are far away, which their latitude shows."""
        place = node.location
        lat = place.y
        if lat < self._south or lat > self._north:
            return True
        lon = place.x
        return lon < self._west or lon > self._east or not self._contains(lon, lat)


class _Members:
    """Collects ways that have no key of use but are members of open ground."""

    def __init__(self, members: Mapping[int, object]) -> None:
        self._members = members
        self._found: list[tuple[int, list[int], array[int]]] = []

    def way(self, way: Any) -> None:
        if way.id in self._members and _begins_near(way):
            self._found.append((way.id, *_nodes_of(way)))

    def added(self, assembly: Assembly) -> Iterator[MapWay | MapArea]:
        """Add the ways collected to `assembly`; yield what they complete."""
        found, self._found = self._found, []
        for way, nodes, shape in found:
            yield from assembly.add(way, {}, nodes, shape)


def _begins_near(way: Any) -> bool:
    """Whether the first node of a way has a place: in open ground all nodes need one."""
    return len(way.nodes) > 0 and way.nodes[0].location.valid()


def _nodes_of(way: Any) -> "tuple[list[int], array[int]]":
    nodes: list[int] = []
    shape = array("i")
    for node in way.nodes:
        place = node.location
        nodes.append(node.ref)
        shape.append(place.x)
        shape.append(place.y)
    return nodes, shape


def _moment(text: str) -> str:
    """Return a header's timestamp as shoemon writes moments; empty where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _box(box: Any) -> Box | None:
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    found = Box(low.lat, low.lon, high.lat, high.lon)
    return found if found.south < found.north and found.west < found.east else None
