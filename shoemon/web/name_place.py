"""Name the places where runs go round a lap on unknown ground: write them into shoes.yaml, or remove them again."""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

from shoemon.config.edit.places import add_place, remove_place
from shoemon.config.edits import wait_until_saved
from shoemon.config.load import SHOES_FILE, Config, load
from shoemon.config.reading import ConfigError
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.model.ids import SurfaceId
from shoemon.model.plan import Place
from shoemon.model.surfaces import TARTAN, UNKNOWN
from shoemon.model.text import one_line
from shoemon.store.snapshot import snapshot
from shoemon.sync.lap_places import lap_places
from shoemon.web.assign import AssignAnswer, edited
from shoemon.words.lap_places import free_name, lap_words, place_line

_COUNTS = "The next sync reads the runs near it again; while shoemon serve is running, that is within a minute."


def places_asked(config: Config) -> list[dict[str, Any]]:
    """Return the places to ask about, each with its `key`, the name that it would have, and its line for shoes.yaml."""
    name = free_name({place.name for place in config.plan.places})
    with snapshot(config.database) as rows:
        found = lap_places(rows, config.state_database, config.plan.places)
    return [
        {
            **place._asdict(),
            "key": f"{place.lat},{place.lon}",
            "name": name,
            "words": lap_words(place.lap_m, place.runs, place.open_m, config.main.units),
            "yaml": place_line(name, *place[:3], TARTAN),
        }
        for place in found
    ]


def surfaces_to_choose(config: Config) -> list[str]:
    """The surfaces that a place can have."""
    return [name for name in config.plan.surfaces if name != UNKNOWN]


def name_place(settings: Config, key: str, surface: str) -> AssignAnswer:
    """Write into shoes.yaml beside `settings` that the place with this key has `surface`; `unknown`: not to ask again.
    The answer reports what is impossible; then nothing is written."""

    def write(config: Config) -> str:
        asked = next((place for place in places_asked(config) if place["key"] == key), None)
        if asked is None:
            raise MistakeError("this place is not asked about any more")
        place = Place(asked["name"], asked["lat"], asked["lon"], asked["radius_m"], SurfaceId(surface))
        edited(partial(add_place, config.directory / SHOES_FILE, place))
        return place.name

    return _written(settings, write)


def forget_place(settings: Config, name: str) -> AssignAnswer:
    """Remove a place from shoes.yaml beside `settings`. As `name_place`."""

    def remove(config: Config) -> str:
        edited(partial(remove_place, config.directory / SHOES_FILE, name))
        return ""

    return _written(settings, remove)


def _written(settings: Config, write: Callable[[Config], str]) -> AssignAnswer:
    """Edit the settings as they are now; `yaml` of the answer is the name of the new place."""
    if not wait_until_saved(settings.directory):
        return _refused(f"Nothing is written: somebody is saving {SHOES_FILE}. Try again.")
    try:
        name = write(load(settings.directory, household=settings.household))
    except ConfigError as error:
        return _refused("Nothing is written. Correct these mistakes first:\n" + "\n".join(map(str, error.mistakes)))
    except (ShoemonError, sqlite3.Error, OSError) as error:
        return _refused(f"Nothing is written: {one_line(str(error))}")
    return AssignAnswer(done=True, waits=True, message=_COUNTS, yaml=name)


def _refused(message: str) -> AssignAnswer:
    return AssignAnswer(done=False, waits=False, message=message, yaml="")
