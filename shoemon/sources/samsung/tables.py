"""Read the list of exercises in an export of Samsung Health: a CSV, or two where an older app wrote another.

`com.samsung.shealth.exercise.20240501083000.csv` begins with an extra line (name, version, count), most names of
columns begin with `com.samsung.health.exercise.`, and rows end with one more comma than the header: seen in exports by
other programs (SHealth2GPX and others), as Samsung documents only the API.
"""

import re
from collections.abc import Iterator
from posixpath import basename
from typing import NamedTuple

from shoemon.model.activity import Problem
from shoemon.model.errors import SourceError
from shoemon.sources.csv_exports import read_csv, rows_of
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.files import ExportFiles

_TABLE = re.compile(r"com\.samsung\.(s?)health\.exercise(?:\.(\d+))?(?: ?\(\d+\))?\.csv", re.IGNORECASE)
_PREFIX = re.compile(r"com\.samsung\.s?health\.exercise\.")
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?com\.samsung\.s?health\.exercise\s*[,\r\n]")
_NEEDED = ("datauuid", "start_time", "exercise_type")


class ExerciseRow(NamedTuple):
    """A row: its place, and its cells that are not empty, by column name without prefix."""

    place: str
    cells: dict[str, str]


def is_table(name: str) -> bool:
    """Return whether a file is named like a list of exercises; tables about them (weather, hr_zone) are not."""
    return _TABLE.fullmatch(basename(name)) is not None


def begins_like_a_table(head: bytes) -> bool:
    return _BEGINS.match(head) is not None


def exercises_in(files: ExportFiles) -> Iterator[Row | Problem]:
    """Yield the exercises of all lists, each from the newest that has it. Raises SourceError if a list cannot be read
    to its end: a part must not be treated as the whole."""
    seen: set[str] = set()
    before = 0
    for name in sorted(filter(is_table, files.names), key=_age, reverse=True):
        here: set[str] = set()
        for row in _rows(files, name, before):
            before += 1
            id = "" if isinstance(row, Problem) else row[1].cells.get("datauuid", "")
            if id not in seen:
                here.add(id)
                yield row
        seen |= here - {""}


def _rows(files: ExportFiles, name: str, before: int) -> Iterator[Row | Problem]:
    table = read_csv(files, name, skip_lines=1)
    # If a name occurs with and without the prefix, the one with it is Samsung's.
    names = sorted(table.names, key=lambda column: _PREFIX.match(column) is not None)
    columns = {_PREFIX.sub("", column): column for column in names}
    if lacking := [column for column in _NEEDED if column not in columns]:
        raise SourceError(f"{name} has no column {lacking[0]}; export again", retryable=False)
    for found in rows_of(table, before):
        if isinstance(found, Problem):
            yield found
            continue
        place, row = found
        cells = {short: cell for short, column in columns.items() if (cell := row.cells[column].strip())}
        yield place, ExerciseRow(place, cells)


def _age(name: str) -> tuple[int, str, str, str]:
    """Return a key that sorts a newer list later: by the time in its name, and by the app's present name (shealth)."""
    match = _TABLE.fullmatch(basename(name))
    written, current = (match[2] or "", match[1].lower()) if match else ("", "")
    return len(written), written, current, name
