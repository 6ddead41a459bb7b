"""The ground of a planned route: how many metres of it are on which surface, and how that is known. Pure."""

from typing import NamedTuple

from shoemon.model.ids import SurfaceId
from shoemon.model.run_ground import GroundPart, Origin


class RouteLine(NamedTuple):
    """A part of a route on one surface, to draw."""

    surface: SurfaceId
    origin: Origin
    points: tuple[tuple[float, float], ...]
    """Latitude and longitude, in the order of the route."""


class RouteGround(NamedTuple):
    """The ground of all routes of a file together."""

    name: str
    """That of the first route; may be empty."""
    distance_m: float
    """The sum of the parts."""
    parts: tuple[GroundPart, ...]
    lines: tuple[RouteLine, ...]
    map_date: str | None
    """The date of the map, YYYY-MM-DD; None where the map does not have one."""
