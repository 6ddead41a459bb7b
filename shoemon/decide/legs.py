"""From a run, its shoes and surfaces to legs: the metres on each shoe and surface, which add up to the run. Pure."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from shoemon.decide.fill_from_copies import Informed, correction_of, inform
from shoemon.decide.which_shoe import Attribution, FormerNames, RuleAnswer, Wardrobe
from shoemon.decide.which_surface import Surfaces, SurfaceShare, default_surface, surfaces_of
from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId, ShoeId, SurfaceId
from shoemon.model.plan import Correction, Part, Plan
from shoemon.model.reason import Reason, combined, reason
from shoemon.model.run_ground import RunGround
from shoemon.model.wear import Leg

_DUST_M = 1e-6
"""Less than this is what rounding left of a share, not a part of a run."""


class Decision(NamedTuple):
    """Why a record does not count, or its legs if it does."""

    activity: ActivityId
    not_counted: Reason | None
    legs: tuple[Leg, ...]

    @property
    def counted(self) -> bool:
        """Whether it is a run."""
        return self.not_counted is None


Decide = Callable[[Activity, RunGround | None, Sequence[Activity]], Decision]
"""From a record, what its track on the map says (None: nothing), and its copies in other exports, the best first."""


def make_decider(plan: Plan, former: FormerNames | None = None) -> Decide:
    """A function that decides about one activity at a time, with everything that can be made ready beforehand. `former`
    are the names that gear went by."""
    wardrobe = Wardrobe(plan, former or {})

    def decide(activity: Activity, ground: RunGround | None = None, copies: Sequence[Activity] = ()) -> Decision:
        correction = correction_of(activity.id, copies, plan.corrections)
        informed = inform(activity, copies) if copies else Informed(activity)
        activity = informed.activity
        if correction is not None and correction.ignore:
            return Decision(activity.id, Reason("ignored"), ())
        if activity.sport not in plan.sports and (correction is None or correction.shoe is None):
            return Decision(activity.id, _not_a_run(activity), ())
        answer = wardrobe.ask_rules(activity)
        if answer.ignored_by and correction is None:
            return Decision(activity.id, reason("ignored", rule=answer.ignored_by), ())
        if correction is not None and correction.distance_m is not None:
            informed = informed._replace(activity=_as_long_as(activity, correction.distance_m))
        attribution = _attribution(informed, wardrobe, answer, correction)
        shares = surfaces_of(informed, plan, answer, correction, ground)
        return Decision(activity.id, None, _legs(informed.activity, attribution, shares, wardrobe, plan))

    return decide


def _not_a_run(activity: Activity) -> Reason:
    return reason("not_a_run", sport=activity.sport) if activity.sport_raw else Reason("no_sport")


def _attribution(
    informed: Informed, wardrobe: Wardrobe, answer: RuleAnswer, correction: Correction | None
) -> Attribution:
    if correction is not None and correction.shoe is not None:
        return Attribution(tuple((ShoeId(part.name), part) for part in correction.shoe), Reason("correction"))
    lender = informed.lenders.get("gear")
    if lender is None:
        return wardrobe.attribute(informed.activity, answer)
    # Gear is known by what its own export calls it.
    attribution = wardrobe.attribute(informed.activity._replace(source=lender), answer)
    return attribution._replace(reason=attribution.reason.given(source=lender))


def _as_long_as(activity: Activity, corrected_m: float) -> Activity:
    """The record with a corrected distance; the part of it that the export calls unpaved keeps its share."""
    if activity.unpaved_m is None or activity.distance_m <= 0:
        return activity._replace(distance_m=corrected_m)
    unpaved_m = activity.unpaved_m * corrected_m / activity.distance_m
    return activity._replace(distance_m=corrected_m, unpaved_m=unpaved_m)


def allocate(total_m: float, parts: Iterable[Part]) -> list[float]:
    """`total_m` divided over `parts`, in metres: fixed metres first (as far as they go), then shares, then the rest.

    The pieces add up to `total_m`; the largest takes what rounding leaves.
    """
    parts = list(parts)
    if len(parts) == 1:
        return [total_m]
    pieces = [0.0] * len(parts)
    left = total_m
    for index, part in enumerate(parts):
        if part.metres is not None:
            pieces[index] = min(part.metres, left)
            left -= pieces[index]
    for index, part in enumerate(parts):
        if part.share is not None:
            pieces[index] = min(part.share * total_m, left)
            left -= pieces[index]
    for index, part in enumerate(parts):
        if part.metres is None and part.share is None:
            pieces[index] = left
    pieces = [piece if piece > _DUST_M else 0.0 for piece in pieces]
    largest = max(range(len(pieces)), key=lambda index: pieces[index])
    pieces[largest] = total_m - math.fsum(piece for index, piece in enumerate(pieces) if index != largest)
    return pieces


def _legs(
    activity: Activity, attribution: Attribution, shares: tuple[SurfaceShare, ...], wardrobe: Wardrobe, plan: Plan
) -> tuple[Leg, ...]:
    distance_m = activity.distance_m
    if len(shares) == 1 and len(attribution.parts) == 1:
        shoe = attribution.parts[0][0]
        surfaces = _surfaces_for(shoe, shares[0], activity, wardrobe, plan)
        if len(surfaces.parts) == 1:  # as nearly every run of a history without tracks: the quick way
            name, why = SurfaceId(surfaces.parts[0].name), surfaces.reason
            return (Leg(activity.id, shoe, name, distance_m, attribution.reason, why, surfaces.confidence),)
    legs: dict[tuple[ShoeId | None, str], list[Leg]] = {}
    shoe_metres = allocate(distance_m, [part for _, part in attribution.parts])
    for (shoe, _), worn_m in zip(attribution.parts, shoe_metres, strict=True):
        share_metres = allocate(worn_m, [Part("", share=share.share) for share in shares])
        for share, metres in zip(shares, share_metres, strict=True):
            ground = _surfaces_for(shoe, share, activity, wardrobe, plan)
            scaled = _scaled(ground.parts, metres / distance_m if distance_m else 1.0)
            for part, piece in zip(scaled, allocate(metres, scaled), strict=True):
                if piece <= 0 and distance_m > 0:
                    continue
                leg = Leg(
                    activity.id, shoe, SurfaceId(part.name), piece, attribution.reason, ground.reason, ground.confidence
                )
                legs.setdefault((shoe, part.name), []).append(leg)
    return tuple(map(_together, legs.values()))


def _surfaces_for(
    shoe: ShoeId | None, share: SurfaceShare, activity: Activity, wardrobe: Wardrobe, plan: Plan
) -> Surfaces:
    """What a share of a run was on; where only a default can say, that of its shoe comes first."""
    return share.surfaces or default_surface(wardrobe.default_surface_of(shoe), plan, activity, share.why_unknown)


def _together(parts: Sequence[Leg]) -> Leg:
    """Legs on one shoe and surface as one; it is known for all their reasons, as surely as its metres are on the
    whole."""
    if len(parts) == 1:
        return parts[0]
    metres = sum(part.distance_m for part in parts)
    sure = sum(part.confidence * part.distance_m for part in parts) / metres if metres else parts[0].confidence
    why = combined([(part.surface_reason, part.distance_m) for part in parts])
    return parts[0]._replace(distance_m=metres, surface_reason=why, confidence=sure)


def _scaled(parts: tuple[Part, ...], factor: float) -> tuple[Part, ...]:
    """`parts` for a piece of the run: fixed metres of the whole run shrink with it."""
    return tuple(part if part.metres is None else part._replace(metres=part.metres * factor) for part in parts)
