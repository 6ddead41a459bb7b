"""The result of matching a trace to the map: which metres were on which surface, and how surely that is known. Pure."""

from typing import Literal, NamedTuple

from shoemon.model.ids import SurfaceId

Origin = Literal["tag", "inferred", "area", "device", "place", "unknown"]
"""How a surface is known: by the way's own `surface` tag (or an equivalent one), by ways of its kind, by the area that
was crossed off every way, by the device (indoors), by a place that the runner named, or not at all. An inferred surface
is `paved` or `unpaved`: the ground, never the exact surface."""


class Stretch(NamedTuple):
    """A part of a run on one way, or off all ways."""

    start_s: float
    """In the trace's own time."""
    end_s: float
    distance_m: float
    way: int | None
    """OpenStreetMap's id of the way; None off all ways."""
    surface: SurfaceId
    origin: Origin
    confidence: float
    """Probability that its ground is right, 0 to 1: that of the match times that of the map."""
    place: str = ""
    """The name of the runner's place that it is in."""


class Match(NamedTuple):
    """A trace matched to the map. `outside_m`: metres too far from anything on the map."""

    stretches: tuple[Stretch, ...]
    sigma_m: float
    """The error of the positions, as estimated from the trace."""
    points: int
    outside_m: float = 0.0


class GroundPart(NamedTuple):
    """Metres of a run on one surface, known in one way; `confidence` is the mean over these metres."""

    surface: SurfaceId
    origin: Origin
    distance_m: float
    confidence: float
    place: str = ""
    """The name of the runner's place, if that is how it is known."""


class RunGround(NamedTuple):
    """The ground of one run by the map, in metres along its track."""

    parts: tuple[GroundPart, ...]


def summed(match: Match) -> tuple[GroundPart, ...]:
    """Add up the stretches of `match` by surface, origin and place, the longest first."""
    sums: dict[tuple[SurfaceId, Origin, str], list[float]] = {}
    for stretch in match.stretches:
        sum_of = sums.setdefault((stretch.surface, stretch.origin, stretch.place), [0.0, 0.0])
        sum_of[0] += stretch.distance_m
        sum_of[1] += stretch.distance_m * stretch.confidence
    parts = [
        GroundPart(surface, origin, metres, weighted / metres if metres else 0.0, place)
        for (surface, origin, place), (metres, weighted) in sums.items()
    ]
    return tuple(sorted(parts, key=lambda part: -part.distance_m))
