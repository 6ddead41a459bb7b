"""Closed rings: join them from parts, measure them, and find whether they contain a point."""

import math
from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shoemon.model.globe import METRES_A_DEGREE

EAST, NORTH = 1_800_000_000, 900_000_000
"""The largest coordinates."""
_METRES = METRES_A_DEGREE / 1e7
"""Metres of one step of a coordinate along a meridian, on a globe of 6,371 km."""
_MOST_NESTED = 500
"""More rings than this are added up, not compared with each other."""


class RingPart(NamedTuple):
    """A part of a ring: the nodes at its ends, and its shape between them."""

    first: int
    last: int
    shape: "array[int]"


def rings_of(parts: Iterable[RingPart]) -> "list[array[int]] | None":
    """Join `parts` to rings, in the order in which they begin; None if one of them does not close."""
    open_at: dict[int, list[RingPart]] = {}
    left: list[RingPart] = []
    rings: list[array[int]] = []
    for part in parts:
        if part.first == part.last:
            rings.append(part.shape)
            continue
        left.append(part)
        for end in (part.first, part.last):
            open_at.setdefault(end, []).append(part)
    used: set[int] = set()
    for part in left:
        if id(part) in used:
            continue
        ring = _followed(part, open_at, used)
        if ring is None:
            return None
        rings.append(ring)
    return [ring for ring in rings if len(ring) >= 8] or None


def _followed(start: RingPart, open_at: dict[int, list[RingPart]], used: set[int]) -> "array[int] | None":
    """Return the ring that begins with `start`; None if it does not close."""
    used.add(id(start))
    ring, at = array("i", start.shape), start.last
    while at != start.first:
        following = next((part for part in open_at[at] if id(part) not in used), None)
        if following is None:
            return None
        used.add(id(following))
        shape = following.shape if following.first == at else _turned(following.shape)
        ring.extend(shape[2:])
        at = following.last if following.first == at else following.first
    return ring


def _turned(shape: "array[int]") -> "array[int]":
    turned = array("i", shape)
    turned[0::2], turned[1::2] = shape[-2::-2], shape[::-2]
    return turned


def bounds(rings: "Iterable[array[int]]") -> tuple[int, int, int, int]:
    """Return west, east, south, north of `rings`."""
    rings = list(rings)
    return (
        min(min(ring[0::2]) for ring in rings), max(max(ring[0::2]) for ring in rings),
        min(min(ring[1::2]) for ring in rings), max(max(ring[1::2]) for ring in rings),
    )  # fmt: skip


def on_globe(rings: "Sequence[array[int]]") -> bool:
    """Whether there are rings, and every corner of them has a place."""
    if not rings:
        return False
    west, east, south, north = bounds(rings)
    return west >= -EAST and east <= EAST and south >= -NORTH and north <= NORTH


def size_m2(rings: "Sequence[array[int]]") -> float:
    """Return the square metres inside an odd number of `rings`: a ring within another is a hole, one in a hole is
    not."""
    if len(rings) == 1 or len(rings) > _MOST_NESTED:
        return sum(_ring_m2(ring) for ring in rings)
    sizes = [_ring_m2(ring) for ring in rings]
    total = 0.0
    for ring, size in zip(rings, sizes, strict=True):
        lon, lat = _point_within(ring)
        depth = sum(size < larger and contains(other, lon, lat) for other, larger in zip(rings, sizes, strict=True))
        total += -size if depth % 2 else size
    return max(total, 0.0)


def _point_within(ring: "array[int]") -> tuple[float, float]:
    """Return a point in `ring`, and on no side of it: rings share sides."""
    _, _, south, north = bounds([ring])
    lat = (south + north) // 2 + 0.5
    sides = zip(ring[0:-2:2], ring[1:-2:2], ring[2::2], ring[3::2], strict=True)
    lons = sorted(
        x + (lat - y) * (next_x - x) / (next_y - y) for x, y, next_x, next_y in sides if (y > lat) != (next_y > lat)
    )
    return (lons[0] + lons[1]) / 2 if len(lons) > 1 else ring[0], lat


def _ring_m2(ring: "array[int]") -> float:
    lon0, lat0 = ring[0], ring[1]
    twice = 0
    for x, y, next_x, next_y in zip(ring[0:-2:2], ring[1:-2:2], ring[2::2], ring[3::2], strict=True):
        twice += (x - lon0) * (next_y - lat0) - (next_x - lon0) * (y - lat0)
    return abs(twice) / 2 * _METRES * _METRES * math.cos(math.radians(lat0 / 1e7))


def contains(ring: "array[int]", lon: float, lat: float) -> bool:
    inside = False
    for x, y, next_x, next_y in zip(ring[0:-2:2], ring[1:-2:2], ring[2::2], ring[3::2], strict=True):
        if (y > lat) != (next_y > lat) and lon < x + (lat - y) * (next_x - x) / (next_y - y):
            inside = not inside
    return inside
