"""Read the records of one pull, table after table, and what its cursor stores."""

import os
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import IO

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import ReadAgainError
from shoemon.sources.kit.csv_rows import CsvTable, Resume
from shoemon.sources.kit.files import open_file
from shoemon.sources.table.columns import Table
from shoemon.sources.table.fields import content_id
from shoemon.sources.table.files import Scan
from shoemon.sources.table.json_records import NoRecordsError
from shoemon.sources.table.rows import RowReader
from shoemon.sources.table.settings import TableSettings
from shoemon.sources.table.text import table_in

Records = Generator[Activity | Problem, None, None]


class TableReader:
    """Reads the tables of one pull. `is_stable` and `tail` are valid after the records were read to their end."""

    def __init__(self, settings: TableSettings, runner_zone: str) -> None:
        self._settings, self._zone = settings, runner_zone
        self._firsts = FirstRows()
        self.is_stable = True
        """True if every file was the same before and after."""
        self.tail: Resume | None = None
        """How to continue when rows are added at the end of the only file; None if that is not safe."""

    def pages(self, pages: Iterable[tuple[str, str, IO[bytes]]]) -> Records:
        """Yield the records of pages, each with a name for messages, one that decides its format, and its bytes."""
        for label, name, body in pages:
            body.seek(0)
            with table_in(body, self._settings, label, name) as table:
                yield from self._records(table)

    def files(self, files: list[tuple[str, Path, Scan]], resume: tuple[int, Resume] | None) -> Records:
        """Yield the records of files; with `resume` only those after so many bytes."""
        for label, file, scan in files:
            with open_file(file) as binary:
                if not scan.mark.is_of(os.fstat(binary.fileno())):
                    raise ReadAgainError(f"{file} changes while it is read; the next sync reads it again")
                binary.seek(resume[0] if resume else 0)
                try:
                    with table_in(binary, self._settings, label, file.name, resume[1] if resume else None) as table:
                        reader_is_safe = yield from self._records(table)
                        self.tail = self._tail(table, scan) if reader_is_safe and len(files) == 1 else None
                except NoRecordsError as error:
                    if len(files) == 1:
                        raise
                    yield Problem(label, str(error))
                self.is_stable = self.is_stable and scan.mark.is_of(os.fstat(binary.fileno()))

    def _records(self, table: Table) -> Generator[Activity | Problem, None, bool]:
        """Yield the records of one table; return whether rows added later are distinguishable from these."""
        reader = RowReader(self._settings, self._zone, table)
        read, notes, take, label = reader.read, reader.notes, self._firsts.take, table.label
        for item in table.rows():
            if isinstance(item, Problem):
                yield item
                continue
            row, cells, raw = item
            try:
                activity = read(cells, raw)
            except (ValueError, OverflowError) as error:
                notes.clear()
                yield Problem(f"{label}:{row}", str(error), raw[:2000])
                continue
            taken = take(activity, label, row)
            if taken is not None:
                yield taken
            if notes:
                yield from [Problem(f"{label}:{row}", note, raw[:2000], is_note=True) for note in notes]
                notes.clear()
        return not reader.made_bare_ids

    def _tail(self, table: Table, scan: Scan) -> Resume | None:
        if not scan.ends_line or len("\n".encode(self._settings.encoding)) != 1:
            return None
        if isinstance(table, CsvTable):
            return None if table.ends_open else Resume("csv", table.names, table.delimiter, table.lines)
        return Resume("ndjson", table.names, "", table.lines) if table.is_lines else None


class FirstRows:
    """The first row of each id: its table, its number, and its content."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[str, int, int]] = {}

    def take(self, activity: Activity, label: str, row: int) -> Activity | Problem | None:
        """Return the activity if it is new; None for a repeated record; a Problem if that must be reported."""
        own = label, row, hash(activity.raw)
        first = self._rows.setdefault(activity.native_id, own)
        if first is own:
            return activity
        earlier = f"row {first[1]}" + (f" of {first[0]}" if first[0] != label else "")
        if first[2] != own[2]:
            message = (
                f"row {row} has the id of {earlier}, {activity.native_id}, but other content: the first one counts"
            )
            return Problem(f"{label}:{row}", message, activity.raw[:2000])
        if activity.utc_offset_s is None and activity.native_id == content_id(
            activity.started_at, activity.sport, activity.distance_m, activity.name
        ):
            message = f"row {row} is the same as {earlier}: counted once; add an id column if both are real"
            return Problem(f"{label}:{row}", message, activity.raw[:2000])
        return None
