"""The export's own unpaved distance beside the map: one says how much was soft, the other which surface. Pure.

The figure of the export is trusted before the map. The map may only name surfaces within what the export says of the
ground, and only where both agree roughly.
"""

from collections.abc import Iterable, Mapping

from shoemon.model.ids import SurfaceId
from shoemon.model.plan import Part, Split, Surface
from shoemon.model.run_ground import RunGround
from shoemon.model.surfaces import PAVED, UNPAVED

AGREE_WITHIN = 0.2
"""As a share of the run. Further apart, one of both is about another way, and the map is not asked for surfaces."""


def by_export_and_map(
    unpaved_m: float, distance_m: float, ground: RunGround | None, surfaces: Mapping[str, Surface]
) -> tuple[Split, str]:
    """The parts of a run of `distance_m`, and what is to be added to the reason."""
    plain: Split = (Part(UNPAVED, metres=unpaved_m), Part(PAVED))
    track_m = sum(part.distance_m for part in ground.parts) if ground is not None else 0.0
    if ground is None or track_m <= 0 or distance_m <= 0:
        return plain, ""
    known: dict[str, float] = {}
    for part in ground.parts:
        known[part.surface] = known.get(part.surface, 0.0) + part.distance_m / track_m
    share_of = {kind: _share(known, surfaces, kind) for kind in ("soft", "unknown")}
    exported = min(unpaved_m / distance_m, 1.0)
    if not share_of["soft"] - AGREE_WITHIN <= exported <= share_of["soft"] + share_of["unknown"] + AGREE_WITHIN:
        return plain, f"; the map does not agree ({share_of['soft']:.0%} soft)"
    soft = {name: share for name, share in known.items() if _ground(name, surfaces) == "soft" and name != UNPAVED}
    firm = {
        name: share
        for name, share in known.items()
        if _ground(name, surfaces) in ("hard", "synthetic") and name != PAVED
    }
    parts = (
        *_within(soft, exported, distance_m),
        *_within(firm, 1.0 - exported, distance_m),
    )
    if not parts:
        return plain, ""
    rest_m = unpaved_m - sum(part.metres or 0.0 for part in parts if part.name in soft)
    return (*parts, Part(UNPAVED, metres=max(rest_m, 0.0)), Part(PAVED)), "; which surface, by the map"


def _within(shares: Mapping[str, float], bound: float, distance_m: float) -> Iterable[Part]:
    """Surfaces with the metres the map gives them, shrunk alike if together they are more than `bound`."""
    total = sum(shares.values())
    factor = min(1.0, bound / total) if total > 0 else 0.0
    return [
        Part(SurfaceId(name), metres=share * factor * distance_m) for name, share in shares.items() if share * factor
    ]


def _share(known: Mapping[str, float], surfaces: Mapping[str, Surface], kind: str) -> float:
    return sum(share for name, share in known.items() if _ground(name, surfaces) == kind)


def _ground(name: str, surfaces: Mapping[str, Surface]) -> str:
    return surfaces[name].ground if name in surfaces else "unknown"
