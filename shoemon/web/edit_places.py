"""Write places into shoes.yaml for the pages and the check of the ground."""

from shoemon.config.edit import places
from shoemon.config.load import SHOES_FILE, Config
from shoemon.model.clock import Clock
from shoemon.model.errors import MistakeError
from shoemon.model.ids import SurfaceId
from shoemon.model.plan import Place
from shoemon.store.snapshot import snapshot
from shoemon.sync.lap_places import LapPlace, lap_places
from shoemon.web.changes import Done, carry_out


def places_asked(config: Config) -> list[LapPlace]:
    """Return the places where runs go round a lap on unknown ground. Raises ShoemonError."""
    with snapshot(config.database) as rows:
        return lap_places(rows, config)


def name_place(config: Config, clock: Clock, key: str, surface: str) -> Done:
    """Write that the place with this key has `surface` (`unknown`: not to ask again). Raises ShoemonError."""
    for each in places_asked(config):
        if each.key == key:
            return add_place(config, clock, each.place._replace(surface=SurfaceId(surface)))
    raise MistakeError("this place is not asked about any more")


def add_place(config: Config, clock: Clock, place: Place) -> Done:
    """Add a place. Raises ShoemonError."""
    title = f"Written to {SHOES_FILE}: the ground at “{place.name}” is {place.surface}"
    return carry_out(config, clock, lambda _: (title, {SHOES_FILE: places.add_place(place)}))
