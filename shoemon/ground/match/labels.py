"""What is said of the ground between two positions: the surface, how it is known, how surely. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from shoemon.model.ids import SurfaceId
from shoemon.model.run_ground import Origin
from shoemon.model.surfaces import BUILT_IN, PAVED, UNKNOWN, UNPAVED

_MERELY = {"hard": PAVED, "soft": UNPAVED}
_COIN = 0.5
"""A way of which nothing is said is as likely hard as soft: of plain footways about so many turned out to be hard when
their surface was tagged later."""
GROUND = {name: surface.ground for name, surface in BUILT_IN.items()}


class GroundLabel(NamedTuple):
    """What the map says of the ground at one place, if that is where the run was."""

    way: int | None
    surface: SurfaceId
    origin: Origin
    confidence: float


NOTHING = GroundLabel(None, UNKNOWN, "unknown", 0.0)
Parts = list[tuple[float, GroundLabel]]
"""Metres, and what the map says of them, one after the other."""


def judged(likely: Parts, others: Sequence[tuple[float, Parts]], least: float) -> Parts:
    """What may be said of the likeliest parts, when there are others: all that are possible, each with its probability.

    Sure is as much of a ground as all possible parts have of it. A surface is named where it is likelier than not
    among them; where it is not, but the ground is sure, `paved` or `unpaved` is said.
    """
    if all(word == likely[0][1] for _, parts in others for _, word in parts):
        said = likely[0][1] if likely[0][1].confidence >= least else _unsure(likely[0][1], likely[0][1].confidence)
        return [(metres, said) for metres, _ in likely]
    own = _shares([(1.0, likely)])
    found = _shares(others)
    return [(metres, _said(word, own, found, least)) for metres, word in likely]


class _LabelShares(NamedTuple):
    grounds: dict[str, float]
    """Of the metres, weighted by how sure the map's word is; `unknown` unweighted."""
    surfaces: dict[SurfaceId, float]
    by: dict[SurfaceId, tuple[float, GroundLabel]]
    """The way that has most of it."""


def _shares(alternatives: Sequence[tuple[float, Parts]]) -> _LabelShares:
    found = _LabelShares({}, {}, {})
    for share, parts in alternatives:
        scale = share / (sum(metres for metres, _ in parts) or 1.0)
        for metres, word in parts:
            part = metres * scale
            ground, surface = GROUND[word.surface], word.surface
            sure = part if ground == "unknown" else part * word.confidence
            found.grounds[ground] = found.grounds.get(ground, 0.0) + sure
            found.surfaces[surface] = found.surfaces.get(surface, 0.0) + part
            if part >= found.by.get(surface, (0.0, word))[0]:
                found.by[surface] = (part, word)
    return found


def _said(word: GroundLabel, own: _LabelShares, found: _LabelShares, least: float) -> GroundLabel:
    ground = GROUND[word.surface]
    if ground == "unknown":
        return _leaning(word, own, found, least)
    part = sum(share for surface, share in own.surfaces.items() if GROUND[surface] == ground) or 1.0
    silent = max(found.grounds.get("unknown", 0.0) - own.grounds.get("unknown", 0.0), 0.0)
    confidence = min((found.grounds.get(ground, 0.0) + _COIN * silent) / part, 1.0)
    if confidence < least:
        return _unsure(word, confidence)
    if found.surfaces.get(word.surface, 0.0) > 0.5 * (own.surfaces.get(word.surface) or 1.0):
        return word._replace(confidence=confidence)
    alike = {surface: share for surface, share in found.surfaces.items() if GROUND[surface] == ground}
    best = max(alike, key=alike.__getitem__)
    by = found.by[best][1]
    surface = best if alike[best] > 0.5 * part else _MERELY.get(ground, best)
    return GroundLabel(by.way, surface, by.origin, confidence)


def _leaning(word: GroundLabel, own: _LabelShares, found: _LabelShares, least: float) -> GroundLabel:
    """The ground where the likeliest way says nothing of itself, but most of the others that are possible agree."""
    silent = found.grounds.get("unknown", 0.0)
    chances = {ground: found.grounds.get(ground, 0.0) + _COIN * silent for ground in _MERELY}
    ground = max(chances, key=chances.__getitem__)
    if own.grounds.get("unknown", 0.0) < 1 - 1e-9 or chances[ground] < least:
        return _unsure(word, 0.0)
    return GroundLabel(word.way, _MERELY[ground], "inferred", min(chances[ground], 1.0))


def _unsure(word: GroundLabel, confidence: float) -> GroundLabel:
    return GroundLabel(word.way, UNKNOWN, "unknown", confidence)
