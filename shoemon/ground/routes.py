"""The shortest ways through the network between two places on it. Pure."""

from heapq import heappop, heappush
from math import ceil, inf
from typing import NamedTuple

from shoemon.ground.candidates import Candidate
from shoemon.ground.piece import Edge, Piece

_STEP_M = 50.0
_MOST_KEPT = 4000


class Reach(NamedTuple):
    """What lies around a node: how far each node within `bound` is, and the node and edge by which one comes there."""

    bound: float
    metres: dict[int, float]
    back: dict[int, tuple[int, Edge]]


class Routes:
    """Routes over a piece of the map. What was found from a node is kept, for the next position asks for it again."""

    def __init__(self, piece: Piece) -> None:
        self._exits = piece.exits
        self._kept: dict[int, Reach] = {}

    def around(self, node: int, bound: float) -> Reach:
        """All nodes within `bound` metres of a node, and perhaps some beyond."""
        kept = self._kept.get(node)
        if kept is not None and kept.bound >= bound:
            return kept
        if len(self._kept) > _MOST_KEPT:
            self._kept.clear()
        found = self._kept[node] = self._search(node, ceil(bound / _STEP_M) * _STEP_M)
        return found

    def metres(self, start: Candidate, end: Candidate, bound: float) -> float:
        """The shortest way from one place to another; infinite where it is longer than about `bound`."""
        return self._best(start, end, bound)[0]

    def path(self, start: Candidate, end: Candidate, bound: float) -> list[tuple[Edge, float]]:
        """The edges of the shortest way and the metres on each, the start's and the end's too; empty without one."""
        metres, out, into = self._best(start, end, bound)
        if metres == inf:
            return []
        if out is None or into is None:
            return [(start.edge, metres)]
        first = start.offset if out == start.edge.a else start.edge.length - start.offset
        last = end.offset if into == end.edge.a else end.edge.length - end.offset
        between = []
        node, back = into, self.around(out, bound).back
        while node != out:
            node, edge = back[node]
            between.append((edge, edge.length))
        return [(start.edge, first), *reversed(between), (end.edge, last)]

    def _best(self, start: Candidate, end: Candidate, bound: float) -> tuple[float, int | None, int | None]:
        """Metres, the node by which the start's edge is left, and the one by which the end's edge is entered."""
        if start.edge.id == end.edge.id:
            return abs(end.offset - start.offset), None, None
        best: tuple[float, int | None, int | None] = (inf, None, None)
        for out, first in ((start.edge.a, start.offset), (start.edge.b, start.edge.length - start.offset)):
            metres = self.around(out, bound).metres
            for into, last in ((end.edge.a, end.offset), (end.edge.b, end.edge.length - end.offset)):
                between = metres.get(into)
                if between is not None and first + between + last < best[0]:
                    best = (first + between + last, out, into)
        return best

    def _search(self, node: int, bound: float) -> Reach:
        """Dijkstra's search, given up beyond `bound`."""
        exits = self._exits
        metres = {node: 0.0}
        back: dict[int, tuple[int, Edge]] = {}
        open_: list[tuple[float, int]] = [(0.0, node)]
        while open_:
            here, node = heappop(open_)
            if here > metres[node]:
                continue
            for other, length, edge in exits[node]:
                there = here + length
                if there <= bound and there < metres.get(other, inf):
                    metres[other] = there
                    back[other] = (node, edge)
                    heappush(open_, (there, other))
        return Reach(bound, metres, back)
