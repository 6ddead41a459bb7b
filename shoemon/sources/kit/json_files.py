"""The source that most packages need: JSON files in a folder or zip, each with one record or a list of them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor
from shoemon.model.errors import SourceError
from shoemon.sources import Context, RecordPull
from shoemon.sources.kit.activities import Row, read_records
from shoemon.sources.kit.files import ExportFiles, is_json, locate, pull_files

Record = Mapping[str, Any]
_LOOKED_AT = 3
"""Files that are opened to recognise an export."""
_MOST_LOOKED_AT = 8 << 20


class JsonSource:
    """The JSON files that `path` means. `read(record, source)` makes an Activity of a record, with the `name` and
    `zone` of this source. It returns None for what is not an activity, and raises ValueError with a readable message
    for what it cannot read. Raise `reader` when it reads the same files differently, so that they are read again."""

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
        """Read all files, unless nothing has changed since `cursor`. Raises SourceError if they cannot be opened."""
        files = ExportFiles(locate(self._path, self._base), is_json)
        return pull_files(files, cursor, {"reader": self._reader, "timezone": self.zone.key}, self._records)

    def _records(self, files: ExportFiles) -> Iterator[Activity | Problem]:
        return read_records(_rows(files), lambda record: self._read(record, self))


def holds_json(path: Path, is_ours: Callable[[Record], object]) -> bool:
    """Return whether `path` is, or contains, JSON files whose first record `is_ours`, which may raise."""
    try:
        with ExportFiles(path, is_json) as files:
            return any(_is_ours(files, name, is_ours) for name in files.names[:_LOOKED_AT])
    except SourceError:
        return False


def _is_ours(files: ExportFiles, name: str, is_ours: Callable[[Record], object]) -> bool:
    try:
        content = files.json(name, _MOST_LOOKED_AT)
        return bool(is_ours(content[0] if isinstance(content, list) else content))
    except (ValueError, LookupError, TypeError, AttributeError):
        return False


def _rows(files: ExportFiles) -> Iterator[Row]:
    for name, content in files.json_rows():
        if isinstance(content, list):
            yield from ((f"{name}:{number}", record) for number, record in enumerate(content, 1))
        else:
            yield name, content
