"""An export of one's own format in a zip or folder: read through at every pull, unless nothing in it has changed."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import nan
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor, Tracks
from shoemon.model.errors import SourceError
from shoemon.model.recording import Recording, TrackError
from shoemon.sources import Context, RecordPull
from shoemon.sources.kit.distances import NO_DISTANCE, ON_FOOT
from shoemon.sources.kit.files import ExportFiles, Wanted, locate, pull_files

_NUMBERED = re.compile(r"(.+)#(\d{1,4})", re.DOTALL)
_LONGEST_RAW = 2000
MOST_JSON_BYTES = 64 << 20
"""Of one recording in JSON, which takes many times that in memory. With 400 bytes every second
(five figures and a place) it is one of nearly two days."""


class Reading(NamedTuple):
    """What records are made with: the name of the source, the runner's zone, and what words for sports mean to him."""

    source: str
    zone: ZoneInfo
    sport_map: Mapping[str, str]


class Format(NamedTuple):
    """How one export is read."""

    reader: int
    """Raised whenever the same export is understood differently, so that it is read again."""
    remedy: str
    """What to do where the export is not there."""
    content: str
    """What an export holds, in words, for where it holds none of it."""
    is_wanted: Wanted
    is_record: Wanted
    """Of the files wanted, those with records: an export has at least one."""
    records: Callable[[ExportFiles, Reading], Iterable[Activity | Problem]]
    """Raises SourceError if a part cannot be had."""
    recording: Callable[[Any, int], Recording]
    """The recording of that number in what a JSON file holds; may stumble over what is built otherwise."""


class WholeExport:
    """The export that `path` means."""

    def __init__(self, name: str, path: str, sport_map: Mapping[str, str], context: Context, form: Format) -> None:
        self.name = name
        self._path, self._sport_map, self._context, self._form = path, sport_map, context, form

    def pull(self, cursor: Cursor | None) -> RecordPull:
        """Reads the export through, unless it is unchanged. Raises SourceError if it cannot be had."""
        reading = Reading(self.name, self._context.zone, self._sport_map)
        head = {"reader": self._form.reader, "timezone": self._context.timezone, "sport_map": dict(self._sport_map)}
        return pull_files(self._open(), cursor, head, lambda files: self._form.records(files, reading), at_once=True)

    def open_tracks(self) -> Tracks:
        """Opens the zip or folder for its tracks. Raises SourceError if it cannot be had."""
        return PointTracks(self._open(), self._form.recording)

    def _open(self) -> ExportFiles:
        files = ExportFiles(locate(self._path, self._context.base, self._form.remedy), self._form.is_wanted)
        if not any(map(self._form.is_record, files.names)):
            files.close()
            raise SourceError(f"{files.path} holds no {self._form.content}; {self._form.remedy}")
        return files


def without_distance(activity: Activity, place: str) -> list[Problem]:
    """The problem with a run, walk or hike of which nobody says how far it went; none with any other."""
    if activity.distance_m or activity.sport not in ON_FOOT:
        return []
    return [Problem(place, NO_DISTANCE, activity.raw[:_LONGEST_RAW])]


class PointTracks:
    """Opens the tracks in `files`: `file`, or `file#number` where one holds several.

    `read` makes the recording of that number of what a file holds; it may stumble over what is built otherwise.
    """

    def __init__(self, files: ExportFiles, read: Callable[[Any, int], Recording]) -> None:
        self._files, self._read, self._names = files, read, frozenset(files.names)

    def recordings(self, track: str) -> Sequence[Recording]:
        """What lies at `track`. Raises TrackError if it cannot be read, SourceError if it is not there now."""
        name, number = track, 1
        if match := _NUMBERED.fullmatch(track):
            name, number = match[1], int(match[2])
        if name not in self._names:
            raise SourceError(f"there is no {track} any more; sync its source again")
        try:
            return (self._read(self._files.json(name), number),)
        except ValueError as error:
            raise TrackError(str(error)) from None
        except (LookupError, TypeError, AttributeError, ArithmeticError) as error:
            raise TrackError(f"it is not built as expected ({error or type(error).__name__})") from None

    def close(self) -> None:
        """Lets go of the zip."""
        self._files.close()


def figure(told: Mapping[str, Any], key: str) -> float:
    """The number at `key` of a point; nan where there is none."""
    value = told.get(key)
    try:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else nan
    except OverflowError:
        return nan
