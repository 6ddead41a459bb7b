"""Find the shortest routes through the network between two places on it. Pure."""

from collections.abc import Mapping
from heapq import heappop, heappush
from math import inf
from typing import Protocol

from shoemon.ground.match.candidates import Candidate
from shoemon.ground.match.piece import Edge, Search

_MOST_KEPT = 100_000
"""So many distances: some 10 MB. A run needs a tenth, a trace that jumps about would need any number."""
_MOST_FOUND = 1_500_000
"""So many distances for one trace need some seconds. A hundred kilometres through a town need half of them; a trace
that jumps about would need minutes. After that no route is known, and most of the rest is unknown."""


class Network(Protocol):
    """The edges of a map, and the searches that are kept with it: see MapPiece."""

    @property
    def exits(self) -> Mapping[int, list[tuple[int, float, Edge]]]: ...
    @property
    def searches(self) -> dict[int, Search]: ...


class Routes:
    """Routes over a piece of the map. What was found from a node is kept with the piece, because the next position
    needs it again, and so does the next run from the same door."""

    def __init__(self, piece: Network) -> None:
        self._exits = piece.exits
        self._kept = piece.searches
        self._distances = sum(len(search.metres) for search in self._kept.values())
        self._left = _MOST_FOUND

    def around(self, node: int, bound: float) -> dict[int, float]:
        """Return the metres to all nodes within `bound` metres of a node, and to some beyond, for which there may be a
        shorter route."""
        search = self._kept.get(node)
        if search is None:
            if self._distances > _MOST_KEPT:
                self._kept.clear()
                self._distances = 0
            search = self._kept[node] = Search({node: 0.0}, [(0.0, node)])
        if search.open and search.open[0][0] <= bound and self._left > 0:
            found = self._go_on(search, bound)
            self._left -= found
            self._distances += found
        return search.metres

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
            metres = self.around(out, bound - first)
            for into, last in ((end.edge.a, end.offset), (end.edge.b, end.edge.length - end.offset)):
                between = metres.get(into)
                if between is not None and first + between + last < shortest:
                    shortest, best = first + between + last, (metres, out, into)
        return best

    def _go_on(self, search: Search, bound: float) -> int:
        """Go on with Dijkstra's search up to `bound`, and return how many nodes are new."""
        exits = self._exits
        metres, open_ = search
        known, before = metres.get, len(metres)
        while open_ and open_[0][0] <= bound:
            here, node = heappop(open_)
            if here > metres[node]:
                continue
            for other, length, _ in exits[node]:
                there = here + length
                if there < known(other, inf):
                    metres[other] = there
                    heappush(open_, (there, other))
        return len(metres) - before
