"""Make an Activity of the cells of one row. The columns are found once; then each row takes a few microseconds."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from shoemon.model.activity import Activity
from shoemon.model.sports import UNKNOWN_SPORT
from shoemon.sources.kit.activities import ALL_UNPAVED, Moment, is_over, make_activity
from shoemon.sources.kit.cells import duration_reader, is_empty, number_reader, offset_reader, text, truth
from shoemon.sources.table import fields
from shoemon.sources.table.columns import KEYS, BoundColumn, Table, bind, distance_unit, locate
from shoemon.sources.table.settings import Column, TableSettings

Row = list[Any]
Read = Callable[[Row, str], Activity]


class RowReader:
    """Reads the rows of one table. `read(cells, raw)` returns the Activity of a row of exactly `table.width` cells, and
    raises ValueError. `notes` collects the unreadable cells of a row that counts all the same; the caller empties it.
    Making it raises SourceError if a column is missing."""

    def __init__(self, settings: TableSettings, runner_zone: str, table: Table) -> None:
        self.notes: list[str] = []
        self._settings, self._zone = settings, runner_zone
        self._number = number_reader(settings.decimal)
        self._bound = bind(settings.columns, table)
        self._unit = distance_unit(self._bound["distance"], table.label)
        unit_column = self._bound["distance"].column.unit_column
        unit_index = table.find(unit_column) if unit_column else None
        if unit_column and unit_index is None:
            unit_index = locate(unit_column, table, "columns.distance.unit_column")
        found = [(key, b.place, b.column) for key, b in self._bound.items() if b.place is not None]
        changed = [(key, place, column) for key, place, column in found if column.values or column.match]
        width = table.width + len(changed)
        self._place, self._extras = _places(self._bound, width)
        self._place["unit"] = width if unit_index is None else unit_index
        self._place |= {key: table.width + number for number, (key, _, _) in enumerate(changed)}
        read = self._reader()
        self.read: Read = _translated(read, [(place, column) for _, place, column in changed]) if changed else read

    def _reader(self) -> Read:
        place, extras, number, bound = self._place, self._extras, self._number, self._bound
        sport = fields.sport_reader(self._settings.sport_map, UNKNOWN_SPORT if "sport" in bound else "run")
        distance = fields.distance_reader(number, self._unit)
        position, end_position = self._position("lat", "lon"), self._position("end_lat", "end_lon")
        start, end_of = self._moment("start"), self._optional("end", self._moment("end"))
        # The setting `times` changes no id: what corrections name stays the same run.
        start_of_id = (
            self._moment("start", self._settings.model_copy(update={"times": None})) if self._settings.times else None
        )
        moving_of = self._optional("moving", duration_reader(number, self._unit_of("moving")))
        elapsed_of = self._optional("elapsed", duration_reader(number, self._unit_of("elapsed")))
        elevation_of = self._optional("elevation", fields.elevation_reader(number, bound.get("elevation")))
        unpaved_of = self._optional("unpaved", fields.unpaved_reader(number, bound.get("unpaved")))
        indoor_of = self._optional("indoor", truth)
        source = self._settings.name

        def read(cells: Row, raw: str) -> Activity:
            cells = cells + extras
            sport_raw, name = text(cells[place["sport"]]), text(cells[place["name"]])
            gear = fields.word(cells[place["shoe"]])
            kind = sport(sport_raw)
            try:
                moment = start(cells)
            except ValueError as error:
                raise ValueError(f"start: {error}") from None
            distance_m, factor = distance(cells[place["distance"]], cells[place["unit"]], kind, sport_raw)
            moving_s = moving_of(cell) if (cell := cells[place["moving"]]) != "" else None
            elapsed_s = elapsed_of(cell) if (cell := cells[place["elapsed"]]) != "" else None
            if elapsed_s is None and cells[place["end"]] != "" and (end := end_of(cells)) is not None:
                elapsed_s = _lasted(moment, end)
            native_id = text(cells[place["id"]]) or fields.content_id(
                (start_of_id(cells) if start_of_id else moment).started_at, kind, distance_m, name
            )
            elevation_m = elevation_of(cell) if (cell := cells[place["elevation"]]) != "" else None
            indoor = indoor_of(cell) if (cell := cells[place["indoor"]]) != "" else None
            unpaved_m = unpaved_of(cell, distance_m, factor) if (cell := cells[place["unpaved"]]) != "" else None
            if unpaved_m and is_over(unpaved_m, distance_m):
                self.notes.append(ALL_UNPAVED)
            (lat, lon), (end_lat, end_lon) = position(cells), end_position(cells)
            try:
                return make_activity(
                    source,
                    native_id,
                    moment,
                    sport_raw,
                    distance_m,
                    raw,
                    sport=kind,
                    name=name,
                    moving_s=moving_s,
                    elapsed_s=elapsed_s,
                    elevation_m=elevation_m,
                    gear_raw=gear,
                    gear_name=fields.word(cells[place["shoe_name"]]) or gear,
                    indoor=indoor,
                    unpaved_m=unpaved_m,
                    surface_raw=fields.word(cells[place["surface"]]),
                    start_lat=lat,
                    start_lon=lon,
                    end_lat=end_lat,
                    end_lon=end_lon,
                    device=fields.word(cells[place["device"]]),
                )
            except ValueError:
                fields.refuse_wrong_unit(distance_m, moving_s, elapsed_s)
                raise

        return read

    def _moment(self, key: str, settings: TableSettings | None = None) -> Callable[[Row], Moment]:
        bound = self._bound.get(key, self._bound["start"])
        moment = fields.moment_reader(settings or self._settings, bound, self._zone, self._number)
        offset_of = self._optional("utc_offset", offset_reader(self._number, self._unit_of("utc_offset")))
        zone_of = self._optional("timezone", fields.zone_of)
        i_moment, i_offset, i_zone = (self._place[key] for key in (key, "utc_offset", "timezone"))
        rows_have_zones = "utc_offset" in self._bound or "timezone" in self._bound

        def read(cells: Row) -> Moment:
            value = cells[i_moment]
            offset_s = zone = None
            if rows_have_zones:
                offset_s = offset_of(cell) if (cell := cells[i_offset]) != "" else None
                zone = zone_of(cell) if (cell := cells[i_zone]) != "" else None
            try:
                return moment(value, offset_s, zone)
            except ValueError:
                if is_empty(value):
                    raise ValueError("it is empty") from None
                raise

        return read

    def _position(self, lat_key: str, lon_key: str) -> Callable[[Row], tuple[float | None, float | None]]:
        lat_of = self._optional(lat_key, fields.degrees_reader(self._number, 90.0))
        lon_of = self._optional(lon_key, fields.degrees_reader(self._number, 180.0))
        i_lat, i_lon = self._place[lat_key], self._place[lon_key]

        def position(cells: Row) -> tuple[float | None, float | None]:
            if cells[i_lat] == "" or cells[i_lon] == "":
                return None, None
            lat, lon = lat_of(cells[i_lat]), lon_of(cells[i_lon])
            # 0, 0 is in the sea; devices write it without a place.
            return (None, None) if lat is None or lon is None or (lat == 0 and lon == 0) else (lat, lon)

        return position

    def _unit_of(self, key: str) -> str | None:
        return self._bound[key].column.unit if key in self._bound else None

    def _optional(self, key: str, parse: Callable[..., Any]) -> Callable[..., Any]:
        """Return a reader of a field that is not essential: None with a note if it is unreadable."""
        notes = self.notes

        def read(value: Any, *more: Any) -> Any:
            try:
                return parse(value, *more)
            except (ValueError, OverflowError) as error:
                if not is_empty(value):
                    notes.append(f"{key}: {error}; the row counts without it")
                return None

        return read


def _lasted(start: Moment, end: Moment) -> float | None:
    """Return the seconds between two moments; None for days without a time."""
    if start.utc_offset_s is None or end.utc_offset_s is None:
        return None
    begin, stop = (dt.datetime.fromisoformat(moment.started_at) for moment in (start, end))
    return (stop - begin).total_seconds()


def _places(bound: Mapping[str, BoundColumn], width: int) -> tuple[dict[str, int], Row]:
    """Return the place of each key's cell after the extra cells are added to a row: an empty one, and the constants."""
    place, extras = dict.fromkeys(KEYS, width), [""]
    for key, found in bound.items():
        if found.place is None:
            place[key] = width + len(extras)
            extras.append(found.column.const or "")
        else:
            place[key] = found.place
    return place, extras


def _translated(read: Read, changed: list[tuple[int, Column]]) -> Read:
    """Return a reader of rows that first adds some cells as the settings change them."""
    meanings = [(place, _meaning(column)) for place, column in changed]

    def translated(cells: Row, raw: str) -> Activity:
        return read([*cells, *(meaning(cells[place]) for place, meaning in meanings)], raw)

    return translated


def _meaning(column: Column) -> Callable[[Any], Any]:
    """Return a function from the cell of a column to the cell that it means."""
    pattern, values = re.compile(column.match or ""), column.values

    def meaning(cell: Any) -> Any:
        if column.match is not None:
            match = pattern.search(text(cell))
            cell = (match[1] or "") if match else ""
        return values.get(text(cell), cell)

    return meaning
