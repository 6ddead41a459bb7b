"""Read the rows of a table from bytes: find its format and encoding, and refuse other files."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import PurePosixPath
from typing import IO, Any

from shoemon.model.activity import Problem
from shoemon.model.errors import SourceError
from shoemon.sources.kit.csv_rows import CsvTable, Row, bounded_lines, refuse_other_files
from shoemon.sources.kit.files import parse_json
from shoemon.sources.table.columns import Table, bind
from shoemon.sources.table.json_records import JsonTable, at, cell, getter, json_lines, json_records, steps
from shoemon.sources.table.settings import TableSettings

SUFFIXES = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson",
}  # fmt: skip
_HEAD = 65_536
"""Bytes that are read to recognise a file."""


class CellTable(CsvTable):
    """A CSV table in which a column may also be a place in the row (`[0]`) or inside of JSON in a cell
    (`Data.distance`)."""

    _inside: tuple[tuple[int, list[str | int]], ...] = ()

    @property
    def width(self) -> int:
        return len(self.names) + len(self._inside)

    def find(self, name: str) -> int | None:
        """Return the place of a column; one inside of a cell is added behind the others."""
        found = super().find(name)
        first, *path = steps(name) or [name]
        if found is not None or not (path or isinstance(first, int)):
            return found
        place = first if isinstance(first, int) else super().find(first)
        if place is None or not 0 <= place < len(self.names):
            return None
        if path:
            self._inside = (*self._inside, (place, path))
            return self.width - 1
        return place

    def rows(self) -> Iterator[Row | Problem]:
        """Yield the records, with the cells that were found inside of others."""
        for row in super().rows():
            if isinstance(row, Problem) or not self._inside:
                yield row
                continue
            line, cells, raw = row
            try:
                yield line, [*cells, *(_inside(cells[place], path) for place, path in self._inside)], raw
            except ValueError as error:
                yield Problem(f"{self.label}:{line}", str(error), raw[:2000])


def _inside(text: str, path: list[str | int]) -> Any:
    """Return what is at `path` of the JSON in a cell; the cell itself if it is other text."""
    try:
        return cell(at(parse_json(text, parse_constant=str), path))
    except (RecursionError, json.JSONDecodeError):
        return text


@contextmanager
def table_in(binary: IO[bytes], settings: TableSettings, label: str, name: str = "") -> Iterator[Table]:
    """Open the table in `binary`; `name` is the file's own, whose ending gives the format. Raises SourceError for what
    is not such a table, also while its rows are read."""
    head = binary.read(_HEAD)
    binary.seek(0)
    refuse_other_files(head, label, settings.encoding)
    encoding = "utf-8-sig" if settings.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else settings.encoding
    stream = io.TextIOWrapper(binary, encoding=encoding, newline="")
    try:
        kind = format_of(head, settings, name)
        if kind in ("csv", "tsv"):
            preset = settings.delimiter or ("\t" if settings.format == "tsv" else None)
            yield CellTable(stream, label, delimiter=preset, header=settings.header, skip_lines=settings.skip_lines)
        elif kind == "json":
            yield JsonTable(json_records(stream, label, settings.records, partial(is_record, settings)), label)
        else:
            yield JsonTable(json_lines(bounded_lines(stream, label)), label)
    except UnicodeDecodeError:
        raise SourceError(
            f"{label} is not written in {settings.encoding}{_first_wrong_line(binary, encoding)}; "
            "set encoding to the right one, often cp1252 or utf-16",
            retryable=False,
        ) from None
    finally:
        stream.detach()  # the caller closes the file


def is_record(settings: TableSettings, value: dict[str, Any]) -> bool:
    """Return whether an object is a record itself: it has the columns of one."""
    try:
        start = bind(settings.columns, JsonTable(iter([(1, value)]), ""))["start"]
    except SourceError:
        return False
    return getter(start.name)(value) is not None


def format_of(head: bytes, settings: TableSettings, name: str) -> str:
    """Return csv, tsv, json or ndjson: from the settings, the file's name, or its first bytes."""
    known = settings.format or SUFFIXES.get(PurePosixPath(name.lower()).suffix)
    if known:
        return known
    text = head.decode("utf-8-sig", "replace").lstrip()
    if text.startswith("[") or (text.startswith("{") and settings.records):
        return "json"
    if text.startswith("{"):
        return "ndjson" if re.match(r"\{[^\n]*\}\s*(?:\n\s*\{|$)", text) else "json"
    return "csv"


def _first_wrong_line(binary: IO[bytes], encoding: str) -> str:
    """Return ` (line N)` of the first line that cannot be decoded; blank if lines do not end in a single byte."""
    if encoding.startswith(("utf-16", "utf_16", "utf16", "utf-32", "utf_32", "utf32")):
        return ""
    binary.seek(0)
    for number, line in enumerate(binary, 1):
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            return f" (line {number})"
    return ""
