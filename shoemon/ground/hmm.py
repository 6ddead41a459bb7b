"""The hidden Markov model: which way each position belongs to, seen with all others of its section. Pure.

States are the candidates of a position, and being off every way. The error of a position is mostly that of the one
before (see `Parameters.correlation_s`): a change from one way to another beside it shows as a jump of the error, and is
as unlikely as that jump. What is seen of an error is its part across the way; it is foretold from the one before by the
cosine of the turn between both ways.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import exp, hypot, inf, log
from typing import NamedTuple

from shoemon.ground.candidates import Candidate, candidates_at
from shoemon.ground.openground import Area
from shoemon.ground.parameters import Parameters
from shoemon.ground.piece import Piece
from shoemon.ground.positions import Position
from shoemon.ground.routes import Routes
from shoemon.ground.surfaces import UNPAVED


class Step(NamedTuple):
    """A position with the states it may be in; the last state, after all candidates, is off every way."""

    position: Position
    candidates: list[Candidate]
    costs: list[float]
    """Of each candidate by its kind of way; the last is that of being off."""
    area: Area | None


class Belief(NamedTuple):
    """What the whole section tells of a position."""

    step: Step
    chosen: int
    """The state on the likeliest way through all."""
    shares: list[float]
    """Probability of each state."""


Weights = list[list[float]]
"""Likelihood of each state, by each state before."""


def beliefs(positions: Sequence[Position], piece: Piece, routes: Routes, sigma: float, p: Parameters) -> list[Belief]:
    """What each position is likely to belong to."""
    steps = [step_at(position, piece, sigma, p) for position in positions]
    weights = [weights_between(one, two, routes, sigma, p) for one, two in pairwise(steps)]
    first = [exp(-cost) for cost in _first_costs(steps[0], sigma)]
    chosen = _likeliest(first, weights)
    shares = _shares(first, weights)
    return [Belief(*of_step) for of_step in zip(steps, chosen, shares, strict=True)]


def step_at(position: Position, piece: Piece, sigma: float, p: Parameters) -> Step:
    """A position and its states. Open ground is asked for only where the nearest way is not near."""
    candidates = candidates_at(position.x, position.y, piece, sigma, p)
    area = None
    if not candidates or abs(candidates[0].side) > p.area_beyond * sigma:
        area = piece.area_at(position.x, position.y)
    crossed = area is not None and area.surface != UNPAVED  # woods and fields are run through on their tracks
    costs = [p.way_cost * candidate.edge.way.cost for candidate in candidates]
    costs.append(p.off_cost_in_area if crossed else p.off_cost)
    return Step(position, candidates, costs, area)


def _first_costs(step: Step, sigma: float) -> list[float]:
    on = [
        cost + candidate.side**2 / (2 * sigma * sigma)
        for candidate, cost in zip(step.candidates, step.costs, strict=False)
    ]
    return [*on, step.costs[-1] + 2.0]


def weights_between(one: Step, two: Step, routes: Routes, sigma: float, p: Parameters) -> Weights:
    """How likely each state of a position is after each of the one before."""
    line = hypot(two.position.x - one.position.x, two.position.y - one.position.y)
    like = p.correlated * exp((one.position.time - two.position.time) / p.correlation_s)
    bound = p.route_limit * line + p.route_margin_m
    tolerance = p.detour_m + p.detour_share * line
    wide = 2 * sigma * sigma
    most, least = p.most_cost, exp(-p.most_cost)
    ends = [
        (*candidate.edge, candidate.offset, candidate.side, candidate.ux, candidate.uy, cost)
        for candidate, cost in zip(two.candidates, two.costs, strict=False)
    ]
    rows = []
    for (id0, a0, b0, length0, way0), offset0, side0, ux0, uy0 in one.candidates:
        from_a, from_b = routes.around(a0, bound).metres.get, routes.around(b0, bound).metres.get
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
                    rest0, rest1 = length0 - offset0, length1 - offset1
                    route = min(
                        offset0 + from_a(a1, inf) + offset1,
                        rest0 + from_b(a1, inf) + offset1,
                        offset0 + from_a(b1, inf) + rest1,
                        rest0 + from_b(b1, inf) + rest1,
                    )
                    if way0 is not way1:
                        cost += p.switch_cost
                cost += abs(route - line) / tolerance
            row.append(exp(-cost) if cost < most else least)
        row.append(exp(-two.costs[-1] - p.leave_cost))
        rows.append(row)
    back = [exp(-kind - side * side / wide - p.return_cost) for *_, side, _, _, kind in ends]
    return [*rows, [*back, exp(-two.costs[-1])]]


def _likeliest(first: list[float], weights: Sequence[Weights]) -> list[int]:
    """Viterbi: the states of the likeliest way through all positions."""
    best = first
    came_from: list[list[int]] = []
    for rows in weights:
        froms, after = [], []
        for column in zip(*rows, strict=True):
            products = [value * weight for value, weight in zip(best, column, strict=True)]
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


def _shares(first: list[float], weights: Sequence[Weights]) -> list[list[float]]:
    """Forward and backward: the probability of each state, with all that was seen before and after."""
    forward = [_to_one(first)]
    for rows in weights:
        before = forward[-1]
        forward.append(
            _to_one(
                [
                    sum([value * weight for value, weight in zip(before, column, strict=True)])
                    for column in zip(*rows, strict=True)
                ]
            )
        )
    shares = [forward[-1]]
    backward = [1.0] * len(forward[-1])
    for rows, before in zip(reversed(weights), reversed(forward[:-1]), strict=True):
        backward = _to_one([sum([weight * value for weight, value in zip(row, backward, strict=True)]) for row in rows])
        shares.append(_to_one([value * after for value, after in zip(before, backward, strict=True)]))
    return shares[::-1]


def _to_one(values: list[float]) -> list[float]:
    """Scaled so that they add up to 1."""
    scale = 1.0 / (sum(values) or 1.0)
    return [value * scale for value in values]
