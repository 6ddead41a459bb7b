"""Tracks whose points stand in JSON files, in an order and under names that are the export's own."""

import re
from collections.abc import Callable, Mapping, Sequence
from math import nan
from typing import Any

from shoemon.model.errors import SourceError
from shoemon.model.recording import Recording, TrackError
from shoemon.sources.kit.files import ExportFiles

_NUMBERED = re.compile(r"(.+)#(\d{1,4})", re.DOTALL)


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
