"""Strava's own export: the zip as downloaded, its unpacked folder, or activities.csv alone, in any language."""

import codecs
import contextlib
import csv
import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

from pydantic import Field

from shoemon.config.kinds import SourceSettings
from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor, Tracks
from shoemon.model.errors import MistakeError, ReadAgainError, SourceError
from shoemon.sources import RecordPull, SourceOf
from shoemon.sources.kit.csv_rows import bounded_lines
from shoemon.sources.kit.files import locate
from shoemon.sources.strava_export.columns import ColumnPlaces, UnknownLanguageError, columns_of
from shoemon.sources.strava_export.rows import RowParser, gear_key
from shoemon.sources.strava_export.tracks import StravaTracks

__all__ = ["Settings", "gear_key", "make", "recognise"]

READER = 1
"""Raise it when the same file is read differently, so that it is read again."""
MAX_BYTES = 512 << 20
MAX_RATIO, RATIO_FROM_BYTES = 200, 64 << 20
"""activities.csv packs about 6 times; a file that grows more than 200 times and past 64 MB is a bomb."""
MOST_COLUMNS = 1000
"""Strava's own exports have 103 at most."""
_HEAD_BYTES = 256 << 10
MEMBER = "activities.csv"
REMEDY = "ask Strava for a new export (Settings, My Account, Download or Delete Your Account) and download it again"


class Settings(SourceSettings):
    """A Strava export on this machine."""

    type: Literal["strava-export"] = Field("strava-export", description="Strava's account export")
    path: str = Field(
        description="the zip as downloaded, its unpacked folder, or activities.csv; ~ and patterns such as "
        "~/Downloads/export_*.zip (the newest match is read) are allowed"
    )


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read `path`, if it contains Strava's activities.csv by its content."""
    try:
        _examine(_located(str(path), Path()), whole=False)
    except UnknownLanguageError:
        error = MistakeError("this is a Strava export in a language that shoemon does not read")
        error.add_note("Set the language of Strava to English, and download the export again.")
        raise error from None
    except SourceError:
        return None
    return {"type": "strava-export", "path": str(path)}


