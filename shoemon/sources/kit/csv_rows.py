"""Read the rows of CSV and TSV text, with the line on which each begins."""

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, count
from json.encoder import encode_basestring
from typing import Any, TextIO

from shoemon.model.activity import Problem
from shoemon.model.errors import SourceError
from shoemon.sources.kit.cells import quoted

MOST_COLUMNS = 10_000
LONGEST_LINE = 16 * 2**20
"""Characters. The widest and longest tables of runs have some hundred columns and some kilobytes a line."""
MOST_LINES = 10_000_000
_MAGIC = {
    b"PK\x03\x04": "a zip or a spreadsheet", b"\x1f\x8b": "a gzip", b"%PDF": "a PDF", b"SQLite": "a database",
}  # fmt: skip
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
Row = tuple[int, list[Any], str]
"""The line or list position where a record begins, its cells, and the record as it came, as JSON."""


class CsvTable:
    """A table of text with one record a row. Raises SourceError if it has no header where it should have one."""

    absent = frozenset[str]()

    def __init__(
        self,
        stream: TextIO,
        label: str,
        *,
        delimiter: str | None = None,
        header: Sequence[str] = (),
        skip_lines: int = 0,
    ) -> None:
        self.label = label
        self.fewest: int | None = None
        """A row with so many cells is filled up with blank ones; None: it is a Problem."""
        self._stream = bounded_lines(stream, label)
        self._begin(delimiter, header, skip_lines)

    @property
    def width(self) -> int:
        return len(self.names)

    def find(self, name: str) -> int | None:
        return self.names.index(name) if name in self.names else None

    def rows(self) -> Iterator[Row | Problem]:
        """Yield the records. A row with more or fewer cells than the header is a Problem; an empty one is skipped."""
        width, offset, reader = len(self.names), self._offset, self._reader
        record, line = recorder(self.names), offset + reader.line_num + 1
        while True:
            try:
                for cells in reader:
                    if len(cells) == width and any(cells):
                        yield line, cells, record(cells)
                    elif any(cells):
                        yield self._uneven(cells, line, record)
                    line = offset + reader.line_num + 1
                break
            except csv.Error as error:
                yield Problem(f"{self.label}:{line}", f"not a row of cells: {error}; is a quotation mark left open?")
                line = offset + reader.line_num + 1

    def _begin(self, delimiter: str | None, header: Sequence[str], skip_lines: int) -> None:
        first = ""
        for _ in range(skip_lines + 1):
            first = next(self._stream, "")
        if re.match(r'\ufeff?\s*(?:\{|\[[\]\[{"])', first):
            raise SourceError(f"{self.label} is not a table but JSON, perhaps an error: {quoted(first.strip())}")
        separator = re.fullmatch(r'"?sep=(.)"?\s*', first.removeprefix("\ufeff"))
        if separator:  # Excel's own line: it names the delimiter, and is not a row
            first = next(self._stream, "")
        self._offset = skip_lines + bool(separator)
        self.delimiter = delimiter or (separator[1] if separator else _delimiter_in(first, len(header)))
        self._reader = csv.reader(chain([first] if first else [], self._stream), delimiter=self.delimiter)
        if header:
            self.header, self.names = list(header), distinct(header)
            return
        try:
            names = next((cells for cells in self._reader if any(cells)), None)
        except csv.Error as error:
            raise SourceError(
                f"{self.label}: its line with the names of the columns is not readable: {error}"
            ) from None
        if names is None:
            raise SourceError(f"{self.label} is empty: it has no line with the names of the columns")
        refuse_too_many(len(names), self.label)
        self.header = [name.strip("\ufeff \t\r\n") for name in names]
        """The names of the columns as they are written, of which some may be the same."""
        self.names = distinct(self.header)

    def _uneven(self, cells: list[str], line: int, record: Callable[[list[str]], str]) -> Row | Problem:
        width = len(self.names)
        if len(cells) > width and not any(cells[width:]):
            # Some exports end every row, but not the header, with one more comma.
            return line, cells[:width], record(cells)
        if self.fewest is not None and self.fewest <= len(cells) < width:
            return line, [*cells, *[""] * (width - len(cells))], record(cells)
        hint = "; is a quotation mark left open?" if any("\n" in cell for cell in cells) else ""
        message = f"the row has {len(cells)} cells, the header has {width}{hint}"
        return Problem(f"{self.label}:{line}", message, self.delimiter.join(cells)[:2000])


