"""From a run, its shoes and surfaces to legs: the metres on each shoe and surface, which add up to the run. Pure."""

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

from shoemon.attribution import Attribution, Wardrobe
from shoemon.ground.decide import Share, default_surface, surfaces_of
from shoemon.ground.matched import RunGround
from shoemon.model import Activity, ActivityId, Leg, Part, Plan, ShoeId, SurfaceId

_DUST_M = 1e-6
"""Less than this is what rounding left of a share, not a part of a run."""


class Decision(NamedTuple):
    """Whether a record counts, and its legs if it does."""

    activity: ActivityId
    counted: bool
    reason: str
    legs: tuple[Leg, ...]


def make_decider(plan: Plan) -> Callable[[Activity, RunGround | None], Decision]:
    """A function that decides about one activity at a time, given what its track on the map says (None: nothing), with
    everything that can be made ready beforehand."""
    wardrobe = Wardrobe(plan)

    def decide(activity: Activity, ground: RunGround | None) -> Decision:
        correction = plan.corrections.get(activity.id) if plan.corrections else None
        if correction is not None and correction.ignore:
            return Decision(activity.id, False, "ignored by a correction", ())
        if activity.sport not in plan.sports and (correction is None or correction.shoe is None):
            return Decision(activity.id, False, f"sport `{activity.sport}` does not count", ())
        answer = wardrobe.ask_rules(activity)
        if answer.ignored_by and correction is None:
            return Decision(activity.id, False, f"ignored by rule {answer.ignored_by}", ())
        corrected_m = correction.distance_m if correction is not None else None
        distance_m = activity.distance_m if corrected_m is None else corrected_m
        attribution = wardrobe.attribute(activity, answer)
        shares = surfaces_of(_as_long_as(activity, corrected_m), plan, answer, ground)
        if len(shares) == 1 and len(attribution.parts) == 1:
            shoe = attribution.parts[0][0]
            surfaces = shares[0].surfaces or default_surface(
                wardrobe.default_surface_of(shoe), plan, activity, shares[0].why_unknown
            )
            if len(surfaces.parts) == 1:  # as nearly every run of a history without tracks: the quick way
                name, why = SurfaceId(surfaces.parts[0].name), surfaces.reason
                leg = Leg(activity.id, shoe, name, distance_m, attribution.reason, why, surfaces.confidence)
                return Decision(activity.id, True, "", (leg,))
        return Decision(activity.id, True, "", _legs(activity, distance_m, attribution, shares, wardrobe, plan))

    return decide


def _as_long_as(activity: Activity, corrected_m: float | None) -> Activity:
    """The record with a corrected distance; the part of it that the export calls unpaved keeps its share."""
    if corrected_m is None or activity.unpaved_m is None or activity.distance_m <= 0:
        return activity
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
    activity: Activity,
    distance_m: float,
    attribution: Attribution,
    shares: tuple[Share, ...],
    wardrobe: Wardrobe,
    plan: Plan,
) -> tuple[Leg, ...]:
    legs: dict[tuple[ShoeId | None, str], Leg] = {}
    shoe_metres = allocate(distance_m, [part for _, part in attribution.parts])
    for (shoe, _), worn_m in zip(attribution.parts, shoe_metres, strict=True):
        share_metres = allocate(worn_m, [Part("", share=share.share) for share in shares])
        for share, metres in zip(shares, share_metres, strict=True):
            ground = share.surfaces or default_surface(
                wardrobe.default_surface_of(shoe), plan, activity, share.why_unknown
            )
            scaled = _scaled(ground.parts, metres / distance_m if distance_m else 1.0)
            for part, piece in zip(scaled, allocate(metres, scaled), strict=True):
                if piece <= 0 and distance_m > 0:
                    continue
                leg = Leg(
                    activity.id, shoe, SurfaceId(part.name), piece, attribution.reason, ground.reason, ground.confidence
                )
                before = legs.get((shoe, part.name))
                legs[shoe, part.name] = _together(before, leg) if before else leg
    return tuple(legs.values())


def _together(one: Leg, other: Leg) -> Leg:
    """Two legs on one surface as one; it is known for both reasons, and as surely as its metres are on the whole."""
    metres = one.distance_m + other.distance_m
    sure = one.confidence * one.distance_m + other.confidence * other.distance_m
    reasons = one.surface_reason.split("; ")
    reasons += [reason for reason in other.surface_reason.split("; ") if reason not in reasons]
    return one._replace(
        distance_m=metres, surface_reason="; ".join(reasons), confidence=sure / metres if metres else one.confidence
    )


def _scaled(parts: tuple[Part, ...], factor: float) -> tuple[Part, ...]:
    """`parts` for a piece of the run: fixed metres of the whole run shrink with it."""
    return tuple(part if part.metres is None else part._replace(metres=part.metres * factor) for part in parts)
