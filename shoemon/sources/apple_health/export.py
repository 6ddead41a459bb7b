"""Find the workouts and routes of an export: in a zip, in its folder, or next to an export.xml."""

import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources.apple_health.blocks import MOST_BYTES, REMEDY, Block, workout_blocks
from shoemon.sources.kit.files import ExportFiles, naming

_HEAD_BYTES = 64 << 10
"""The declarations before the first element take some 10 KB."""
_HEALTH_DATA = re.compile(rb"<(?:!DOCTYPE\s+)?HealthData[\s>\[]")
_MOST_TRIED = 50
"""XML files that are opened."""


def open_export(path: Path) -> "HealthExport":
    """Open the export at `path`. Raises SourceError if that fails, or it is not one. Close it."""
    files = ExportFiles(path, _is_wanted)
    try:
        found = [name for name in _xml_files(files) if _is_health_data(files, name)]
        if len(found) != 1:
            what = f"several exports of Apple Health ({', '.join(found)})" if found else "no export of Apple Health"
            raise SourceError(f"{path} contains {what}; name one export.zip or export.xml in `path`", retryable=False)
    except BaseException:
        files.close()
        raise
    return HealthExport(files, found[0])


class HealthExport:
    """An export, open for reading. `xml` is the path of its export.xml, which has other names in other languages."""

    def __init__(self, files: ExportFiles, xml: str) -> None:
        self.files, self.xml = files, xml

    def find_route(self, reference: str) -> str | None:
        """Return the path inside the export of the route `/workout-routes/...gpx` of a workout, if it is there."""
        relative = reference.replace("\\", "/").lstrip("/")
        return self.files.track(posixpath.normpath(posixpath.join(posixpath.dirname(self.xml), relative)))

    def blocks(self) -> Iterator[Block]:
        """Yield the workouts. Raises SourceError if the file cannot be read to its end."""
        label = f"{self.xml} in {self.files.path}" if self.xml != self.files.path.name else str(self.files.path)
        with naming_all(label), self.files.open(self.xml, MOST_BYTES) as stream:
            yield from workout_blocks(stream)


@contextmanager
def naming_all(label: str) -> Iterator[None]:
    """Name the file also in a SourceError."""
    with naming(label, REMEDY):
        try:
            yield
        except SourceError as error:
            raise SourceError(f"{label} {error}", retryable=error.retryable) from None


def _is_wanted(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(".gpx") or (lower.endswith(".xml") and name.count("/") <= 1)


def _xml_files(files: ExportFiles) -> list[str]:
    """List the XML files, those called `export...` first: the folder may contain others."""
    names = [name for name in files.names if name.lower().endswith(".xml")]
    return sorted(names, key=lambda name: (not posixpath.basename(name).startswith("export"), name))[:_MOST_TRIED]


def _is_health_data(files: ExportFiles, name: str) -> bool:
    try:
        with files.open(name, MOST_BYTES) as stream:
            return _HEALTH_DATA.search(stream.read(_HEAD_BYTES)) is not None
    except (TrackError, OSError):
        return False
