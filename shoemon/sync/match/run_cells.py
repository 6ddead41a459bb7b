"""Find the cells of a grid that hold the runner's tracks, so that only that much of a map need be imported."""

import math
from collections.abc import Callable
from contextlib import closing

from shoemon.config.load import Config
from shoemon.ground.match.piece import METRES_NORTH
from shoemon.ground.osm.clip import SQUARES_PER_DEGREE
from shoemon.model.errors import ShoemonError
from shoemon.store.database import open_database
from shoemon.sync.match.read_and_match import GridCell, surveyor_of
from shoemon.sync.match.unmatched import tracks_of
from shoemon.sync.match.workers import cells_of_tracks


def cells_of_runs(
    config: Config, margin_m: float, progress: Callable[[str], None] = lambda _: None
) -> frozenset[GridCell]:
    """The cells that hold a point of any run's track, and those within `margin_m` metres around. Reads every track
    once. Raises ShoemonError if there is none."""
    with closing(open_database(config.database, config.main.units)) as database:
        requests = tracks_of(database, config.plan, config.sources)
    touched: set[GridCell] = set()
    for done, cells in enumerate(cells_of_tracks(surveyor_of(config), requests), 1):
        touched |= cells
        progress(f"looking where the runs were: {done} of {len(requests)} tracks")
    if not touched:
        raise ShoemonError(
            "no track of a run is known yet, so there is nothing to import a map around; run `shoemon sync` first, "
            "with a source that holds tracks, or choose the piece with --bbox"
        )
    return frozenset(cell for one in touched for cell in _around(one, margin_m))


def _around(cell: GridCell, margin_m: float) -> list[GridCell]:
    """`cell` and its neighbours within `margin_m`; cells are narrower the further north or south they lie."""
    rows = math.ceil(margin_m / (METRES_NORTH / SQUARES_PER_DEGREE))
    narrow = max(math.cos(math.radians(min(abs(cell[0] / SQUARES_PER_DEGREE) + 1, 89))), 0.02)
    columns = math.ceil(margin_m / (METRES_NORTH / SQUARES_PER_DEGREE * narrow))
    return [
        (cell[0] + row, cell[1] + column) for row in range(-rows, rows + 1) for column in range(-columns, columns + 1)
    ]
