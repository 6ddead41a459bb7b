"""What every reader of map data hands over, whatever it reads: ways and areas with their shapes."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from shoemon.model.errors import ShoemonError
from shoemon.model.trace import Box

NOWHERE = 2**31 - 1
"""Stands for the lon and lat of a node whose place the data does not say: a way is cut there."""


class MapWay(NamedTuple):
    """A way one can be on. `shape` holds lon, lat, lon, lat ... of its `nodes`, in degrees times 10,000,000."""

    id: int
    tags: Mapping[str, str]
    nodes: Sequence[int]
    shape: "array[int]"


class MapArea(NamedTuple):
    """A piece of open ground. `rings` are closed; a point is inside if an odd number of them hold it."""

    osm: str
    """`w123` of way 123, `r123` of relation 123."""
    tags: Mapping[str, str]
    rings: Sequence["array[int]"]


class UnusableError(ShoemonError):
    """What a file holds cannot be imported, and will not be before it is another."""


class OsmElements(Protocol):
    """Map data that can be gone through more than once."""

    osm_date: str
    """ISO 8601; when the data was taken from OpenStreetMap, as far as the file says."""
    box: Box | None
    """What the data covers by its own word."""

    def __iter__(self) -> Iterator[MapWay | MapArea]:
        """Ways and areas, in any order. Raises ShoemonError where the data cannot be read."""

    def node_uses(self) -> Iterator[Sequence[int]]:
        """The nodes of every way that `__iter__` gives, without shapes: a first look that finds the junctions."""
