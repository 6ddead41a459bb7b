"""An export whose files are tables, from data alone: the names of its files, its columns and its sports."""

import io
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, create_model

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor
from shoemon.model.errors import SourceError
from shoemon.sources import Context, RecordPull, SourceOf
from shoemon.sources.csv_exports import open_all_matches, with_distance_notes
from shoemon.sources.kit.cells import is_decimal_comma
from shoemon.sources.kit.csv_rows import encoding_of
from shoemon.sources.kit.files import ExportFiles, locate, pull_files
from shoemon.sources.kit.whole_export import ExportSettings
from shoemon.sources.table.columns import bind, distance_unit
from shoemon.sources.table.read_table import TableReader, bodies, is_table
from shoemon.sources.table.settings import Encoding, TableSettings, TimeFormat
from shoemon.sources.table.text import table_in

_PATH = (
    "the zip as downloaded (of a pattern the newest match is read), its unpacked folder, or the file itself (of a "
    "pattern all are read); ~ is allowed"
)
_FILES_LOOKED_AT = 3
_ROWS_LOOKED_AT = 200


class TableExportSettings(ExportSettings):
    """The settings of an export, and those of its tables that programs and countries write differently."""

    decimal: Literal[".", ","] = Field(".", description="decimal sign; the other one may separate thousands")
    encoding: Encoding | None = Field(
        None, description="encoding of the text; default: by its bytes", examples=["cp1251"]
    )
    date_format: TimeFormat | None = Field(
        None, description="how times are written, in the codes of strptime", examples=['"%d/%m/%Y"']
    )


Module = tuple[
    type[TableExportSettings],
    Callable[[TableExportSettings, Context], "TableExport"],
    Callable[[Path], dict[str, Any] | None],
]
"""What a module of a source has: Settings, make and recognise."""
Choose = Callable[[Iterable[Activity | Problem]], Iterator[Activity | Problem]]
"""Yields those of the records of all files that count."""


def table_export(  # noqa: PLR0913 - each is data of an export
    kind: str,
    about: str,
    *,
    files: str,
    known_by: tuple[str, ...],
    columns: Mapping[str, Any],
    sports: Mapping[str, str] | None = None,
    example: str | None = None,
    times: Literal["utc"] | None = None,
    choose: Choose | None = None,
) -> Module:
    """Make the module of source type `kind`. In a folder or zip its files are those whose names match `files`, a
    regular expression; it is recognised by the columns `known_by`. `columns` and `times` are as in the settings of type
    `table`, `sports` are the export's words for sports where common spelling does not show them, `example` is the name
    of the download. `choose` decides which records with one id count; else the first does."""
    given = columns.get("distance", {})
    distance: Mapping[str, Any] = {"column": given} if isinstance(given, str) else given
    # A run without a distance counts as 0 m until a correction gives it.
    columns = {**columns, "distance": {**distance, "values": {"": "0", **distance.get("values", {})}}}
    wanted = re.compile(files, re.IGNORECASE)
    kinds: Any = Literal[kind]
    settings: type[TableExportSettings] = create_model(
        "Settings",
        __base__=TableExportSettings,
        __doc__=f"{about}.",
        type=(kinds, Field(kind, description=about)),
        path=(str, Field(description=_PATH, examples=[f'"~/Downloads/{example or f"{kind}*"}"'])),
    )

    def make(settings: TableExportSettings, context: Context) -> TableExport:
        table = settings.model_dump(include={"name", "path", "decimal", "encoding", "date_format"}, exclude_none=True)
        table |= {"columns": dict(columns), "sport_map": {**(sports or {}), **settings.sport_map}, "times": times}
        if settings.date_format and isinstance(start := columns.get("start"), Mapping):
            table["columns"]["start"] = {key: value for key, value in start.items() if key != "format"}
        return TableExport(settings, context, TableSettings.model_validate(table), wanted, choose)

    def recognise(path: Path) -> dict[str, Any] | None:
        source = make(settings(name="recognised", type=kind, path=str(path)), Context(path.parent))
        found = source.recognised(known_by)
        return None if found is None else {"type": kind, "path": str(path), **found}

    return settings, make, recognise


class TableExport(SourceOf[TableExportSettings]):
    """Reads all its tables at every pull, unless nothing has changed since the last."""

    def __init__(
        self,
        settings: TableExportSettings,
        context: Context,
        table: TableSettings,
        wanted: re.Pattern[str],
        choose: Choose | None,
    ) -> None:
        super().__init__(settings, context)
        self._table, self._wanted, self._choose = table, wanted, choose

    def pull(self, cursor: Cursor | None) -> RecordPull:
        return pull_files(self._files(), cursor, {}, self._records)

    def recognised(self, names: tuple[str, ...]) -> dict[str, Any] | None:
        """Return the settings that the first tables which are not empty need; None if one lacks one of these columns,
        or all are empty."""
        distances, unit, is_any = list[str](), None, False
        try:
            with self._files() as files:
                for label, name, body in self._tables(files, files.names[:_FILES_LOOKED_AT]):
                    with table_in(body, self._table, label, name) as table:
                        if not table.names:
                            continue
                        if not set(table.names) >= set(names):
                            return None
                        bound = bind(self._table.columns, table)["distance"]
                        unit = distance_unit(bound, label)
                        rows = islice(table.rows(), _ROWS_LOOKED_AT)
                        cells = [row[1][bound.place or 0] for row in rows if not isinstance(row, Problem)]
                        distances += [cell for cell in cells if isinstance(cell, str)]
                        is_any = True
        except SourceError:
            return None
        needed = {"decimal": ","} if is_decimal_comma(distances, unit) else {}
        return needed if is_any else None

    def _files(self) -> ExportFiles:
        path, base = self._settings.path, self._context.base
        if is_table(path):
            return open_all_matches(path, base, is_table)
        found = locate(path, base)
        return ExportFiles(found, lambda name: self._wanted.fullmatch(posixpath.basename(name)) is not None)

    def _tables(self, files: ExportFiles, names: list[str]) -> Iterator[tuple[str, str, io.BytesIO]]:
        for label, name, body in bodies(files, names):
            data = body.getvalue()
            if self._settings.encoding is None and (encoding := encoding_of(data)) != "utf-8":
                data = data.decode(encoding, "replace").encode()
            yield label, name, io.BytesIO(data)

    def _records(self, files: ExportFiles) -> Iterator[Activity | Problem]:
        if not files.names:
            raise SourceError(f"{files.path} contains no file of this export; correct `path`", retryable=False)
        tables = self._tables(files, files.names)
        reader = TableReader(self._table, self._context.timezone, firsts=self._choose is None)
        records = reader.pages(tables)
        return with_distance_notes(files, self._choose(records) if self._choose else records)
