"""Source type `apple-health`: exports of the Health app of an iPhone, of any size, in any language."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from shoemon.config.kinds import SourceSettings
from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor, Tracks
from shoemon.model.errors import SourceError
from shoemon.sources import RecordPull, SourceOf
from shoemon.sources.apple_health.export import HealthExport, naming_all, open_export
from shoemon.sources.apple_health.records import WorkoutReader, app_of, without_copies
from shoemon.sources.apple_health.workouts import read_workout
from shoemon.sources.kit.activities import without_distance
from shoemon.sources.kit.apps import AppRecord
from shoemon.sources.kit.cells import plain_word
from shoemon.sources.kit.files import locate, pull_files
from shoemon.sources.kit.find_tracks import find_root
from shoemon.sources.kit.open_tracks import OpenTracks

_RAW_BYTES = 2000
_START = re.compile(rb'\sstartDate="([^"<>]{1,40})"')
_REMEDY = "correct `path`, or export again (Health, your picture, Export All Health Data)"


class Settings(SourceSettings):
    """An export of Apple Health (Health, your picture, Export All Health Data)."""

    type: Literal["apple-health"] = Field("apple-health", description="Apple Health's export")
    path: str = Field(
        description="export.zip as the phone wrote it, its unpacked folder, or export.xml (which has other names in "
        "other languages); ~ and patterns such as ~/Downloads/export*.zip (the newest match is read) are allowed",
        examples=["~/Downloads/export.zip"],
    )
    apps: list[str] = Field(
        [],
        description="only workouts that these devices and apps wrote, as Health shows them; * matches anything "
        "(default: all; a run that several wrote counts once)",
        examples=['["*Watch*", Strava]'],
    )


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read `path`, if it contains an export of Apple Health by the beginning of its XML."""
    try:
        open_export(path).files.close()
    except SourceError:
        return None
    return {"type": "apple-health", "path": str(path)}


class AppleHealth(SourceOf[Settings]):
    """Reads the whole export at every pull, unless nothing has changed since the last."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        export = open_export(self._where())
        return pull_files(export.files, cursor, {}, lambda _: self._records(export), at_once=True)

    def open_tracks(self) -> Tracks:
        path = self._where()
        return OpenTracks(find_root(str(path), path.parent))

    def _where(self) -> Path:
        return locate(self._settings.path, self._context.base, _REMEDY)

    def _records(self, export: HealthExport) -> Iterator[Activity | Problem]:
        reader = WorkoutReader(self.name, self._context.zone, export.find_route)
        records: list[AppRecord] = []
        for number, block in enumerate(export.blocks(), 1):
            try:
                if block.fault:
                    raise ValueError(block.fault)
                workout = read_workout(block.xml)
                if self._is_wanted(app_of(workout)):
                    records += list(reader.read(workout))
            except (ValueError, OverflowError) as error:
                start = _START.search(block.xml[:_RAW_BYTES])
                which = f"workout of {start[1].decode(errors='replace')}" if start else f"workout {number}"
                yield Problem(f"{export.xml}: {which}", str(error), block.xml[:_RAW_BYTES].decode(errors="replace"))
        with naming_all(str(export.files.path)):
            kept = without_copies(records)
        for record in kept:
            yield record.activity
            yield from without_distance(record.activity, f"{export.xml}: workout of {record.activity.started_at}")

    def _is_wanted(self, app: str) -> bool:
        patterns = self._settings.apps
        return not patterns or any(fnmatchcase(plain_word(app), plain_word(pattern)) for pattern in patterns)


make = AppleHealth
