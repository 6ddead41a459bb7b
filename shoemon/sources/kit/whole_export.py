"""Read an export of its own format in a zip or folder: whole at every pull, unless nothing in it has changed."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import nan
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from shoemon.config.kinds import SourceSettings
from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor, Tracks
from shoemon.model.errors import SourceError
from shoemon.model.recording import Recording, TrackError
from shoemon.sources import Context, RecordPull, SourceOf
from shoemon.sources.formats.reading import read_track
from shoemon.sources.kit.files import ExportFiles, Wanted, locate, pull_files
from shoemon.sources.kit.find_tracks import is_track
from shoemon.sources.kit.sport_names import SportMap

_NUMBERED = re.compile(r"(.+)#(\d{1,4})", re.DOTALL)
MOST_JSON_BYTES = 64 << 20
"""Of one recording in JSON, which takes many times that in memory: nearly two days with 400 bytes a second."""


class ExportSettings(SourceSettings):
    """The settings of an export: its path, and sports."""

    path: str
    sport_map: SportMap = Field({})


class ExportContext(NamedTuple):
    """The parameters of reading records: name of the source, the runner's zone, sport_map and all settings."""

    source: str
    zone: ZoneInfo
    sport_map: Mapping[str, str]
    settings: ExportSettings


class Format(NamedTuple):
    """The way to read one export."""

    remedy: str
    """What to do where the export is missing."""
    content: str
    """The content of an export, for the message where it has none."""
    is_wanted: Wanted
    records: Callable[[ExportFiles, ExportContext], Iterable[Activity | Problem]]
    """Raises SourceError if a part cannot be read."""
    recording: Callable[[Any, int], Recording]
    """Makes the recording of that number in the content of a JSON file; may raise for an unknown structure."""
    is_record: Wanted | None = None
    """Of the files wanted, those with records, if not all: an export has at least one."""


class WholeExport(SourceOf[ExportSettings]):
    """The export that `path` means."""

    def __init__(self, settings: ExportSettings, context: Context, form: Format) -> None:
        super().__init__(settings, context)
        self._form = form

    @classmethod
    def of(cls, form: Format) -> "Callable[[ExportSettings, Context], WholeExport]":
        """Return the function `make` of a source module."""
        return lambda settings, context: cls(settings, context, form)

    def pull(self, cursor: Cursor | None) -> RecordPull:
        context = ExportContext(self.name, self._context.zone, self._settings.sport_map, self._settings)
        at_once = self._context.most_files is None
        return pull_files(self._open(), cursor, {}, lambda files: self._form.records(files, context), at_once=at_once)

    def open_tracks(self) -> Tracks:
        return PointTracks(self._open(), self._form.recording)

    def _open(self) -> ExportFiles:
        path = locate(self._settings.path, self._context.base, self._form.remedy)
        files = ExportFiles(path, self._form.is_wanted)
        if not any(map(self._form.is_record or self._form.is_wanted, files.names)):
            files.close()
            raise SourceError(f"{files.path} contains no {self._form.content}; {self._form.remedy}")
        return files


class PointTracks:
    """Opens the tracks in `files`: `file`, or `file#number` where one contains several. `read` makes the recording of
    that number in a file's content; it may raise for an unknown structure."""

    def __init__(self, files: ExportFiles, read: Callable[[Any, int], Recording]) -> None:
        self._files, self._read, self._names = files, read, frozenset(files.names)

    def recordings(self, track: str) -> Sequence[Recording]:
        name, number = track, 1
        if match := _NUMBERED.fullmatch(track):
            name, number = match[1], int(match[2])
        if name not in self._names:
            raise SourceError(f"{track} no longer exists; sync its source again")
        try:
            if is_track(name):
                with self._files.open(name) as stream:
                    return read_track(stream, name)
            return (self._read(self._files.json(name), number),)
        except ValueError as error:
            raise TrackError(str(error)) from None
        except (LookupError, TypeError, AttributeError, ArithmeticError) as error:
            raise TrackError(f"its structure is unknown ({error or type(error).__name__})") from None

    def close(self) -> None:
        self._files.close()


def figure(point: Mapping[str, Any], key: str) -> float:
    """Return the number at `key` of a point; nan where there is none."""
    value = point.get(key)
    try:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else nan
    except OverflowError:
        return nan
