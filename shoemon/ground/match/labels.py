"""Label the ground between two positions: the surface, how it is known, and the confidence. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from shoemon.model.ids import SurfaceId
from shoemon.model.run_ground import Origin
from shoemon.model.surfaces import BUILT_IN, PAVED, UNKNOWN, UNPAVED

_ONLY_GROUND = {"hard": PAVED, "soft": UNPAVED}
_COIN = 0.5
"""An untagged way is as likely hard as soft: of plain footways about so many turned out to be hard when their surface
was tagged later."""
GROUND = {name: surface.ground for name, surface in BUILT_IN.items()}


class GroundLabel(NamedTuple):
    """The ground at one place by the map, if the run was there."""

    way: int | None
    surface: SurfaceId
    origin: Origin
    confidence: float


NOTHING = GroundLabel(None, UNKNOWN, "no_way", 0.0)
_CAUSES: dict[Origin, Origin] = {"unknown": "untagged", "inferred": "untagged", "area": "no_way"}
"""Why ground is unknown that the map has, but does not know well enough."""
Parts = list[tuple[float, GroundLabel]]
"""Metres with their labels, one after the other."""


def judged(likely: Parts, others: Sequence[tuple[float, Parts]], least: float, trust: float = 1.0) -> Parts:
    """Label the likeliest parts, given `others`: all that are possible, each with its probability.

    The confidence of a ground is its share in all possible parts, times the `trust` that these are all. A surface is
    named where it is likelier than not among them; otherwise, if the ground is sure, `paved` or `unpaved`.
    """
    first = likely[0][1]
    if all(label == first for _, parts in others for _, label in parts):
        label = first if first.confidence >= least else _unknown(first, first.confidence, least)
        return [(metres, _trusted(label, least, trust)) for metres, _ in likely]
    own = _shares([(1.0, likely)])
    found = _shares(others)
    return [(metres, _trusted(_label(label, own, found, least), least, trust)) for metres, label in likely]


class _LabelShares(NamedTuple):
    grounds: dict[str, float]
    """Of the metres, weighted by confidence; `unknown` unweighted."""
    surfaces: dict[SurfaceId, float]
    by: dict[SurfaceId, tuple[float, GroundLabel]]
    """The way that has most of it."""


def _shares(alternatives: Sequence[tuple[float, Parts]]) -> _LabelShares:
    found = _LabelShares({}, {}, {})
    for share, parts in alternatives:
        scale = share / (sum(metres for metres, _ in parts) or 1.0)
        for metres, label in parts:
            part = metres * scale
            ground, surface = GROUND[label.surface], label.surface
            sure = part if ground == "unknown" else part * label.confidence
            found.grounds[ground] = found.grounds.get(ground, 0.0) + sure
            found.surfaces[surface] = found.surfaces.get(surface, 0.0) + part
            if part >= found.by.get(surface, (0.0, label))[0]:
                found.by[surface] = (part, label)
    return found


def _label(label: GroundLabel, own: _LabelShares, found: _LabelShares, least: float) -> GroundLabel:
    ground = GROUND[label.surface]
    if ground == "unknown":
        return _leaning(label, own, found, least)
    part = sum(share for surface, share in own.surfaces.items() if GROUND[surface] == ground) or 1.0
    unknown = max(found.grounds.get("unknown", 0.0) - own.grounds.get("unknown", 0.0), 0.0)
    confidence = min((found.grounds.get(ground, 0.0) + _COIN * unknown) / part, 1.0)
    if confidence < least:
        return _unknown(label, confidence, least)
    if found.surfaces.get(label.surface, 0.0) > 0.5 * (own.surfaces.get(label.surface) or 1.0):
        return label._replace(confidence=confidence)
    alike = {surface: share for surface, share in found.surfaces.items() if GROUND[surface] == ground}
    best = max(alike, key=alike.__getitem__)
    by = found.by[best][1]
    surface = best if alike[best] > 0.5 * part else _ONLY_GROUND.get(ground, best)
    return GroundLabel(by.way, surface, by.origin, confidence)


def _leaning(label: GroundLabel, own: _LabelShares, found: _LabelShares, least: float) -> GroundLabel:
    """Label the ground where the likeliest way is untagged, but most of the other possible ones agree."""
    unknown = found.grounds.get("unknown", 0.0)
    chances = {ground: found.grounds.get(ground, 0.0) + _COIN * unknown for ground in _ONLY_GROUND}
    ground = max(chances, key=chances.__getitem__)
    if own.grounds.get("unknown", 0.0) < 1 - 1e-9 or chances[ground] < least:
        return _unknown(label, 0.0, least)
    return GroundLabel(label.way, _ONLY_GROUND[ground], "inferred", min(chances[ground], 1.0))


def _trusted(label: GroundLabel, least: float, trust: float) -> GroundLabel:
    confidence = label.confidence * trust
    if label.surface == UNKNOWN or confidence >= least:
        return label._replace(confidence=confidence)
    return GroundLabel(label.way, UNKNOWN, "gap", confidence)


def _unknown(label: GroundLabel, confidence: float, least: float, doubt: Origin = "unsure") -> GroundLabel:
    """Label unknown ground with its cause: that of the map where it does not know better, else `doubt`."""
    cause = label.origin if label.surface == UNKNOWN else doubt
    if label.confidence < least:
        cause = _CAUSES.get(label.origin, cause)
    return GroundLabel(label.way, UNKNOWN, cause, confidence)
