"""Read the rows of a table from bytes: find its format and encoding, and refuse other files."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO

from shoemon.model.errors import SourceError
from shoemon.sources.kit.csv_rows import CsvTable, Resume, bounded_lines, refuse_other_files
from shoemon.sources.table.json_records import JsonTable, json_lines, json_records
from shoemon.sources.table.settings import TableSettings

Table = CsvTable | JsonTable

_SUFFIXES = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson",
}  # fmt: skip
_HEAD = 65_536
"""Bytes that are read to recognise a file."""


@contextmanager
def table_in(
    binary: IO[bytes], settings: TableSettings, label: str, name: str = "", resume: Resume | None = None
) -> Iterator[Table]:
    """Open the table in `binary`, from its current position; `name` is the file's own, whose ending gives the format.
    Raises SourceError for what is not such a table, also while its rows are read."""
    start = binary.tell()
    head = binary.read(_HEAD)
    binary.seek(start)
    refuse_other_files(head, label, settings.encoding)
    encoding = "utf-8-sig" if settings.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else settings.encoding
    stream = io.TextIOWrapper(binary, encoding=encoding, newline="")
    try:
        kind = resume.kind if resume else format_of(head, settings, name)
        if kind in ("csv", "tsv"):
            preset = settings.delimiter or ("\t" if settings.format == "tsv" else None)
            yield CsvTable(
                stream, label, resume, delimiter=preset, header=settings.header, skip_lines=settings.skip_lines
            )
        elif kind == "json":
            yield JsonTable(json_records(stream, label, settings.records), label)
        else:
            read = resume.lines if resume else 0
            lines = json_lines(bounded_lines(stream, label, read), read)
            yield JsonTable(lines, label, is_lines=True, names=resume.names if resume else None)
    except UnicodeDecodeError:
        raise SourceError(
            f"{label} is not written in {settings.encoding}{_first_wrong_line(binary, start, encoding, resume)}; "
            "set encoding to the right one, often cp1252 or utf-16",
            retryable=False,
        ) from None
    finally:
        stream.detach()  # the caller closes the file


def format_of(head: bytes, settings: TableSettings, name: str) -> str:
    """Return csv, tsv, json or ndjson: from the settings, the file's name, or its first bytes."""
    known = settings.format or _SUFFIXES.get(PurePosixPath(name.lower()).suffix)
    if known:
        return known
    text = head.decode("utf-8-sig", "replace").lstrip()
    if text.startswith("[") or (text.startswith("{") and settings.records):
        return "json"
    if text.startswith("{"):
        return "ndjson" if re.match(r"\{[^\n]*\}\s*(?:\n\s*\{|$)", text) else "json"
    return "csv"


def _first_wrong_line(binary: IO[bytes], start: int, encoding: str, resume: Resume | None) -> str:
    """Return ` (line N)` of the first line that cannot be decoded; blank if lines do not end in a single byte."""
    if encoding.startswith(("utf-16", "utf_16", "utf16", "utf-32", "utf_32", "utf32")):
        return ""
    binary.seek(start)
    for number, line in enumerate(binary, resume.lines + 1 if resume else 1):
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            return f" (line {number})"
    return ""
