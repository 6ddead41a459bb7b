"""Cut ways into the edges between junctions, and at places that are unknown or not imported."""

from array import array
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import pairwise
from math import cos, radians
from typing import NamedTuple

from shoemon.ground.osm.clip import Clip
from shoemon.ground.osm.elements import MapWay
from shoemon.ground.osm.rings import EAST, NORTH

_BUCKETS = 1024
"""Sorting a thousand small heaps needs memory for one of them as Python's own numbers, not for all."""
_LONGEST_STEP = 1_800_000
"""In coordinates northwards: 20 km."""
PlacePair = tuple[tuple[int, int], tuple[int, int]]
"""Two neighbouring places of a way, the smaller first."""


class Junctions:
    """The nodes that are used twice or more, in some eight bytes for each use: a large extract has tens of millions."""

    def __init__(self, uses: Iterable[Sequence[int]]) -> None:
        heaps = [array("q") for _ in range(_BUCKETS)]
        adders = [heap.append for heap in heaps]
        for nodes in uses:
            for node in nodes:
                adders[node % _BUCKETS](node)
        self._nodes = [_repeated(heap) for heap in heaps]

    def contains(self, node: int) -> bool:
        heap = self._nodes[node % _BUCKETS]
        place = bisect_left(heap, node)
        return place < len(heap) and heap[place] == node


def _repeated(heap: "array[int]") -> "array[int]":
    ordered = sorted(heap)
    del heap[:]
    twice = [one for one, other in pairwise(ordered) if one == other]
    return array("q", dict.fromkeys(twice))


class WayPart(NamedTuple):
    """A part of a way between two nodes at which others may begin."""

    a: int
    b: int
    shape: "array[int]"


def kept_nodes(way: MapWay, clip: Clip | None) -> list[bool]:
    """Tell for each node of `way` whether it has a place, and within `clip`."""
    places = zip(way.shape[0::2], way.shape[1::2], strict=True)
    return [abs(lon) <= EAST and abs(lat) <= NORTH and (clip is None or clip.contains(lon, lat)) for lon, lat in places]


def edges_of(
    way: MapWay,
    kept: Sequence[bool],
    junctions: Junctions,
    further: Container[int] = (),
    left_out: Container[PlacePair] = (),
) -> Iterator[WayPart]:
    """Yield the edges of `way`, cut at `junctions` and at `further` nodes, without the nodes that are not `kept`, the
    steps `left_out`, and impossible ones."""
    start = None
    for index, node in enumerate(way.nodes):
        if not kept[index]:
            if start is not None:
                yield from _edge(way, start, index - 1)
            start = None
        elif start is None:
            start = index
        elif _is_mistake(way.shape, index) or (left_out and step(way.shape, index) in left_out):
            yield from _edge(way, start, index - 1)
            start = index
        elif junctions.contains(node) or node in further:
            yield from _edge(way, start, index)
            start = index
    if start is not None:
        yield from _edge(way, start, len(way.nodes) - 1)


def _is_mistake(shape: "array[int]", index: int) -> bool:
    """Whether the step to place number `index` is impossible: somebody has dragged a node across the map. It would be
    near every run between."""
    east, north = abs(shape[2 * index] - shape[2 * index - 2]), abs(shape[2 * index + 1] - shape[2 * index - 1])
    return north > _LONGEST_STEP or (
        east > _LONGEST_STEP and east * cos(radians(shape[2 * index + 1] / 1e7)) > _LONGEST_STEP
    )


def step(shape: "array[int]", index: int) -> PlacePair:
    """Return the step to place number `index` of `shape` from the one before."""
    one, other = (shape[2 * index - 2], shape[2 * index - 1]), (shape[2 * index], shape[2 * index + 1])
    return (one, other) if one <= other else (other, one)


def _edge(way: MapWay, start: int, end: int) -> Iterator[WayPart]:
    """Yield the part of `way` from its node number `start` to `end`, unless it has no length."""
    if end <= start:
        return
    if way.nodes[start] == way.nodes[end] and end - start > 1:
        # A ring with one junction would be left and entered at the same place: a step past it would cost a full lap.
        middle = (start + end) // 2
        yield from _edge(way, start, middle)
        yield from _edge(way, middle, end)
        return
    edge = WayPart(way.nodes[start], way.nodes[end], way.shape[2 * start : 2 * end + 2])
    if edge.a != edge.b or len(set(edge.shape[0::2])) > 1 or len(set(edge.shape[1::2])) > 1:
        yield edge
