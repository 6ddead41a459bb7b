"""The metres between the positions: along the route where there is one, straight where there is none. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import hypot
from typing import NamedTuple

from shoemon.ground.hmm import Belief
from shoemon.ground.labels import Label, label_of, label_of_way
from shoemon.ground.matched import Stretch
from shoemon.ground.parameters import Parameters
from shoemon.ground.positions import Gap
from shoemon.ground.routes import Routes
from shoemon.ground.surfaces import BUILT_IN, UNKNOWN
from shoemon.ground.trace import Trace

_ALIKE = 0.03
"""Stretches of one way and surface are one as long as their confidence differs by no more."""


class Metres(NamedTuple):
    """A few metres of the run, between two positions or less."""

    start_s: float
    end_s: float
    metres: float
    label: Label
    outside: bool = False


def metres_of(beliefs: Sequence[Belief], trace: Trace, routes: Routes, p: Parameters) -> Iterator[Metres]:
    """The run of one section, bit by bit."""
    labels = [label_of(belief, p) for belief in beliefs]
    for (one, before), (two, after) in pairwise(zip(beliefs, labels, strict=True)):
        parts = _along_route(one, two, before, after, routes, p)
        if not parts:
            half = _straight(one, two, trace) / 2
            parts = [(half, before), (half, after)]
        outside = _is_outside(one) and _is_outside(two)
        start, end = one.step.position.time, two.step.position.time
        pace = (end - start) / (sum(metres for metres, _ in parts) or 1.0)
        for metres, label in parts:
            then = start + metres * pace
            yield Metres(start, then, metres, label, outside)
            start = then


def metres_of_gap(gap: Gap) -> Metres:
    """Metres of which nothing is known."""
    return Metres(gap.before.time, gap.after.time, gap.metres, Label(None, UNKNOWN, "unknown", 0.0))


def joined(bits: Iterable[Metres]) -> tuple[Stretch, ...]:
    """Neighbouring bits of one way and surface, made one."""
    stretches: list[Stretch] = []
    for bit in bits:
        label = bit.label
        last = stretches[-1] if stretches else None
        if bit.metres <= 0:
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
    return tuple(stretches)


def _along_route(
    one: Belief, two: Belief, before: Label, after: Label, routes: Routes, p: Parameters
) -> list[tuple[float, Label]]:
    """The parts of the route from one position to the next; none where there is no route, or no way."""
    if one.chosen == len(one.step.candidates) or two.chosen == len(two.step.candidates):
        return []
    start, end = one.step.candidates[one.chosen], two.step.candidates[two.chosen]
    bound = p.route_limit * _line(one, two) + p.route_margin_m
    path = routes.path(start, end, bound)
    if len(path) < 2:
        return [(metres / 2, label) for _, metres in path for label in (before, after)]
    between = []
    for edge, metres in path[1:-1]:
        ground = BUILT_IN[edge.way.surface].ground
        sure = [label.confidence for label in (before, after) if BUILT_IN[label.surface].ground == ground]
        if sure and ground != "unknown":
            between.append(
                (metres, Label(edge.way.id, edge.way.surface, edge.way.origin, min(*sure, edge.way.confidence)))
            )
        else:
            sure_of_both = min(one.shares[one.chosen], two.shares[two.chosen])
            between.append((metres, label_of_way(edge.way, sure_of_both, p)))
    return [(path[0][1], before), *between, (path[-1][1], after)]


def _straight(one: Belief, two: Belief, trace: Trace) -> float:
    """Metres from one position to the next: the device's own where they can be, else the straight line."""
    line = _line(one, two)
    if trace.distances_m:
        own = trace.distances_m[two.step.position.point] - trace.distances_m[one.step.position.point]
        if 0.7 * line <= own <= 1.5 * line + 10.0:
            return own
    return line


def _line(one: Belief, two: Belief) -> float:
    a, b = one.step.position, two.step.position
    return hypot(b.x - a.x, b.y - a.y)


def _is_outside(belief: Belief) -> bool:
    return not belief.step.candidates and belief.step.area is None
