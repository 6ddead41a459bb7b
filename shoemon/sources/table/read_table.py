"""Find the files of a table, and read the records of one pull, table after table."""

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.sources.csv_exports import ListRow, noted_rows, open_all_matches
from shoemon.sources.kit.activities import Row, read_records
from shoemon.sources.kit.files import ExportFiles
from shoemon.sources.kit.find_tracks import with_home
from shoemon.sources.table.fields import content_id
from shoemon.sources.table.json_records import NoRecordsError
from shoemon.sources.table.rows import RowReader
from shoemon.sources.table.settings import TableSettings
from shoemon.sources.table.text import SUFFIXES, table_in


def is_table(name: str) -> bool:
    return PurePosixPath(name.lower()).suffix in SUFFIXES


def open_tables(path: str, base: Path) -> ExportFiles:
    """Open the file that `path` means, all matches of a pattern, or the tables in a folder. Raises SourceError if there
    is none, or those in a folder are not of one kind. Close it."""
    is_folder = os.path.isdir(base / with_home(path))
    files = open_all_matches(path, base, is_table if is_folder else bool)
    endings = sorted({PurePosixPath(name.lower()).suffix for name in files.names})
    if is_folder and len(endings) != 1:
        what = f"files named {' and '.join(endings)}" if endings else "no tables"
        pattern = f"{files.path}/*{endings[0] if endings else '.csv'}"
        raise SourceError(f"{files.path} is a folder with {what}; write a pattern such as {pattern}", retryable=False)
    return files


def bodies(files: ExportFiles, names: Iterable[str]) -> Iterator[tuple[str, str, io.BytesIO]]:
    """Yield some files as `TableReader.pages` reads them. Raises SourceError if one cannot be read."""
    for name in names:
        try:
            yield name, name, io.BytesIO(files.read(name))
        except ValueError as error:
            raise SourceError(f"{name} in {files.path}: {error}; export it again") from None


class TableReader:
    """Reads the tables of one pull. Without `firsts` every row with an id that occurs again is a record too."""

    def __init__(self, settings: TableSettings, runner_zone: str, *, firsts: bool = True) -> None:
        self._settings, self._zone, self._firsts = settings, runner_zone, firsts
        self._days: set[str] = set()

    def pages(
        self, pages: Iterable[tuple[str, str, IO[bytes]]], every: Sequence[str] = ()
    ) -> Iterator[Activity | Problem]:
        """Yield the records of pages, each with a name for messages, one that decides its format, and its bytes. One
        without records is a Problem where `every` page is listed, and there are several."""
        return read_records(self._rows(pages, every), self._activity, firsts=self._firsts)

    def _rows(self, pages: Iterable[tuple[str, str, IO[bytes]]], every: Sequence[str]) -> Iterator[Row | Problem]:
        for label, name, body in pages:
            body.seek(0)
            try:
                with table_in(body, self._settings, label, name) as table:
                    self._reader = RowReader(self._settings, self._zone, table)
                    yield from noted_rows(table.rows(), table.label, self._reader.notes)
            except NoRecordsError as error:
                if len(every) < 2:
                    raise
                yield label, ValueError(str(error))

    def _activity(self, row: ListRow) -> Activity:
        try:
            activity = self._reader.read(row.cells, row.raw)
        except (ValueError, OverflowError):
            self._reader.notes.clear()
            raise
        if activity.utc_offset_s is None:
            made = content_id(activity.started_at, activity.sport, activity.distance_m, activity.name)
            if made == activity.native_id and made in self._days:
                what = "its day, sport, distance and name are those of an earlier row"
                raise ValueError(f"{what}: counted once; add an id column if both are real")
            self._days |= {made} & {activity.native_id}
        return activity
