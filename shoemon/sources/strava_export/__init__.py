"""Strava's own export: the zip as downloaded, its unpacked folder, or activities.csv alone, in any language."""

import codecs
import contextlib
import csv
import hashlib
import io
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import Field

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor, Tracks
from shoemon.model.errors import MistakeError, ReadAgainError, SourceError
from shoemon.sources import Context, RecordPull, SourceOf
from shoemon.sources.kit.activities import Row, read_records
from shoemon.sources.kit.activity_types import english_type
from shoemon.sources.kit.archives import Archive
from shoemon.sources.kit.csv_rows import bounded_lines
from shoemon.sources.kit.files import locate, naming, open_file, opened_archive
from shoemon.sources.kit.find_tracks import is_system_file
from shoemon.sources.kit.local_dates import ENGLISH, Dates, UnknownDatesError, dates_of, is_english
from shoemon.sources.kit.sport_names import SportWords
from shoemon.sources.kit.whole_export import ExportSettings
from shoemon.sources.strava_export.columns import ABSENT, ColumnPlaces, UnknownLanguageError, columns_of
from shoemon.sources.strava_export.rows import RowParser, gear_key
from shoemon.sources.strava_export.tracks import FOLDER, StravaTracks

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

__all__ = ["Settings", "gear_key", "make", "recognise", "warnings"]

READER = 3
"""Raise it when the same file is read differently, so that it is read again."""
MAX_BYTES = 512 << 20
MOST_COLUMNS = 1000
"""Strava's own exports have 103 at most."""
_HEAD_BYTES = 256 << 10
_WHERE_TRACKS_ARE = (
    "in the zip that Strava sends, not beside {}; name that zip in `path`, or unpack its folder `activities` there"
)
MEMBER = "activities.csv"
REMEDY = "ask Strava for a new export (Settings, My Account, Download or Delete Your Account) and download it again"


class Settings(ExportSettings):
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
    except UnknownLanguageError as error:
        raise MistakeError(str(error)) from None
    except SourceError:
        return None
    return {"type": "strava-export", "path": str(path)}


def warnings(settings: Settings, context: Context) -> Iterator[str]:
    """Report tracks that are not there."""
    with contextlib.suppress(SourceError):  # the sync reports it
        path = _located(settings.path, context.base)
        if missing := _missing_tracks(path, _examine(path, whole=False)):
            yield missing


