"""The values that every reader of map data returns: ways and areas with their shapes."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from shoemon.model.errors import ShoemonError
from shoemon.model.trace import Box

NOWHERE = 2**31 - 1
"""The lon and lat of a node without a place in the data: a way is cut there."""


class MapWay(NamedTuple):
    """A way one can be on. `shape` is lon, lat, lon, lat ... of its `nodes`, in degrees times 10,000,000."""

    id: int
    tags: Mapping[str, str]
    nodes: Sequence[int]
    shape: "array[int]"


class MapArea(NamedTuple):
    """An area of open ground. `rings` are closed; a point is inside if an odd number of them contain it."""

    osm: str
    """`w123` of way 123, `r123` of relation 123."""
    tags: Mapping[str, str]
    rings: Sequence["array[int]"]


class UnusableError(ShoemonError):
    """The content of a file cannot be imported; only another file helps."""


class OsmElements(Protocol):
    """Map data that can be read more than once."""

    osm_date: str
    """ISO 8601; when the data was copied from OpenStreetMap, as far as it is known."""
    box: Box | None
    """The box that the data states."""

    def __iter__(self) -> Iterator[MapWay | MapArea]:
        """Yield ways and areas, in any order. Raises ShoemonError where the data cannot be read."""

    def node_uses(self) -> Iterator[Sequence[int]]:
        """Yield the nodes of every way that `__iter__` yields, without shapes: for finding the junctions first."""
