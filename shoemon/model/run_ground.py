"""The result of matching a trace to the map: which metres were on which surface, and how surely that is known. Pure."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from shoemon.model.ids import SurfaceId

Origin = Literal[
    "tag", "inferred", "area", "device", "place",
    "gap", "no_way", "untagged", "map_end", "unsure", "short_track", "nowhere", "unknown",
]  # fmt: skip
"""How a surface is known: by the way's own `surface` tag (or an equivalent one), by ways of its kind, by the area that
was crossed off every way, by the device (indoors), or by a place that the runner named. An inferred surface is `paved`
or `unpaved`: the ground, never the exact surface.

Or why it is unknown: the track has a gap, no way is near, the way has no tag that gives its ground, the map ends, it
may have been one of several ways, the track is shorter than the run, or it goes nowhere, as indoors; `unknown` in
matches of earlier versions."""


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
    """A trace matched to the map."""

    stretches: tuple[Stretch, ...]
    sigma_m: float
    """The error of the positions, as estimated from the trace."""
    points: int
    covered_s: float = 0.0
    """The time between its points, without gaps and pauses."""
    progress_m: float = 0.0
    """How far they got in it: the sum of straight lines of half a minute each."""


class GroundPart(NamedTuple):
    """Metres of a run on one surface, known in one way; `confidence` is the mean over these metres."""

    surface: SurfaceId
    origin: Origin
    distance_m: float
    confidence: float
    place: str = ""
    """The name of the runner's place, if that is how it is known."""


class RunGround(NamedTuple):
    """The ground of one run by the map, in metres along its track. `covered_s` and `progress_m`: see Match; None in
    matches of earlier versions."""

    parts: tuple[GroundPart, ...]
    covered_s: float | None = None
    progress_m: float | None = None

    @property
    def track_m(self) -> float:
        """The metres of its track."""
        return sum(part.distance_m for part in self.parts)


def summed(stretches: Iterable[Stretch]) -> tuple[GroundPart, ...]:
    """Add up stretches by surface, origin and place, the longest first."""
    sums: dict[tuple[SurfaceId, Origin, str], list[float]] = {}
    for stretch in stretches:
        sum_of = sums.setdefault((stretch.surface, stretch.origin, stretch.place), [0.0, 0.0])
        sum_of[0] += stretch.distance_m
        sum_of[1] += stretch.distance_m * stretch.confidence
    parts = [
        GroundPart(surface, origin, metres, weighted / metres if metres else 0.0, place)
        for (surface, origin, place), (metres, weighted) in sums.items()
    ]
    return tuple(sorted(parts, key=lambda part: -part.distance_m))


def untagged_ways(stretches: Iterable[Stretch]) -> dict[int, int]:
    """Add up the metres on each way whose surface is inferred or unknown because it has no tag; whole metres."""
    sums: dict[int, float] = {}
    for stretch in stretches:
        if stretch.way is not None and stretch.origin in ("inferred", "untagged"):
            sums[stretch.way] = sums.get(stretch.way, 0.0) + stretch.distance_m
    return {way: round(metres) for way, metres in sums.items() if metres >= 0.5}
