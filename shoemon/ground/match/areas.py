"""The surface of open ground by its kind: sand on a beach, grass on a meadow, and how certain that is. Pure.

It is that of a runner off every way in the area. A confidence of .7 and more is given only where the ground can hardly
be another; none was measured (some 3 km off all ways were known in all extracts), they follow from what the tags mean
on OpenStreetMap.
"""

from collections.abc import Mapping
from typing import NamedTuple

from shoemon.model.ids import SurfaceId
from shoemon.model.surfaces import PAVED, UNKNOWN, UNPAVED

_GRASS, _SAND, _GRAVEL, _ROCK = SurfaceId("grass"), SurfaceId("sand"), SurfaceId("gravel"), SurfaceId("rock")
_TARTAN, _CONCRETE, _SNOW = SurfaceId("tartan"), SurfaceId("concrete"), SurfaceId("snow")


class AreaSurface(NamedTuple):
    """The surface of an area by its kind; `unknown` where areas of its kind differ."""

    surface: SurfaceId
    rule: str
    confidence: float


AREA_KEYS = ("leisure", "natural", "landuse", "golf", "amenity", "place", "highway", "area:highway")
"""Keys whose areas are read."""
KEPT_OF_AREA = (*AREA_KEYS, "surface", "sport", "wetland", "area", "name")
"""Keys of an area that are stored with it."""

AREAS: dict[str, dict[str, tuple[SurfaceId, float]]] = {
    "golf": {
        "bunker": (_SAND, 0.95), "fairway": (_GRASS, 0.95), "green": (_GRASS, 0.95), "rough": (_GRASS, 0.9),
        "tee": (_GRASS, 0.85),
    },
    "leisure": {
        "park": (_GRASS, 0.65), "garden": (_GRASS, 0.6), "golf_course": (_GRASS, 0.85), "common": (_GRASS, 0.65),
        "dog_park": (UNPAVED, 0.75), "nature_reserve": (UNPAVED, 0.65), "horse_riding": (UNPAVED, 0.75),
        "track": (UNKNOWN, 0.0), "pitch": (UNKNOWN, 0.0), "playground": (UNKNOWN, 0.0),
    },
    "natural": {
        "beach": (_SAND, 0.9), "sand": (_SAND, 0.95), "dune": (_SAND, 0.95), "shingle": (_GRAVEL, 0.95),
        "scree": (_GRAVEL, 0.95), "grassland": (_GRASS, 0.9), "fell": (UNPAVED, 0.9), "tundra": (UNPAVED, 0.9),
        "heath": (UNPAVED, 0.9), "moor": (UNPAVED, 0.9), "scrub": (UNPAVED, 0.85), "wood": (UNPAVED, 0.85),
        "wetland": (UNPAVED, 0.9), "mud": (UNPAVED, 0.95), "bare_rock": (_ROCK, 0.9), "glacier": (_SNOW, 0.9),
    },
    "landuse": {
        "grass": (_GRASS, 0.85), "meadow": (_GRASS, 0.9), "village_green": (_GRASS, 0.75),
        "recreation_ground": (_GRASS, 0.6), "farmland": (UNPAVED, 0.85), "forest": (UNPAVED, 0.85),
        "orchard": (UNPAVED, 0.85), "vineyard": (UNPAVED, 0.85), "quarry": (UNPAVED, 0.75),
    },
    "amenity": {"parking": (PAVED, 0.65)},
    "place": {"square": (PAVED, 0.8)},
}  # fmt: skip
_BY_SPORT: dict[str, tuple[SurfaceId, float]] = {
    "athletics": (_TARTAN, 0.6), "running": (_TARTAN, 0.6), "basketball": (PAVED, 0.65), "streetball": (PAVED, 0.7),
    "beachvolleyball": (_SAND, 0.95), "beachsoccer": (_SAND, 0.95), "skateboard": (_CONCRETE, 0.85),
    "boules": (UNPAVED, 0.8), "equestrian": (UNPAVED, 0.85), "soccer": (_GRASS, 0.6), "rugby": (_GRASS, 0.75),
    "rugby_union": (_GRASS, 0.75), "cricket": (_GRASS, 0.75), "baseball": (_GRASS, 0.65), "golf": (_GRASS, 0.8),
    "ice_skating": (PAVED, 0.6),
}  # fmt: skip
"""Of pitches and running tracks. Many a football pitch is of plastic, and tennis is played on anything."""


def surface_of_area(tags: Mapping[str, str]) -> AreaSurface | None:
    """Return the surface of an area by its kind; None where that is no ground, or a line that happens to close."""
    if tags.get("building", "no") != "no" or tags.get("indoor", "no") != "no":
        return None
    if tags.get("area") == "no":
        return None
    drawn = tags.get("area") == "yes" or tags.get("type") == "multipolygon"
    if "highway" in tags and not drawn:
        return None
    for key, known in AREAS.items():
        value = tags.get(key)
        if value in known:
            surface, confidence = known[value]
            if value in ("pitch", "track"):
                surface, confidence = _BY_SPORT.get(tags.get("sport", "").split(";")[0], (surface, confidence))
            return AreaSurface(surface, f"{key}={value}", confidence)
    if "highway" in tags:
        return AreaSurface(UNKNOWN, f"highway={tags['highway']}", 0.0)
    if "surface" in tags and ("area:highway" in tags or drawn or {"leisure", "landuse", "amenity"} & set(tags)):
        return AreaSurface(UNKNOWN, "surface", 0.0)
    return None
