"""Exports laid out as folders and zips, read through their sources, and broken in every place."""

import copy
import io
import json
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from shoemon.config.registry import SOURCES
from shoemon.model.activity import Activity, Problem
from shoemon.model.recording import Recording, TrackError
from shoemon.model.trace import Trace
from shoemon.sources import Context
from shoemon.sources.kit.whole_export import WholeExport

Files = Mapping[str, Any]
"""Bytes and text as they are, anything else as JSON."""
HOSTILE: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, 10**400, math.nan, math.inf, "", "x", "\ud800", "9" * 400, [], {}, [None], {"id": None},
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
)  # fmt: skip


def folder(path: Path, files: Files) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(as_bytes(content))
    return path


def zipped(path: Path, files: Files, **options: int) -> Path:
    path.write_bytes(packed(files, **options))
    return path


def packed(files: Files, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of the files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, as_bytes(data))
    return content.getvalue()


def as_bytes(content: Any) -> bytes:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return text.encode() if isinstance(text, str) else text


def source_of(kind: str, name: str = "", zone: str = "Europe/Helsinki") -> Callable[..., Any]:
    """Makes a source of that type, called as it or by a name, for an export at a path and with more settings."""
    module = SOURCES.module_of(kind)

    def source(path: Path, **settings: Any) -> Any:
        given = {"name": name or kind, "type": kind, "path": str(path), **settings}
        return module.make(module.Settings.model_validate(given), Context(path.parent, zone))

    return source


def read(source: WholeExport) -> list[Activity | Problem]:
    with closing(source.pull(None)) as pull:
        return list(pull)


def activities(records: list[Activity | Problem]) -> list[Activity]:
    return [record for record in records if isinstance(record, Activity)]


def problems(records: list[Activity | Problem]) -> dict[str, str]:
    return {record.place: record.message for record in records if isinstance(record, Problem)}


def recording(source: WholeExport, track: str | None) -> Recording:
    """The one recording at `track`."""
    assert track is not None
    with closing(source.open_tracks()) as tracks:
        (found,) = tracks.recordings(track)
        return found


def traces(source: WholeExport, tracks: Iterable[str]) -> Iterator[Trace]:
    """The traces of those recordings that can be read."""
    with closing(source.open_tracks()) as opened:
        for track in tracks:
            try:
                yield from (found.trace for found in opened.recordings(track))
            except TrackError as error:
                assert re.search("structure is unknown|no longer contains|is not JSON|cannot be read", str(error))


def broken(value: Any) -> Iterator[Any]:
    """Copies of a JSON value, each with another thing in one of its places, or without it."""
    for path in _paths(value):
        for hostile in HOSTILE:
            made = copy.deepcopy(value)
            _at(made, path[:-1])[path[-1]] = hostile
            yield made
        made = copy.deepcopy(value)
        del _at(made, path[:-1])[path[-1]]
        yield made


def _paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*above, key)
        yield from _paths(inner, (*above, key))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value
