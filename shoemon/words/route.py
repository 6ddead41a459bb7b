"""Sentences about a planned route."""

from collections.abc import Mapping
from typing import Any

from shoemon.model.units import write_distance


def total_words(name: str, data: Mapping[str, Any], unit: str) -> str:
    """`Round the lake: 10.21 km; hard 60 %, soft 38 %, unknown 2 %.`"""
    shares = (f"{ground} {metres / data['distance_m']:.0%}" for ground, metres in data["ground_m"].items() if metres)
    return f"{name}: {write_distance(data['distance_m'], unit, 2)}; {', '.join(shares)}.".replace("%", " %")


def map_words(map_date: str | None) -> str:
    """The date of the map and its makers."""
    of = f" of {map_date}" if map_date else ""
    return f"By OpenStreetMap{of}, © OpenStreetMap contributors (ODbL)."
