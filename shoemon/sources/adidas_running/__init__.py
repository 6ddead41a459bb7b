"""Source type `adidas-running`: the export of an account of adidas Running, once Runtastic."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from shoemon.model.activity import Activity, Gear, Problem
from shoemon.model.errors import SourceError
from shoemon.sources.adidas_running.pairs import is_pair_file, read_pairs
from shoemon.sources.adidas_running.sessions import NAMES, OTHERS, SPORTS, SessionReader, is_session, read_points
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.files import ExportFiles, begins, is_json
from shoemon.sources.kit.sport_names import SportNumbers, read_with_distance
from shoemon.sources.kit.whole_export import MOST_JSON_BYTES, ExportContext, ExportSettings, Format, WholeExport

_REMEDY = "correct `path`, or export again (adidas Running, Settings, Export Data)"
_BEGINS = re.compile(rb'\s*\{.*"start_time"\s*:\s*\d.*"(?:start_time_timezone_offset|sport_type_id)"\s*:', re.DOTALL)
_TRACKS = re.compile(r"(?:.*/)?GPS-data/[^/]+\.(?:json|gpx)", re.IGNORECASE)
_NO_SESSIONS = frozenset({"gps-data", "elevation-data", "heart-rate-data", "photos", "user"})
"""Folders of other JSON files, in lower case."""


class Settings(ExportSettings):
    """An export of an account of adidas Running (Runtastic)."""

    type: Literal["adidas-running"] = Field("adidas-running", description="adidas Running (Runtastic), account export")
    path: str = Field(
        description="the zip as downloaded, its unpacked folder, or one session of it; ~ and patterns such as "
        "~/Downloads/export-*.zip (the newest match is read) are allowed",
        examples=["~/Downloads/export-20260901-000.zip"],
    )
    surface_map: dict[str, str] = Field(
        {}, description="surfaces for the export's own numbers, whose names it does not contain, such as {4: gravel}"
    )


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read `path`, if it contains sessions by their beginning."""
    return {"type": "adidas-running", "path": str(path)} if begins(path, _is_session, _BEGINS.match) else None


class AdidasRunning(WholeExport):
    """The export that `path` means, with the pairs that it lists."""

    def gear(self) -> Sequence[Gear]:
        """Return the pairs of shoes that the account lists."""
        with self._open() as files:
            return list(read_pairs(files).pairs.values())


def _is_session(name: str) -> bool:
    return is_json(name) and _NO_SESSIONS.isdisjoint(name.lower().split("/"))


def _is_wanted(name: str) -> bool:
    return _is_session(name) or is_pair_file(name) or _TRACKS.fullmatch(name) is not None


def _records(files: ExportFiles, context: ExportContext) -> Iterator[Activity | Problem]:
    pairs = read_pairs(files)
    yield from pairs.problems
    sports = SportNumbers(NAMES, SPORTS, OTHERS, context.sport_map)
    reader = SessionReader(context, pairs, sports, filter(_TRACKS.fullmatch, files.names))
    yield from read_with_distance(_rows(files), reader.read)
    yield from reader.problems()


def _rows(files: ExportFiles) -> Iterator[Row]:
    """Yield the files that are sessions, or cannot be read; others may lie beside them."""
    is_any = False
    for name, content in files.json_rows(MOST_JSON_BYTES):
        is_bad = isinstance(content, ValueError)
        if _is_session(name) and (is_bad or is_session(content)):
            is_any = True
            yield name, content if is_bad else (name, content)
    if not is_any:
        raise SourceError(f"no JSON file in {files.path} contains a session; {_REMEDY}")


make = AdidasRunning.of(
    Format(
        reader=1,
        remedy=_REMEDY,
        content="session of adidas Running (Sport-sessions/....json)",
        is_wanted=_is_wanted,
        records=_records,
        recording=read_points,
        is_record=_is_session,
    )
)
