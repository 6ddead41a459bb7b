"""Source type `apple-health`: what the Health app of an iPhone exports, of any size, in any language."""

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
from shoemon.sources import Context, RecordPull, SourceOf
from shoemon.sources.apple_health.export import HealthExport, open_export, said_of
from shoemon.sources.apple_health.records import Candidate, CandidateReader, app_of, without_copies
from shoemon.sources.apple_health.workouts import read_workout
from shoemon.sources.kit.distances import NO_DISTANCE
from shoemon.sources.kit.files import locate, pull_files
from shoemon.sources.kit.find_tracks import find_root
from shoemon.sources.kit.open_tracks import OpenTracks

READER = 1
"""Raised whenever the same export is understood differently, so that it is read again."""
_RAW_BYTES = 2000
_START = re.compile(rb'\sstartDate="([^"<>]{1,40})"')
_REMEDY = "correct `path`, or export again (Health, your picture, Export All Health Data)"


class Settings(SourceSettings):
    """An export of Apple Health (Health, your picture, Export All Health Data)."""

    type: Literal["apple-health"] = Field("apple-health", description="Apple Health's export")
    path: str = Field(
        description="export.zip as the phone wrote it, its unpacked folder, or export.xml (which may be called "
        "otherwise in other languages); ~ and patterns such as ~/Downloads/export*.zip (the newest match is read) are "
        "allowed",
        examples=["~/Downloads/export.zip"],
    )
    apps: list[str] = Field(
        [],
        description="only workouts that these devices and apps wrote, as Health shows them; * stands for anything "
        "(else those of all, and a run that several wrote counts once)",
        examples=['["*Watch*", Strava]'],
    )


def make(settings: Settings, context: Context) -> "AppleHealth":
    """The source that reads the export. `context.timezone` is asked only where a time lacks its offset."""
    return AppleHealth(settings, context)


def recognise(path: Path) -> dict[str, Any] | None:
    """The settings that read `path`, if it holds an export of Apple Health; judged by the beginning of its XML."""
    try:
        open_export(path).files.close()
    except SourceError:
        return None
    return {"type": "apple-health", "path": str(path)}


class AppleHealth(SourceOf[Settings]):
    """Reads the whole export at every pull, unless nothing has changed since the last."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        """Opens the export and reads it through, unless it is unchanged. Raises SourceError."""
        export = open_export(self._where())
        head = {"reader": READER, "timezone": self._context.timezone, "apps": list(self._settings.apps)}
        return pull_files(export.files, cursor, head, lambda _: self._records(export), at_once=True)

    def open_tracks(self) -> Tracks:
        """Opens the zip, or the folder, for its routes. Raises SourceError if it cannot be had at all."""
        path = self._where()
        return OpenTracks(find_root(str(path), path.parent))

    def _where(self) -> Path:
        return locate(self._settings.path, self._context.base, _REMEDY)

    def _records(self, export: HealthExport) -> Iterator[Activity | Problem]:
        reader = CandidateReader(self.name, self._context.zone, export.find_route)
        candidates: list[Candidate] = []
        for number, block in enumerate(export.blocks(), 1):
            try:
                if block.fault:
                    raise ValueError(block.fault)
                workout = read_workout(block.xml)
                if self._is_wanted(app_of(workout)):
                    candidates += list(reader.read(workout))
            except (ValueError, OverflowError) as error:
                start = _START.search(block.xml[:_RAW_BYTES])
                which = f"workout of {start[1].decode(errors='replace')}" if start else f"workout {number}"
                yield Problem(f"{export.xml}: {which}", str(error), block.xml[:_RAW_BYTES].decode(errors="replace"))
        with said_of(str(export.files.path)):
            kept = without_copies(candidates)
        for candidate in kept:
            yield candidate.activity
            if candidate.lacks_distance:
                place = f"{export.xml}: workout of {candidate.activity.started_at}"
                yield Problem(place, NO_DISTANCE, candidate.activity.raw[:_RAW_BYTES])

    def _is_wanted(self, app: str) -> bool:
        patterns = self._settings.apps
        return not patterns or any(fnmatchcase(_plain(app), _plain(pattern)) for pattern in patterns)


def _plain(name: str) -> str:
    """Names are compared without case, and with the blanks and apostrophes that a keyboard has."""
    return " ".join(name.replace("\u2019", "'").split()).casefold()
