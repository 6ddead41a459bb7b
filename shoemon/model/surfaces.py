"""The surfaces shoemon knows, the ground of each, and the words that exports and people use for them."""

from shoemon.model.ids import SurfaceId
from shoemon.model.plan import Ground, Surface

_BY_GROUND: dict[Ground, tuple[str, ...]] = {
    "hard": ("asphalt", "concrete", "paving", "cobble", "wood", "metal", "paved"),
    "soft": ("compacted", "gravel", "dirt", "grass", "sand", "rock", "snow", "unpaved"),
    "synthetic": ("tartan", "turf"),
    "treadmill": ("treadmill",),
    "unknown": ("unknown",),
}
GROUNDS = tuple(_BY_GROUND)
"""In the order in which they are shown."""
BUILT_IN: dict[str, Surface] = {
    name: Surface(SurfaceId(name), ground) for ground, names in _BY_GROUND.items() for name in names
}
"""Wear factors are 1.0: no study found supports another figure, but the settings accept one."""

PAVED, UNPAVED, TARTAN, TREADMILL, UNKNOWN = (
    SurfaceId(name) for name in ("paved", "unpaved", "tartan", "treadmill", "unknown")
)

_WORDS = {
    "road": "paved", "street": "paved", "hard": "paved", "pavement": "paved", "tarmac": "asphalt", "bitumen": "asphalt",
    "sidewalk": "paved", "cement": "concrete", "bricks": "paving", "brick": "paving", "paving stones": "paving",
    "cobblestone": "cobble", "cobblestones": "cobble", "sett": "cobble", "boardwalk": "wood",
    "trail": "unpaved", "soft": "unpaved", "offroad": "unpaved", "off road": "unpaved", "forest": "unpaved",
    "fine gravel": "compacted", "towpath": "compacted", "earth": "dirt", "ground": "dirt", "mud": "dirt",
    "woodchips": "dirt", "beach": "sand", "field": "grass", "rocks": "rock", "ice": "snow",
    "track": "tartan", "rubber": "tartan", "synthetic": "tartan", "artificial turf": "turf",
    "indoor": "treadmill", "belt": "treadmill",
}  # fmt: skip


def surface_of(word: str, surfaces: dict[str, Surface]) -> SurfaceId | None:
    """Return the surface called `word` among `surfaces` (case, `_` and `-` do not matter), or None if it is unknown."""
    plain = " ".join(word.replace("_", " ").replace("-", " ").lower().split())
    for name in (word.strip(), plain, plain.replace(" ", "-"), _WORDS.get(plain, "")):
        if name in surfaces:
            return SurfaceId(name)
    return None
