"""Read the records of JSON and NDJSON text, each as the few cells that are needed."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any, TextIO

from shoemon.model.activity import Problem
from shoemon.model.errors import SourceError
from shoemon.sources.kit.activities import as_json
from shoemon.sources.kit.cells import quoted
from shoemon.sources.kit.csv_rows import Row, refuse_too_many
from shoemon.sources.kit.files import parse_json

Get = Callable[[dict[str, Any]], Any]
_BLANK = object()
LONGEST_JSON = 64 * 2**20
"""Characters. JSON is in memory whole, at several times its size; 20,000 activities with all details are less."""
_DEEPEST_LIST, _MOST_PLACES = 5, 1_000
"""Levels of a document, and places in one, that are searched for lists."""
_SAMPLE = 50
"""Records that are searched for the names of the columns."""


class NoRecordsError(SourceError):
    """A JSON text is neither a list of records nor a record."""


class JsonTable:
    """Records that are objects: of one list in a JSON text, or one a line. `records` are (place, record), with
    a Problem for a record that cannot be read. First `find` the columns, then read the `rows`."""

    def __init__(self, records: Iterator[tuple[int, Any]], label: str) -> None:
        self.label = label
        first = list(islice(records, _SAMPLE))
        self._records = chain(first, records)
        self.names = _names_of(record for _, record in first)
        refuse_too_many(len(self.names), label)
        self.absent: set[str] = set()
        """First steps of the columns that no record has, so far."""
        self._getters: list[Get] = []

    @property
    def width(self) -> int:
        return len(self._getters)

    def find(self, name: str) -> int | None:
        """Add a column. A record need not have it; `rows` reports a column that no record had."""
        path = steps(name)
        if not path:
            return None
        if name not in self.names:
            self.absent.add(str(path[0]))
        self._getters.append(getter(name))
        return len(self._getters) - 1

    def rows(self) -> Iterator[Row | Problem]:
        """Yield the records that are objects; another is a Problem."""
        absent, getters, objects = self.absent, self._getters, 0
        for place, record in self._records:
            if record is _BLANK:
                continue
            if not isinstance(record, dict):
                known = isinstance(record, Problem)
                found = record if known else Problem("", f"{quoted(record)} is not an object", str(record))
                yield found._replace(place=f"{self.label}:{place}", raw=found.raw[:2000])
                continue
            objects += 1
            absent -= record.keys()
            raw = as_json({name: value for name, value in record.items() if value not in (None, "", [], {})})
            try:
                yield place, [cell(get(record)) for get in getters], raw
            except ValueError as error:
                yield Problem(f"{self.label}:{place}", str(error), raw[:2000])
        if objects > 1:  # of a record alone it says nothing: others may have it
            for name in sorted(absent):
                yield Problem(self.label, f"no record has `{name}`, a column in the settings")


def json_document(stream: TextIO, label: str) -> Any:
    """Read a JSON text; NaN and Infinity, which are not JSON, as text. Raises SourceError."""
    text = stream.read(LONGEST_JSON + 1)
    if len(text) > LONGEST_JSON:
        size = f"{LONGEST_JSON / 2**20:.0f} million characters"
        raise SourceError(f"{label} is JSON of more than {size}; split it, or export NDJSON or CSV", retryable=False)
    try:
        return parse_json(text, parse_constant=str)
    except json.JSONDecodeError as error:
        raise SourceError(f"{label} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{label} is not JSON: {error}") from None


def json_records(
    stream: TextIO, label: str, path: str, is_record: Callable[[dict[str, Any]], bool]
) -> Iterator[tuple[int, Any]]:
    """Return the list at `path` of a JSON text, counted from 1, or the one object there that `is_record`. Raises
    SourceError if there is none."""
    value = whole = json_document(stream, label)
    for number, step in enumerate(steps(path)):
        value = _step(value, step)
        if value is None:
            gone = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps(path)[: number + 1]).lstrip(".")
            raise SourceError(f"{label}: there is no `{gone}` (setting records){_lists(whole)}", retryable=False)
    if isinstance(value, dict) and is_record(value):
        value = [value]
    if not isinstance(value, list):
        where = f"at `{path}`" if path else "at the top"
        what = f"{quoted(value)}, not a list of records; set records{_lists(whole)}"
        raise NoRecordsError(f"{label}: {where} is {what}", retryable=False)
    return enumerate(value, 1)


def json_lines(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    """Yield one record a line, counted from 1; `_BLANK` for a blank line."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            yield number, _BLANK
            continue
        try:
            yield number, parse_json(line, parse_constant=str)
        except (ValueError, RecursionError) as error:
            yield number, Problem("", f"the line is not JSON: {getattr(error, 'msg', error)}", line)


def steps(path: str) -> list[str | int]:
    """Return the steps of a path such as `[0].data.workouts`: names and places in lists."""
    return [int(place) if place else name for place, name in re.findall(r"\[(-?\d+)\]|([^.\[\]]+)", path)]


def getter(name: str) -> Get:
    """Return a function from a record to its value called `name`, or at the path `name`; None if there is none."""
    path = steps(name)
    if path == [name]:
        return lambda record: record.get(name)
    return lambda record: record[name] if name in record else at(record, path)


def at(document: Any, path: list[str | int]) -> Any:
    """Return the value at `path` of a JSON document, or None."""
    for step in path:
        document = _step(document, step)
    return document


def _step(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and -len(value) <= step < len(value) else None
    return value.get(step) if isinstance(value, dict) else None


def cell(value: Any) -> Any:
    """Return a value of JSON as a cell. Raises ValueError if it is several values."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        if value:
            raise ValueError(
                f"{quoted(json.dumps(value))} is not one value; name one in it, such as gear.id or tags[0]"
            )
        return ""
    return value


def _names_of(records: Iterable[Any]) -> list[str]:
    """Return the names of single values in some records, and of those one level below them."""
    names: dict[str, None] = {}
    for record in records:
        for name, value in record.items() if isinstance(record, dict) else ():
            below = {f"{name}.{inner}": each for inner, each in value.items()} if isinstance(value, dict) else None
            if isinstance(value, list):
                below = {f"{name}[{place}]": each for place, each in enumerate(value[:2])}
            inner = {name: value} if below is None else below
            names.update(dict.fromkeys(each for each, what in inner.items() if not isinstance(what, dict | list)))
    return list(names)


def lists_in(document: Any) -> Iterator[tuple[int, str]]:
    """Yield the length and the path of each list of objects in the first levels of a JSON document; of the objects in a
    list it looks only into one that is alone."""
    level: list[tuple[str, Any]] = [("", document)]
    for _ in range(_DEEPEST_LIST):
        below: list[tuple[str, Any]] = []
        for path, value in level:
            if isinstance(value, list) and value and all(isinstance(item, dict) for item in value[:20]):
                yield len(value), path
                below += [(f"{path}[0]", value[0])] if len(value) == 1 else []
            elif isinstance(value, dict):
                plain = [(name, inner) for name, inner in value.items() if re.fullmatch(r"[^.\[\]]+", name)]
                below += [(f"{path}.{name}" if path else name, inner) for name, inner in plain]
        level = below[:_MOST_PLACES]


def _lists(document: Any) -> str:
    """Return `; there are lists at: ...` for a message, from the first levels of a document."""
    found = [path or "the top" for _, path in islice(lists_in(document), 10)]
    return f"; there are lists at: {', '.join(found)}" if found else ""
