"""CSV files of an export: find those that a path means, and read their rows with cells by column name."""

import glob
import io
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.sources.kit import csv_rows
from shoemon.sources.kit.activities import Row, without_distance
from shoemon.sources.kit.csv_rows import CsvTable, encoding_of, refuse_other_files
from shoemon.sources.kit.files import MOST_BYTES, ExportFiles, Wanted, naming
from shoemon.sources.kit.find_tracks import is_zip, safe_name, with_home

HEAD_BYTES = 64 << 10
"""Read to recognise a file."""
MOST_ROWS, MOST_CELLS = 200_000, 12_000_000
"""Of all lists of an export together: 100 years of five activities a day, with sixty columns."""


class CsvRow(NamedTuple):
    """A row: its cells by column name, and as JSON those that are not empty."""

    cells: Mapping[str, str]
    raw: str


class ListRow(NamedTuple):
    """A row: its cells in order, and as JSON those that are not empty."""

    cells: list[Any]
    raw: str


def is_csv(name: str) -> bool:
    return name.lower().endswith(".csv")


def open_all_matches(path: str, base: Path, wanted: Wanted = is_csv) -> ExportFiles:
    """Open all files that `path` means: a file, a folder, a zip or a pattern (`files.locate` takes only the newest
    match). Raises SourceError if there is none. Close it."""
    given = with_home(path)
    try:
        is_there = (base / given).exists()
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from None
    # The base is not a pattern, though its name may look like one.
    return ExportFiles(base / given if is_there else Path(glob.escape(str(base.absolute()))) / given, wanted)


def read_csv(files: ExportFiles, name: str, most: int = MOST_BYTES, skip_lines: int = 0) -> CsvTable:
    """Read the table in a file, in UTF-8 or as a spreadsheet saves it. Raises SourceError if that fails."""
    label = _label(files, name)
    try:
        data = files.read(name, most)
    except ValueError as error:
        raise SourceError(f"{label}: {error}; download it again") from None
    return _table(data, name, label, skip_lines)


def header_of(files: ExportFiles, name: str, most: int = HEAD_BYTES) -> tuple[list[str], list[list[str]]]:
    """Read the beginning of a table: its column names as they are written, and first rows. Raises SourceError."""
    label = _label(files, name)
    with naming(label), files.open(name) as stream:
        data = stream.read(most)
    # Leave out a last row that is cut off, perhaps in the middle of a letter.
    whole = data if len(data) < most or encoding_of(data) == "utf-16" else data[: data.rfind(b"\n") + 1]
    table = _table(whole, name, label)
    rows = [row[1] for row in table.rows() if not isinstance(row, Problem)]
    return table.header, rows


def open_list(path: Path, name: str, also: Wanted) -> ExportFiles:
    """Open the list called `name` in an export, which may have any name if `path` is the list itself, and its files
    that are wanted too."""
    own = (path.name if path.is_file() and not is_zip(path.name) else name).casefold()
    return ExportFiles(path, lambda file: posixpath.basename(file).casefold() == own or also(file))


def list_in(files: ExportFiles, name: str, remedy: str) -> str:
    """Return the path of the list called `name` inside an export: the one next to the top. Raises SourceError if there
    is none, or several."""
    if len(files.names) == 1 and files.path.name == files.names[0]:
        return files.names[0]
    found = [file for file in files.names if posixpath.basename(file).casefold() == name.casefold()]
    top = min((file.count("/") for file in found), default=0)
    found = [file for file in found if file.count("/") == top]
    if len(found) != 1:
        what = f"several lists ({', '.join(found[:5])}); name one in `path`" if found else f"no {name}; {remedy}"
        raise SourceError(f"{files.path} contains {what}", retryable=False)
    return found[0]


def rows_of(table: CsvTable, before: int = 0) -> Iterator[Row | Problem]:
    """Yield the rows for `read_records`: place and CsvRow. Raises SourceError for more than fits into memory; `before`
    is the number of rows in other lists."""
    most = min(MOST_ROWS, MOST_CELLS // max(1, table.width))
    for number, row in enumerate(table.rows(), before + 1):
        if number > most:
            what = f"more than {most:,} rows" + (" with those before it" if before else "")
            raise SourceError(f"{table.label} has {what}; is it a list of activities?", retryable=False)
        if isinstance(row, Problem):
            yield row
        else:
            line, cells, raw = row
            yield f"{table.label}:{line}", CsvRow(dict(zip(table.names, cells, strict=True)), raw)


def noted_rows(rows: Iterable[csv_rows.Row | Problem], label: str, notes: list[str]) -> Iterator[Row | Problem]:
    """Yield the rows of a table: place and ListRow; after each was read its `notes`."""
    for row in rows:
        if isinstance(row, Problem):
            yield row
            continue
        line, cells, raw = row
        place = f"{label}:{line}"
        yield place, ListRow(cells, raw)
        if notes:
            yield from [Problem(place, note, raw, is_note=True) for note in notes]
            notes.clear()


def with_distance_notes(files: ExportFiles, records: Iterable[Activity | Problem]) -> Iterator[Activity | Problem]:
    """Yield `records`, and a Problem for each run without a distance."""
    for record in records:
        yield record
        if isinstance(record, Activity):
            place = f"{safe_name(files.path.name)}: activity of {record.started_at}"
            yield from without_distance(record, place)


def _label(files: ExportFiles, name: str) -> str:
    return str(files.path) if name == files.path.name else f"{name} in {files.path}"


def _table(data: bytes, name: str, label: str, skip_lines: int = 0) -> CsvTable:
    encoding = encoding_of(data)
    head = data[:HEAD_BYTES]
    refuse_other_files(head.replace(b"\0", b""), label)
    if 20 * head.count(b"\0") > len(head) and encoding != "utf-16":
        raise SourceError(f"{label} is not text; download it again", retryable=False)
    try:
        text = io.StringIO(data.decode(encoding, "replace"), newline="")
        return CsvTable(text, name, skip_lines=skip_lines)
    except SourceError as error:
        raise SourceError(f"{label}: {error}", retryable=False) from None
