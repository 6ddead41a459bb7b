"""The hidden Markov model: find the way of each position, given all others of its section. Pure.

States are the candidates of a position, and being off every way. The error of a position is mostly that of the one
before (see `Parameters.correlation_s`): a change from one way to another beside it is a jump of the error, and as
unlikely as that jump. Only the part of an error across the way is visible; it is predicted from the one before by the
cosine of the turn between both ways.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from math import exp, hypot, inf, log, sqrt
from operator import mul
from typing import NamedTuple

from shoemon.ground.match.candidates import Candidate, candidates_at
from shoemon.ground.match.open_ground import Area
from shoemon.ground.match.parameters import Parameters
from shoemon.ground.match.piece import MapPiece
from shoemon.ground.match.positions import Position
from shoemon.ground.match.routes import Routes
from shoemon.model.surfaces import UNPAVED

_NEVER = 1e-4


class Step(NamedTuple):
    """A position with the states it may be in; the last state, after all candidates, is off every way."""

    position: Position
    candidates: list[Candidate]
    costs: list[float]
    """Of each candidate, by its kind of way; the last is that of being off."""
    area: Area | None
    sigma: float
    """The error of the position in metres."""

    @property
    def off_is_ground(self) -> bool:
        """Whether runs cross the open ground there: in woods and fields they are on tracks."""
        return self.area is not None and self.area.surface != UNPAVED


class Transition(NamedTuple):
    """The way from one position to the next, given the whole section."""

    one: Step
    two: Step
    chosen: tuple[int, int]
    """The states of both on the likeliest path through all."""
    pairs: list[tuple[float, int, int]]
    """Probability of each pair of states that matters, the likeliest first."""

    @property
    def line(self) -> float:
        return hypot(self.two.position.x - self.one.position.x, self.two.position.y - self.one.position.y)


Weights = list[list[float]]
"""Likelihood of each state, by each state before."""


def transitions_of(
    positions: Sequence[Position], piece: MapPiece, routes: Routes, sigma: float, p: Parameters
) -> list[Transition]:
    """Return the likely states of each position and the next one."""
    steps = steps_of(positions, piece, sigma, p)
    forward = [_to_one([exp(-cost) for cost in _first_costs(steps[0])])]
    weights = []
    for one, two in pairwise(steps):
        rows = weights_between(one, two, forward[-1], routes, p)
        forward.append(_to_one([sum(map(mul, forward[-1], column)) for column in zip(*rows, strict=True)]))
        weights.append(rows)
    chosen = pairwise(_likeliest(forward[0], weights))
    pairs = _pairs(forward, weights, p)
    return [
        Transition(*both, states, likely) for both, states, likely in zip(pairwise(steps), chosen, pairs, strict=True)
    ]


def steps_of(positions: Sequence[Position], piece: MapPiece, sigma: float, p: Parameters) -> list[Step]:
    """Return the positions with their states. Where all ways are further away for some time than the error explains,
    a way is drawn roughly or the receiver is worse there: the error is larger then."""
    steps = [step_at(position, piece, sigma, p) for position in positions]
    squares = [0.0 if step.off_is_ground or not step.candidates else step.candidates[0].side ** 2 for step in steps]
    sums = [0.0, *accumulate(squares)]
    found = []
    for number, step in enumerate(steps):
        start, end = max(number - p.rough_positions, 0), min(number + p.rough_positions + 1, len(steps))
        there = min(p.rough_share * sqrt((sums[end] - sums[start]) / (end - start)), p.sigma_most_m)
        found.append(step if there <= sigma else step_at(step.position, piece, there, p))
    return found


def step_at(position: Position, piece: MapPiece, sigma: float, p: Parameters) -> Step:
    """Return a position and its states. Open ground is looked up only where the nearest way is not near."""
    candidates = candidates_at(position.x, position.y, piece, sigma, p)
    area = None
    if not candidates or abs(candidates[0].side) > p.area_beyond * sigma:
        area = piece.area_at(position.x, position.y)
    step = Step(position, candidates, [p.way_cost * candidate.edge.way.cost for candidate in candidates], area, sigma)
    step.costs.append(p.off_cost_in_area if step.off_is_ground else p.off_cost)
    return step


def _first_costs(step: Step) -> list[float]:
    on = [
        cost + candidate.side**2 / (2 * step.sigma * step.sigma)
        for candidate, cost in zip(step.candidates, step.costs, strict=False)
    ]
    return [*on, step.costs[-1] + 2.0]


def weights_between(one: Step, two: Step, before: list[float], routes: Routes, p: Parameters) -> Weights:
    """Return how likely each state of a position is after each of the one before. Where `before`, the probability of
    that one by all before it, is almost zero, no route is searched."""
    wide = 2 * two.sigma * two.sigma
    off = two.costs[-1]
    leaving, least = exp(-off - p.leave_cost), exp(-p.most_cost)
    row_of = _rows_between(one, two, routes, wide, p)
    rows = [
        [*row_of(start), leaving] if share >= _NEVER else [least] * len(two.costs)
        for share, start in zip(before, one.candidates, strict=False)
    ]
    back = [
        exp(-cost - candidate.side**2 / wide - p.return_cost)
        for candidate, cost in zip(two.candidates, two.costs, strict=False)
    ]
    return [*rows, [*back, exp(-off)]]


def _rows_between(
    one: Step, two: Step, routes: Routes, wide: float, p: Parameters
) -> Callable[[Candidate], list[float]]:
    """Return a function that gives the likelihood of each candidate of a position after one of the position before."""
    line = hypot(two.position.x - one.position.x, two.position.y - one.position.y)
    like = p.correlated * exp((one.position.time - two.position.time) / p.correlation_s)
    bound, tolerance = bound_of(line, p), p.detour_m + p.detour_share * line
    most, least, switch = p.most_cost, exp(-p.most_cost), p.switch_cost
    ends = [(*candidate.edge, *candidate[1:], cost) for candidate, cost in zip(two.candidates, two.costs, strict=False)]

    def row_of(start: Candidate) -> list[float]:
        (id0, a0, b0, length0, way0), offset0, side0, ux0, uy0 = start
        rest0 = length0 - offset0
        from_a, from_b = routes.around(a0, bound - offset0).get, routes.around(b0, bound - rest0).get
        row = []
        for id1, a1, b1, length1, way1, offset1, side1, ux1, uy1, kind in ends:
            turn = like * (ux0 * ux1 + uy0 * uy1)
            free = 1.0 - turn * turn
            jump = side1 - turn * side0
            cost = kind + jump * jump / (wide * free) + 0.5 * log(free)
            if cost < most:
                if id0 == id1:
                    route = abs(offset1 - offset0)
                else:
                    to_a = min(offset0 + from_a(a1, inf), rest0 + from_b(a1, inf)) + offset1
                    to_b = min(offset0 + from_a(b1, inf), rest0 + from_b(b1, inf)) + length1 - offset1
                    route = to_a if to_a < to_b else to_b
                    if way0 is not way1:
                        cost += switch
                cost += abs(route - line) / tolerance if route <= bound else most
            row.append(exp(-cost) if cost < most else least)
        return row

    return row_of


def bound_of(line: float, p: Parameters) -> float:
    """Return the longest route that is searched between positions so far apart."""
    return line + p.most_detour * (p.detour_m + p.detour_share * line)


def _likeliest(first: list[float], weights: Sequence[Weights]) -> list[int]:
    """Viterbi: return the states of the likeliest path through all positions."""
    best = first
    came_from: list[list[int]] = []
    for rows in weights:
        froms, after = [], []
        for column in zip(*rows, strict=True):
            products = list(map(mul, best, column))
            top = max(products)
            froms.append(products.index(top))
            after.append(top)
        scale = 1.0 / max(after)
        best = [value * scale for value in after]
        came_from.append(froms)
    states = [best.index(max(best))]
    for froms in reversed(came_from):
        states.append(froms[states[-1]])
    return states[::-1]


def _pairs(forward: list[list[float]], weights: Sequence[Weights], p: Parameters) -> list[list[tuple[float, int, int]]]:
    """Forward and backward: return the probability of each pair of states, given all before and after."""
    backward = [1.0] * len(forward[-1])
    pairs = []
    for rows, before in zip(reversed(weights), reversed(forward[:-1]), strict=True):
        found = [
            (here * weight * after, state, other)
            for state, (here, row) in enumerate(zip(before, rows, strict=True))
            if here > _NEVER
            for other, (weight, after) in enumerate(zip(row, backward, strict=True))
        ]
        few = p.least_share * sum([share for share, _, _ in found])
        likely = [(share**p.tempered, state, other) for share, state, other in found if share > few]
        scale = 1.0 / sum([share for share, _, _ in likely])
        pairs.append(sorted([(share * scale, state, other) for share, state, other in likely], reverse=True))
        backward = _to_one([sum(map(mul, row, backward)) for row in rows])
    return pairs[::-1]


def _to_one(values: list[float]) -> list[float]:
    """Scale the values so that they add up to 1."""
    scale = 1.0 / (sum(values) or 1.0)
    return [value * scale for value in values]
