"""Read one downloaded Activities.csv: find its columns, and read its rows."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from shoemon.model.activity import Problem
from shoemon.model.errors import SourceError
from shoemon.model.sports import FASTEST_MPS, RUNS
from shoemon.model.units import METRES
from shoemon.sources.csv_exports import CsvRow, rows_of
from shoemon.sources.garmin_csv.figures import Distances, Unit, decimal_sign
from shoemon.sources.garmin_csv.words import NEEDED, ORDER, columns_by_name, is_in_metres
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.cells import duration_reader, is_empty, number_reader, quoted
from shoemon.sources.kit.csv_rows import CsvTable
from shoemon.sources.kit.sport_names import SportWords

_LOOKED_AT = 1000
"""Rows that are searched for the decimal sign and the unit."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_CLOCK = re.compile(r"(?:\d+:){1,2}\d\d(?:[.,]\d+)?")
_SHORT_CLOCK = re.compile(r"\d{1,3}:\d\d")
_NUMBER = re.compile(r"[\d.,\s'’]+")
_FEWEST_STRIDES = 5
_SLOWEST_MPS = 0.3
"""A run that is slower has another distance."""
_LONGEST_UNITS = 300.0
"""Nobody runs so many kilometres on a track: more are metres."""
_LIKE_PACE = 0.05
"""The difference between a distance and that by time and pace, as a part of it."""
_LONGEST_S = 86_400.0
_STRIDE_UNITS: dict[Unit, tuple[float, float]] = {"km": (750.0, 1270.0), "mi": (1270.0, 2100.0)}
"""Metres of all strides of a run, for each 1 of its distance; of a run listed in metres, for each 1 by its pace."""
_clock_s = duration_reader(number_reader("."), None)


class Entry(NamedTuple):
    """One row."""

    place: str
    start: dt.datetime
    """In local time."""
    kind: str
    title: str
    sport: str
    """Shoemon's name of it."""
    metres: float
    moving_s: float | None
    elapsed_s: float | None
    ascent_m: float | None
    raw: str
    native_id: str = ""
    """The start, with a number where several activities have it."""

    @property
    def end(self) -> dt.datetime:
        """The end, in local time."""
        lasts_s = min(self.elapsed_s or self.moving_s or 0.0, _LONGEST_S)
        return self.start + dt.timedelta(seconds=lasts_s) if self.start.year < dt.MAXYEAR else self.start


def find_columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Mapping[str, str]:
    """Find the columns of Garmin's list: by their names, or, in an unknown language, by their places, if the content
    fits. Returns none if it is not such a list."""
    named = columns_by_name(names)
    if all(field in named for field in NEEDED):
        return named
    placed = dict(zip(ORDER, names, strict=False))
    return {**named, **placed} if len(placed) == len(ORDER) and _fit(names, placed, rows) else {}


