"""Which surfaces a run was on, and why. Pure.

Order of trust: correction, the export's own figure, treadmill flags, rule, the shoe's or the global default, unknown.
"""

from typing import NamedTuple

from shoemon.attribution import RuleAnswer
from shoemon.ground.surfaces import PAVED, TREADMILL, UNKNOWN, UNPAVED, surface_of
from shoemon.model import Activity, ActivityId, Part, Plan, Split, SurfaceId

_INDOOR_SPORTS = ("treadmill-run", "virtual-run")


class Surfaces(NamedTuple):
    """The parts of a run by surface, the reason, and how sure it is (0 to 1; 1 where somebody said so)."""

    parts: Split
    reason: str
    confidence: float


_UNKNOWN = Surfaces((Part(UNKNOWN),), "nothing says", 0.0)


def surfaces_of(activity: Activity, plan: Plan, answer: RuleAnswer) -> Surfaces | None:
    """What is known of the ground under `activity`, or None where only a default can say."""
    correction = plan.corrections.get(ActivityId(activity.id)) if plan.corrections else None
    if correction is not None and correction.surface is not None:
        return Surfaces(correction.surface, "correction", 1.0)
    indoors = bool(activity.indoor) or activity.sport in _INDOOR_SPORTS
    stated = _stated_by_export(activity, plan, indoors)
    if stated is not None:
        return stated
    if indoors:
        return Surfaces((Part(TREADMILL),), "indoors by the export", 1.0)
    if answer.surface is not None:
        return Surfaces(answer.surface, f"rule {answer.surface_rule}", 1.0)
    return None


def default_surface(shoe_surface: str | None, plan: Plan, activity: Activity) -> Surfaces:
    """The ground when nothing is known of the run: the shoe's default, else the global one, else unknown."""
    if shoe_surface is not None:
        return Surfaces((Part(shoe_surface),), "default of the shoe", 1.0)
    if plan.default_surface is not None:
        return Surfaces((Part(plan.default_surface),), "default surface", 1.0)
    if activity.surface_raw:
        return Surfaces((Part(UNKNOWN),), f"the export's word `{activity.surface_raw}` is no known surface", 0.0)
    return _UNKNOWN


def _stated_by_export(activity: Activity, plan: Plan, indoors: bool) -> Surfaces | None:
    if activity.surface_raw:
        surface = surface_of(activity.surface_raw, dict(plan.surfaces))
        if surface is not None and surface != UNKNOWN:
            return Surfaces((Part(surface),), f"the export says `{activity.surface_raw}`", 1.0)
    if activity.unpaved_m is None or (indoors and activity.unpaved_m <= 0):
        return None
    return Surfaces(_paved_and_unpaved(activity.unpaved_m), "the export's own unpaved distance", 1.0)


def _paved_and_unpaved(unpaved_m: float) -> Split:
    return (Part(SurfaceId(UNPAVED), metres=unpaved_m), Part(SurfaceId(PAVED)))
