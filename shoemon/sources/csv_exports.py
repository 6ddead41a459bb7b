"""CSV files of an export: which of them a path means, and their rows, each with its cells by the names of columns."""

import glob
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources.kit.activities import Row, read_records
from shoemon.sources.kit.csv_rows import CsvTable, refuse_what_is_no_text
from shoemon.sources.kit.files import MOST_BYTES, ExportFiles, Wanted
from shoemon.sources.kit.find_tracks import spelled
from shoemon.sources.kit.sport_numbers import SportWords
from shoemon.sources.kit.whole_export import without_distance

HEAD_BYTES = 64 << 10
"""What is looked at to tell what a file is."""
MOST_ROWS, MOST_CELLS = 200_000, 12_000_000
"""Of the lists of an export together: 100 years of five activities a day, with sixty columns."""
_LONGEST_RAW = 2000
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class CsvRow(NamedTuple):
    """A row: its cells by the names of their columns, and the same as JSON, without those that are empty."""

    cells: Mapping[str, str]
    raw: str


class BadRow(ValueError):
    """Why a row cannot be read, and the row as it came."""

    def __init__(self, message: str, raw: str) -> None:
        super().__init__(message)
        self.raw = raw


def is_csv(name: str) -> bool:
    """Whether a file is called like a table of text."""
    return name.lower().endswith(".csv")


def all_that_fit(path: str, base: Path, wanted: Wanted = is_csv) -> ExportFiles:
    """All files that `path` means, a file, a folder, a zip or a pattern (`files.locate` takes the newest of those that
    fit). Raises SourceError if there is none. Close it."""
    try:
        given = Path(path).expanduser()
    except RuntimeError:
        raise SourceError(f"{Path(path).parts[0]} is no user's folder here; write the whole `path`") from None
    try:
        is_there = (base / given).exists()
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from None
    # The base is no pattern, though its name may look like one.
    return ExportFiles(base / given if is_there else Path(glob.escape(str(base.absolute()))) / given, wanted)


def read_csv(files: ExportFiles, name: str, most: int = MOST_BYTES) -> CsvTable:
    """The table in a file, as UTF-8, or as a spreadsheet saves it. Raises SourceError if it cannot be had whole, or is
    no table."""
    label = _label(files, name)
    try:
        data = files.read(name, most)
    except ValueError as error:
        raise SourceError(f"{label}: {error}; download it again") from None
    return _table(data, name, label)


def header_of(files: ExportFiles, name: str, most: int = HEAD_BYTES) -> tuple[list[str], list[list[str]]]:
    """The names of a table's columns, and its first rows, by a look at its beginning. Raises SourceError."""
    label = _label(files, name)
    try:
        with files.open(name) as stream:
            data = stream.read(most)
    except TrackError as error:
        raise SourceError(f"{label} {error}") from None
    except OSError as error:
        raise SourceError(f"{label} cannot be read: {error.strerror or error}") from None
    # What is cut off in the middle of a row, and perhaps of a letter, is left out.
    whole = data if len(data) < most or data[:2] in _UTF_16 else data[: data.rfind(b"\n") + 1]
    table = _table(whole, name, label)
    rows = [row[1] for row in table.rows() if not isinstance(row, Problem)]
    return list(table.names), rows


def rows_of(table: CsvTable, before: int = 0) -> Iterator[Row]:
    """The rows for `records_of`: where each stands, and a CsvRow, or the BadRow that says why not. Raises SourceError
    past what fits into the memory; `before` is how many rows other lists had."""
    most = min(MOST_ROWS, MOST_CELLS // max(1, table.width))
    for number, row in enumerate(table.rows(), before + 1):
        if number > most:
            what = f"more than {most:,} rows" + (" with those before it" if before else "")
            raise SourceError(f"{table.label} has {what}; is it a list of activities?", retryable=False)
        if isinstance(row, Problem):
            yield row.place, BadRow(row.message, row.raw)
        else:
            line, cells, raw = row
            yield f"{table.label}:{line}", CsvRow(dict(zip(table.names, cells, strict=True)), raw)


def records_of(
    files: ExportFiles, rows: Iterable[Row], read: Callable[[Any], Activity | None], sports: SportWords
) -> Iterator[Activity | Problem]:
    """As `activities.read_records`, of records that bear the row they were read from as `raw`: a Problem shows it. That
    a run has no distance is said beside it, and last which sports nobody knows."""
    raw = ""

    def noted() -> Iterator[Row]:
        nonlocal raw
        for place, record in rows:
            raw = getattr(record, "raw", "")
            yield place, record

    for record in read_records(noted(), read):
        if isinstance(record, Activity):
            place = f"{spelled(files.path.name)}: activity of {record.started_at}"
            sports.note(record, place)
            yield record
            yield from without_distance(record, place)
        else:
            yield record._replace(raw=raw[:_LONGEST_RAW])
    yield from sports.problems()


def _label(files: ExportFiles, name: str) -> str:
    return str(files.path) if name == files.path.name else f"{name} in {files.path}"


def _table(data: bytes, name: str, label: str) -> CsvTable:
    encoding = "utf-16" if data[:2] in _UTF_16 else "utf-8-sig"
    head = data[:HEAD_BYTES]
    refuse_what_is_no_text(head.replace(b"\0", b""), label)
    if b"\0" in head and encoding != "utf-16":
        raise SourceError(f"{label} is not text; download it again", retryable=False)
    try:
        text = data.decode(encoding, "replace" if encoding == "utf-16" else "strict")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # what a spreadsheet on Windows saves as "CSV"
    try:
        return CsvTable(io.StringIO(text, newline=""), name)
    except SourceError as error:
        raise SourceError(f"{label}: {error}", retryable=False) from None
