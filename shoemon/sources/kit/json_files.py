"""A source that most packages need: JSON files in a folder or zip, each one record or a list of them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor
from shoemon.model.errors import SourceError
from shoemon.sources import Context, RecordPull
from shoemon.sources.kit.activities import Row, read_records
from shoemon.sources.kit.files import ExportFiles, locate, pull_files

Record = Mapping[str, Any]
_LOOKED_AT = 3
"""Files that are opened to recognise an export."""
_MOST_LOOKED_AT = 8 << 20


class JsonSource:
    """The JSON files that `path` means.

    `read(record, source)` makes an Activity of a record, or None of what is none, with the `name` and `zone` of this
    source; it raises ValueError in words for what it cannot understand. Raise `reader` whenever it understands the same
    files differently, so that they are read again.
    """

    def __init__(
        self,
        name: str,
        path: str,
        context: Context,
        read: Callable[[Any, "JsonSource"], Activity | None],
        *,
        reader: int = 1,
    ) -> None:
        self.name, self.zone = name, ZoneInfo(context.timezone)
        self._path, self._base, self._read, self._reader = path, context.base, read, reader

    def pull(self, cursor: Cursor | None) -> RecordPull:
        """Reads all files, unless nothing has changed since `cursor`. Raises SourceError if they cannot be had."""
        files = ExportFiles(locate(self._path, self._base), _is_json)
        return pull_files(files, cursor, {"reader": self._reader, "timezone": self.zone.key}, self._records)

    def _records(self, files: ExportFiles) -> Iterator[Activity | Problem]:
        return read_records(_rows(files), lambda record: self._read(record, self))


def holds_json(path: Path, is_ours: Callable[[Record], object]) -> bool:
    """Whether `path` is, or holds, JSON files of this kind: `is_ours` is asked about the first record of the first
    files, and may stumble over what is none."""
    try:
        with ExportFiles(path, _is_json) as files:
            return any(_is_ours(files, name, is_ours) for name in files.names[:_LOOKED_AT])
    except SourceError:
        return False


def _is_ours(files: ExportFiles, name: str, is_ours: Callable[[Record], object]) -> bool:
    try:
        held = files.json(name, _MOST_LOOKED_AT)
        return bool(is_ours(held[0] if isinstance(held, list) else held))
    except (ValueError, LookupError, TypeError, AttributeError):
        return False


def _is_json(name: str) -> bool:
    return name.lower().endswith(".json")


def _rows(files: ExportFiles) -> Iterator[Row]:
    for name in files.names:
        try:
            held = files.json(name)
        except ValueError as error:
            yield name, error
            continue
        if isinstance(held, list):
            yield from ((f"{name}:{number}", record) for number, record in enumerate(held, 1))
        else:
            yield name, held
