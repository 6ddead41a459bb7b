"""What is said of the ground at a position: the surface, how it is known, how surely. Pure."""

from typing import NamedTuple

from shoemon.ground.hmm import Belief, Step
from shoemon.ground.matched import Origin
from shoemon.ground.openground import Area
from shoemon.ground.parameters import Parameters
from shoemon.ground.piece import Way
from shoemon.ground.surfaces import BUILT_IN, PAVED, UNKNOWN, UNPAVED
from shoemon.model import SurfaceId

_OF_GROUND = {"hard": PAVED, "soft": UNPAVED}


class Label(NamedTuple):
    """The ground at one place, and the way that says so."""

    way: int | None
    surface: SurfaceId
    origin: Origin
    confidence: float


class Word(NamedTuple):
    """What one state says of the ground, if it is the right one."""

    way: int | None
    surface: SurfaceId
    origin: Origin
    confidence: float


_NOWHERE = Word(None, UNKNOWN, "unknown", 0.0)


def label_of(belief: Belief, p: Parameters) -> Label:
    """The likeliest ground over all states. Its likeliest surface is named where it is likelier than not."""
    states = [(share, word_of_state(belief.step, state)) for state, share in enumerate(belief.shares) if share > 1e-4]
    grounds: dict[str, float] = {}
    for share, word in states:
        ground = BUILT_IN[word.surface].ground
        grounds[ground] = grounds.get(ground, 0.0) + share * word.confidence
    best = max(grounds, key=grounds.__getitem__)
    confidence = min(grounds[best], 1.0)
    if confidence < p.least_confidence:
        return Label(word_of_state(belief.step, belief.chosen).way, UNKNOWN, "unknown", confidence)
    alike = [(share, word) for share, word in states if BUILT_IN[word.surface].ground == best]
    surfaces: dict[SurfaceId, float] = {}
    for share, word in alike:
        surfaces[word.surface] = surfaces.get(word.surface, 0.0) + share
    surface = max(surfaces, key=surfaces.__getitem__)
    by = max((share, index) for index, (share, word) in enumerate(alike) if word.surface == surface)[1]
    if surfaces[surface] <= 0.5:
        surface = _OF_GROUND.get(best, surface)
    return Label(alike[by][1].way, surface, alike[by][1].origin, confidence)


def label_of_way(way: Way, sure: float, p: Parameters) -> Label:
    """What a way says that was passed between two positions, where the match is `sure` of it."""
    confidence = sure * way.confidence
    if confidence < p.least_confidence:
        return Label(way.id, UNKNOWN, "unknown", confidence)
    return Label(way.id, way.surface, way.origin, confidence)


def word_of_state(step: Step, state: int) -> Word:
    """What a state of a position says of the ground."""
    if state < len(step.candidates):
        way = step.candidates[state].edge.way
        return Word(way.id, way.surface, way.origin, way.confidence)
    return _word_of_area(step.area)


def _word_of_area(area: Area | None) -> Word:
    return _NOWHERE if area is None else Word(None, area.surface, area.origin, area.confidence)
