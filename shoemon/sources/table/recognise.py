"""Recognise a table of activities, and find the settings that read it."""

import re
from contextlib import ExitStack
from itertools import islice, product
from pathlib import Path
from typing import Any, NamedTuple

from shoemon.config.edit.insert import flow
from shoemon.model.activity import Problem
from shoemon.model.errors import MistakeError, ShoemonError, SourceError, UnitUnknownError
from shoemon.model.units import METRES
from shoemon.sources.kit.cells import is_decimal_comma, unit_in
from shoemon.sources.kit.csv_rows import CsvTable, encoding_of
from shoemon.sources.kit.find_tracks import find_files
from shoemon.sources.kit.local_dates import day_of
from shoemon.sources.table.columns import GUESSES, column_called
from shoemon.sources.table.fields import parse_written
from shoemon.sources.table.json_records import NoRecordsError, json_document, lists_in
from shoemon.sources.table.read_table import TableReader, is_table
from shoemon.sources.table.settings import TableSettings
from shoemon.sources.table.text import SUFFIXES, format_of, is_record, table_in

_SAMPLE, _MOST_FILES = 200, 10_000
_STRAVA = {"Activity ID", "Activity Date"}
"""Columns of Strava's list, whose times are UTC; where somebody reworked it, it is a table like any other."""
_METRES_BESIDE = {"moving_time", "elapsed_time", "total_elevation_gain", "icu_training_load"}
"""Names of Strava's API, which writes metres; intervals.icu and many programs use them too."""
_TIME_FORMATS = tuple(
    day + clock
    for day, clock in product(
        ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%b %d, %Y", "%d %b %Y"),
        ("", " %H:%M", " %H:%M:%S", ", %H:%M", ", %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %I:%M:%S %p"),
    )
)


