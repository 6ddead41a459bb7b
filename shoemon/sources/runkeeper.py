"""Source type `runkeeper`: the export of runkeeper.com (Settings, Export Data).

A zip with cardioActivities.csv and a GPX file for each activity that has a track. Its columns, seen in exports of 2012
to 2026: their names contain the units, `Activity Id` and `Friend's Tagged` came later, times are by the runner's clock
without a zone. It names no shoes and no treadmills.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor, Tracks
from shoemon.model.errors import SourceError
from shoemon.model.sports import INDOOR_SPORTS
from shoemon.model.units import METRES
from shoemon.sources import RecordPull, SourceOf
from shoemon.sources.csv_exports import header_of, list_in, open_list, read_csv, rows_of, with_distance_notes
from shoemon.sources.kit.activities import Row, make_activity, moment_local, read_records
from shoemon.sources.kit.cells import duration_reader, number_reader, unit_in
from shoemon.sources.kit.csv_rows import CsvTable
from shoemon.sources.kit.fields import number_at, text_at, time_at
from shoemon.sources.kit.files import ExportFiles, locate, pull_files
from shoemon.sources.kit.find_tracks import find_root
from shoemon.sources.kit.open_tracks import OpenTracks
from shoemon.sources.kit.sport_names import SportWords
from shoemon.sources.kit.whole_export import ExportSettings

LIST = "cardioActivities.csv"
_REMEDY = "correct `path`, or export again (runkeeper.com, Settings, Export Data)"
_OURS = {"Date", "Type", "Route Name", "Duration", "GPX File"}
_DISTANCE = re.compile(r"Distance \((km|mi)\)")
_CLIMB = re.compile(r"Climb \((m|ft)\)")
_LONGEST_NAME = 200
_duration_s = duration_reader(number_reader("."), None)


class Settings(ExportSettings):
    """An export of Runkeeper (runkeeper.com, Settings, Export Data)."""

    type: Literal["runkeeper"] = Field("runkeeper", description="Runkeeper's export")
    path: str = Field(
        description="the zip as downloaded, its unpacked folder, or cardioActivities.csv; ~ and patterns such as "
        "~/Downloads/*runkeeper*.zip (the newest match is read) are allowed",
        examples=['"~/Downloads/*runkeeper*.zip"'],
    )


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read `path`, if it is or contains Runkeeper's list by its column names."""
    try:
        with open_list(path, LIST, _is_gpx) as files:
            names, _ = header_of(files, list_in(files, LIST, _REMEDY))
    except SourceError:
        return None
    is_ours = set(names) >= _OURS and any(map(_DISTANCE.fullmatch, names))
    return {"type": "runkeeper", "path": str(path)} if is_ours else None


class Runkeeper(SourceOf[Settings]):
    """Reads the whole list at every pull, unless nothing has changed since the last."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        return pull_files(open_list(self._where(), LIST, _is_gpx), cursor, {}, self._records)

    def open_tracks(self) -> Tracks:
        path = self._where()
        return OpenTracks(find_root(str(path), path.parent))

    def _where(self) -> Path:
        return locate(self._settings.path, self._context.base, _REMEDY)

    def _records(self, files: ExportFiles) -> Iterator[Activity | Problem]:
        name = list_in(files, LIST, _REMEDY)
        table = read_csv(files, name)
        missing = sorted({"Date", "Type"} - set(table.names))
        units = {column: unit for column in table.names if (unit := unit_in(column))}
        distance = next(filter(_DISTANCE.fullmatch, table.names), None)
        if missing or distance is None:
            what = " and ".join([*missing, *(["Distance (km) or Distance (mi)"] if distance is None else [])])
            raise SourceError(f"{name} in {files.path} has no column {what}; {_REMEDY}", retryable=False)
        climb = next(filter(_CLIMB.fullmatch, table.names), "")
        sports = SportWords(self._settings.sport_map)

        def read(row: _RowWithId) -> Activity:
            cells = row.cells
            kind, climbed = text_at(cells, "Type") or "", number_at(cells, climb)
            return make_activity(
                self.name,
                row.native_id,
                moment_local(time_at(cells, "Date"), self._context.zone),
                kind,
                (number_at(cells, distance) or 0.0) * METRES[units[distance]],
                row.raw,
                sport=(sport := sports.sport(kind)),
                name=_name(cells),
                moving_s=_duration_s(cells["Duration"]) if text_at(cells, "Duration") else None,
                elevation_m=None if climbed is None else climbed * METRES[units[climb]],
                indoor=True if sport in INDOOR_SPORTS else None,
                track=_track(files, posixpath.dirname(name), text_at(cells, "GPX File") or ""),
            )

        return with_distance_notes(files, read_records(_with_ids(table), read))


make = Runkeeper


def _is_gpx(name: str) -> bool:
    return name.lower().endswith(".gpx")


class _RowWithId(NamedTuple):
    native_id: str
    cells: Mapping[str, str]
    raw: str


def _with_ids(table: CsvTable) -> Iterator[Row | Problem]:
    """Yield the rows with ids: Runkeeper's own, or in older exports the date, with a number for others of that date."""
    seen: dict[str, dict[str, int]] = {}
    for found in rows_of(table):
        if isinstance(found, Problem):
            yield found
            continue
        place, row = found
        native_id = text_at(row.cells, "Activity Id")
        if native_id is None:
            native_id = text_at(row.cells, "Date") or ""
            same = seen.setdefault(native_id, {})
            number = same.setdefault(row.raw, len(same) + 1)
            native_id += f" {number}" if number > 1 else ""
        yield place, _RowWithId(native_id, *row)


def _name(cells: Mapping[str, str]) -> str | None:
    """Return the runner's name for it: the route, or the first line of the notes."""
    notes = text_at(cells, "Notes") or ""
    return (text_at(cells, "Route Name") or notes.partition("\n")[0])[:_LONGEST_NAME]


def _track(files: ExportFiles, folder: str, name: str) -> str | None:
    """Return the path inside the export of the track called `name`, next to the list, if it is there."""
    return None if "/" in name or "\\" in name else files.track(posixpath.join(folder, name))
