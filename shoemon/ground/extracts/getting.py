"""Remember what was found and agreed to of the extracts around the runs, in a file beside the map: a page can ask for
it, and any process continue it."""

import contextlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from shoemon.ground.osm.write_whole import write_whole

_FILE = "extracts.json"


@dataclass
class Getting:
    """The state of getting the map. Times are ISO 8601, in UTC; empty: never."""

    cells: list[tuple[int, int]] = field(default_factory=list)
    """The cells of the grid of the map's clips in which the runs were, when it was last found out."""
    found: dict[str, int] = field(default_factory=dict)
    """The extracts that cover the runs, and how many runs are in each."""
    outside: int = 0
    """Runs that no extract covers."""
    found_at: str = ""
    find: bool = False
    """Whether a page has asked to find out."""
    wanted: list[str] = field(default_factory=list)
    """The extracts that were agreed to and are not in the map yet."""
    left_out: list[str] = field(default_factory=list)
    """Those of `found` that the runner does not want."""
    got_at: str = ""
    """When the last of those that were wanted was imported."""
    error: str = ""
    """Why an extract that is still wanted failed, or finding them; empty if none did."""

    def want(self, ids: list[str]) -> None:
        """Agree to these extracts of `found`, and to no other."""
        self.wanted = [id for id in self.found if id in ids]
        self.left_out = [id for id in self.found if id not in ids]


def folder_of(map_database: Path) -> Path:
    """Where downloads and their state are kept."""
    return map_database.with_name("extracts")


def read_getting(map_database: Path) -> Getting:
    """Read the state; a new one where there is none, or none that can be read."""
    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
        kept = json.loads((folder_of(map_database) / _FILE).read_text(encoding="utf-8"))
        kept["cells"] = [(int(row), int(column)) for row, column in kept["cells"]]
        return Getting(**kept)
    return Getting()


def write_getting(map_database: Path, getting: Getting) -> None:
    """Write the state, whole or not at all. Raises ShoemonError."""
    write_whole(folder_of(map_database) / _FILE, json.dumps(asdict(getting)).encode())
