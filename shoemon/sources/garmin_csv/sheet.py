"""One downloaded Activities.csv: where its columns stand, and what its rows say."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from shoemon.model.errors import SourceError
from shoemon.model.sports import RUNS
from shoemon.model.units import METRES
from shoemon.sources.csv_exports import BadRow, CsvRow, rows_of
from shoemon.sources.garmin_csv.figures import Distances, Unit, decimal_sign
from shoemon.sources.garmin_csv.words import NEEDED, ORDER, columns_by_name, is_in_metres
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.cells import duration_reader, number_reader, quoted, says_nothing
from shoemon.sources.kit.csv_rows import CsvTable
from shoemon.sources.kit.sport_numbers import SportWords

_LOOKED_AT = 1000
"""Rows that are asked for the decimal sign and the unit."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_CLOCK = re.compile(r"(?:\d+:){1,2}\d\d(?:[.,]\d+)?")
_NUMBER = re.compile(r"[\d.,\s'’]+")
_FEWEST_STRIDES = 5
_LONGEST_S = 86_400.0
_STRIDE_UNITS: dict[Unit, tuple[float, float]] = {"km": (750.0, 1270.0), "mi": (1270.0, 2100.0)}
"""Metres that the strides of a run come to, for each 1 of its distance."""
_clock_s = duration_reader(number_reader("."), None)


class Entry(NamedTuple):
    """What one row says."""

    place: str
    start: dt.datetime
    """By the clock on the wrist."""
    kind: str
    title: str
    sport: str
    """What shoemon calls it."""
    metres: float
    moving_s: float | None
    elapsed_s: float | None
    ascent_m: float | None
    raw: str
    native_id: str = ""
    """The start, with a number where several activities have it."""

    @property
    def end(self) -> dt.datetime:
        """When it was over, by the same clock."""
        lasts_s = min(self.elapsed_s or self.moving_s or 0.0, _LONGEST_S)
        return self.start + dt.timedelta(seconds=lasts_s) if self.start.year < dt.MAXYEAR else self.start


def find_columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Mapping[str, str]:
    """The columns of Garmin's list, by what they hold: by their names, or by their places where the content fits, in a
    language that is not known. None if it is no such list."""
    named = columns_by_name(names)
    if all(field in named for field in NEEDED):
        return named
    return {**named, **dict(zip(ORDER, names, strict=False))} if fits_by_place(rows) else {}


def fits_by_place(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first columns hold what they hold in every list of Garmin's, but for a row in ten that is bent; of no
    rows nothing is known."""
    return bool(rows) and sum(map(_fits, rows)) >= 0.9 * len(rows)


def _fits(row: Sequence[str]) -> bool:
    if len(row) < len(ORDER):
        return False
    kind, date, favourite, _, distance, _, time = row[: len(ORDER)]
    return bool(
        kind.strip()
        and _DATE.fullmatch(date)
        and favourite.lower() in ("true", "false")
        and (says_nothing(distance) or _NUMBER.fullmatch(distance))
        and (says_nothing(time) or _CLOCK.fullmatch(time))
    )


class Sheet:
    """A list, read whole. Raises SourceError if it is none of Garmin's."""

    def __init__(self, table: CsvTable, unit: Unit, sports: SportWords) -> None:
        self.label, self._rows = table.label, list(rows_of(table))
        sample = [row.cells for _, row in self._rows if isinstance(row, CsvRow)][:_LOOKED_AT]
        self._columns = find_columns(table.names, [list(cells.values()) for cells in sample])
        if not self._columns:
            raise SourceError(f"{self.label} is no list of activities that Garmin Connect wrote", retryable=False)
        title = self._columns.get("title")
        sign = decimal_sign(cell for cells in sample for name, cell in cells.items() if name != title)
        self._distances = Distances(unit, sign)
        self._number = number_reader(sign or ".")
        self._unit, self._sports = unit, sports
        self._sample = sample

    def entries(self) -> Iterator[Row]:
        """What each row says, or the BadRow that tells why it cannot be understood."""
        for place, row in self._rows:
            try:
                yield place, row if isinstance(row, BadRow) else self._entry(place, row)
            except ValueError as error:
                yield place, BadRow(str(error), row.raw)

    def unit_by_strides(self) -> Unit | None:
        """The unit that the strides of its runs speak for: cadence by time by length comes to some 1,000 m for each
        kilometre, 1,609 m for each mile (strides are in metres in lists of both kinds). None if too few tell."""
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
        return None if says_nothing(cell) else self._number(cell)

    def _ascent_m(self, cells: Mapping[str, str]) -> float | None:
        """None beside miles: whether it is feet then is not known of every account."""
        try:
            return self._figure(cells, "ascent") if self._unit == "km" else None
        except ValueError:
            return None


def _start(date: str) -> dt.datetime:
    if not _DATE.fullmatch(date):
        again = "; if a spreadsheet has rewritten the file, download it again" if date else ""
        raise ValueError(f"the date {quoted(date)} is not written as Garmin writes it{again}")
    try:
        return dt.datetime.fromisoformat(date)
    except ValueError:
        raise ValueError(f"the date {quoted(date)} is on no calendar") from None


def _seconds(cell: str) -> float | None:
    return None if says_nothing(cell) else _clock_s(cell)
