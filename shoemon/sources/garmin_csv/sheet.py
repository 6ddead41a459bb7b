"""Read one downloaded Activities.csv: find its columns, and read its rows."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from shoemon.model.errors import SourceError
from shoemon.model.sports import RUNS
from shoemon.model.units import METRES
from shoemon.sources.csv_exports import CsvRow, rows_of
from shoemon.sources.garmin_csv.figures import Distances, Unit, decimal_sign
from shoemon.sources.garmin_csv.words import NEEDED, ORDER, columns_by_name, is_in_metres
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.cells import duration_reader, is_empty, number_reader, quoted
from shoemon.sources.kit.csv_rows import BadRow, CsvTable
from shoemon.sources.kit.sport_names import SportWords

_LOOKED_AT = 1000
"""Rows that are searched for the decimal sign and the unit."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_CLOCK = re.compile(r"(?:\d+:){1,2}\d\d(?:[.,]\d+)?")
_NUMBER = re.compile(r"[\d.,\s'’]+")
_FEWEST_STRIDES = 5
_LONGEST_S = 86_400.0
_STRIDE_UNITS: dict[Unit, tuple[float, float]] = {"km": (750.0, 1270.0), "mi": (1270.0, 2100.0)}
"""Metres of all strides of a run, for each 1 of its distance."""
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
    return {**named, **dict(zip(ORDER, names, strict=False))} if fits_by_place(rows) else {}


def fits_by_place(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether nine of ten rows have the content of Garmin's first columns. False without rows."""
    return bool(rows) and sum(map(_fits, rows)) >= 0.9 * len(rows)


def _fits(row: Sequence[str]) -> bool:
    if len(row) < len(ORDER):
        return False
    kind, date, favourite, _, distance, _, time = row[: len(ORDER)]
    return bool(
        kind.strip()
        and _DATE.fullmatch(date)
        and favourite.lower() in ("true", "false")
        and (is_empty(distance) or _NUMBER.fullmatch(distance))
        and (is_empty(time) or _CLOCK.fullmatch(time))
    )


class Sheet:
    """A list, read whole. Raises SourceError if it is not one of Garmin's."""

    def __init__(self, table: CsvTable, unit: Unit, sports: SportWords) -> None:
        self.label, self._rows = table.label, list(rows_of(table))
        sample = [row.cells for _, row in self._rows if isinstance(row, CsvRow)][:_LOOKED_AT]
        self._columns = find_columns(table.names, [list(cells.values()) for cells in sample])
        if not self._columns:
            raise SourceError(f"{self.label} is not a list of activities from Garmin Connect", retryable=False)
        title = self._columns.get("title")
        sign = decimal_sign(cell for cells in sample for name, cell in cells.items() if name != title)
        self._distances = Distances(unit, sign)
        self._number = number_reader(sign or ".")
        self._unit, self._sports = unit, sports
        self._sample = sample

    def entries(self) -> Iterator[Row]:
        """Yield the entry of each row, or the BadRow with the reason why it cannot be read."""
        for place, row in self._rows:
            try:
                yield place, row if isinstance(row, BadRow) else self._entry(place, row)
            except ValueError as error:
                yield place, BadRow(str(error), row.raw)

    def unit_by_strides(self) -> Unit | None:
        """Return the unit that fits the strides of its runs: cadence by time by length is some 1,000 m for each
        kilometre, 1,609 m for each mile (strides are in metres in lists of both kinds). None with too few runs."""
        found = [metres for cells in self._sample if (metres := self._strides_m(cells)) is not None]
        if len(found) < _FEWEST_STRIDES:
            return None
        middle = median(found)
        return next((unit for unit, (least, most) in _STRIDE_UNITS.items() if least <= middle < most), None)

    def _strides_m(self, cells: Mapping[str, str]) -> float | None:
        kind = cells[self._columns["type"]]
        if self._sports.sport(kind) not in RUNS or is_in_metres(kind):
            return None
        try:
            distance = self._distances.metres(cells[self._columns["distance"]], in_metres=False) / METRES[self._unit]
            cadence, stride = self._figure(cells, "cadence"), self._figure(cells, "stride")
            minutes = (_seconds(cells.get(self._columns["time"], "")) or 0.0) / 60
        except ValueError:
            return None
        strides_m = (cadence or 0.0) * minutes * (stride or 0.0)
        return strides_m / distance if strides_m > 0 and distance > 0 else None

    def _entry(self, place: str, row: CsvRow) -> Entry:
        at, cells = self._columns, row.cells
        kind = cells[at["type"]].strip()
        return Entry(
            place=place,
            start=_start(cells[at["date"]].strip()),
            kind=kind,
            title=cells.get(at.get("title", ""), ""),
            sport=self._sports.sport(kind),
            metres=self._distances.metres(cells[at["distance"]], in_metres=is_in_metres(kind)),
            moving_s=_seconds(cells.get(at.get("moving", ""), "")) or _seconds(cells[at["time"]]),
            elapsed_s=_seconds(cells.get(at.get("elapsed", ""), "")),
            ascent_m=self._ascent_m(cells),
            raw=row.raw,
        )

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


def _seconds(cell: str) -> float | None:
    return None if is_empty(cell) else _clock_s(cell)
