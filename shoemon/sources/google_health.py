"""Source type `google-health`: the exercises of Fitbit and Google Health, as Google Takeout writes them since 2024.

`UserExercises.csv`, or several `UserExercises_2026-04-07.csv`, below `Fitbit/Health Fitness Data_GoogleData`. The
readme next to it explains its columns. It names no shoes, and its tracks are elsewhere.
"""

import datetime as dt
import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor
from shoemon.model.errors import SourceError
from shoemon.model.sports import INDOOR_SPORTS
from shoemon.sources import RecordPull, SourceOf
from shoemon.sources.csv_exports import CsvRow, header_of, is_csv, open_all_matches, read_csv, records_of, rows_of
from shoemon.sources.kit.activities import Moment, Row, make_activity, moment_utc, moment_with_offset
from shoemon.sources.kit.cells import number_reader, offset_reader
from shoemon.sources.kit.fields import needed_text_at, number_at, text_at, time_at
from shoemon.sources.kit.files import ExportFiles, Wanted, locate, pull_files
from shoemon.sources.kit.sport_names import SportWords
from shoemon.sources.kit.whole_export import ExportSettings

READER = 3
"""Raise it when the same files are read differently, so that they are read again."""
_REMEDY = "correct `path`, or export again (takeout.google.com, Fitbit)"
_NEEDED = ("exercise_id", "exercise_start", "activity_name", "tracker_total_distance_mm")
_DISTANCES = ("tracker_total_distance_mm", "manually_logged_total_distance_mm")
_MM = 0.001
_offset_s = offset_reader(number_reader("."), None)


class Settings(ExportSettings):
    """Exercises of Fitbit and Google Health (takeout.google.com, Fitbit)."""

    type: Literal["google-health"] = Field("google-health", description="Google Takeout of Fitbit and Google Health")
    path: str = Field(
        description="the zip of Google Takeout that contains UserExercises, its unpacked folder, or the file itself; ~ "
        "and patterns are allowed: of zips (~/Downloads/takeout-*.zip) the newest match is read, of files "
        "(UserExercises*.csv) all",
        examples=['"~/Downloads/takeout-*.zip"'],
    )


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read `path`, if it is or contains such a list by its column names."""
    try:
        with ExportFiles(path, _wanted(path)) as files:
            is_ours = bool(files.names) and set(header_of(files, files.names[0])[0]) >= set(_NEEDED)
    except SourceError:
        return None
    return {"type": "google-health", "path": str(path)} if is_ours else None


class GoogleHealth(SourceOf[Settings]):
    """Reads all exercises at every pull, unless nothing has changed since the last."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        head = {"reader": READER, "timezone": self._context.timezone, "sport_map": dict(self._settings.sport_map)}
        return pull_files(self._files(), cursor, head, self._records)

    def _files(self) -> ExportFiles:
        if is_csv(self._settings.path):
            return open_all_matches(self._settings.path, self._context.base)
        path = locate(self._settings.path, self._context.base, _REMEDY)
        return ExportFiles(path, _wanted(path))

    def _records(self, files: ExportFiles) -> Iterator[Activity | Problem]:
        if not files.names:
            raise SourceError(f"{files.path} contains no UserExercises.csv; {_REMEDY}", retryable=False)
        sports = SportWords(self._settings.sport_map)
        return records_of(files, _latest(files), lambda row: self._activity(row, sports))

    def _activity(self, row: CsvRow, sports: SportWords) -> Activity | None:
        cells = row.cells
        if _is_deleted(cells):
            return None
        kind = text_at(cells, "activity_name") or ""
        start = _utc(time_at(cells, "exercise_start"))
        end = _utc(time_at(cells, "exercise_end")) if text_at(cells, "exercise_end") else None
        altitude_mm = number_at(cells, "tracker_total_altitude_mm")
        return make_activity(
            self.name,
            needed_text_at(cells, "exercise_id"),
            _moment(start, text_at(cells, "utc_offset"), self._context.zone),
            kind,
            # A distance that was not measured is 0 there, or blank.
            next(filter(None, (number_at(cells, column) for column in _DISTANCES)), 0.0) * _MM,
            row.raw,
            sport=(sport := sports.sport(kind)),
            elapsed_s=None if end is None else (end - start).total_seconds(),
            elevation_m=altitude_mm * _MM if altitude_mm else None,
            indoor=_is_indoor(kind, sport),
        )


make = GoogleHealth


def _wanted(path: Path) -> Wanted:
    """Return a test for names of lists of exercises; a file that `path` itself names may have any name."""
    own = path.name if path.is_file() and is_csv(path.name) else None

    def is_wanted(name: str) -> bool:
        base = posixpath.basename(name)
        return base == own or (is_csv(base) and base.lower().startswith("userexercises"))

    return is_wanted


def _latest(files: ExportFiles) -> Iterator[Row]:
    """Yield the rows of all files, each exercise as it was last updated."""
    latest: dict[str, tuple[str, Row]] = {}
    for name in files.names:
        table = read_csv(files, name)
        missing = [column for column in _NEEDED if column not in table.names]
        if missing:
            raise SourceError(
                f"{name} in {files.path} has no column {' or '.join(missing)}; {_REMEDY}", retryable=False
            )
        for place, row in rows_of(table, len(latest)):
            native_id = text_at(row.cells, "exercise_id") if isinstance(row, CsvRow) else None
            if native_id is None or not isinstance(row, CsvRow):
                yield place, row
                continue
            updated = text_at(row.cells, "exercise_last_updated") or ""
            if native_id not in latest or updated > latest[native_id][0]:
                latest[native_id] = updated, (place, row)
    yield from (row for _, row in latest.values())


def _is_deleted(cells: Mapping[str, str]) -> bool:
    """Read the column that files of 2026 have for it; it contains UNSPECIFIED where nothing was deleted."""
    code = text_at(cells, "deletion_reason")
    return code is not None and "UNSPECIFIED" not in code.upper()


def _utc(time: dt.datetime) -> dt.datetime:
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def _moment(start: dt.datetime, offset: str | None, zone: dt.tzinfo) -> Moment:
    try:
        seconds = None if offset is None else _offset_s(offset)
    except ValueError:
        seconds = None  # only the local day depends on it
    if seconds is None or start.year in (dt.MINYEAR, dt.MAXYEAR):  # an offset would overflow; moment_utc refuses it
        return moment_utc(start, zone)
    return moment_with_offset(start.astimezone(dt.timezone(dt.timedelta(seconds=seconds))))


def _is_indoor(kind: str, sport: str) -> bool | None:
    if sport in INDOOR_SPORTS:
        return True
    return False if "outdoor" in kind.lower() else None
