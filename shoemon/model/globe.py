"""Distances on the globe, for places in degrees. Pure."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius (IUGG)."""
METRES_A_DEGREE = 111_195.0
"""Of latitude, on a sphere of that radius; of longitude it is this times the cosine of the latitude."""


def distance_between_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the metres along the great circle between two points in degrees (haversine)."""
    phi, other_phi = radians(lat), radians(other_lat)
    north, east = sin((other_phi - phi) / 2), sin(radians(other_lon - lon) / 2)
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(north * north + cos(phi) * cos(other_phi) * east * east)))
