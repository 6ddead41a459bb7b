"""Decide which surfaces a run was on, and why. Pure.

Order of trust, metre by metre: correction, the export's own figure, treadmill flags, places, the track on the map,
rule, the shoe's or the global default, unknown.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from shoemon.decide.fill_from_copies import Informed
from shoemon.model.activity import Activity
from shoemon.model.ids import SurfaceId
from shoemon.model.plan import Correction, Part, Plan, Split, Surface
from shoemon.model.reason import Reason, reason
from shoemon.model.run_ground import GroundPart, Origin, RunGround
from shoemon.model.sports import INDOOR_SPORTS
from shoemon.model.surfaces import PAVED, TREADMILL, UNKNOWN, UNPAVED, surface_of

AGREE_WITHIN = 0.2
"""As a share of the run. If they differ by more, the map's surfaces are not used."""
COVERS_FROM = 0.9
"""A track of at least this share of the run is scaled to its distance: receivers and foot pods differ so much. Of 341
real runs, 96.8 % of the kilometres were within 7 %; of 85 other recordings, the two below .9 were walks of 2 km. A
shorter track is only evidence of its own metres."""
NOWHERE_BELOW = 0.5
"""A track goes nowhere if it gets less far than this share of the run, and more slowly than this share of its speed.
Real recordings got .81 and more; those that are cut off have the speed."""
BY_THE_MAP: dict[Origin, Reason] = {
    "tag": Reason("map_tag"),
    "inferred": Reason("map_inferred"),
    "area": Reason("map_area"),
    "device": Reason("indoor_track"),
    "place": Reason("place"),
    "gap": Reason("unknown_gap"),
    "no_way": Reason("unknown_no_way"),
    "untagged": Reason("unknown_untagged"),
    "map_end": Reason("unknown_map_end"),
    "unsure": Reason("unknown_unsure"),
    "short_track": Reason("unknown_short_track"),
    "nowhere": Reason("unknown_short_track"),
    "unknown": Reason("unknown_map"),
}


class Surfaces(NamedTuple):
    """The parts of a run by surface, the reason, and the confidence (0 to 1; 1 if the runner or export states it)."""

    parts: Split
    reason: Reason
    confidence: float


class SurfaceShare(NamedTuple):
    """A share of a run (0 to 1) and the surfaces it was on; None leaves it to a rule, or else to a default unless
    `has_default` is false. `why_unknown` is the reason for `unknown` if there is neither."""

    share: float
    surfaces: Surfaces | None
    why_unknown: Reason = Reason("none")
    has_default: bool = True


def known_surfaces(
    informed: Informed, plan: Plan, correction: Correction | None, ground: RunGround | None = None
) -> tuple[SurfaceShare, ...]:
    """Decide the surfaces of a run, as far as they are known without rules and defaults; `ground` is that of its track
    on the map. Shares add up to 1."""
    if correction is not None and correction.surface is not None:
        return (SurfaceShare(1.0, Surfaces(correction.surface, Reason("correction"), 1.0)),)
    if ground is not None:
        ground = _for_the_run(ground, informed.activity)
    indoors = is_indoors(informed.activity)
    stated = _stated_by_export(informed, plan, ground, indoors=indoors)
    if stated is not None:
        return (SurfaceShare(1.0, stated),)
    if indoors:
        why = informed.reason("indoor", "indoor", "sport")
        return (SurfaceShare(1.0, Surfaces((Part(TREADMILL),), why, 1.0)),)
    if ground is not None and ground.track_m > 0:
        return tuple(_by_the_map(ground, informed.activity, plan))
    return (SurfaceShare(1.0, None),)


def is_indoors(activity: Activity) -> bool:
    """Check whether the export marks a run as on a treadmill."""
    return bool(activity.indoor) or activity.sport in INDOOR_SPORTS


def default_surface(shoe_surface: str | None, plan: Plan, activity: Activity, share: SurfaceShare) -> Surfaces:
    """Decide the ground of a share if nothing is known: the shoe's default, else the global one, else unknown."""
    if share.has_default and shoe_surface is not None:
        return Surfaces((Part(shoe_surface),), Reason("shoe_default"), 1.0)
    if share.has_default and plan.default_surface is not None:
        return Surfaces((Part(plan.default_surface),), Reason("default"), 1.0)
    if share.has_default and activity.surface_raw:
        return Surfaces((Part(UNKNOWN),), reason("unknown_word", word=activity.surface_raw), 0.0)
    return Surfaces((Part(UNKNOWN),), share.why_unknown, 0.0)


