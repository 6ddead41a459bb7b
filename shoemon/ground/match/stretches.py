"""Measure the metres between the positions: along the route where there is one, straight where there is none. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from math import exp
from typing import NamedTuple

from shoemon.ground.match.hmm import Step, Transition, bound_of
from shoemon.ground.match.labels import NOTHING, GroundLabel, Parts, judged
from shoemon.ground.match.parameters import Parameters
from shoemon.ground.match.piece import MapPiece
from shoemon.ground.match.positions import Gap
from shoemon.ground.match.routes import Routes
from shoemon.model.run_ground import Stretch
from shoemon.model.trace import Trace

_ALIKE = 0.03
"""Stretches of one way and surface are joined if their confidence differs by no more."""


class MatchedMetres(NamedTuple):
    """A few metres of the run, between two positions or fewer."""

    start_s: float
    end_s: float
    metres: float
    label: GroundLabel


def metres_of(
    transitions: Sequence[Transition], trace: Trace, piece: MapPiece, routes: Routes, p: Parameters
) -> Iterator[MatchedMetres]:
    """Yield the run of one section, bit by bit."""
    pace_ms = _pace(transitions, p)
    for transition, is_beyond in zip(transitions, _beyond(transitions, piece), strict=True):
        straight = _straight(transition, trace)
        likely = _parts(transition, *transition.chosen, straight, routes, p)
        others = [(share, _parts(transition, one, two, straight, routes, p)) for share, one, two in transition.pairs]
        labelled = judged(likely, others, p.least_confidence, _trust(transition, likely, trace, pace_ms, p))
        if is_beyond:
            labelled = [(metres, label._replace(origin="map_end")) for metres, label in labelled]
        start, end = transition.one.position.time, transition.two.position.time
        pace = (end - start) / (sum(metres for metres, _ in labelled) or 1.0)
        for number, (metres, label) in enumerate(labelled, 1):
            then = start + metres * pace if number < len(labelled) else end
            yield MatchedMetres(start, then, metres, label)
            start = then


def _trust(transition: Transition, likely: Parts, trace: Trace, pace_ms: float, p: Parameters) -> float:
    """Return how sure it is that the run took one of the shortest routes: less the longer there was no point, and the
    shorter the route is for that time."""
    one, two = transition.one.position, transition.two.position
    if two.time - one.time <= p.short_s:
        return 1.0
    gap_s = max(after - before for before, after in pairwise(trace.times[one.point : two.point + 1]))
    if gap_s <= p.short_s:
        return 1.0
    enough = sum(metres for metres, _ in likely) / (p.enough * pace_ms * gap_s or 1.0)
    return min(enough, 1.0) * exp((p.short_s - gap_s) / p.doubt_s)


def _pace(transitions: Sequence[Transition], p: Parameters) -> float:
    """Return the metres per second of the section where it has points; 0 where it has few everywhere."""
    short = [(each.line, each.two.position.time - each.one.position.time) for each in transitions]
    metres, seconds = (sum(each[place] for each in short if each[1] <= p.short_s) for place in (0, 1))
    return metres / (seconds or 1.0)


def stretch_of_gap(gap: Gap) -> Stretch:
    return Stretch(gap.before.time, gap.after.time, gap.metres, *NOTHING._replace(origin="gap"))


def joined(bits: Iterable[MatchedMetres]) -> list[Stretch]:
    """Join neighbouring bits of one way and surface."""
    stretches: list[Stretch] = []
    for bit in bits:
        label = bit.label
        last = stretches[-1] if stretches else None
        if bit.metres <= 0:
            if last is not None and last.end_s == bit.start_s:
                stretches[-1] = last._replace(end_s=bit.end_s)
            continue
        if (
            last is not None
            and last.end_s == bit.start_s
            and last[3:6] == label[:3]
            and abs(last.confidence - label.confidence) <= _ALIKE
        ):
            metres = last.distance_m + bit.metres
            confidence = (last.confidence * last.distance_m + label.confidence * bit.metres) / metres
            stretches[-1] = Stretch(last.start_s, bit.end_s, metres, *label[:3], confidence)
        else:
            stretches.append(Stretch(bit.start_s, bit.end_s, bit.metres, *label))
    return stretches


def _parts(transition: Transition, one: int, two: int, straight: float, routes: Routes, p: Parameters) -> Parts:
    """Return the metres between two positions in these states: along the route where there is one."""
    start, end = transition.one.candidates, transition.two.candidates
    if one < len(start) and two < len(end):
        if start[one].edge.id == end[two].edge.id:
            return [(abs(end[two].offset - start[one].offset), _label(transition.one, one))]
        path = routes.path(start[one], end[two], bound_of(transition.line, p))
        if path:
            return [(metres, GroundLabel(*edge.way[:4])) for edge, metres in path if metres > 0] or [
                (0.0, _label(transition.one, one))
            ]
    return [(straight / 2, _label(transition.one, one)), (straight / 2, _label(transition.two, two))]


def _label(step: Step, state: int) -> GroundLabel:
    if state < len(step.candidates):
        return GroundLabel(*step.candidates[state].edge.way[:4])
    area = step.area
    return NOTHING if area is None else GroundLabel(None, area.surface, area.origin, area.confidence)


def _straight(transition: Transition, trace: Trace) -> float:
    """Return the metres from one position to the next: the device's own where they are possible, else the straight
    line."""
    if trace.distances_m:
        own = trace.distances_m[transition.two.position.point] - trace.distances_m[transition.one.position.point]
        if 0.7 * transition.line <= own <= 1.5 * transition.line + 10.0:
            return own
    return transition.line


def _beyond(transitions: Sequence[Transition], piece: MapPiece) -> Iterator[bool]:
    """Yield of each transition whether it is beyond the map: in a part of the run that is near nothing, and leads to
    where the map does not extend."""
    for is_far, group in groupby(transitions, lambda each: _is_far(each.one) and _is_far(each.two)):
        part = list(group)
        extends = all(piece.extends_to(*each.two.position[:2]) for each in part) if is_far else True
        yield from [not extends] * len(part)


def _is_far(step: Step) -> bool:
    return not step.candidates and step.area is None
