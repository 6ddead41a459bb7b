"""Find the columns of a table: by the settings, or by the names that exports commonly use."""

import difflib
import re
from typing import NamedTuple

from shoemon.model.errors import SourceError
from shoemon.model.units import METRES
from shoemon.sources.kit.cells import unit_in
from shoemon.sources.kit.csv_rows import CsvTable
from shoemon.sources.table.json_records import JsonTable, steps
from shoemon.sources.table.settings import Column, Columns

KEYS = tuple(Columns.model_fields)
GUESSES: dict[str, tuple[str, ...]] = {
    "id": ("id", "activity id", "run id", "workout id", "exercise id", "uuid"),
    "start": (
        "start date", "start time", "start", "started at", "start date local", "start time local", "begin timestamp",
        "workout date", "activity date", "date time", "datetime", "timestamp", "date", "day", "begin",
    ),
    "distance": (
        "distance", "total distance", "distance km", "distance mi", "distance m", "distance miles", "distance meters",
        "distance metres", "distance in meters", "distance kilometers", "distance kilometres", "kilometers",
        "kilometres", "miles", "km", "mi", "dist",
    ),
    "sport": ("sport type", "sport", "activity type", "workout type", "type"),
    "name": ("name", "title", "activity name", "workout name"),
    "shoe": ("gear id", "gear.id", "shoe id", "shoe", "shoes", "gear", "activity gear", "equipment"),
    "shoe_name": ("shoe name", "gear name", "gear.name"),
    "surface": ("surface", "ground", "terrain"),
    "unpaved": ("unpaved", "unpaved distance", "dirt distance", "unpaved %", "surface type unpaved percentage"),
    "indoor": ("indoor", "trainer", "treadmill"),
    "moving": ("moving time", "moving", "timer time"),
    "elapsed": ("elapsed time", "elapsed", "duration"),
    "end": ("exercise end",),
    "elevation": (
        "total elevation gain", "elevation gain", "elevation", "climb", "ascent", "tracker total altitude mm",
    ),
    "utc_offset": ("utc offset",),
    "timezone": ("timezone", "time zone", "time zone id"),
    "lat": ("start lat", "start latitude", "start latlng[0]"),
    "lon": ("start lon", "start lng", "start longitude", "start latlng[1]"),
    "end_lat": ("end lat", "end latitude", "end latlng[0]"),
    "end_lon": ("end lon", "end lng", "end longitude", "end latlng[1]"),
    "device": ("device name", "device"),
}  # fmt: skip
"""Names to search for, the most specific first, without regard to case, blanks, `_` and units in brackets."""


Table = CsvTable | JsonTable


class BoundColumn(NamedTuple):
    """A column that was found: the place of its cell (None: a constant), its settings, and its name."""

    place: int | None
    column: Column
    name: str


def bind(columns: Columns, table: Table) -> dict[str, BoundColumn]:
    """Find the columns of `table`, by key. Raises SourceError if a needed or named one is missing."""
    bound = {}
    for key in KEYS:
        column: Column | None = getattr(columns, key)
        if column is None and key in columns.model_fields_set:
            continue
        found = _bound(key, column or Column.model_validate({}), table)
        if found is not None:
            bound[key] = found
    for key in ("start", "distance"):
        if key not in bound:
            raise SourceError(
                f"{table.label}: there is no known column for {key}; set columns.{key} to one of: {_listed(table)}",
                retryable=False,
            )
    start = bound["start"]
    if table.names and start.place is not None and str(steps(start.name)[0]) in table.absent:
        bound["start"] = start._replace(place=locate(start.name, table, "columns.start"))
    return bound


def _bound(key: str, column: Column, table: Table) -> BoundColumn | None:
    if column.const is not None:
        return BoundColumn(None, column, key)
    if column.column is None:
        name = next((name for guess in GUESSES[key] if (name := column_called(guess, table.names)) is not None), None)
    else:
        name = column.column
    if name is None:
        return None
    index = table.find(name)
    if index is None:
        index = locate(name, table, f"columns.{key}")
    return BoundColumn(index, column, name)


def locate(name: str, table: Table, setting: str) -> int:
    """Return the place of a column that the settings name. Raises SourceError with the existing names."""
    near = column_called(_plain(name), table.names)
    index = table.find(near) if near is not None else None
    if index is None:
        close = difflib.get_close_matches(name, table.names, n=1)
        hint = f"did you mean `{close[0]}`? " if close else ""
        raise SourceError(
            f"{table.label}: there is no column `{name}` ({setting}); {hint}there are: {_listed(table)}",
            retryable=False,
        )
    return index


def distance_unit(bound: BoundColumn, label: str) -> str | None:
    """Return the unit of the distances: from the settings, or their column's name; None if each row has its own. Raises
    SourceError if it is unknown: it is never guessed from the figures."""
    if bound.column.unit_column is not None:
        return None
    unit = bound.column.unit or unit_in(bound.name)
    if unit not in METRES:
        raise SourceError(
            f"{label}: the unit of column `{bound.name}` is unknown; "
            f"set columns.distance to {{column: {bound.name}, unit: km}} (or m, mi, yd, ft, cm, mm)",
            retryable=False,
        )
    return unit


def _plain(name: str) -> str:
    """Return a name without case, `_`, `-`, camelCase and a unit in brackets, which do not matter."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"[(\[][^)\]\d]*[)\]]", " ", name))
    return " ".join(re.sub(r"[_\-]", " ", spaced).lower().split())


def column_called(plain: str, names: list[str]) -> str | None:
    """Return the first of `names` that is `plain` except for what does not matter."""
    return next((name for name in names if _plain(name) == plain), None)


def _listed(table: Table) -> str:
    names = table.names
    return ", ".join(names[:40]) + (", ..." if len(names) > 40 else "")
