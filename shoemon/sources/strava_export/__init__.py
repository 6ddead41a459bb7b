"""Strava's own export: the zip as downloaded, its unpacked folder, or activities.csv alone, in any language."""

import contextlib
import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from pydantic import Field

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor, Tracks
from shoemon.model.errors import MistakeError, SourceError
from shoemon.sources import Context, RecordPull, SourceOf
from shoemon.sources.csv_exports import header_of, list_in, noted_rows, open_list, read_csv
from shoemon.sources.kit import csv_rows
from shoemon.sources.kit.activities import read_records
from shoemon.sources.kit.activity_types import english_type
from shoemon.sources.kit.files import ExportFiles, locate, pull_files
from shoemon.sources.kit.find_tracks import find_root, is_zip
from shoemon.sources.kit.local_dates import Dates, UnknownDatesError, dates_of, is_english
from shoemon.sources.kit.open_tracks import OpenTracks
from shoemon.sources.kit.sport_names import SportWords
from shoemon.sources.kit.whole_export import ExportSettings
from shoemon.sources.strava_export.columns import ABSENT, ColumnPlaces, UnknownLanguageError, columns_of
from shoemon.sources.strava_export.rows import RowParser, gear_key

__all__ = ["Settings", "gear_key", "make", "recognise", "warnings"]

_HEAD_BYTES = 256 << 10
_WHERE_TRACKS_ARE = (
    "in the zip that Strava sends, not beside {}; name that zip in `path`, or unpack its folder `activities` there"
)
LIST, FOLDER = "activities.csv", "activities"
_REMEDY = "ask Strava for a new export (Settings, My Account, Download or Delete Your Account) and download it again"


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
        with _opened(path) as files:
            _layout(files, whole=False)
    except UnknownLanguageError as error:
        raise MistakeError(str(error)) from None
    except SourceError:
        return None
    return {"type": "strava-export", "path": str(path)}


def warnings(settings: Settings, context: Context) -> Iterator[str]:
    """Report tracks that are not there."""
    with contextlib.suppress(SourceError), _opened(_located(settings, context)) as files:  # the sync reports an error
        if missing := _missing_tracks(files, _layout(files, whole=False)):
            yield missing


class StravaExport(SourceOf[Settings]):
    """Reads the whole list of activities at every pull, unless nothing has changed since the last."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        files = _opened(_located(self._settings, self._context))
        return pull_files(files, cursor, {"tracks": _has_tracks(files)}, self._records)

    def open_tracks(self) -> Tracks:
        with _opened(_located(self._settings, self._context)) as files:
            if not _has_tracks(files):
                raise SourceError(f"its tracks are {_WHERE_TRACKS_ARE.format(files.path.name)}", retryable=False)
            return StravaTracks(find_root(str(files.path), files.path.parent), _folder(files))

    def _records(self, files: ExportFiles) -> Iterator[Activity | Problem]:
        layout = _layout(files)
        sports = SportWords(self._settings.sport_map, english_type)
        parser = RowParser(self.name, layout.columns, layout.dates, self._context.zone, sports)
        rows = _rows(files, layout.name, layout.columns)
        yield from read_records(noted_rows(rows, layout.name, parser.notes), parser.read)
        if missing := _missing_tracks(files, layout):
            yield Problem(layout.name, missing, is_note=True)


make = StravaExport


class StravaTracks(OpenTracks):
    """The tracks `activities/123.fit.gz` and the like, in `folder` below `root`. Whoever unpacks an export may have
    unpacked its tracks too."""

    def __init__(self, root: Path, folder: str) -> None:
        super().__init__(root)
        self._folder = folder

    def _open(self, path: str) -> BinaryIO | None:
        packed = posixpath.join(self._folder, path.replace("\\", "/"))
        plain = packed.removesuffix(".gz")
        return super()._open(packed) or super()._open(plain if plain != packed else f"{packed}.gz")


def _rows(files: ExportFiles, name: str, columns: ColumnPlaces) -> Iterator[csv_rows.Row | Problem]:
    """Yield the rows of the list. A spreadsheet leaves out blank cells at the end of one."""
    table = read_csv(files, name)
    table.names, table.fewest = list(columns.names), columns.metres + 1
    return table.rows()


def _cells(rows: Iterable[csv_rows.Row | Problem], column: int) -> Iterator[str]:
    """Yield the cells of a column, also of an ABSENT one, without blank ones."""
    cells = (row[1][column] for row in rows if not isinstance(row, Problem) and column > ABSENT)
    return (cell for cell in cells if cell.strip())


def _located(settings: Settings, context: Context) -> Path:
    return locate(settings.path, context.base, f"correct `path`, or {_REMEDY}")


def _opened(path: Path) -> ExportFiles:
    return open_list(path, LIST, lambda name: f"/{FOLDER}/" in f"/{name}")


def _folder(files: ExportFiles) -> str:
    """Return the folder of the list inside the export."""
    return posixpath.dirname(list_in(files, LIST, _REMEDY))


def _has_tracks(files: ExportFiles) -> bool:
    if files.path.is_file() and not is_zip(files.path.name):
        return (files.path.parent / FOLDER).is_dir()
    return any(name.startswith(f"{posixpath.join(_folder(files), FOLDER)}/") for name in files.names)


def _missing_tracks(files: ExportFiles, layout: "_Layout") -> str | None:
    """Return what to do about the tracks that a list names, where none is beside it."""
    if _has_tracks(files):
        return None
    count = sum(1 for _ in _cells(_rows(files, layout.name, layout.columns), layout.columns.file))
    many = f"{count:,} tracks are" if count > 1 else "a track is"
    return f"{many} {_WHERE_TRACKS_ARE.format(files.path.name)}" if count else None


class _Layout(NamedTuple):
    name: str
    columns: ColumnPlaces
    dates: Dates


def _layout(files: ExportFiles, *, whole: bool = True) -> _Layout:
    """Find the list, its columns, and the language of its dates: of all of them, or only of the first."""
    name = list_in(files, LIST, _REMEDY)
    header, sample = header_of(files, name, _HEAD_BYTES)
    columns = columns_of(header, sample, str(files.path))
    dates = [row[columns.date] for row in sample]
    if whole and not (columns.english and all(map(is_english, dates))):
        dates = list(_cells(_rows(files, name, columns), columns.date))
    beside = " ".join([*header, *(row[columns.type] for row in sample)])
    try:
        return _Layout(name, columns, dates_of(dates, beside, english=columns.english))
    except UnknownDatesError as error:
        raise UnknownLanguageError(str(error)) from None
