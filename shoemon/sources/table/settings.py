"""The settings of source type `table`: the place of the table, its format, and the meaning of its columns."""

import codecs
import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic.annotated_handlers import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from shoemon.config.kinds import Secret, Settings, SourceSettings, refuse_secrets_in_the_open
from shoemon.config.urls import parts_of
from shoemon.config.written import Pattern, Zone
from shoemon.model import units
from shoemon.sources.kit.cells import DURATIONS

LENGTHS = tuple(units.METRES)
UNITS: dict[str, tuple[str, ...]] = {
    "distance": LENGTHS,
    "elevation": LENGTHS,
    "unpaved": (*LENGTHS, "%"),
    "start": ("s", "ms"),
    "end": ("s", "ms"),
    "moving": tuple(DURATIONS),
    "elapsed": tuple(DURATIONS),
    "utc_offset": tuple(DURATIONS),
}
"""The units each kind of column can be in."""


def _text(value: Any) -> Any:
    """Return a YAML scalar as the text of a cell: `true`, not `True`."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _texts(value: Any) -> Any:
    return {str(_text(key)): _text(item) for key, item in value.items()} if isinstance(value, dict) else value


def _or_text(schema: JsonSchemaValue) -> JsonSchemaValue:
    return {"anyOf": [{"type": "string"}, schema]}


Words = Annotated[dict[str, str], BeforeValidator(_texts)]


class Column(Settings):
    """One column: only its name, or its name with what is needed to read it."""

    column: str | None = Field(
        None, description="name of the column; of JSON, also in a cell, a path such as gear.name or tags[0]"
    )
    unit: str | None = Field(None, description="unit of its numbers; for start and end s or ms since 1970")
    unit_column: str | None = Field(None, description="column with the unit of each row (distance only)")
    format: str | None = Field(None, description="how times are written, in the codes of strptime (start and end only)")
    values: Words = Field({}, description="meanings of cells, such as {T: treadmill}")
    match: Pattern | None = Field(None, description="regular expression; what its first group finds is the cell")
    const: Annotated[str | None, BeforeValidator(_text)] = Field(None, description="the same for every row, no column")

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"column": str(value)} if isinstance(value, str | int) else value

    @model_validator(mode="after")
    def _one_origin(self) -> "Column":
        if self.column is not None and self.const is not None:
            raise ValueError("write either a column or a const")
        if self.match is not None and not re.compile(self.match).groups:
            raise ValueError("match needs a group in brackets, which finds the cell")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return _or_text(handler(schema))


def _time_format(value: str) -> str:
    if "%Z" in value:
        raise ValueError("%Z is not reliable; write the zone's letters themselves, and set timezone")
    try:
        dt.datetime.strptime(dt.datetime(2024, 5, 1, tzinfo=dt.UTC).strftime(value), value)  # noqa: DTZ007 - shape only
    except ValueError as error:
        raise ValueError(f"{value!r} is not a time format: {error}") from None
    return value


TimeFormat = Annotated[str, AfterValidator(_time_format)]


class Columns(Settings):
    """The columns by meaning. One that is not set is searched for by well-known names, one set to `null` is not."""

    id: Column | None = Field(None, description="id of the activity; default: made of start, sport and distance")
    start: Column | None = Field(None, description="start of the activity: a day, or day and time")
    distance: Column | None = Field(None, description="distance; its unit must be in its name or set here")
    sport: Column | None = Field(None, description="kind of sport; without one every row is a run")
    name: Column | None = Field(None, description="the runner's name for the activity")
    shoe: Column | None = Field(None, description="the shoe: its id, or its name if there is no id")
    shoe_name: Column | None = Field(None, description="the shoe's name, in addition to its id")
    surface: Column | None = Field(None, description="the surface, in a word")
    unpaved: Column | None = Field(None, description="distance on soft ground, in the unit of distance, or in %")
    indoor: Column | None = Field(None, description="on a treadmill or indoors: true, yes, y, 1")
    moving: Column | None = Field(None, description="time in motion: seconds, MM:SS or H:MM:SS")
    elapsed: Column | None = Field(None, description="time from start to end: seconds, MM:SS or H:MM:SS")
    end: Column | None = Field(None, description="end of the activity, in the form of start; in place of elapsed")
    elevation: Column | None = Field(None, description="metres climbed, unless a unit is given")
    utc_offset: Column | None = Field(None, description="offset of the runner's clock: +02:00, UTC+0200, or seconds")
    timezone: Column | None = Field(None, description="time zone of the row, such as Europe/Helsinki")
    lat: Column | None = Field(None, description="degrees north of the start")
    lon: Column | None = Field(None, description="degrees east of the start")
    end_lat: Column | None = Field(None, description="degrees north of the end")
    end_lon: Column | None = Field(None, description="degrees east of the end")
    device: Column | None = Field(None, description="watch or app that recorded it")

    @field_validator("*")
    @classmethod
    def _sensible(cls, column: Column | None, info: ValidationInfo) -> Column | None:
        key = str(info.field_name)
        if column is None:
            return None
        if column.unit is not None and column.unit not in UNITS.get(key, ()):
            known = ", ".join(UNITS.get(key, ())) or "none"
            raise ValueError(f"{column.unit!r} is not a unit of {key}; there are: {known}")
        if column.unit_column is not None and key != "distance":
            raise ValueError("unit_column is for distance only")
        if column.format is not None:
            if key not in ("start", "end"):
                raise ValueError("format is for start and end only")
            _time_format(column.format)
        return column


class Header(Secret):
    """The value of one HTTP header: a plain text, or the place of a secret one, with a prefix."""

    text: str | None = Field(None, description="the value itself, if it is no secret")
    prefix: str = Field("", description="written before the secret, such as 'Bearer '")

    @model_validator(mode="before")
    @classmethod
    def _not_in_the_open(cls, value: Any) -> Any:
        return {"text": str(value)} if isinstance(value, str | int) else value

    @model_validator(mode="after")
    def _one_place(self) -> "Header":
        if sum(place is not None for place in (self.env, self.file, self.text)) != 1:
            raise ValueError("write a text, or {env: NAME} or {file: PATH} for a secret")
        return self

    def reveal(self, base: Path) -> str:
        """Return the value to send. Raises ShoemonError that names only the place of the secret."""
        return self.prefix + (self.text if self.text is not None else super().reveal(base))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return _or_text(handler(schema))


class Pages(Settings):
    """How to find further pages of the table: by an address in the answer, or by a number in the query."""

    next: str | None = Field(None, description="`link` for the Link header, or the path in JSON of the next address")
    number: str | None = Field(None, description="query parameter for the number of the page")
    start: int = Field(1, ge=0, description="number of the first page")
    size: str | None = Field(None, description="query parameter for the number of records on a page")
    per_page: int = Field(100, ge=1, description="number of records on a page, sent in the parameter `size`")
    until: Literal["empty"] = Field("empty", description="numbered pages end with one that has no record")

    @model_validator(mode="after")
    def _one_way(self) -> "Pages":
        if (self.next is None) == (self.number is None):
            raise ValueError("write either next (link, or a path in JSON) or number (a query parameter)")
        return self


def _address(value: str) -> str:
    # A message does not repeat the address itself: its query may contain a key.
    parts = parts_of(value)
    if parts is None:
        raise ValueError("is not an address; it must begin with http:// or https:// and a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not contain a name or password; use the settings `user` and `password`")
    return value


def _encoding(value: str) -> str:
    try:
        "".encode(codecs.lookup(value).name)
    except LookupError:
        raise ValueError(f"{value!r} is not an encoding of text; try utf-8, utf-16 or cp1252") from None
    return value


Encoding = Annotated[str, AfterValidator(_encoding)]


def _delimiter(value: Any) -> Any:
    value = {"tab": "\t", "\\t": "\t"}.get(str(value), value)
    if isinstance(value, str) and (len(value) != 1 or value in '"\r\n'):
        raise ValueError("must be one character, or tab")
    return value


class TableSettings(SourceSettings):
    """A table of activities: CSV, TSV, JSON or NDJSON, from a file, several files, or an address."""

    type: Literal["table"] = Field("table", description="a table with one activity a row")
    path: str | None = Field(None, description="the file; a pattern such as runs/*.csv or a folder for several")
    url: Annotated[str, AfterValidator(_address)] | None = Field(None, description="address of the table instead")
    format: Literal["csv", "tsv", "json", "ndjson"] | None = Field(None, description="default: by name or content")
    delimiter: Annotated[str | None, BeforeValidator(_delimiter)] = Field(
        None, description="character between cells, or tab; default: the one in the first line"
    )
    decimal: Literal[".", ","] = Field(".", description="decimal sign; the other one may separate thousands")
    encoding: Encoding = Field("utf-8", description="encoding of the text")
    header: tuple[str, ...] = Field((), description="names of the columns, if the file has no line with them")
    skip_lines: int = Field(0, ge=0, description="number of lines to skip before the header")
    headers: dict[str, Header] = Field({}, description="HTTP headers; each a text, or {env: NAME} or {file: PATH}")
    user: str | None = Field(None, description="name for the server (HTTP basic authentication)")
    password: Secret | None = Field(None, description="password for the server: {env: NAME} or {file: PATH}")
    pages: Pages | None = Field(None, description="how to find further pages of the table")
    records: str = Field("", description="path in JSON to the list of records, such as data.workouts; default: the top")
    columns: Columns = Field(Columns.model_validate({}), description="the columns by meaning")
    date_format: TimeFormat | None = Field(
        None, description="how times are written, in the codes of strptime; default: ISO 8601"
    )
    timezone: Zone | None = Field(
        None, description="zone of times without one; default: the runner's. Of an hour that occurs twice, the first"
    )
    times: Literal["local", "utc"] | None = Field(
        None, description="clock of times without a zone (default local); local also if they wrongly end in Z"
    )
    start_is: Literal["local", "utc"] | None = Field(
        None, description="former name of times", json_schema_extra={"deprecated": True}
    )
    by_hand: bool = Field(False, description="you write it yourself: most of its rows may go at once")
    sport_map: Words = Field({}, description="sports for the table's own words, such as {Parkrun: run}")

    @model_validator(mode="after")
    def _fits_together(self) -> "TableSettings":
        if (self.path is None) == (self.url is None):
            raise ValueError("write either path or url")
        if self.times is not None and self.start_is is not None:
            raise ValueError("write times only; start_is is its former name")
        for name in ("headers", "user", "password", "pages"):
            if self.url is None and getattr(self, name):
                raise ValueError(f"{name} is for a url, not for a path")
        if self.by_hand and self.path is None:
            raise ValueError("by_hand is for a path, not for a url")
        refuse_secrets_in_the_open(name for name, header in self.headers.items() if header.text is not None)
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together")
        if self.user is not None and any(name.lower() == "authorization" for name in self.headers):
            raise ValueError("write either user and password, or the header Authorization")
        return self
