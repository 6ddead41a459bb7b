"""Read the list of exercises in an export of Samsung Health: a CSV, or two where an older app wrote another.

`com.samsung.shealth.exercise.20240501083000.csv` begins with an extra line (name, version, count), most names of
columns begin with `com.samsung.health.exercise.`, and rows end with one more comma than the header: seen in exports by
other programs (SHealth2GPX and others), as Samsung documents only the API.
"""

import io
import re
from collections.abc import Iterator
from posixpath import basename
from typing import NamedTuple

from shoemon.model.activity import Problem
from shoemon.model.errors import SourceError
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.csv_rows import CsvTable
from shoemon.sources.kit.files import ExportFiles, naming

_TABLE = re.compile(r"com\.samsung\.(s?)health\.exercise(?:\.(\d+))?(?: ?\(\d+\))?\.csv", re.IGNORECASE)
_PREFIX = re.compile(r"com\.samsung\.s?health\.exercise\.")
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?com\.samsung\.s?health\.exercise\s*[,\r\n]")
_NEEDED = ("datauuid", "start_time", "exercise_type")
_MOST_BYTES, MOST_ROWS = 128 << 20, 200_000
"""Of one table, and of all together. One of ten years has some 10 MB."""


class ExerciseRow(NamedTuple):
    """A row: its place, and its cells that are not empty, by column name without prefix."""

    place: str
    cells: dict[str, str]


def is_table(name: str) -> bool:
    """Return whether a file is named like a list of exercises; tables about them (weather, hr_zone) are not."""
    return _TABLE.fullmatch(basename(name)) is not None


def begins_like_a_table(head: bytes) -> bool:
    return _BEGINS.match(head) is not None


def exercises_in(files: ExportFiles) -> Iterator[Row]:
    """Yield the exercises of all lists, each from the newest that has it. Raises SourceError if a list cannot be read
    to its end: a part must not be treated as the whole."""
    seen: set[str] = set()
    count = 0
    for name in sorted(filter(is_table, files.names), key=_age, reverse=True):
        here: set[str] = set()
        for place, row in _rows(files, name):
            count += 1
            if count > MOST_ROWS:
                raise SourceError(f"{name} and lists like it have more than {MOST_ROWS:,} rows", retryable=False)
            id = row.cells.get("datauuid", "") if isinstance(row, ExerciseRow) else ""
            if id not in seen:
                here.add(id)
                yield place, row
        seen |= here - {""}


def _rows(files: ExportFiles, name: str) -> Iterator[Row]:
    with naming(name), files.open(name, _MOST_BYTES) as binary:
        text = io.TextIOWrapper(binary, "utf-8-sig", "replace", newline="")
        table = CsvTable(text, name, delimiter=",", skip_lines=1)
        columns = [(_PREFIX.sub("", column), index) for index, column in enumerate(table.names)]
        # If a name occurs with and without the prefix, the one with it is Samsung's.
        columns.sort(key=lambda column: _PREFIX.match(table.names[column[1]]) is not None)
        lacking = [column for column in _NEEDED if column not in dict(columns)]
        if lacking:
            raise SourceError(f"{name} has no column {lacking[0]}; export again", retryable=False)
        for row in table.rows():
            if isinstance(row, Problem):
                yield row.place, ValueError(row.message)
            else:
                place, cells = f"{name}:{row[0]}", row[1]
                named = {column: cells[index].strip() for column, index in columns if cells[index].strip()}
                yield place, ExerciseRow(place, named)


def _age(name: str) -> tuple[int, str, str, str]:
    """Return a key that sorts a newer list later: by the time in its name, and by the app's present name (shealth)."""
    match = _TABLE.fullmatch(basename(name))
    written, current = (match[2] or "", match[1].lower()) if match else ("", "")
    return len(written), written, current, name
