"""The exercises that an export of Samsung Health lists: a CSV, or two where an older app wrote one more.

`com.samsung.shealth.exercise.20240501083000.csv` begins with a line of its own (name, version, count), the names of the
columns come with `com.samsung.health.exercise.` before most of them, and rows end with one comma more than those: seen
in exports by other programs (SHealth2GPX and others), as Samsung documents only the interface behind it.
"""

import io
import re
from collections.abc import Iterator
from posixpath import basename
from typing import NamedTuple

from shoemon.model.activity import Problem
from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources.kit.csv_rows import CsvTable
from shoemon.sources.kit.files import ExportFiles

_TABLE = re.compile(r"com\.samsung\.(s?)health\.exercise(?:\.(\d+))?(?: ?\(\d+\))?\.csv", re.IGNORECASE)
_PREFIX = re.compile(r"com\.samsung\.s?health\.exercise\.")
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?com\.samsung\.s?health\.exercise\s*[,\r\n]")
_NEEDED = ("datauuid", "start_time", "exercise_type")
_MOST_BYTES, MOST_ROWS = 128 << 20, 200_000
"""Of a table, and of all of them. One of ten years has some 10 MB."""


class Exercise(NamedTuple):
    """A row: where it stands, and its cells that are not empty, by their columns' names without prefix."""

    place: str
    told: dict[str, str]


def is_table(name: str) -> bool:
    """Whether a file is called like a list of exercises; tables about them (weather, hr_zone) are called otherwise."""
    return _TABLE.fullmatch(basename(name)) is not None


def begins_like_a_table(head: bytes) -> bool:
    """Whether a file begins like a list of exercises."""
    return _BEGINS.match(head) is not None


def exercises_in(files: ExportFiles) -> Iterator[Exercise | Problem]:
    """The exercises of all lists; one that several have as the newest has it. Raises SourceError if a list cannot be
    read to its end: a part must not be taken for the whole."""
    seen: set[str] = set()
    count = 0
    for name in sorted(filter(is_table, files.names), key=_age, reverse=True):
        here: set[str] = set()
        for found in _rows(files, name):
            count += 1
            if count > MOST_ROWS:
                raise SourceError(f"{name} and lists like it have more than {MOST_ROWS:,} rows", retryable=False)
            if isinstance(found, Problem):
                yield found
            elif found.told.get("datauuid", "") not in seen:
                here.add(found.told.get("datauuid", ""))
                yield found
        seen |= here - {""}


def _rows(files: ExportFiles, name: str) -> Iterator[Exercise | Problem]:
    try:
        with files.open(name, _MOST_BYTES) as binary:
            text = io.TextIOWrapper(binary, "utf-8-sig", "replace", newline="")
            table = CsvTable(text, name, delimiter=",", skip_lines=1)
            columns = [(_PREFIX.sub("", column), index) for index, column in enumerate(table.names)]
            # Where a name stands with and without the prefix, it is the prefixed one that is Samsung's.
            columns.sort(key=lambda column: _PREFIX.match(table.names[column[1]]) is not None)
            lacking = [column for column in _NEEDED if column not in dict(columns)]
            if lacking:
                raise SourceError(f"{name} has no column {lacking[0]}; export again", retryable=False)
            for row in table.rows():
                if isinstance(row, Problem):
                    yield row._replace(raw="")
                else:
                    line, cells, _ = row
                    told = {column: cells[index].strip() for column, index in columns if cells[index].strip()}
                    yield Exercise(f"{name}:{line}", told)
    except TrackError as error:
        raise SourceError(f"{name} {error}; export again") from None
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror or error}") from None


def _age(name: str) -> tuple[int, str, str, str]:
    """Of lists, the later one is greater: by the time in its name, and of the app as it is called now (shealth)."""
    match = _TABLE.fullmatch(basename(name))
    written, current = (match[2] or "", match[1].lower()) if match else ("", "")
    return len(written), written, current, name
