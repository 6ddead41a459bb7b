"""Match a trace to the map: from points to metres on every surface. Pure."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from math import hypot, isfinite, sqrt
from statistics import median

from shoemon.ground.match.candidates import nearest_alike
from shoemon.ground.match.hmm import transitions_of
from shoemon.ground.match.parameters import PARAMETERS, Parameters
from shoemon.ground.match.piece import MapPiece
from shoemon.ground.match.positions import Position, RawPoint, progress_of, sections_of, thinned
from shoemon.ground.match.routes import Routes
from shoemon.ground.match.stretches import joined, metres_of, stretch_of_gap
from shoemon.model.run_ground import Match
from shoemon.model.trace import Trace

_TRIM = 0.03
"""The share of the largest errors that is left out: faults of the receiver, and ways that are not on the map."""
VERSION = 3
"""Raised with every change of the matcher that may change a result."""


def digest_of(parameters: Parameters) -> str:
    """Return a few letters that differ for other parameters."""
    return sha256(repr(parameters).encode()).hexdigest()[:8]


ENGINE = f"hmm-{VERSION}-{digest_of(PARAMETERS)}"
"""The matcher that made a match: results may differ where it differs."""


def match(trace: Trace, piece: MapPiece, parameters: Parameters = PARAMETERS) -> Match:
    """Match the trace to the map, in the order of time. One without two points in a piece has no metres."""
    p = parameters
    sections, gaps = sections_of(trace, piece.plane, p)
    routes = Routes(piece)
    sigma = sigma_of(sections, piece, routes, p) if sections else p.sigma_first_m
    spacing = spacing_of(sigma, p)
    stretches = [stretch_of_gap(gap) for gap in gaps]
    for section in sections:
        for part in parts_of(thinned(section, spacing), p.most_positions):
            transitions = transitions_of(part, piece, routes, sigma, p)
            stretches.extend(joined(metres_of(transitions, trace, piece, routes, p)))
    stretches.sort(key=lambda stretch: stretch.start_s)
    return Match(tuple(stretches), sigma, len(trace), *progress_of(sections))


def parts_of(positions: list[Position], most: int) -> Iterator[list[Position]]:
    """Yield parts of bounded length, each beginning where the one before ended."""
    for start in range(0, max(len(positions) - 1, 1), most):
        yield positions[start : start + most + 1]


def sigma_of(sections: Sequence[Sequence[RawPoint]], piece: MapPiece, routes: Routes, p: Parameters) -> float:
    """Estimate the error of the positions in metres. The nearest way gives a first guess; in a town it is often not the
    right one, so a few samples of the trace are matched with the guess, and the distances to their ways are better."""
    sigma = _by_nearest(sections, piece, p)
    for _ in range(p.sigma_rounds):
        squares = []
        for sample in _samples(sections, spacing_of(sigma, p), p):
            for transition in transitions_of(sample, piece, routes, sigma, p):
                candidates = transition.two.candidates
                squares += [
                    (candidates[state].side ** 2, share)
                    for share, _, state in transition.pairs
                    if state < len(candidates)
                ]
        if not squares:
            return sigma
        sigma = _clipped(p.sigma_per_rms * _root_mean(squares), p)
    return sigma


def spacing_of(sigma: float, p: Parameters) -> float:
    """Return how far apart positions with such an error should be."""
    return min(max(p.spacing_per_sigma * sigma, p.spacing_least_m), p.spacing_most_m)


def _by_nearest(sections: Sequence[Sequence[RawPoint]], piece: MapPiece, p: Parameters) -> float:
    apart = max(sum(len(section) for section in sections) // p.sigma_looks, 1)
    distances = []
    for section in sections:
        for before, after in pairwise(section[::apart]):
            hx, hy = after[0] - before[0], after[1] - before[1]
            length = hypot(hx, hy)
            if length > 0:
                distance = nearest_alike(before[0], before[1], hx / length, hy / length, piece, p.reach_m)
                if isfinite(distance):
                    distances.append(distance)
    return max(_clipped(p.sigma_per_median * median(distances), p), p.sigma_first_m) if distances else p.sigma_first_m


def _samples(sections: Sequence[Sequence[RawPoint]], spacing: float, p: Parameters) -> Iterator[list[Position]]:
    """Yield three samples of the longest section: early, in the middle, late."""
    positions = thinned(max(sections, key=len), spacing)
    size = p.sigma_sample
    if len(positions) <= 3 * size:
        yield positions
        return
    for sixth in (1, 3, 5):
        start = len(positions) * sixth // 6 - size // 2
        yield positions[start : start + size]


def _root_mean(squares: list[tuple[float, float]]) -> float:
    """Return the root of the mean of squares with their weights, the largest left out."""
    squares.sort()
    enough = (1.0 - _TRIM) * sum([weight for _, weight in squares])
    weights = total = 0.0
    for square, weight in squares:
        if weights > enough:
            break
        weights += weight
        total += square * weight
    return sqrt(total / weights)


def _clipped(sigma: float, p: Parameters) -> float:
    return min(max(sigma, p.sigma_least_m), p.sigma_most_m)