class StravaExport(SourceOf[Settings]):
    """Reads the whole list of activities at every pull, unless nothing has changed since the last."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        """Open and check the export; its rows are read later. Raises SourceError, never for one row."""
        zone = self._context.zone
        path = self._where()
        state = _state(path)
        mark: Cursor = {"path": str(path), **state, "reader": READER, "timezone": self._context.timezone}
        if cursor is not None and {**cursor, **mark} == cursor:
            return RecordPull(iter(()), unchanged=True, cursor=lambda: cursor)
        layout = _examine(path)
        after = mark | {"sha256": layout.sha256}
        if cursor is not None and all(cursor.get(key) == after[key] for key in ("sha256", "reader", "timezone")):
            return RecordPull(iter(()), unchanged=True, cursor=lambda: after)
        stream, label = _open(path)
        if _state(path) != state:
            stream.close()
            raise ReadAgainError(f"{path} changes while it is read; the next sync reads it again")
        text = io.TextIOWrapper(stream, layout.encoding, errors="replace", newline="")
        rows = RowParser(self.name, label, layout.columns, zone)
        lines = bounded_lines(text, str(path), 0)
        return RecordPull(_records(lines, layout.delimiter, rows), cursor=lambda: after, close=text.close)

    def open_tracks(self) -> Tracks:
        """Open the zip once for all its tracks, or the folder. Raises SourceError if that fails."""
        path = self._where()
        stream, member = _open(path)
        stream.close()
        return StravaTracks(path, member if member != path.name else None)

    def _where(self) -> Path:
        return _located(self._settings.path, self._context.base)


make = StravaExport


def _records(lines: Iterator[str], delimiter: str, rows: RowParser) -> Iterator[Activity | Problem]:
    reader = csv.reader(lines, delimiter=delimiter)
    next(filter(any, reader), None)  # the header
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield rows.problem(line, f"the row is unreadable: {error}")
            continue
        if (record := rows.read(row, line)) is not None:
            yield record


def _located(pattern: str, base: Path) -> Path:
    """Find the zip or CSV that `pattern` means: a file, a folder, or a pattern (its newest match)."""
    path = locate(pattern, base, f"correct `path`, or {REMEDY}")
    try:
        if not path.is_dir():
            return path
        found = [path / MEMBER] if (path / MEMBER).is_file() else sorted(path.glob(f"*/{MEMBER}"))
    except OSError as error:
        raise SourceError(f"cannot read {pattern}: {error.strerror}") from None
    if len(found) != 1:
        raise SourceError(f"the folder {path} contains {'several' if found else 'no'} {MEMBER}; name one in `path`")
    return found[0]


def _state(path: Path) -> dict[str, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from None
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns}


class _Layout(NamedTuple):
    sha256: str
    encoding: str
    delimiter: str
    columns: ColumnPlaces


def _examine(path: Path, *, whole: bool = True) -> _Layout:
    """Read `path` once (or only its beginning), and find its encoding and columns."""
    stream, label = _open(path)
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    with stream:
        chunk = head = stream.read(_HEAD_BYTES)
        utf16 = head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        encoding = "utf-16" if utf16 else "utf-8-sig"
        while chunk:
            digest.update(chunk)
            if encoding == "utf-8-sig":
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    encoding = "cp1252"  # what Excel saves as "CSV" on Windows
            chunk = stream.read(1 << 20) if whole else b""
    if not head.strip():
        raise SourceError(f"{label} in {path} is empty; {REMEDY}")
    if b"\0" in head[:1024] and not utf16:
        raise SourceError(f"{path} is neither a zip nor a table", retryable=False)
    try:
        return _Layout(digest.hexdigest(), encoding, *_columns(head.decode(encoding, errors="replace")))
    except SourceError as error:
        raise type(error)(f"{path}: {error}", retryable=False) from None


def _columns(head: str) -> tuple[str, ColumnPlaces]:
    # Lines as csv reads them: splitlines() would also cut at the separators that people paste into descriptions.
    lines = list(io.StringIO(head, newline=""))
    delimiter = max(",;\t", key=lines[0].count)
    table: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        table.extend(islice(filter(any, csv.reader(lines, delimiter=delimiter)), 52))
    if not table:
        raise SourceError("its beginning is not a table")
    if len(table[0]) > MOST_COLUMNS:
        raise SourceError(f"it has more than {MOST_COLUMNS:,} columns, more than any export of Strava")
    sample = table[1:]
    # The last row may be cut off, unless it is the only one.
    return delimiter, columns_of(table[0], sample[:-1] or sample)


def _open(path: Path) -> tuple[io.BufferedReader, str]:
    """Open activities.csv, and return its name. Unpacks nothing to disk, and trusts no size in a header."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from None
    if not file.peek(4).startswith((b"PK\3\4", b"PK\5\6")):
        return io.BufferedReader(_Capped(file, [file], MAX_BYTES, path), 1 << 17), path.name
    try:
        archive = zipfile.ZipFile(file)
        info = _member(archive, path)
        packed = min(info.compress_size, os.fstat(file.fileno()).st_size)
        limit = min(MAX_BYTES, max(RATIO_FROM_BYTES, MAX_RATIO * packed))
        member = archive.open(info)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError) as error:
        file.close()
        raise SourceError(f"{path} is a broken zip, or its download is not finished ({error}); {REMEDY}") from None
    except SourceError:
        file.close()
        raise
    return io.BufferedReader(_Capped(member, [member, archive, file], limit, path), 1 << 17), info.filename


def _member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """Find the one activities.csv at the root, or one folder deep, as in a zip that a Mac made again."""
    members = [(info.filename.replace("\\", "/").split("/"), info) for info in archive.infolist()]
    found = [info for parts, info in members if parts == [MEMBER]] or [
        info for parts, info in members if len(parts) == 2 and parts[1] == MEMBER and parts[0] != "__MACOSX"
    ]
    if len(found) != 1:
        raise SourceError(f"the zip {path} contains {'several' if found else 'no'} {MEMBER}; {REMEDY}", retryable=False)
    if found[0].flag_bits & 1:
        raise SourceError(f"{MEMBER} in {path} is encrypted; unpack it, and name the folder in `path`", retryable=False)
    return found[0]


class _Capped(io.RawIOBase):
    """Bytes of `stream` up to `limit`. Past it, and where the stream is broken, raises a SourceError."""

    def __init__(self, stream: IO[bytes], owned: list[Any], limit: int, path: Path) -> None:
        self._stream, self._owned, self._left, self._path = stream, owned, limit, path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise SourceError(f"{self._path} is broken ({error}); {REMEDY}") from None
        self._left -= len(data)
        if self._left < 0:
            raise SourceError(f"{MEMBER} in {self._path} is larger than any export; it is not read", retryable=False)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        for owned in self._owned:
            owned.close()
        super().close()
