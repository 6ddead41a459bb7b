"""Write a place into shoes.yaml; nothing else in the file changes."""

from pathlib import Path

from shoemon.config.edit.shoes_file import add_item
from shoemon.model.plan import Place


def add_place(path: Path, place: Place) -> None:
    """Add `place` at the end of `places` in shoes.yaml at `path`, to about a metre. Raises as `add_shoe`."""
    at = [round(place.lat, 5), round(place.lon, 5)]
    fields = {"name": place.name, "at": at, "radius": f"{place.radius_m:.0f} m", "surface": place.surface}
    add_item(path, "places", fields)