def _for_the_run(ground: RunGround, activity: Activity) -> RunGround:
    """Add what a track that is shorter than the run does not cover; all of it, if the track goes nowhere."""
    track_m, distance_m = ground.track_m, activity.distance_m
    if track_m <= 0 or distance_m <= 0 or any(part.origin == "device" for part in ground.parts):
        return ground
    if _goes_nowhere(ground, activity):
        return RunGround((GroundPart(UNKNOWN, "nowhere", track_m, 0.0),))
    if track_m >= COVERS_FROM * distance_m:
        return ground
    return RunGround((*ground.parts, GroundPart(UNKNOWN, "short_track", distance_m - track_m, 0.0)))


def _goes_nowhere(ground: RunGround, activity: Activity) -> bool:
    if not ground.covered_s or ground.progress_m is None:
        return False
    seconds = activity.moving_s or activity.elapsed_s or ground.covered_s
    least_m = NOWHERE_BELOW * activity.distance_m
    return ground.progress_m < least_m and ground.progress_m / ground.covered_s < least_m / seconds


def _by_the_map(ground: RunGround, activity: Activity, plan: Plan) -> list[SurfaceShare]:
    shares, total_m = [], ground.track_m
    for part in ground.parts:
        is_known = part.surface in plan.surfaces  # that of a place is not, if the settings no longer have it
        why, surfaces = BY_THE_MAP[part.origin if is_known else "unknown"], None
        why = why.given(place=part.place) if part.place and is_known else why
        is_nowhere = part.origin == "nowhere"  # no default: the runner is asked whether it was indoors
        if is_nowhere:
            why = why.given(track_share=round(total_m / activity.distance_m, 3))
        elif is_known and part.surface != UNKNOWN:
            surfaces = Surfaces((Part(part.surface),), why, part.confidence)
        shares.append(SurfaceShare(part.distance_m / total_m, surfaces, why, not is_nowhere))
    return shares


def _stated_by_export(informed: Informed, plan: Plan, ground: RunGround | None, *, indoors: bool) -> Surfaces | None:
    activity = informed.activity
    if activity.surface_raw:
        surface = surface_of(activity.surface_raw, dict(plan.surfaces))
        if surface is not None and surface != UNKNOWN:
            why = informed.reason("export", "surface", word=activity.surface_raw)
            return Surfaces((Part(surface),), why, 1.0)
    if activity.unpaved_m is None or (indoors and activity.unpaved_m <= 0):
        return None
    if ground is not None and any(part.origin == "nowhere" for part in ground.parts):
        return None  # the export found it by the same track
    parts, code, parameters = by_export_and_map(activity.unpaved_m, activity.distance_m, ground, plan.surfaces)
    return Surfaces(parts, informed.reason(code, "unpaved", **parameters), 1.0)


def by_export_and_map(
    unpaved_m: float, distance_m: float, ground: RunGround | None, surfaces: Mapping[str, Surface]
) -> tuple[Split, str, dict[str, float]]:
    """Decide the parts of a run of `distance_m`, and code and parameters of the reason.

    The export's unpaved distance is trusted before the map. The map only names the surfaces within it and within the
    rest, and only if both agree roughly.
    """
    plain: Split = (Part(UNPAVED, metres=unpaved_m), Part(PAVED))
    track_m = ground.track_m if ground is not None else 0.0
    if ground is None or track_m <= 0 or distance_m <= 0:
        return plain, "export", {}
    known: dict[str, float] = {}
    for part in ground.parts:
        known[part.surface] = known.get(part.surface, 0.0) + part.distance_m / track_m
    ground_of = {name: surfaces[name].ground if name in surfaces else "unknown" for name in known}
    soft_share, unknown_share = (
        sum(share for name, share in known.items() if ground_of[name] == kind) for kind in ("soft", "unknown")
    )
    exported = min(unpaved_m / distance_m, 1.0)
    if not soft_share - AGREE_WITHIN <= exported <= soft_share + unknown_share + AGREE_WITHIN:
        return plain, "disagree", {"soft_share": round(soft_share, 3)}
    fine = {name: share for name, share in known.items() if name not in (PAVED, UNPAVED)}
    soft = {name: share for name, share in fine.items() if ground_of[name] == "soft"}
    firm = {name: share for name, share in fine.items() if ground_of[name] in ("hard", "synthetic")}
    parts = (*_within(soft, exported, distance_m), *_within(firm, 1.0 - exported, distance_m))
    if not parts:
        return plain, "export", {}
    rest_m = unpaved_m - sum(part.metres or 0.0 for part in parts if part.name in soft)
    return (*parts, Part(UNPAVED, metres=max(rest_m, 0.0)), Part(PAVED)), "export_and_map", {}


def _within(shares: Mapping[str, float], bound: float, distance_m: float) -> Iterable[Part]:
    """Give surfaces their metres on the map, scaled down if together they are more than `bound`."""
    total = sum(shares.values())
    factor = min(1.0, bound / total) if total > 0 else 0.0
    return [
        Part(SurfaceId(name), metres=share * factor * distance_m) for name, share in shares.items() if share * factor
    ]
