"""From the cells of one row to an Activity. The columns are found once; then each row costs a few microseconds."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from shoemon.model.activity import Activity
from shoemon.sources.kit.activities import Moment, make_activity
from shoemon.sources.kit.cells import duration_reader, number_reader, offset_reader, says_nothing, text, truth
from shoemon.sources.table.columns import KEYS, Bound, Places, bind, distance_unit, locate
from shoemon.sources.table.fields import (
    content_id,
    degrees_reader,
    distance_reader,
    elevation_reader,
    say_if_too_fast,
    sport_reader,
    unpaved_reader,
    word,
    zone_reader,
)
from shoemon.sources.table.settings import TableSettings
from shoemon.sources.table.times import moment_reader

Row = list[Any]
Read = Callable[[Row, str], Activity]


class Width(Places, Protocol):
    """A table that knows how many cells its rows have, once the columns were found."""

    @property
    def width(self) -> int: ...


class RowReader:
    """Reads the rows of one table.

    `read(cells, raw)` gives the Activity of a row of exactly `table.width` cells, and raises ValueError in words.
    `notes` collects what could not be read of a row that counts all the same; whoever reads them empties it. Making it
    raises SourceError if a column is missing.
    """

    def __init__(self, settings: TableSettings, runner_zone: str, table: Width) -> None:
        self.notes: list[str] = []
        self._settings, self._zone = settings, runner_zone
        self._number = number_reader(settings.decimal)
        self._bound = bind(settings.columns, table)
        self.made_bare_ids = False
        """Whether an id was made for a row that has a day only: two such rows can be meant."""
        self._unit = distance_unit(self._bound["distance"], table.label)
        unit_column = self._bound["distance"].column.unit_column
        unit_index = locate(unit_column, table, "columns.distance.unit_column") if unit_column else None
        self._place, self._extras = _places(self._bound, table.width)
        self._place["unit"] = table.width if unit_index is None else unit_index
        meanings = [(self._place[key], b.column.values) for key, b in self._bound.items() if b.column.values]
        self.read: Read = _translated(self._reader(), meanings) if meanings else self._reader()

    def _reader(self) -> Read:
        place, extras, number, bound = self._place, self._extras, self._number, self._bound
        sport = sport_reader(self._settings.sport_map, "other" if "sport" in bound else "run")
        distance, start, position = distance_reader(number, self._unit), self._start(), self._position()
        moving_of = self._optional("moving", duration_reader(number, self._unit_of("moving")))
        elapsed_of = self._optional("elapsed", duration_reader(number, self._unit_of("elapsed")))
        elevation_of = self._optional("elevation", elevation_reader(number, bound.get("elevation")))
        unpaved_of = self._optional("unpaved", unpaved_reader(number, bound.get("unpaved")))
        indoor_of = self._optional("indoor", truth)
        source = self._settings.name
        i_id, i_distance, i_unit, i_sport, i_name, i_shoe, i_label = (
            place[key] for key in ("id", "distance", "unit", "sport", "name", "shoe", "shoe_name")
        )
        i_surface, i_unpaved, i_indoor, i_moving, i_elapsed, i_elevation = (
            place[key] for key in ("surface", "unpaved", "indoor", "moving", "elapsed", "elevation")
        )

        def read(cells: Row, raw: str) -> Activity:
            cells = cells + extras
            sport_raw, name, gear = text(cells[i_sport]), text(cells[i_name]), word(cells[i_shoe])
            kind = sport(sport_raw)
            moment = start(cells)
            distance_m, factor = distance(cells[i_distance], cells[i_unit], kind, sport_raw)
            moving_s = moving_of(cell) if (cell := cells[i_moving]) != "" else None
            elapsed_s = elapsed_of(cell) if (cell := cells[i_elapsed]) != "" else None
            native_id = text(cells[i_id]) or self._made_id(moment.started_at, kind, distance_m, name)
            elevation_m = elevation_of(cell) if (cell := cells[i_elevation]) != "" else None
            indoor = indoor_of(cell) if (cell := cells[i_indoor]) != "" else None
            unpaved_m = unpaved_of(cell, distance_m, factor) if (cell := cells[i_unpaved]) != "" else None
            lat, lon = position(cells)
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
                    gear_name=word(cells[i_label]) or gear,
                    indoor=indoor,
                    unpaved_m=unpaved_m,
                    surface_raw=word(cells[i_surface]),
                    start_lat=lat,
                    start_lon=lon,
                )
            except ValueError:
                say_if_too_fast(distance_m, moving_s, elapsed_s)
                raise

        return read

    def _made_id(self, started_at: str, kind: str, distance_m: float, name: str) -> str:
        if len(started_at) == len("2024-05-01"):
            self.made_bare_ids = True
        return content_id(started_at, kind, distance_m, name)

    def _start(self) -> Callable[[Row], Moment]:
        moment = moment_reader(self._settings, self._bound["start"].name, self._zone, self._number)
        offset_of = self._optional("utc_offset", offset_reader(self._number, self._unit_of("utc_offset")))
        zone_of = self._optional("timezone", zone_reader())
        i_start, i_offset, i_zone = (self._place[key] for key in ("start", "utc_offset", "timezone"))
        rows_have_zones = "utc_offset" in self._bound or "timezone" in self._bound

        def start(cells: Row) -> Moment:
            value = cells[i_start]
            offset_s = zone = None
            if rows_have_zones:
                offset_s = offset_of(cell) if (cell := cells[i_offset]) != "" else None
                zone = zone_of(cell) if (cell := cells[i_zone]) != "" else None
            try:
                return moment(value, offset_s, zone)
            except ValueError:
                if says_nothing(value):
                    raise ValueError("start: there is no date") from None
                raise

        return start

    def _position(self) -> Callable[[Row], tuple[float | None, float | None]]:
        lat_of = self._optional("lat", degrees_reader(self._number, 90.0))
        lon_of = self._optional("lon", degrees_reader(self._number, 180.0))
        i_lat, i_lon = self._place["lat"], self._place["lon"]

        def position(cells: Row) -> tuple[float | None, float | None]:
            if cells[i_lat] == "" or cells[i_lon] == "":
                return None, None
            lat, lon = lat_of(cells[i_lat]), lon_of(cells[i_lon])
            # Nought, nought is in the sea; devices write it when they know no place.
            return (None, None) if lat is None or lon is None or (lat == 0 and lon == 0) else (lat, lon)

        return position

    def _unit_of(self, key: str) -> str | None:
        return self._bound[key].column.unit if key in self._bound else None

    def _optional(self, key: str, parse: Callable[..., Any]) -> Callable[..., Any]:
        """Reads what a run can do without: where it cannot be read it is None, and a note says so."""
        notes = self.notes

        def read(value: Any, *more: Any) -> Any:
            try:
                return parse(value, *more)
            except (ValueError, OverflowError) as error:
                if not says_nothing(value):
                    notes.append(f"{key}: {error}; the row counts without it")
                return None

        return read


def _places(bound: Mapping[str, Bound], width: int) -> tuple[dict[str, int], Row]:
    """Where each key's cell stands once the extra cells were added to a row: an empty one, and the constants."""
    place, extras = dict.fromkeys(KEYS, width), [""]
    for key, found in bound.items():
        if found.place is None:
            place[key] = width + len(extras)
            extras.append(found.column.const or "")
        else:
            place[key] = found.place
    return place, extras


def _translated(read: Read, meanings: list[tuple[int, dict[str, str]]]) -> Read:
    """Reads rows in which some cells are first replaced by what the settings say they mean."""

    def translated(cells: Row, raw: str) -> Activity:
        cells = list(cells)
        for index, values in meanings:
            if index < len(cells):
                cells[index] = values.get(text(cells[index]), cells[index])
        return read(cells, raw)

    return translated
