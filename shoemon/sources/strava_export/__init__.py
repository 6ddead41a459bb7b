"""Strava's own export: the zip as downloaded, its unpacked folder, or activities.csv alone, in any language."""

import codecs
import contextlib
import csv
import glob
import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field

from shoemon.config.kinds import SourceSettings
from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor, Source, Tracks
from shoemon.model.errors import MistakeError, SourceError
from shoemon.sources import Context, RecordPull, SourceOf
from shoemon.sources.strava_export.capped import MEMBER, REMEDY, Capped
from shoemon.sources.strava_export.columns import Columns, UnknownLanguageError, columns_of
from shoemon.sources.strava_export.rows import Rows, bounded, gear_key
from shoemon.sources.strava_export.tracks import StravaTracks

__all__ = ["Settings", "gear_key", "make", "recognise"]

READER = 1
"""Raised whenever the same file is understood differently, so that it is read again."""
MAX_BYTES = 512 << 20
MAX_RATIO, RATIO_FROM_BYTES = 200, 64 << 20
"""activities.csv packs about 6 times; what swells more than 200 times and past 64 MB is a bomb."""
MOST_COLUMNS = 1000
"""Strava's own exports have 103 at most."""
_HEAD_BYTES = 256 << 10


class Settings(SourceSettings):
    """A Strava export on this machine."""

    type: Literal["strava-export"] = Field("strava-export", description="Strava's account export")
    path: str = Field(
        description="the zip as downloaded, its unpacked folder, or activities.csv; ~ and patterns such as "
        "~/Downloads/export_*.zip (the newest match is read) are allowed"
    )


def make(settings: Settings, context: Context) -> Source:
    """The source that reads the export. `context.timezone` decides on which local day a run falls."""
    return StravaExport(settings, context)


def recognise(path: Path) -> dict[str, Any] | None:
    """The settings that read `path`, if it holds Strava's activities.csv; judged by its content only."""
    try:
        _examine(_located(str(path)), whole=False)
    except UnknownLanguageError:
        error = MistakeError("this is an export of Strava's in a language that shoemon does not read")
        error.add_note("Set the language of Strava to English, and download the export again.")
        raise error from None
    except SourceError:
        return None
    return {"type": "strava-export", "path": str(path)}


class StravaExport(SourceOf[Settings]):
    """Reads the whole list of activities at every pull, unless nothing has changed since the last."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        """Opens and checks the export; rows are read as they are asked for. Raises SourceError, never for one row."""
        zone = self._context.zone
        path = self._where()
        state = _state(path)
        mark: Cursor = {"path": str(path), **state, "reader": READER, "timezone": self._context.timezone}
        if cursor is not None and {**cursor, **mark} == cursor:
            return RecordPull(iter(()), unchanged=True, cursor=lambda: cursor)
        seen = _examine(path)
        after = mark | {"sha256": seen.sha256}
        if cursor is not None and all(cursor.get(key) == after[key] for key in ("sha256", "reader", "timezone")):
            return RecordPull(iter(()), unchanged=True, cursor=lambda: after)
        stream, label = _open(path)
        text = io.TextIOWrapper(stream, seen.encoding, errors="replace", newline="")
        rows = Rows(self.name, label, seen.columns, zone)
        return RecordPull(_records(bounded(text, path), seen.delimiter, rows), cursor=lambda: after, close=text.close)

    def open_tracks(self) -> Tracks:
        """Opens the zip once for all its tracks, or the folder. Raises SourceError if it cannot be had."""
        path = self._where()
        stream, member = _open(path)
        stream.close()
        return StravaTracks(path, member if member != path.name else None)

    def _where(self) -> Path:
        return _located(str(self._context.base / Path(self._settings.path).expanduser()))


def _records(text: Iterator[str], delimiter: str, rows: Rows) -> Iterator[Activity | Problem]:
    reader = csv.reader(text, delimiter=delimiter)
    next(filter(any, reader), None)  # the header
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield rows.problem(line, f"the row cannot be read: {error}")
            continue
        if (record := rows.read(row, line)) is not None:
            yield record


def _located(pattern: str) -> Path:
    """The zip or CSV meant by `pattern`: a file, a folder, or a pattern (then the newest match)."""
    try:
        paths = [Path(pattern)] if Path(pattern).exists() else [Path(match) for match in glob.glob(pattern)]
        if not paths:
            raise SourceError(f"there is no file or folder {pattern}; correct `path`, or {REMEDY}")
        path = max(paths, key=lambda match: (match.stat().st_mtime_ns, match.name))
        if not path.is_dir():
            return path
        found = [path / MEMBER] if (path / MEMBER).is_file() else sorted(path.glob(f"*/{MEMBER}"))
    except OSError as error:
        raise SourceError(f"cannot read {pattern}: {error.strerror}") from None
    if len(found) != 1:
        raise SourceError(f"the folder {path} holds {'several' if found else 'no'} {MEMBER}; name one in `path`")
    return found[0]


def _state(path: Path) -> dict[str, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from None
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns}


class _Seen(NamedTuple):
    sha256: str
    encoding: str
    delimiter: str
    columns: Columns


def _examine(path: Path, *, whole: bool = True) -> _Seen:
    """Reads `path` through once (or only its beginning): what it is, and where its columns stand."""
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
        return _Seen(digest.hexdigest(), encoding, *_layout(head.decode(encoding, errors="replace")))
    except SourceError as error:
        raise type(error)(f"{path}: {error}", retryable=False) from None


def _layout(head: str) -> tuple[str, Columns]:
    # Lines as csv takes them: splitlines() would also cut at the separators that people paste into descriptions.
    lines = list(io.StringIO(head, newline=""))
    delimiter = max(",;\t", key=lines[0].count)
    table: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        table.extend(islice(filter(any, csv.reader(lines, delimiter=delimiter)), 52))
    if not table:
        raise SourceError("its beginning is no table")
    if len(table[0]) > MOST_COLUMNS:
        raise SourceError(f"it has more than {MOST_COLUMNS:,} columns, which no export of Strava has")
    sample = table[1:]
    # The last row may be cut off, unless it is all there is.
    return delimiter, columns_of(table[0], sample[:-1] or sample)


def _open(path: Path) -> tuple[io.BufferedReader, str]:
    """activities.csv as bytes, and how it is called. Nothing is unpacked to disk, and no size in a header believed."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from None
    if not file.peek(4).startswith((b"PK\3\4", b"PK\5\6")):
        return io.BufferedReader(Capped(file, [file], MAX_BYTES, path), 1 << 17), path.name
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
    return io.BufferedReader(Capped(member, [member, archive, file], limit, path), 1 << 17), info.filename


def _member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """The one activities.csv at the root, or one folder deep, where a zip made anew on a Mac has it."""
    members = [(info.filename.replace("\\", "/").split("/"), info) for info in archive.infolist()]
    found = [info for parts, info in members if parts == [MEMBER]] or [
        info for parts, info in members if len(parts) == 2 and parts[1] == MEMBER and parts[0] != "__MACOSX"
    ]
    if len(found) != 1:
        raise SourceError(f"the zip {path} holds {'several' if found else 'no'} {MEMBER}; {REMEDY}", retryable=False)
    if found[0].flag_bits & 1:
        raise SourceError(f"{MEMBER} in {path} is encrypted; unpack it, and name the folder in `path`", retryable=False)
    return found[0]
