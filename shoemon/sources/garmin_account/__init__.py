"""Source type `garmin-account`: the export of a whole Garmin account: runs, shoes and tracks.

Its file names begin with the runner's e-mail address, which is removed wherever they are shown or stored.
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
from shoemon.model.sports import ON_FOOT
from shoemon.sources import RecordPull, SourceOf
from shoemon.sources.garmin_account.gear import is_gear_file, read_gear
from shoemon.sources.garmin_account.match_tracks import match_tracks, unlisted, with_track
from shoemon.sources.garmin_account.summaries import ActivityReader, is_summary_file, refuse_several, rows
from shoemon.sources.kit.activities import NO_DISTANCE, read_records
from shoemon.sources.kit.files import ExportFiles, locate
from shoemon.sources.kit.find_tracks import find_files, safe_name
from shoemon.sources.kit.open_tracks import OpenTracks
from shoemon.sources.kit.track_records.records import RecordReader
from shoemon.sources.kit.track_records.scan import StoredFiles, flattened, scan, stored_in

log = logging.getLogger(__name__)
_REMEDY = "correct `path`, or export again (garmin.com, your account, Export Your Data)"
_DEEPEST = 3
"""Folders above the lists, `NAME/DI_CONNECT/DI-Connect-Fitness`: a deeper list is of one export among others."""
_HEAD_BYTES = 1 << 16


class Settings(SourceSettings):
    """The export of a whole Garmin account (garmin.com, your account, Export Your Data)."""

    type: Literal["garmin-account"] = Field("garmin-account", description="the export of a whole Garmin account")
    path: str = Field(
        description="the zip as downloaded, its unpacked folder, or the folder DI_CONNECT in it; ~ and patterns "
        "such as ~/Downloads/*_1.zip (the newest match is read) are allowed",
        examples=["~/Downloads/garmin.zip"],
    )


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read the zip or folder `path`, if it contains Garmin's list of activities."""
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
    """Yields all listed activities at every pull, but reads only new tracks."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        """Read the lists, and the tracks that are new since `cursor`. Raises SourceError if a part cannot be read."""
        path = self._where()
        with self._open(path) as files:
            listing = find_files(str(path), path.parent)
            marks = [*files.marks, *([file.name, *file.mark] for file in listing.files)]
            known: Cursor = cursor or {}
            digest = hashlib.sha256(json.dumps(marks).encode()).hexdigest()
            if known.get("marks") == digest and files.is_settled and all(file.mark for file in listing.files):
                return RecordPull(iter(()), unchanged=True, cursor=lambda: cursor)
            tracks: StoredFiles = {}
            if not self._context.glance:
                before = stored_in(known.get("tracks", {}))
                tracks = _without_places(scan(listing, before, RecordReader(self._context.zone, is_listed=True)))
            # Read now, not while the records are stored: it is slow, and others wait to write.
            records = list(self._records(files, tracks))
        return RecordPull(iter(records), cursor=lambda: {"marks": digest, "tracks": tracks})

    def gear(self) -> Sequence[Gear]:
        with self._open(self._where()) as files:
            return list(read_gear(files).pairs.values())

    def open_tracks(self) -> Tracks:
        return OpenTracks(self._where())

    def _where(self) -> Path:
        path = locate(self._settings.path, self._context.base, _REMEDY)
        if path.is_file() and path.suffix.lower() != ".zip":
            raise SourceError(f"{safe_name(path.name)} is neither a zip nor a folder; {_REMEDY}")
        return path

    def _open(self, path: Path) -> ExportFiles:
        files = ExportFiles(path, lambda name: is_summary_file(name) or is_gear_file(name))
        if not any(map(is_summary_file, files.names)):
            files.close()
            raise SourceError(f"{safe_name(path.name)} contains no list of Garmin activities; {_REMEDY}")
        try:
            refuse_several(files)
        except SourceError:
            files.close()
            raise
        return files

    def _records(self, files: ExportFiles, tracks: StoredFiles) -> Iterator[Activity | Problem]:
        yield from files.problems()
        gear = read_gear(files)
        yield from gear.problems
        reader = ActivityReader(self.name, self._context.zone, gear)
        activities: list[Activity] = []
        for read in read_records(rows(files), reader.read):
            if isinstance(read, Activity):
                activities.append(read)
            else:
                yield read
        every = list(flattened(tracks))
        records = [record for _, file in every for record in file.records]
        found = match_tracks(activities, records)
        for activity in activities:
            record = found.get(activity.native_id)
            whole = activity if record is None else with_track(activity, record)
            if activity.native_id in reader.without_distance:
                if record is not None and record.distance_m:
                    whole = whole._replace(distance_m=record.distance_m)
                elif activity.sport in ON_FOOT:
                    yield Problem(f"activity {activity.native_id}", NO_DISTANCE, activity.raw[:2000], is_note=True)
            yield whole
        for path, file in every:
            yield from (Problem(path, problem) for problem in file.problems)
        if deleted := unlisted(activities, records, found):
            log.info("source %s: tracks without a listed activity, which do not count: %d", self.name, deleted)


make = GarminAccount


def _is_list(files: ExportFiles, name: str) -> bool:
    with files.open(name) as stream:
        head = stream.read(_HEAD_BYTES)
    return b'"summarizedActivitiesExport"' in head or b'"activityId"' in head


def _without_places(files: StoredFiles) -> StoredFiles:
    """Remove the places along the way, which only distinguish copies: the cursor has thousands of tracks."""
    return {
        name: file._replace(
            records=[record._replace(places=(), way=()) for record in file.records],
            members=_without_places(file.members),
        )
        for name, file in files.items()
    }
