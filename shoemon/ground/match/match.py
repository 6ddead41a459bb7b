"""Match a trace to the map: from points to metres on every surface. Pure."""

from collections.abc import Iterator
from hashlib import sha256

from shoemon.ground.match.hmm import transitions_of
from shoemon.ground.match.noise import sigma_of, spacing_of
from shoemon.ground.match.parameters import PARAMETERS, Parameters
from shoemon.ground.match.piece import MapPiece
from shoemon.ground.match.positions import Position, sections_of, thinned
from shoemon.ground.match.routes import Routes
from shoemon.ground.match.stretches import joined, metres_of, stretch_of_gap
from shoemon.model.run_ground import Match
from shoemon.model.trace import Trace

VERSION = 1
"""Raised with every change to the matcher that may change a result."""


def digest_of(parameters: Parameters) -> str:
    """A few letters that differ for other parameters."""
    return sha256(repr(parameters).encode()).hexdigest()[:8]


ENGINE = f"hmm-{VERSION}-{digest_of(PARAMETERS)}"
"""What a match was made with: another word, other results."""


def match(trace: Trace, piece: MapPiece, parameters: Parameters = PARAMETERS) -> Match:
    """The trace on the map, in the order of time. One without two points in a piece has no metres."""
    p = parameters
    sections, gaps = sections_of(trace, piece.plane, p)
    routes = Routes(piece)
    sigma = sigma_of(sections, piece, routes, p) if sections else p.sigma_first_m
    spacing = spacing_of(sigma, p)
    stretches = [stretch_of_gap(gap) for gap in gaps]
    outside_m = 0.0
    for section in sections:
        for part in _parts(thinned(section, spacing), p.most_positions):
            bits = list(metres_of(transitions_of(part, piece, routes, sigma, p), trace, routes, p))
            outside_m += sum(bit.metres for bit in bits if bit.outside)
            stretches.extend(joined(bits))
    stretches.sort(key=lambda stretch: stretch.start_s)
    return Match(tuple(stretches), sigma, len(trace), outside_m)


def _parts(positions: list[Position], most: int) -> Iterator[list[Position]]:
    """Parts of bounded length, each beginning where the one before ended."""
    for start in range(0, max(len(positions) - 1, 1), most):
        yield positions[start : start + most + 1]
