"""Edits of the places in shoes.yaml, as operations."""

from typing import Any

from shoemon.config.edit.operations import Add, Operation
from shoemon.model.plan import Place


def add_place(place: Place) -> list[Operation]:
    """Add a place, to about a metre."""
    return [Add(("places",), [written_place(place)])]


def written_place(place: Place) -> dict[str, Any]:
    """The settings of a place as they are written."""
    at = [round(place.lat, 5), round(place.lon, 5)]
    return {"name": place.name, "at": at, "radius": f"{place.radius_m:.0f} m", "surface": place.surface}