class StravaExport(SourceOf[Settings]):
    """Reads the whole list of activities at every pull, unless nothing has changed since the last."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        """Open and check the export; its rows are read later. Raises SourceError, never for one row."""
        path = self._where()
        state = _state(path)
        how = {"reader": READER, "timezone": self._context.timezone, "tracks": _are_beside(path)}
        mark: Cursor = {"path": str(path), **state, **how}
        if cursor is not None and {**cursor, **mark} == cursor:
            return RecordPull(iter(()), unchanged=True, cursor=lambda: cursor)
        layout = _examine(path)
        after = mark | {"sha256": layout.sha256}
        if cursor is not None and all(cursor.get(key) == after[key] for key in ("sha256", *how)):
            return RecordPull(iter(()), unchanged=True, cursor=lambda: after)
        records = self._records(path, layout, state)
        return RecordPull(records, cursor=lambda: after, close=records.close)

    def open_tracks(self) -> Tracks:
        path = self._where()
        if (tracks := _tracks(path)) is None:
            raise SourceError(f"its tracks are {_WHERE_TRACKS_ARE.format(path.name)}", retryable=False)
        return tracks

    def _where(self) -> Path:
        return _located(self._settings.path, self._context.base)

    def _records(
        self, path: Path, layout: "_Layout", state: dict[str, int]
    ) -> Generator[Activity | Problem, None, None]:
        sports = SportWords(self._settings.sport_map, english_type)
        parser = RowParser(self.name, layout.columns, layout.dates, self._context.zone, sports)
        with _opened(path) as (stream, label):
            if _state(path) != state:
                raise ReadAgainError(f"{path} changes while it is read; the next sync reads it again")
            yield from read_records(_with_notes(parser, _rows(stream, label, path, layout)), parser.read)
        if missing := _missing_tracks(path, layout):
            yield Problem(label, missing, is_note=True)


make = StravaExport


def _with_notes(parser: RowParser, rows: Iterable[tuple[str, list[str] | ValueError]]) -> Iterator[Row]:
    """Yield each row, and after it was read the notes on it."""
    for place, row in rows:
        yield place, parser.row(row)
        while parser.notes:
            yield place, parser.notes.pop()


def _rows(stream: IO[bytes], label: str, path: Path, layout: "_Layout") -> Iterator[tuple[str, list[str] | ValueError]]:
    """Yield the cells of each row, or the reason why there are none, with the place of the row."""
    text = io.TextIOWrapper(stream, layout.encoding, "replace", newline="")
    reader: CsvReader = csv.reader(bounded_lines(text, str(path)), delimiter=layout.delimiter)
    next(filter(any, reader), None)  # the header
    while True:
        place = f"{label}:{reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield place, ValueError(f"the row is unreadable: {error}")
            continue
        if any(cells):
            yield place, cells


def _cells(path: Path, layout: "_Layout", column: int) -> Iterator[str]:
    """Yield the cells of a column, also of an ABSENT one, without blank ones."""
    with _opened(path) as (stream, label):
        for _, row in _rows(stream, label, path, layout):
            if not isinstance(row, ValueError) and ABSENT < column < len(row) and row[column].strip():
                yield row[column]


def _are_beside(path: Path) -> bool:
    return (path.parent / FOLDER).is_dir()


def _tracks(path: Path) -> StravaTracks | None:
    """Open the tracks of an export; None if it has none."""
    with _opened(path) as (_, member):
        tracks = StravaTracks(path, None if member == path.name else member)
    if tracks.any():
        return tracks
    tracks.close()
    return None


def _missing_tracks(path: Path, layout: "_Layout") -> str | None:
    """Return what to do about the tracks that a list names, where none is beside it."""
    if (tracks := _tracks(path)) is not None:
        tracks.close()
        return None
    count = sum(1 for _ in _cells(path, layout, layout.columns.file))
    many = f"{count:,} tracks are" if count > 1 else "a track is"
    return f"{many} {_WHERE_TRACKS_ARE.format(path.name)}" if count else None


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
    dates: Dates


def _examine(path: Path, *, whole: bool = True) -> _Layout:
    """Read `path` once (or only its beginning), and find its encoding and columns, and the language of its dates."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    with _opened(path) as (stream, label):
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
        delimiter, table = _table(head.decode(encoding, errors="replace"))
        # The last row may be cut off, unless it is the only one.
        sample = table[1:-1] or table[1:]
        columns = columns_of(table[0], sample)
        layout = _Layout(digest.hexdigest(), encoding, delimiter, columns, ENGLISH)
        dates = [row[columns.date] for row in sample if len(row) > columns.date]
        if whole and not (columns.english and all(map(is_english, dates))):
            dates = list(_cells(path, layout, columns.date))
        beside = " ".join([*table[0], *(row[columns.type] for row in sample if len(row) > columns.type)])
        return layout._replace(dates=dates_of(dates, beside, english=columns.english))
    except UnknownDatesError as error:
        raise UnknownLanguageError(str(error)) from None
    except UnknownLanguageError:
        raise
    except SourceError as error:
        raise SourceError(f"{path}: {error}", retryable=False) from None


def _table(head: str) -> tuple[str, list[list[str]]]:
    """Return the delimiter, and the header with some rows."""
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
    return delimiter, table


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], str]]:
    """Open activities.csv, and name it. Raises SourceError, also for errors of the file while it is open."""
    with open_file(path) as file:
        if file.read(4) not in (b"PK\3\4", b"PK\5\6"):
            file.seek(0)
            yield file, path.name
            return
    with closing(opened_archive(path)) as archive:
        name = _member(archive, path)
        with naming(f"{name} in {path}", REMEDY), archive.open(name, MAX_BYTES) as member:
            yield member, name


def _member(archive: Archive, path: Path) -> str:
    """Find the one activities.csv at the root, or one folder deep, as in a zip that a Mac made again."""
    names = [name for name in archive.members if name.rpartition("/")[2] == MEMBER and not is_system_file(name)]
    found = [MEMBER] if MEMBER in names else [name for name in names if name.count("/") == 1]
    if len(found) != 1:
        raise SourceError(f"the zip {path} contains {'several' if found else 'no'} {MEMBER}; {REMEDY}", retryable=False)
    return found[0]