def is_garmin_list(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return whether it is certainly Garmin's list: `find_columns` finds the columns, the activity type and the date
    are the first ones, and the content fits. False without rows."""
    columns = find_columns(names, rows)
    return [columns.get("type"), columns.get("date")] == list(names[:2]) and _fit(names, columns, rows)


def _fit(names: Sequence[str], columns: Mapping[str, str], rows: Sequence[Sequence[str]]) -> bool:
    """Return whether nine of ten rows have the content of `columns`. False without rows."""
    fitting = sum(_fits({field: row[names.index(name)] for field, name in columns.items()}) for row in rows)
    return bool(rows) and fitting >= 0.9 * len(rows)


def _fits(cells: Mapping[str, str]) -> bool:
    return bool(
        cells["type"].strip()
        and _DATE.fullmatch(cells["date"])
        and cells.get("favourite", "true").lower() in ("true", "false")
        and (is_empty(cells["distance"]) or _NUMBER.fullmatch(cells["distance"]))
        and (_is_blank(cells["time"]) or _CLOCK.fullmatch(cells["time"]))
    )


def _is_blank(clock: str) -> bool:
    """Return whether a cell contains no time; Garmin writes `00:NaN:NaN` too."""
    return is_empty(clock) or "nan" in clock.lower()


class Sheet:
    """A list, read whole. Raises SourceError if it is not one of Garmin's."""

    def __init__(self, table: CsvTable, unit: Unit, sports: SportWords) -> None:
        self.label, self._rows = table.label, list(rows_of(table))
        sample = [row[1].cells for row in self._rows if not isinstance(row, Problem)][:_LOOKED_AT]
        self._columns = find_columns(table.names, [list(cells.values()) for cells in sample])
        if not self._columns:
            raise SourceError(f"{self.label} is not a list of activities from Garmin Connect", retryable=False)
        title = self._columns.get("title")
        sign = decimal_sign(cell for cells in sample for name, cell in cells.items() if name != title)
        self._distances = Distances(unit, sign)
        self._number = number_reader(sign or ".")
        self._unit, self._sports = unit, sports
        self._sample = sample
        self._in_hours = {field for field in ("time", "moving", "elapsed") if self._is_in_hours(field)}

    def entries(self) -> Iterator[Row | Problem]:
        """Yield the entry of each row and a note on each odd cell, or the Problem why it cannot be read."""
        for found in self._rows:
            if isinstance(found, Problem):
                yield found
                continue
            place, row = found
            notes: list[str] = []
            try:
                yield place, self._entry(place, row, notes)
            except ValueError as error:
                yield Problem(place, str(error), row.raw)
            else:
                yield from (Problem(place, note, row.raw, is_note=True) for note in notes)

    def unit_shown(self) -> Unit | None:
        """Return the unit that the figures of its runs show; None if they do not. The pace of a run that is listed in
        metres shows it exactly, the strides of other runs roughly: cadence by length by time is some 1,000 m for each
        kilometre, 1,609 m for each mile (strides are in metres in lists of both kinds)."""
        runs = [cells for cells in self._sample if self._sports.sport(cells[self._columns["type"]]) in RUNS]
        exact = [metres for cells in runs if (metres := self._metres_by_pace(cells)) is not None]
        found = exact or [metres for cells in runs if (metres := self._strides_m(cells)) is not None]
        if len(found) < (1 if exact else _FEWEST_STRIDES):
            return None
        middle = median(found)
        return next((unit for unit, (least, most) in _STRIDE_UNITS.items() if least <= middle < most), None)

    def _metres_by_pace(self, cells: Mapping[str, str]) -> float | None:
        """Return the metres of a run listed in metres for each unit of its distance by time and pace."""
        try:
            metres, units = self._metres(cells), self._units_by_pace(cells)
        except ValueError:
            return None
        is_listed = is_in_metres(cells[self._columns["type"]]) and metres > _LONGEST_UNITS
        return metres / units if is_listed and units else None

    def _strides_m(self, cells: Mapping[str, str]) -> float | None:
        if is_in_metres(cells[self._columns["type"]]):
            return None
        try:
            cadence, stride = self._figure(cells, "cadence") or 0.0, self._figure(cells, "stride") or 0.0
            distance = self._metres(cells) / METRES[self._unit]
            pace_s = self._seconds(cells, "pace") or (self._seconds(cells, "time") or 0.0) / distance
        except (ValueError, ZeroDivisionError):
            return None
        return cadence * stride * pace_s / 60 or None

    def _is_in_hours(self, field: str) -> bool:
        """Return whether times such as `1:02` are hours and minutes, as in lists of autumn 2025: in minutes and seconds
        half of the activities would be faster than anyone runs."""
        speeds = []
        for cells in self._sample:
            cell = cells.get(self._columns.get(field, ""), "").strip()
            try:
                if _SHORT_CLOCK.fullmatch(cell) and (seconds := _clock_s(cell)) and (metres := self._metres(cells)):
                    speeds.append(metres / seconds)
            except ValueError:
                continue
        return bool(speeds) and median(speeds) > FASTEST_MPS

    def _entry(self, place: str, row: CsvRow, notes: list[str]) -> Entry:
        at, cells = self._columns, row.cells
        kind = cells[at["type"]].strip()
        sport = self._sports.sport(kind)
        moving_s, elapsed_s, time_s = (self._optional_s(cells, field, notes) for field in ("moving", "elapsed", "time"))
        metres = self._metres(cells)
        if sport in RUNS and is_in_metres(kind) and time_s and 0 < metres < _SLOWEST_MPS * time_s:
            metres = self._few_metres(metres, cells, notes)
        return Entry(
            place=place,
            start=_start(cells[at["date"]].strip()),
            kind=kind,
            title=cells.get(at.get("title", ""), ""),
            sport=sport,
            metres=metres,
            moving_s=moving_s or time_s,
            elapsed_s=elapsed_s,
            ascent_m=self._ascent_m(cells),
            raw=row.raw,
        )

    def _few_metres(self, metres: float, cells: Mapping[str, str], notes: list[str]) -> float:
        """Return the distance of a run on a track that is too short for its time: a spreadsheet may have made `2` of a
        distance in kilometres or miles. Only the pace decides; without one it is left to the runner."""
        cell, unit = quoted(cells[self._columns["distance"]]), self._unit
        units = self._units_by_pace(cells)
        if units is not None and abs(units - metres) <= max(_LIKE_PACE * units, 0.5):
            notes.append(f"the distance {cell} of a run on a track is read as {metres:g} {unit}, as by its pace")
            return metres * METRES[unit]
        notes.append(
            f"the distance {cell} of a run on a track may be {metres:g} m or {metres:g} {unit}: it counts as "
            f"{metres:g} m until a correction gives the distance"
        )
        return metres

    def _metres(self, cells: Mapping[str, str]) -> float:
        at = self._columns
        return self._distances.metres(cells[at["distance"]], in_metres=is_in_metres(cells[at["type"]].strip()))

    def _units_by_pace(self, cells: Mapping[str, str]) -> float | None:
        """Return the distance by time and pace, in kilometres or miles."""
        time_s, pace_s = self._seconds(cells, "time"), self._seconds(cells, "pace")
        return time_s / pace_s if time_s and pace_s else None

    def _seconds(self, cells: Mapping[str, str], field: str) -> float | None:
        cell = cells.get(self._columns.get(field, ""), "").strip()
        if _is_blank(cell):
            return None
        return _clock_s(cell) * (60 if field in self._in_hours and _SHORT_CLOCK.fullmatch(cell) else 1)

    def _optional_s(self, cells: Mapping[str, str], field: str, notes: list[str]) -> float | None:
        """Return a time that a run may lack: one that is unreadable is noted."""
        try:
            return self._seconds(cells, field)
        except ValueError as error:
            notes.append(f"{self._columns[field]}: {error}")
            return None

    def _figure(self, cells: Mapping[str, str], field: str) -> float | None:
        cell = cells.get(self._columns.get(field, ""), "")
        return None if is_empty(cell) else self._number(cell)

    def _ascent_m(self, cells: Mapping[str, str]) -> float | None:
        """Return the ascent; None in a list with miles, where feet are not certain for every account."""
        try:
            return self._figure(cells, "ascent") if self._unit == "km" else None
        except ValueError:
            return None


def _start(date: str) -> dt.datetime:
    if not _DATE.fullmatch(date):
        again = "; if a spreadsheet has rewritten the file, download it again" if date else ""
        raise ValueError(f"the date {quoted(date)} is not in Garmin's format{again}")
    try:
        return dt.datetime.fromisoformat(date)
    except ValueError:
        raise ValueError(f"the date {quoted(date)} does not exist") from None
