"""Where nodes lie: looked up by number, in sixteen bytes each."""

from array import array
from bisect import bisect_left

from shoemon.ground.osm.elements import NOWHERE


class NodePlaces:
    """Places of nodes. Files give nodes in the order of their numbers; others are put in order at the first look."""

    def __init__(self) -> None:
        self._nodes, self._lons, self._lats = array("q"), array("i"), array("i")
        self._in_order = True

    def add(self, node: int, lon: int, lat: int) -> None:
        """Remembers where `node` lies."""
        if self._nodes and node <= self._nodes[-1]:
            self._in_order = False
        self._nodes.append(node)
        self._lons.append(lon)
        self._lats.append(lat)

    def find(self, node: int) -> tuple[int, int]:
        """Lon and lat of `node`; NOWHERE twice where it is not known."""
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
