"""The nodes where ways meet: those that are used twice."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

_BUCKETS = 1024
"""Sorting a thousand small heaps holds one of them in memory as Python's own numbers, not all."""


class Junctions:
    """Which nodes are used twice or more, in some eight bytes for each use: a large extract has tens of millions."""

    def __init__(self, uses: Iterable[Sequence[int]]) -> None:
        heaps = [array("q") for _ in range(_BUCKETS)]
        adders = [heap.append for heap in heaps]
        for nodes in uses:
            for node in nodes:
                adders[node % _BUCKETS](node)
        self._nodes = [_repeated(heap) for heap in heaps]

    def holds(self, node: int) -> bool:
        """Whether `node` is used twice or more."""
        heap = self._nodes[node % _BUCKETS]
        place = bisect_left(heap, node)
        return place < len(heap) and heap[place] == node


def _repeated(heap: "array[int]") -> "array[int]":
    ordered = sorted(heap)
    del heap[:]
    twice = [one for one, other in pairwise(ordered) if one == other]
    return array("q", dict.fromkeys(twice))
