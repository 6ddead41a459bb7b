"""Find the shortest routes through the network between two places on it. Pure."""

from heapq import heappop, heappush
from math import ceil, inf

from shoemon.ground.match.candidates import Candidate
from shoemon.ground.match.piece import Edge, MapPiece

_STEP_M = 20.0
_MOST_KEPT = 100_000
"""So many distances: some 10 MB. A run needs a tenth, a trace that jumps about would need any number."""
_MOST_FOUND = 1_500_000
"""So many distances for one trace need some seconds. A hundred kilometres through a town need half of them; a trace
that jumps about would need minutes. After that no route is known, and most of the rest is unknown."""


class Routes:
    """Routes over a piece of the map. What was found from a node is kept, because the next position needs it again."""

    def __init__(self, piece: MapPiece) -> None:
        self._exits = piece.exits
        self._kept: dict[int, tuple[float, dict[int, float]]] = {}
        self._distances = 0
        self._left = _MOST_FOUND

    def around(self, node: int, bound: float) -> dict[int, float]:
        """Return the metres to all nodes within `bound` metres of a node, and perhaps to some beyond."""
        kept = self._kept.get(node)
        if kept is not None and kept[0] >= bound:
            return kept[1]
        if self._distances > _MOST_KEPT:
            self._kept.clear()
            self._distances = 0
        bound = ceil(bound / _STEP_M) * _STEP_M
        found = self._search(node, bound) if self._left > 0 else {node: 0.0}
        self._left -= len(found)
        self._kept[node] = (bound, found)
        self._distances += len(found)
        return found

    def path(self, start: Candidate, end: Candidate, bound: float) -> list[tuple[Edge, float]]:
        """Return the edges of the shortest route and the metres on each, the start's and the end's too; empty without
        one."""
        if start.edge.id == end.edge.id:
            return [(start.edge, abs(end.offset - start.offset))]
        best = self._best(start, end, bound)
        if best is None:
            return []
        known, out, into = best
        first = start.offset if out == start.edge.a else start.edge.length - start.offset
        last = end.offset if into == end.edge.a else end.edge.length - end.offset
        return [(start.edge, first), *self._between(known, out, into), (end.edge, last)]

    def _between(self, metres: dict[int, float], out: int, into: int) -> list[tuple[Edge, float]]:
        """Return the edges from one node to another, found backwards: each node is an edge further than the one
        before."""
        edges = []
        node = into
        while node != out:
            here = metres[node]
            for before, length, edge in self._exits[node]:
                if metres.get(before, inf) + length == here:
                    edges.append((edge, length))
                    node = before
                    break
        return edges[::-1]

    def _best(self, start: Candidate, end: Candidate, bound: float) -> tuple[dict[int, float], int, int] | None:
        """Return the node by which the start's edge is left, with the metres from it, and the one by which the end's is
        entered; None if there is no route."""
        shortest, best = bound, None
        for out, first in ((start.edge.a, start.offset), (start.edge.b, start.edge.length - start.offset)):
            metres = self.around(out, bound)
            for into, last in ((end.edge.a, end.offset), (end.edge.b, end.edge.length - end.offset)):
                between = metres.get(into)
                if between is not None and first + between + last < shortest:
                    shortest, best = first + between + last, (metres, out, into)
        return best

    def _search(self, node: int, bound: float) -> dict[int, float]:
        """Dijkstra's search, stopped beyond `bound`."""
        exits = self._exits
        metres = {node: 0.0}
        known = metres.get
        open_: list[tuple[float, int]] = [(0.0, node)]
        while open_:
            here, node = heappop(open_)
            if here > metres[node]:
                continue
            for other, length, _ in exits[node]:
                there = here + length
                if there <= bound and there < known(other, inf):
                    metres[other] = there
                    heappush(open_, (there, other))
        return metres
