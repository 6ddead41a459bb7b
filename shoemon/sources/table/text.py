"""From bytes to the rows of a table: format, encoding, and the words for what is no table at all."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO

from shoemon.model.errors import SourceError
from shoemon.sources.kit.csv_rows import CsvTable, Resume, bounded_lines, refuse_what_is_no_text
from shoemon.sources.table.json_records import JsonTable, json_lines, json_records
from shoemon.sources.table.settings import TableSettings

Table = CsvTable | JsonTable

_SUFFIXES = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson",
}  # fmt: skip
_HEAD = 65_536
"""Bytes that are looked at to tell what a file is."""


@contextmanager
def table_in(
    binary: IO[bytes], settings: TableSettings, label: str, name: str = "", resume: Resume | None = None
) -> Iterator[Table]:
    """The table in `binary`, read from where it stands; `name` is the file's own, whose ending tells the format.

    Raises SourceError in words for what is no such table, also while its rows are read.
    """
    start = binary.tell()
    head = binary.read(_HEAD)
    binary.seek(start)
    refuse_what_is_no_text(head, label, settings.encoding)
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
            "set encoding to what it is written in, often cp1252 or utf-16",
            retryable=False,
        ) from None
    finally:
        stream.detach()  # the file belongs to whoever opened it


def format_of(head: bytes, settings: TableSettings, name: str) -> str:
    """csv, tsv, json or ndjson: as set, or as the file's name says, or as its first bytes look."""
    told = settings.format or _SUFFIXES.get(PurePosixPath(name.lower()).suffix)
    if told:
        return told
    text = head.decode("utf-8-sig", "replace").lstrip()
    if text.startswith("[") or (text.startswith("{") and settings.records):
        return "json"
    if text.startswith("{"):
        return "ndjson" if re.match(r"\{[^\n]*\}\s*(?:\n\s*\{|$)", text) else "json"
    return "csv"


def _first_wrong_line(binary: IO[bytes], start: int, encoding: str, resume: Resume | None) -> str:
    """` (line N)` of the first line that cannot be decoded; nothing where lines do not end in a single byte."""
    if encoding.startswith(("utf-16", "utf_16", "utf16", "utf-32", "utf_32", "utf32")):
        return ""
    binary.seek(start)
    for number, line in enumerate(binary, resume.lines + 1 if resume else 1):
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            return f" (line {number})"
    return ""
