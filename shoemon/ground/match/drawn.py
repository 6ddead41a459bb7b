"""Prepare a run for drawing: the stretches of a match with their positions. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shoemon.ground.match.parameters import PARAMETERS
from shoemon.ground.match.piece import Plane
from shoemon.ground.match.positions import sections_of
from shoemon.ground.match.shapes import Line
from shoemon.model.ids import SurfaceId
from shoemon.model.run_ground import Origin, Stretch
from shoemon.model.trace import Trace


class Drawn(NamedTuple):
    """A part of a run on one surface, known in one way; `line` is empty where it is too short to be drawn."""

    surface: SurfaceId
    origin: Origin
    metres: float
    confidence: float
    """The mean over these metres."""
    line: Line


def drawn_of(trace: Trace, matched_on: Plane, stretches: Iterable[Stretch], plane: Plane) -> list[Drawn]:
    """Return the parts of a run, in order, their lines on `plane`. `stretches` are those of its match on plane
    `matched_on`, and are drawn by the same points: without the faults of the receiver."""
    sections, _ = sections_of(trace, matched_on, PARAMETERS)
    points = sorted((time, point) for section in sections for _, _, time, point in section)
    times = [time for time, _ in points]
    places = [plane.point(trace.lats[point], trace.lons[point]) for _, point in points]
    return [
        Drawn(each.surface, each.origin, each.distance_m, each.confidence, between(*each[:2], times, places))
        for each in _whole(stretches)
    ]


def _whole(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Join consecutive stretches of one surface, whatever their ways."""
    found: list[Stretch] = []
    for each in stretches:
        last = found[-1] if found else None
        if last is None or (last.surface, last.origin, last.end_s) != (each.surface, each.origin, each.start_s):
            found.append(each)
            continue
        metres = last.distance_m + each.distance_m
        sure = last.confidence * last.distance_m + each.confidence * each.distance_m
        found[-1] = last._replace(
            end_s=each.end_s, distance_m=metres, way=None, confidence=sure / metres if metres else last.confidence
        )
    return found


def between(start: float, end: float, at: Sequence[float], places: Sequence[tuple[float, float]]) -> Line:
    """Return the positions from `start` to `end`, mostly between two; each of `places` is at a time, or so many metres
    along a line."""

    def place_at(one: float) -> tuple[float, float]:
        after = min(bisect_left(at, one), len(at) - 1)
        before = max(after - 1, 0)
        span = at[after] - at[before]
        share = (one - at[before]) / span if span > 0 else 1.0
        (x, y), (x2, y2) = places[before], places[after]
        return x + share * (x2 - x), y + share * (y2 - y)

    return [place_at(start), *places[bisect_right(at, start) : bisect_left(at, end)], place_at(end)]


def fewer(parts: Sequence[Drawn], most: int) -> list[Drawn]:
    """Keep the `most` longest parts. A shorter one is drawn as the part before it, where that leads to it, so that the
    run stays whole; its metres stay its own, summed up by surface at the end."""
    if len(parts) <= most:
        return list(parts)
    longest = set(sorted(range(len(parts)), key=lambda index: -parts[index].metres)[:most])
    kept: list[Drawn] = []
    short: dict[tuple[SurfaceId, Origin], list[Drawn]] = {}
    for index, part in enumerate(parts):
        if index in longest:
            kept.append(part._replace(line=list(part.line)))
            continue
        short.setdefault((part.surface, part.origin), []).append(part)
        if kept and kept[-1].line[-1] == part.line[0]:
            kept[-1].line.extend(part.line[1:])
    for (surface, origin), of in short.items():
        metres = sum(part.metres for part in of)
        sure = sum(part.metres * part.confidence for part in of)
        kept.append(Drawn(surface, origin, metres, sure / metres if metres else 0.0, []))
    return kept
