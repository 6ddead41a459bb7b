"""Source type `tracks`: a folder or zip of FIT, TCX and GPX files, as watches and programs write them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shoemon.config.kinds import SourceSettings
from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor, Tracks
from shoemon.sources import RecordPull, SourceOf
from shoemon.sources.kit.activities import NO_DISTANCE
from shoemon.sources.kit.find_tracks import find_files, find_root, is_zip
from shoemon.sources.kit.open_tracks import OpenTracks
from shoemon.sources.kit.sport_names import Sport
from shoemon.sources.kit.track_records.path_pattern import compile_pattern
from shoemon.sources.kit.track_records.records import RecordReader
from shoemon.sources.kit.track_records.scan import StoredFiles, flattened, scan, stored_in
from shoemon.sources.track_files.copies import without_copies
from shoemon.sources.track_files.recognise import recognise

__all__ = ["Settings", "make", "recognise"]


def _pattern(value: str) -> str:
    compile_pattern(value)
    return value


class Settings(SourceSettings):
    """A folder or zip of track files (FIT, TCX, GPX)."""

    type: Literal["tracks"] = Field("tracks", description="track files: FIT, TCX and GPX, also gzipped")
    path: str = Field(
        description="a folder (with the folders and zips in it), a zip, a file, or a pattern such as "
        "~/runs/20*/*.gpx; ~ is allowed"
    )
    pattern: Annotated[str, AfterValidator(_pattern)] | None = Field(
        None,
        description="parts in the names of folders below path: {shoe}, {surface}, {sport}, {name}; * is anything, "
        "** any number of folders",
    )
    sport: Sport | None = Field(
        None,
        description="sport of a file that names none (default: run for GPX without a word, and for FIT of a watch that "
        "died if it has a runner's speed; others are listed for you to decide)",
    )
    sport_map: dict[str, Sport] = Field({}, description="sports for words in files or names of folders")
    times: Literal["utc", "local"] = Field(
        "utc", description="clock of the times in the files: local if they are local, whatever letter follows them"
    )


class TracksSource(SourceOf[Settings]):
    """Yields all tracks at every pull, but reads only new or changed files."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        """Read what changed."""
        listing = find_files(self._settings.path, self._context.base)
        if (most := self._context.most_files) is not None:
            listing = listing._replace(files=[file for file in listing.files if not is_zip(file.path.name)][:most])
        known: Cursor = cursor or {}
        marks = {name: values[0] for name, values in known.get("files", {}).items()}
        settled = all(marks.values()) and not listing.closed
        if known and settled and marks == {file.name: file.mark for file in listing.files}:
            return RecordPull(iter(()), unchanged=True, cursor=lambda: cursor)
        before = stored_in(known.get("files", {}))
        now = scan(listing, before, self._reader())
        after: Cursor = {"files": now}
        if known and _content(before) == _content(now):
            return RecordPull(iter(()), unchanged=True, cursor=lambda: after)
        return RecordPull(_records(now, self.name), cursor=lambda: after)

    def open_tracks(self) -> Tracks:
        return OpenTracks(find_root(self._settings.path, self._context.base))

    def _reader(self) -> RecordReader:
        settings = self._settings
        pattern = compile_pattern(settings.pattern) if settings.pattern else None
        return RecordReader(
            self._context.zone, pattern, settings.sport, settings.sport_map, is_local=settings.times == "local"
        )


make = TracksSource


def _records(files: StoredFiles, source: str) -> Iterator[Activity | Problem]:
    every = list(flattened(files))
    for record in without_copies(record for _, file in every for record in file.records):
        try:
            yield record.activity(source)
        except ValueError as error:
            yield Problem(str(record.run.track), str(error), record.run.raw[:2000])
        notes = (*record.notes, NO_DISTANCE) if record.lacks_distance else record.notes
        yield from (Problem(str(record.run.track), note, record.run.raw[:2000], is_note=True) for note in notes)
    for path, file in every:
        yield from (Problem(path, problem) for problem in file.problems)


def _content(files: StoredFiles) -> list[tuple[object, ...]]:
    """Return the content of files without their marks."""
    return [(path, file.records, file.problems) for path, file in flattened(files) if file.records or file.problems]
