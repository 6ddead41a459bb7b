"""Source type `garmin-csv`: the Activities.csv that connect.garmin.com exports of its list, in any language.

It contains no id, zone, shoe or unit, and only the activities that had been scrolled into view.
"""

from bisect import bisect
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor
from shoemon.model.errors import SourceError
from shoemon.model.sports import INDOOR_SPORTS, RUNS
from shoemon.sources import Context, RecordPull, SourceOf
from shoemon.sources.csv_exports import header_of, is_csv, open_all_matches, read_csv, with_distance_notes
from shoemon.sources.garmin_csv.figures import Unit
from shoemon.sources.garmin_csv.sheet import Entry, Sheet, is_garmin_list
from shoemon.sources.kit.activities import Row, make_activity, moment_local, read_records
from shoemon.sources.kit.activity_types import english_type
from shoemon.sources.kit.files import ExportFiles, pull_files
from shoemon.sources.kit.sport_names import SportWords
from shoemon.sources.kit.whole_export import ExportSettings

_MOST_BYTES = 32 << 20
"""Of one list: 100,000 activities."""
_ROWS_LOOKED_AT = 50
_FILES_LOOKED_AT = 20
_LONG_NAMES: dict[Unit, str] = {"km": "kilometres", "mi": "miles"}


class Settings(ExportSettings):
    """Activities.csv of connect.garmin.com (Activities, All Activities, Export CSV)."""

    type: Literal["garmin-csv"] = Field("garmin-csv", description="Garmin Connect's list of activities")
    path: str = Field(
        description="Activities.csv, its folder, or a pattern such as ~/Downloads/Activities*.csv: all matches are "
        "read together, as each contains only what had been scrolled into view; where they differ, the newest counts",
        examples=['"~/Downloads/Activities*.csv"'],
    )
    unit: Unit = Field(
        description="unit of its distances, km or mi, which the file does not contain (swims and the like are in "
        "metres)",
        examples=["km"],
    )


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read `path`, a list or a folder of such lists only, by the content of its first columns.
    `unit` is that which strides or paces show, or else km: the runner must check it."""
    try:
        with ExportFiles(path, bool) as files:
            names = files.names[:_FILES_LOOKED_AT]
            if not names or not all(map(is_csv, files.names)) or not all(_is_ours(files, name) for name in names):
                return None
            units = [Sheet(read_csv(files, name, _MOST_BYTES), "km", _sports()).unit_shown() for name in names]
    except SourceError:
        return None
    return {"type": "garmin-csv", "path": str(path), "unit": next(filter(None, units), "km")}


def warnings(settings: Settings, context: Context) -> Iterator[str]:
    """Report a `unit` that may be wrong."""
    try:
        with open_all_matches(settings.path, context.base) as files:
            sheets = [sheet for sheet in _sheets(files, settings.unit, _sports(settings)) if isinstance(sheet, Sheet)]
    except SourceError:
        return  # the sync reports it
    if warning := next(filter(None, (_unit_warning(sheet, settings.unit) for sheet in sheets)), None):
        yield warning
    elif not any(sheet.unit_shown() for sheet in sheets):
        yield f"nothing in its files shows whether distances are km or mi; check that `unit: {settings.unit}` is right"


class GarminCsv(SourceOf[Settings]):
    """Reads all lists at every pull, unless nothing has changed since the last."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        return pull_files(open_all_matches(self._settings.path, self._context.base), cursor, {}, self._records)

    def _records(self, files: ExportFiles) -> Iterator[Activity | Problem]:
        sports = _sports(self._settings)
        return with_distance_notes(files, read_records(self._rows(files, sports), self._activity))

    def _rows(self, files: ExportFiles, sports: SportWords) -> Iterator[Row | Problem]:
        """Yield the entries of all lists, those of each start from the newest list that has it."""
        by_start: dict[str, list[Entry]] = {}
        found = False
        for sheet in _sheets(files, self._settings.unit, sports):
            if not isinstance(sheet, Sheet):
                yield sheet
                continue
            found = True
            mine: dict[str, list[Entry]] = {}
            for row in sheet.entries():
                if isinstance(row, Problem):
                    yield row
                else:
                    mine.setdefault(f"{row[1].start:%Y%m%dT%H%M%S}", []).append(row[1])
            if warning := _unit_warning(sheet, self._settings.unit):
                yield Problem(sheet.label, warning, is_note=True)
            yield from _edited(mine, by_start)
            by_start = mine | by_start
        if not found:
            raise SourceError(f"{files.path} contains no list of Garmin Connect; correct `path`", retryable=False)
        yield from chain.from_iterable(_numbered(start, entries) for start, entries in by_start.items())

    def _activity(self, entry: Entry) -> Activity:
        return make_activity(
            self.name,
            entry.native_id,
            moment_local(entry.start, self._context.zone),
            entry.kind,
            entry.metres,
            entry.raw,
            sport=entry.sport,
            name=entry.title,
            moving_s=entry.moving_s,
            elapsed_s=entry.elapsed_s,
            elevation_m=entry.ascent_m,
            indoor=True if entry.sport in INDOOR_SPORTS else None,
        )


make = GarminCsv


def _sports(settings: Settings | None = None) -> SportWords:
    return SportWords({} if settings is None else settings.sport_map, english_type)


def _sheets(files: ExportFiles, unit: Unit, sports: SportWords) -> Iterator[Sheet | Row]:
    """Yield the lists, the newest first, and the places of other files."""
    for name in sorted(files.names, key=lambda name: (files.changed_ns.get(name, 0), name), reverse=True):
        table = read_csv(files, name, _MOST_BYTES)
        try:
            yield Sheet(table, unit, sports)
        except SourceError as error:
            yield name, ValueError(str(error))


def _edited(older: Mapping[str, list[Entry]], newer: Mapping[str, list[Entry]]) -> Iterator[Problem]:
    """Report entries of an older list that overlap one of a newer: an edited start makes two activities of one."""
    entries = [entry for entries in newer.values() for entry in entries if entry.metres]
    known = sorted((entry.start, entry.end, entry.place) for entry in entries)
    for entry in (entry for start in sorted(older.keys() - newer.keys()) for entry in older[start] if entry.metres):
        after = bisect(known, (entry.start,))
        near = known[max(0, after - 1) : after + 1]
        if place := next((place for start, end, place in near if start < entry.end and entry.start < end), None):
            what = f"it overlaps {place} in a newer list, and both count; if it was edited, remove the older list"
            yield Problem(entry.place, what, entry.raw, is_note=True)


def _numbered(start: str, entries: list[Entry]) -> Iterator[Row]:
    """Yield the entries of one start, each with its id: only the start, as the activity type may be corrected. Rows
    that differ only in title and the like are one activity. Of several, runs come first, then longer ones."""
    different = {(entry.sport, entry.metres, entry.moving_s): entry for entry in reversed(entries)}
    ordered = sorted(different.values(), key=lambda entry: (entry.sport not in RUNS, -entry.metres))
    for number, entry in enumerate(ordered, 1):
        yield entry.place, entry._replace(native_id=start if number == 1 else f"{start}-{number}")


def _is_ours(files: ExportFiles, name: str) -> bool:
    names, rows = header_of(files, name)
    return is_garmin_list(names, rows[:_ROWS_LOOKED_AT])


def _unit_warning(sheet: Sheet, unit: Unit) -> str | None:
    probable = sheet.unit_shown()
    if probable in (None, unit):
        return None
    return f"its strides and paces are those of {_LONG_NAMES[probable]}; check that `unit: {unit}` is right"