def encoding_of(data: bytes) -> str:
    """Return the encoding of a table as programs and spreadsheets save it, by its bytes or the first of them."""
    if data.startswith(_UTF_16):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def refuse_other_files(head: bytes, label: str, encoding: str = "utf-8") -> None:
    """Raise SourceError for archives, programs, web pages and other files that are not tables."""
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise SourceError(f"{label} is not a table but {what}; save it as CSV", retryable=False)
    if b"\0" in head and not encoding.lower().startswith(("utf-16", "utf_16", "utf16", "utf-32", "utf_32", "utf32")):
        is_wide = len(head) / 4 < head.count(b"\0") <= len(head) / 2  # as two bytes a letter have it
        remedy = "set encoding: utf-16" if is_wide else "it contains NUL bytes; export it again"
        raise SourceError(f"{label} is not text in {encoding}: {remedy}", retryable=False)
    if re.match(rb"[\xef\xbb\xbf\xff\xfe\0\s]*<", head):
        raise SourceError(f"{label} is not a table but a web page, perhaps one that requires a login")


def bounded_lines(stream: TextIO, label: str) -> Iterator[str]:
    """Yield the lines of `stream`. Raises SourceError for one over LONGEST_LINE, or too many."""
    for number in count(1):
        line = stream.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            bound = f"{LONGEST_LINE:,} characters"
            raise SourceError(f"{label}: line {number} has more than {bound}; is it a table of runs?", retryable=False)
        if number > MOST_LINES:
            raise SourceError(f"{label} has more than {MOST_LINES:,} lines; is it a table of runs?", retryable=False)
        if not line:
            return
        yield line


def refuse_too_many(columns: int, label: str) -> None:
    """Raise SourceError for more columns than any table of runs has; making their names distinct would take hours."""
    if columns > MOST_COLUMNS:
        raise SourceError(
            f"{label} has {columns:,} columns, more than {MOST_COLUMNS:,}; is it a table of runs?", retryable=False
        )


def recorder(names: Iterable[str]) -> Callable[[list[str]], str]:
    """Return a function from cells to a JSON object of those not empty, three times as fast as `json.dumps`."""
    keys = [encode_basestring(name) + ": " for name in names]

    def record(cells: list[str]) -> str:
        pairs = [key + encode_basestring(cell) for key, cell in zip(keys, cells, strict=False) if cell]
        return "{" + ", ".join(pairs) + "}"

    return record


def _delimiter_in(line: str, width: int) -> str:
    """Return the delimiter of a line: the one that gives `width` cells, or the most frequent one outside quotes."""
    bare = re.sub(r'"[^"]*"', "", line)
    counts = {delimiter: bare.count(delimiter) for delimiter in ",;\t|"}
    if width:
        return next((delimiter for delimiter, count in counts.items() if count == width - 1), ",")
    return max(counts, key=lambda delimiter: counts[delimiter])


def distinct(names: Sequence[str]) -> list[str]:
    """Make every name unique: a second `Distance` becomes `Distance.1`, a nameless third column `column 3`."""
    distinct: list[str] = []
    for number, name in enumerate(names, 1):
        base = name or f"column {number}"
        again = sum(other == base or other.startswith(base + ".") for other in distinct) if base in distinct else 0
        while (new := f"{base}.{again}" if again else base) in distinct:
            again += 1
        distinct.append(new)
    return distinct
