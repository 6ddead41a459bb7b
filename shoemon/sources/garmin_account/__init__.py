"""Source type `garmin-account`: all that a Garmin account holds, as Garmin sends it: runs, shoes and tracks.

Its names begin with the runner's e-mail address, which is left out wherever they are shown or kept.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from shoemon.config.kinds import SourceSettings
from shoemon.model.activity import Activity, Gear, Problem
from shoemon.model.contracts import Cursor, Tracks
from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources import Context, RecordPull, SourceOf
from shoemon.sources.garmin_account.gear import is_gear_file, read_gear
from shoemon.sources.garmin_account.laid import lay, unlisted, with_track
from shoemon.sources.garmin_account.listed import Reader, is_summary_file, refuse_several, rows
from shoemon.sources.kit.activities import read_records
from shoemon.sources.kit.distances import NO_DISTANCE, ON_FOOT
from shoemon.sources.kit.files import ExportFiles, locate
from shoemon.sources.kit.find_tracks import find_files, spelled
from shoemon.sources.kit.open_tracks import OpenTracks
from shoemon.sources.kit.track_records.kept import Kept, KeptFiles, flattened, kept_in
from shoemon.sources.kit.track_records.records import NO_TIME, TRACKS_READER, RecordReader
from shoemon.sources.kit.track_records.scan import scan

log = logging.getLogger(__name__)
READER = 2
"""Raised whenever the same export is understood differently, so that it is read again."""
_REMEDY = "correct `path`, or ask Garmin for the export again (garmin.com, your account, Export Your Data)"
_DEEPEST = 3
"""Folders above the lists, `NAME/DI_CONNECT/DI-Connect-Fitness`: what lies deeper is one export among others."""
_LOOKED_AT = 1 << 16


class Settings(SourceSettings):
    """A Garmin account, all of it, as Garmin sends it on request (garmin.com, your account, Export Your Data)."""

    type: Literal["garmin-account"] = Field("garmin-account", description="the export of a whole Garmin account")
    path: str = Field(
        description="the zip as Garmin sent it, its unpacked folder, or the folder DI_CONNECT in it; ~ and patterns "
        "such as ~/Downloads/*_1.zip (the newest match is read) are allowed",
        examples=["~/Downloads/garmin.zip"],
    )


def make(settings: Settings, context: Context) -> "GarminAccount":
    """The source that reads the account. `context.timezone` is asked only where a time lacks its offset."""
    return GarminAccount(settings, context)


def recognise(path: Path) -> dict[str, Any] | None:
    """The settings that read the zip or folder `path`, if it holds a list of activities as Garmin writes it."""
    try:
        with ExportFiles(path, is_summary_file) as files:
            refuse_several(files)
            for name in files.names:
                if name.count("/") <= _DEEPEST and files.path.name != name and _is_list(files, name):
                    return {"type": "garmin-account", "path": str(path)}
    except (SourceError, TrackError, OSError):
        return None
    return None


class GarminAccount(SourceOf[Settings]):
    """Gives everything that is listed at every pull, but reads only the tracks that are new."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        """Reads the lists, and the tracks that are new since `cursor`. Raises SourceError if a part cannot be had."""
        path = self._where()
        with self._open(path) as files:
            listing = find_files(str(path), path.parent)
            marks = [*files.marks, *([file.name, *file.mark] for file in listing.files)]
            head: Cursor = {"reader": READER, "tracks_reader": TRACKS_READER, "timezone": self._context.timezone}
            known: Cursor = cursor if cursor is not None and cursor.items() >= head.items() else {}
            told = hashlib.sha256(json.dumps(marks).encode()).hexdigest()
            if known.get("marks") == told and files.is_settled and all(file.mark for file in listing.files):
                return RecordPull(iter(()), unchanged=True, cursor=lambda: cursor)
            kept: KeptFiles = {}
            if not self._context.glance:
                before = kept_in(known.get("tracks", {}))
                kept = _lightened(scan(listing, before, RecordReader(self._context.zone, None, None, {})))
            # Read now, not while the records are stored: it takes a while, and others wait to write.
            records = list(self._records(files, kept))
        return RecordPull(iter(records), cursor=lambda: {**head, "marks": told, "tracks": kept})

    def gear(self) -> Sequence[Gear]:
        """The pairs of shoes that the account lists."""
        with self._open(self._where()) as files:
            return list(read_gear(files).pairs.values())

    def open_tracks(self) -> Tracks:
        """Opens the zip or folder, and the zips in it that hold the tracks. Raises SourceError."""
        return OpenTracks(self._where())

    def _where(self) -> Path:
        path = locate(self._settings.path, self._context.base, _REMEDY)
        if path.is_file() and path.suffix.lower() != ".zip":
            raise SourceError(f"{spelled(path.name)} is neither a zip nor a folder; {_REMEDY}")
        return path

    def _open(self, path: Path) -> ExportFiles:
        files = ExportFiles(path, lambda name: is_summary_file(name) or is_gear_file(name))
        if not any(map(is_summary_file, files.names)):
            files.close()
            raise SourceError(f"{spelled(path.name)} holds no list of activities of Garmin's; {_REMEDY}")
        try:
            refuse_several(files)
        except SourceError:
            files.close()
            raise
        return files

    def _records(self, files: ExportFiles, kept: KeptFiles) -> Iterator[Activity | Problem]:
        yield from files.problems()
        gear = read_gear(files)
        yield from gear.problems
        reader = Reader(self.name, self._context.zone, gear)
        activities: list[Activity] = []
        for read in read_records(rows(files), reader.read):
            if isinstance(read, Activity):
                activities.append(read)
            else:
                yield read
        every = list(flattened(kept))
        records = [record for _, file in every for record in file.records]
        found = lay(activities, records)
        for activity in activities:
            record = found.get(activity.native_id)
            whole = activity if record is None else with_track(activity, record)
            if activity.native_id in reader.without_distance:
                if record is not None and record.distance_m:
                    whole = whole._replace(distance_m=record.distance_m)
                elif activity.sport in ON_FOOT:
                    yield Problem(f"activity {activity.native_id}", NO_DISTANCE, activity.raw[:2000])
            yield whole
        for path, file in every:
            yield from (Problem(path, problem) for problem in file.problems if not problem.endswith(NO_TIME))
        if deleted := unlisted(activities, records, found):
            log.info("source %s: tracks of no activity that is listed, which do not count: %d", self.name, deleted)


def _is_list(files: ExportFiles, name: str) -> bool:
    with files.open(name) as stream:
        head = stream.read(_LOOKED_AT)
    return b'"summarizedActivitiesExport"' in head or b'"activityId"' in head


def _lightened(files: KeptFiles) -> KeptFiles:
    """Without the places along the way, which only tell copies apart: thousands of tracks are remembered."""
    return {
        name: Kept(
            kept.mark,
            [record._replace(places=(), way=()) for record in kept.records],
            kept.problems,
            _lightened(kept.members),
        )
        for name, kept in files.items()
    }
