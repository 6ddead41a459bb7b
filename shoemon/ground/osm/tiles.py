"""Find the rectangles of the map that a trace needs: along it, not everything between its ends."""

from collections.abc import Iterator
from math import cos, floor, radians

from shoemon.ground.match.piece import METRES_EAST, METRES_NORTH, Plane
from shoemon.model.trace import Trace

_TILE_M = 200.0
_MARGIN_M = 100.0
"""Tiles are read within so many metres of the trace: routes need a little more than the ways near positions."""
_FAR_TILES = 3.0
"""Points further apart than this are not connected by a route."""
_MOST_TILES = 20_000
"""Of one trace: some 1,500 km, however it jumps."""
_SCALE = 10_000_000


def boxes_along(trace: Trace, plane: Plane) -> Iterator[tuple[int, int, int, int]]:
    """Yield west, south, east, north of the rows of tiles along the trace, in whole numbers as the map has them."""
    high = _TILE_M / METRES_NORTH
    wide = min(_TILE_M / (METRES_EAST * max(cos(radians(plane.lat)), 1e-3)), 45.0)
    tiles: dict[int, set[int]] = {}
    count = 0
    for lat, lon, tiles_aside in _places(trace, high, wide):
        for row in range(floor(lat / high - tiles_aside), floor(lat / high + tiles_aside) + 1):
            columns = tiles.setdefault(row, set())
            count -= len(columns)
            columns.update(range(floor(lon / wide - tiles_aside), floor(lon / wide + tiles_aside) + 1))
            count += len(columns)
        if count > _MOST_TILES:
            break
    for row, columns in tiles.items():
        for first, last in _runs(sorted(columns)):
            south, north = row * high, (row + 1) * high
            for west, east in round_the_globe(first * wide, (last + 1) * wide):
                yield floor(west * _SCALE), floor(south * _SCALE), floor(east * _SCALE), floor(north * _SCALE)


def _places(trace: Trace, high: float, wide: float) -> Iterator[tuple[float, float, float]]:
    """Yield latitudes and longitudes along the trace, one for each quarter of a tile, and how many tiles around are
    needed: where the next point is far away, a route to it may be a long detour."""
    last: tuple[float, float] | None = None
    lat0 = lon0 = 0.0
    for lat, lon in zip(trace.lats, trace.lons, strict=True):
        here = (lat * 4 // high, lon * 4 // wide)
        if here == last or not (-90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0):
            continue
        apart = max(abs(lat - lat0) / high, abs(lon - lon0) / wide)
        if last is not None and 1.0 < apart <= _FAR_TILES:
            yield lat0, lon0, apart
            yield (lat + lat0) / 2, (lon + lon0) / 2, apart
            yield lat, lon, apart
        else:
            yield lat, lon, _MARGIN_M / _TILE_M
        last, lat0, lon0 = here, lat, lon


def _runs(columns: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each row of neighbours."""
    start = previous = columns[0]
    for column in columns[1:]:
        if column != previous + 1:
            yield start, previous
            start = column
        previous = column
    yield start, previous


def round_the_globe(west: float, east: float) -> Iterator[tuple[float, float]]:
    """Yield the span; where it crosses the date line, its parts on both sides."""
    yield max(west, -180.0), min(east, 180.0)
    if west < -180.0:
        yield west + 360.0, 180.0
    if east > 180.0:
        yield -180.0, east - 360.0
