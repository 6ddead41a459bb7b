"""Divide a run into legs: the metres on each shoe and surface, which add up to the run. Pure."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from shoemon.decide.fill_from_copies import Informed, correction_of, inform
from shoemon.decide.which_shoe import Attribution, FormerNames, RuleAnswer, Wardrobe, shoe_parts
from shoemon.decide.which_surface import Surfaces, SurfaceShare, default_surface, known_surfaces
from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId, ShoeId, SurfaceId
from shoemon.model.plan import Correction, Part, Plan
from shoemon.model.reason import Reason, combined, reason
from shoemon.model.run_ground import RunGround
from shoemon.model.sports import FASTEST_MPS, NO_WORDS, UNKNOWN_SPORT
from shoemon.model.wear import Leg

_DUST_M = 1e-6
"""Less than this is a rounding error, not a part of a run."""
LONG_M = 100_000.0
"""A longer run is believed only with a time."""


class Decision(NamedTuple):
    """The reason why a record does not count, or its legs."""

    activity: ActivityId
    not_counted: Reason | None
    legs: tuple[Leg, ...]

    @property
    def counted(self) -> bool:
        """Whether it is a run."""
        return self.not_counted is None


Decide = Callable[[Activity, RunGround | None, Sequence[Activity], Sequence[ActivityId]], Decision]
"""Decide a record by its ground on the map (None: unknown), its copies, the best first, and the ids of the records that
it replaced: these lend nothing, but their corrections hold."""


def make_decider(plan: Plan, former: FormerNames | None = None, latest: str = "9999") -> Decide:
    """Prepare a function that decides one activity at a time. `former` are earlier names of gear, `latest` is the last
    moment in UTC at which a run can have begun."""
    wardrobe = Wardrobe(plan, former or {})

    def decide(
        activity: Activity,
        ground: RunGround | None = None,
        copies: Sequence[Activity] = (),
        replaced: Sequence[ActivityId] = (),
    ) -> Decision:
        informed = inform(activity, copies) if copies else Informed(activity)
        activity = informed.activity
        correction = correction_of(activity, copies, plan.corrections, replaced)
        if correction is not None and correction.ignore:
            return Decision(activity.id, Reason("ignored"), ())
        if activity.sport not in plan.sports and (correction is None or correction.shoe is None):
            return Decision(activity.id, _not_a_run(activity), ())
        if correction is not None and correction.distance_m is not None:
            informed = informed._replace(activity=_as_long_as(activity, correction.distance_m))
        shares = known_surfaces(informed, plan, correction, ground)
        answer = wardrobe.ask_rules(informed, _known_shares(shares, informed.activity.distance_m))
        if answer.ignored_by and correction is None:
            return Decision(activity.id, reason("ignored", rule=answer.ignored_by), ())
        if correction is None and (doubt := _doubt(activity, copies, latest)):
            return Decision(activity.id, Reason(doubt), ())
        attribution = _attribution(informed, wardrobe, answer, correction)
        if answer.surface is not None:
            ruled = Surfaces(answer.surface, answer.why_surface, 1.0)
            shares = tuple(share._replace(surfaces=share.surfaces or ruled) for share in shares)
        return Decision(activity.id, None, _legs(informed.activity, attribution, shares, wardrobe, plan))

    return decide


def _not_a_run(activity: Activity) -> Reason:
    """Return why a record of another sport does not count, or of none, for the runner to decide if it may be a run."""
    seconds = activity.elapsed_s or activity.moving_s or math.inf
    if activity.sport != UNKNOWN_SPORT or not 0 < activity.distance_m <= FASTEST_MPS * seconds:
        return reason("not_a_run", sport=activity.sport)
    word = activity.sport_raw.strip()
    return Reason("no_sport") if word.casefold() in NO_WORDS else reason("unknown_sport", sport=word)


def _doubt(activity: Activity, copies: Sequence[Activity], latest: str) -> str | None:
    """Return the code of the reason why a record is not believed, as long as no correction is about it."""
    if activity.started_at > latest:
        return "in_future"
    if activity.distance_m > LONG_M and not any(each.moving_s or each.elapsed_s for each in (activity, *copies)):
        return "no_time"
    return None


def _attribution(
    informed: Informed, wardrobe: Wardrobe, answer: RuleAnswer, correction: Correction | None
) -> Attribution:
    if correction is not None and correction.shoe is not None:
        return Attribution(shoe_parts(correction.shoe), Reason("correction"))
    lender = informed.lenders.get("gear")
    if lender is None:
        return wardrobe.attribute(informed.activity, answer)
    # Gear is identified by its name in its own export.
    attribution = wardrobe.attribute(informed.activity._replace(source=lender), answer)
    return attribution._replace(reason=attribution.reason.given(source=lender))


def _as_long_as(activity: Activity, corrected_m: float) -> Activity:
    """Correct the distance of the record; the unpaved part keeps its share."""
    if activity.unpaved_m is None or activity.distance_m <= 0:
        return activity._replace(distance_m=corrected_m)
    unpaved_m = activity.unpaved_m * corrected_m / activity.distance_m
    return activity._replace(distance_m=corrected_m, unpaved_m=unpaved_m)


def allocate(total_m: float, parts: Iterable[Part]) -> list[float]:
    """Divide `total_m` over `parts`, in metres: fixed metres first (as far as they go), then shares, then the rest.

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


def _known_shares(shares: Iterable[SurfaceShare], distance_m: float) -> dict[SurfaceId, float]:
    """Find which share of a run is known to be on which surface; the rest is unknown."""
    known: dict[SurfaceId, float] = {}
    for share in shares if distance_m > 0 else ():
        parts = _scaled(share.surfaces.parts, share.share) if share.surfaces else ()
        for part, metres in zip(parts, allocate(share.share * distance_m, parts) if parts else (), strict=True):
            known[SurfaceId(part.name)] = known.get(SurfaceId(part.name), 0.0) + metres / distance_m
    return known


def _legs(
    activity: Activity, attribution: Attribution, shares: tuple[SurfaceShare, ...], wardrobe: Wardrobe, plan: Plan
) -> tuple[Leg, ...]:
    distance_m = activity.distance_m
    if len(shares) == 1 and len(attribution.parts) == 1:
        shoe = attribution.parts[0][0]
        surfaces = _surfaces_for(shoe, shares[0], activity, wardrobe, plan)
        if len(surfaces.parts) == 1:  # the quick way for nearly every run without a track
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
    """The surfaces of a share of a run; if they are left to a default, that of its shoe comes first."""
    return share.surfaces or default_surface(wardrobe.default_surface_of(shoe), plan, activity, share)


def _together(parts: Sequence[Leg]) -> Leg:
    """Join legs on one shoe and surface, with all their reasons and their mean confidence."""
    if len(parts) == 1:
        return parts[0]
    metres = sum(part.distance_m for part in parts)
    sure = sum(part.confidence * part.distance_m for part in parts) / metres if metres else parts[0].confidence
    why = combined([(part.surface_reason, part.distance_m) for part in parts])
    return parts[0]._replace(distance_m=metres, surface_reason=why, confidence=sure)


def _scaled(parts: tuple[Part, ...], factor: float) -> tuple[Part, ...]:
    """Scale the fixed metres of `parts` to a piece of the run."""
    return tuple(part if part.metres is None else part._replace(metres=part.metres * factor) for part in parts)
