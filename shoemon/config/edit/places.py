"""Write a place into shoes.yaml, or remove it again; nothing else in the file changes."""

from pathlib import Path
from typing import Any

from shoemon.config.edit.insert import Change
from shoemon.config.edit.remove import item_removed, section_removed
from shoemon.config.edit.shoes_file import add_item, edit_file, entry, read_file
from shoemon.config.load import load
from shoemon.model.errors import MistakeError
from shoemon.model.plan import Place

_KEY = "places"


def add_place(path: Path, place: Place) -> None:
    """Add `place` at the end of `places` in shoes.yaml at `path`, to about a metre. Raises as `add_shoe`."""
    add_item(path, _KEY, written_place(place))


def written_place(place: Place) -> dict[str, Any]:
    """The settings of a place as they are written."""
    at = [round(place.lat, 5), round(place.lon, 5)]
    return {"name": place.name, "at": at, "radius": f"{place.radius_m:.0f} m", "surface": place.surface}


def remove_place(path: Path, name: str) -> None:
    """Remove the place called `name` from shoes.yaml at `path`. Raises as `add_shoe`."""
    old = read_file(path)
    if name not in {place.name for place in load(path.parent, {path.name: old}).plan.places}:
        raise MistakeError(f"no place in {path.name} is called {name}")

    def removed(text: str, root: Any) -> Change:
        items = entry(root, _KEY)
        index = next(index for index, item in enumerate(items.value) if entry(item, "name").value == name)
        section = section_removed(text, root, _KEY) if len(items.value) == 1 else None
        return section or item_removed(text, items, index)

    def expected(value: Any) -> Any:
        return {**value, _KEY: [item for item in value[_KEY] if item["name"] != name]}

    edit_file(path, removed, expected, old)
