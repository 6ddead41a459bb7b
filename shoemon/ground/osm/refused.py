"""Files whose content cannot be imported: kept beside the map, so that half a gigabyte is not read again at each sync
to say the same. In a file of its own, because there may be no map yet."""

import contextlib
import json
from pathlib import Path

from shoemon import __version__
from shoemon.ground.osm.write_whole import write_whole

_FILE = "refused.json"


class RefusedFiles:
    """What was said of files, by name, as long as neither the file nor shoemon is another."""

    def __init__(self, map_database: Path) -> None:
        self._path = map_database.with_name(_FILE)
        self._said: dict[str, tuple[str, str]] = {}
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            self._said = {str(name): (str(mark), str(said)) for name, (mark, said) in kept.items()}

    def said(self, name: str, mark: str) -> str | None:
        """Why file `name` with that mark was not imported; None if it is to be tried."""
        known, said = self._said.get(name, ("", ""))
        return said if known == _marked(mark) else None

    def keep(self, name: str, mark: str, said: str) -> None:
        """Remembers `said`. Raises ShoemonError if it cannot be written."""
        self._said[name] = (_marked(mark), said)
        write_whole(self._path, json.dumps(self._said, indent=1).encode())


def _marked(mark: str) -> str:
    """With the version of shoemon: another one may read what this one cannot."""
    return f"{mark} {__version__}"