class _Sample(NamedTuple):
    """The beginning of a table: its columns, and the values of each."""

    names: list[str]
    columns: dict[str, list[str]]
    delimiter: str
    files: list[Path]


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings (without a name) that read the file at `path`, or the JSON files in that folder; None if it
    is not certainly a table of activities. Raises MistakeError with what to write for one with an unknown unit of
    distance (UnitUnknownError), or with ambiguous days and months."""
    try:
        found = find_files(str(path), path.parent, _MOST_FILES, is_table).files
        if len({file.path.suffix.lower() for file in found}) != 1:
            return None
        files = [file.path for file in found[:_SAMPLE]]
        settings = next(filter(None, (_written(path, file) for file in files)), None)
        sample = _sample(files, _checked(settings)) if settings is not None else None
        columns = _columns(sample, settings) if settings is not None and sample is not None else None
        if settings is None or sample is None or columns is None:
            return None
        settings |= {"columns": columns, **_delimiter(sample, settings)}
        _refuse_bad_rows(sample.files, settings)
        return settings
    except MistakeError:
        raise
    except (ShoemonError, OSError, ValueError, RecursionError):
        return None


def _checked(settings: dict[str, Any]) -> TableSettings:
    return TableSettings.model_validate({"name": "recognised", **settings})


def _written(path: Path, file: Path) -> dict[str, Any] | None:
    """Return the settings for format, encoding and place of the records, by the first `file` of `path`."""
    suffix = file.suffix.lower()
    if suffix != ".json" and (file != path or not (suffix == ".txt" or suffix in SUFFIXES)):
        return None
    with file.open("rb") as binary:
        head = binary.read(65_536)
    settings: dict[str, Any] = {"type": "table", "path": str(path)}
    if (encoding := encoding_of(head)) != "utf-8":
        settings["encoding"] = encoding
    settings["format"] = format_of(head, _checked(settings), file.name)
    if settings["format"] == "json":
        try:
            with file.open(encoding="utf-8-sig") as stream:
                document = json_document(stream, file.name)
        except SourceError:
            return None
        is_one = isinstance(document, dict) and is_record(_checked(settings), document)
        # A folder of lists is an export of some kind, in units of its own.
        records = "" if is_one else max(lists_in(document), default=(0, None))[1] if file == path else None
        if records is None:
            return None
        settings |= {"records": records} if records else {}
    return settings


def _sample(files: list[Path], settings: TableSettings) -> _Sample | None:
    columns: dict[str, list[str]] = {}
    delimiter, tables, broken = "", list[Path](), list[SourceError]()
    for file in files:
        try:
            with file.open("rb") as binary, table_in(binary, settings, file.name, file.name) as table:
                indices = {name: table.find(name) for name in table.names}
                rows = [item[1] for item in islice(table.rows(), _SAMPLE) if isinstance(item[1], list)]
                delimiter = table.delimiter if isinstance(table, CsvTable) else ""
        except NoRecordsError:
            continue  # a note of each sync
        except SourceError as error:
            broken.append(error)
            continue
        for name, index in indices.items():
            values = [str(row[index]).strip() for row in rows if index is not None and row[index] != ""]
            columns.setdefault(name, []).extend(values)
        tables += [file] if rows else []
    if tables and broken:
        raise MistakeError(str(broken[0]))
    return _Sample(list(columns), columns, delimiter, tables) if tables else None


def _columns(sample: _Sample, settings: dict[str, Any]) -> dict[str, Any] | None:
    """Return the columns with known names; None if both start and distance are missing. Raises MistakeError if one of
    them is missing or cannot be read."""
    found: dict[str, Any] = {}
    for key, guesses in GUESSES.items():
        name = next((name for guess in guesses if (name := column_called(guess, sample.names)) is not None), None)
        if name is not None and (sample.columns[name] or key in ("start", "distance")):
            found[key] = name
    missing = [key for key in ("start", "distance") if key not in found]
    if len(missing) == 2:
        return None
    if missing:
        if settings["format"] == "json" and Path(settings["path"]).is_dir():
            return None
        column: Any = "NAME" if missing == ["start"] else {"column": "NAME", "unit": "km"}
        why = f"no column is called like the {missing[0]} of a run; NAME is one of: {', '.join(sample.names)[:200]}"
        raise _refused(MistakeError(why), {missing[0]: column}, settings)
    distances = sample.columns[found["distance"]]
    named = unit_in(found["distance"])
    unit = named if named in METRES else "m" if any(name in _METRES_BESIDE for name in sample.names) else None
    if is_decimal_comma(distances, unit):
        settings["decimal"] = ","
    if sample.columns.keys() >= _STRAVA:
        settings["times"] = "utc"
    start = _start(found["start"], sample.columns[found["start"]], settings)
    if named not in METRES:
        unit = unit or ("m" if _are_metres(distances, settings.get("decimal", ".")) else None)
        if unit is None:
            why = f"nothing says in which unit `{found['distance']}` is: km, mi or m"
            known: dict[str, Any] = {"start": start} if isinstance(start, dict) else {}
            distance = {"distance": {"column": found["distance"], "unit": "km"}}
            error = UnitUnknownError(why)
            columns = {**found, "start": start, **distance}
            error.settings = {**settings, "columns": columns, **_delimiter(sample, settings)}
            raise _refused(error, {**known, **distance}, settings)
        found["distance"] = {"column": found["distance"], "unit": unit}
    return {**found, "start": start}


def _delimiter(sample: _Sample, settings: dict[str, Any]) -> dict[str, str]:
    is_usual = (settings["format"], sample.delimiter) in (("csv", ","), ("tsv", "\t"))
    return {"delimiter": sample.delimiter} if sample.delimiter and not is_usual else {}


def _refused(error: MistakeError, columns: dict[str, Any], settings: dict[str, Any]) -> MistakeError:
    """Add to the refusal of a table the source to write."""
    more = {key: value for key, value in settings.items() if key in ("encoding", "decimal", "times")}
    source = {"name": "runs", "type": "table", "path": settings["path"], **more, "columns": columns}
    error.add_note("Leave it out of `shoemon init`, then write it into `sources:` in shoemon.yaml:")
    error.add_note(f"    - {flow(source)}")
    return error


def _are_metres(distances: list[str], decimal: str) -> bool:
    """Return whether nearly all distances are too large for any other unit."""
    numbers = sorted(float(value.replace(decimal, ".")) for value in distances if re.fullmatch(r"\d+[.,]?\d*", value))
    # Half of all runs are longer than 500 km, or these are metres.
    return len(numbers) >= 3 and numbers[len(numbers) // 2] > 500


def _start(name: str, values: list[str], settings: dict[str, Any]) -> Any:
    """Return the column of times, with their format. Raises MistakeError if two formats are possible, or none."""
    if values and all(re.fullmatch(r"1\d{9}|1\d{12}(?:\.0)?", value) for value in values):
        return {"column": name, "unit": "s" if len(values[0]) == 10 else "ms"}
    if not values or any(re.match(r"\d{4}-?\d\d-?\d\d|[A-Z][a-z]{2}, ", value) for value in values[:1]):
        return name
    fitting = [form for form in _TIME_FORMATS if all(_is_written(value, form) for value in values)]
    if not fitting and all(_is_written(value, None) for value in values):
        return name
    if not fitting:
        why = f"`{values[0]}` in column `{name}` is no date in a known form; write FORMAT as for Python's strptime"
        raise _refused(MistakeError(why), {"start": {"column": name, "format": "FORMAT"}}, settings)
    if len(fitting) > 1:
        why = f"`{values[0]}` in column `{name}` can be read as {' or as '.join(fitting[:2])}"
        raise _refused(MistakeError(why), {"start": {"column": name, "format": fitting[0]}}, settings)
    return {"column": name, "format": fitting[0]}


def _is_written(value: str, form: str | None) -> bool:
    """Return whether a time is written in this form; None: a day that needs none."""
    try:
        parse_written(value, form) if form else day_of(value)
    except ValueError:
        return False
    return True


def _refuse_bad_rows(files: list[Path], settings: dict[str, Any]) -> None:
    """Raise MistakeError if not most of the first rows are activities."""
    reader = TableReader(_checked(settings), "UTC")
    with ExitStack() as opened:
        pages = ((file.name, file.name, opened.enter_context(file.open("rb"))) for file in files)
        try:
            records = list(islice(reader.pages(pages), _SAMPLE))
        except SourceError as error:
            raise MistakeError(str(error)) from None
    problems = [record for record in records if isinstance(record, Problem)]
    if problems and 2 * len(problems) >= len(records):
        raise MistakeError(f"most of its rows cannot be read; the first: {problems[0].message}")
