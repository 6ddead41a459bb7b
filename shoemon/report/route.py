"""Report the ground of a planned route, as JSON and as a table."""

from collections.abc import Iterator, Mapping
from typing import Any

from shoemon.model.plan import Plan, Surface
from shoemon.model.route import RouteGround
from shoemon.model.run_ground import GroundPart
from shoemon.model.surfaces import GROUNDS
from shoemon.model.units import write_distance
from shoemon.report.tables import Column, Note, print_notes, print_table
from shoemon.words.reasons import ORIGINS
from shoemon.words.route import map_words, total_words


def route_data(found: RouteGround, plan: Plan) -> dict[str, Any]:
    """The metres of a route by ground and by surface, and those that are only inferred; whole metres, whose sums are
    its distance."""
    grounds: dict[str, int] = {"hard": 0, "soft": 0, "unknown": 0}
    surfaces: dict[str, int] = {}
    inferred = 0
    parts = list(_whole_metres(found))
    for part, metres in parts:
        ground = _ground(part, plan.surfaces)
        grounds[ground] = grounds.get(ground, 0) + metres
        surfaces[part.surface] = surfaces.get(part.surface, 0) + metres
        inferred += metres * (part.origin == "inferred")
    return {
        "distance_m": sum(metres for _, metres in parts),
        "ground_m": {ground: grounds[ground] for ground in GROUNDS if ground in grounds},
        "surface_m": dict(sorted(surfaces.items(), key=lambda item: -item[1])),
        "inferred_m": inferred,
    }


def print_route(found: RouteGround, plan: Plan, file_name: str, unit: str) -> None:
    """Print the metres of a route by surface, with how each is known, and the date of the map."""
    data = route_data(found, plan)
    print_notes([Note(total_words(found.name or file_name, data, unit))])
    columns: dict[str, Column] = {
        "ground": "left",
        "surface": "left",
        unit: "right",
        "share": "right",
        "sure": "right",
        "known by": "wrapped",
    }
    order = sorted(_whole_metres(found), key=lambda one: GROUNDS.index(_ground(one[0], plan.surfaces)))
    print_table(
        columns,
        [
            (
                _ground(part, plan.surfaces),
                part.surface,
                write_distance(metres, unit, 2).removesuffix(f" {unit}"),
                f"{metres / data['distance_m']:.0%}",
                f"{part.confidence:.0%}" if part.confidence else "",
                part.place or ORIGINS[part.origin],
            )
            for part, metres in order
        ],
    )
    print_notes([Note(map_words(found.map_date))])


def _ground(part: GroundPart, surfaces: Mapping[str, Surface]) -> str:
    return surfaces[part.surface].ground if part.surface in surfaces else "unknown"


def _whole_metres(found: RouteGround) -> Iterator[tuple[GroundPart, int]]:
    """Yield each part with its whole metres: what rounding adds or takes goes on to the next part."""
    before = 0.0
    for part in found.parts:
        after = before + part.distance_m
        if metres := round(after) - round(before):
            yield part, metres
        before = after
