"""Write a run on the map as GeoJSON (RFC 7946): its parts by surface, and the ways around it. Pure.

Lines that cross the date line are not cut there: their longitudes continue beyond 180, as drawing needs them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from shoemon.ground.match.drawn import Drawn
from shoemon.ground.match.piece import Plane
from shoemon.ground.match.shapes import Frame, Line
from shoemon.model.plan import Surface

_FINE_M = 1_500.0
"""Up to this size of the frame positions have six decimals (a tenth of a metre), beyond it five."""
BYTES_A_LINE, BYTES_A_POINT = 175, 26
"""The most that a part of a run and a position need."""

Json = dict[str, Any]


class Scale(NamedTuple):
    """How places on `plane` within `frame` are written."""

    plane: Plane
    frame: Frame

    def position(self, x: float, y: float) -> list[float]:
        """Return longitude and latitude in degrees."""
        digits = 6 if self.frame.size <= _FINE_M else 5
        lat, lon = self.plane.degrees(x, y)
        return [round(lon, digits), round(lat, digits)]

    def positions(self, line: Line) -> list[list[float]]:
        return [self.position(x, y) for x, y in line]

    @property
    def bbox(self) -> list[float]:
        """West, south, east and north of the frame."""
        frame = self.frame
        return [*self.position(frame.west, frame.south), *self.position(frame.east, frame.north)]


def parts_of_run(parts: Iterable[Drawn], surfaces: Mapping[str, Surface], scale: Scale) -> list[Json]:
    """Make a LineString of each part, in the order of the run. What is too short to draw has no geometry."""
    return [
        feature(
            {"type": "LineString", "coordinates": scale.positions(part.line)} if part.line else None,
            {
                "kind": "run", "surface": part.surface, "ground": ground_of(part.surface, surfaces),
                "metres": round(part.metres, 1), "origin": part.origin, "sure": round(part.confidence, 2),
            },
        )
        for part in parts
    ]  # fmt: skip


def ways_around(lines: Mapping[tuple[str, str], Sequence[Line]], scale: Scale) -> list[Json]:
    """Make a MultiLineString of all ways of one kind and surface."""
    return [
        feature(
            {"type": "MultiLineString", "coordinates": [scale.positions(line) for line in of]},
            {"kind": "way", "class": kind, "surface": surface},
        )
        for (kind, surface), of in sorted(lines.items())
    ]


def totals(parts: Iterable[Drawn], surfaces: Mapping[str, Surface]) -> list[Json]:
    """Sum up the metres by surface, the most first."""
    sums: dict[str, float] = {}
    for part in parts:
        sums[part.surface] = sums.get(part.surface, 0.0) + part.metres
    return [
        {"surface": surface, "ground": ground_of(surface, surfaces), "metres": round(metres, 1)}
        for surface, metres in sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    ]


def ground_of(surface: str, surfaces: Mapping[str, Surface]) -> str:
    return surfaces[surface].ground if surface in surfaces else "unknown"


def feature(geometry: Json | None, properties: Json) -> Json:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
