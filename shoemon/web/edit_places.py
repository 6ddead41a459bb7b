"""Write places into shoes.yaml for the pages and the check of the ground, or remove them again."""

from collections.abc import Callable
from functools import partial

from shoemon.config.edit import places
from shoemon.config.edits import wait_until_saved
from shoemon.config.load import SHOES_FILE, Config
from shoemon.config.reading import ConfigError
from shoemon.model.errors import MistakeError
from shoemon.model.ids import SurfaceId
from shoemon.model.plan import Place
from shoemon.store.snapshot import snapshot
from shoemon.sync.lap_places import LapPlace, lap_places
from shoemon.web.assign import edited


def places_asked(config: Config) -> list[LapPlace]:
    """Return the places where runs go round a lap on unknown ground. Raises ShoemonError."""
    with snapshot(config.database) as rows:
        return lap_places(rows, config)


def name_place(config: Config, key: str, surface: str) -> str:
    """Write that the place with this key has `surface` (`unknown`: not to ask again); return its name. Raises
    ShoemonError."""
    for each in places_asked(config):
        if each.key == key:
            return add_place(config, each.place._replace(surface=SurfaceId(surface)))
    raise MistakeError("this place is not asked about any more")


def add_place(config: Config, place: Place) -> str:
    """Add a place, and return its name. Raises ShoemonError."""
    _edit(config, partial(places.add_place, config.directory / SHOES_FILE, place))
    return place.name


def remove_place(config: Config, name: str) -> None:
    """Remove the place called `name`. Raises ShoemonError."""
    _edit(config, partial(places.remove_place, config.directory / SHOES_FILE, name))


def _edit(config: Config, change: Callable[[], None]) -> None:
    if not wait_until_saved(config.directory):
        raise MistakeError(f"somebody is saving {SHOES_FILE}; try again")
    try:
        edited(change)
    except ConfigError as error:
        raise MistakeError("correct these mistakes first:\n" + "\n".join(map(str, error.mistakes))) from None
