"""Read the new and changed files among those found, and keep the rest as it was read before.

The records of each file are stored as plain JSON until the next pull.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, BinaryIO, NamedTuple

from shoemon.model.activity import Activity
from shoemon.model.errors import SourceError
from shoemon.model.recording import NoActivityError, TrackError
from shoemon.sources.formats.reading import read_track
from shoemon.sources.kit.archives import Archive, open_archive
from shoemon.sources.kit.find_tracks import FoundFile, Listing, is_system_file, is_track, is_zip, safe_name
from shoemon.sources.kit.track_records.records import Record, RecordReader


class StoredFile(NamedTuple):
    """A file as it was last read. `mark` changes with the file (blank: read it again in any case), `problems` are the
    reasons why parts could not be read, `members` are the files in a zip."""

    mark: list[int]
    records: list[Record]
    problems: list[str]
    members: dict[str, "StoredFile"]


StoredFiles = dict[str, StoredFile]
"""By path below the source's own."""


def stored_in(remembered: Mapping[str, Any]) -> StoredFiles:
    """Read the files in a cursor."""
    files: StoredFiles = {}
    for name, (mark, records, problems, members) in remembered.items():
        found = [Record(Activity._make(run), *more) for run, *more in records]
        files[name] = StoredFile(mark, found, problems, stored_in(members))
    return files


def flattened(files: Mapping[str, StoredFile], below: str = "") -> Iterator[tuple[str, StoredFile]]:
    """Yield every file with its path, also the members of zips."""
    for name, file in files.items():
        path = "/".join(filter(None, (below, name)))
        yield path, file
        yield from flattened(file.members, path)


def scan(listing: Listing, known: StoredFiles, reader: RecordReader) -> StoredFiles:
    """Read every file of `listing`. Files in a folder that cannot be read now are kept as they were. Raises SourceError
    if the source is a single zip, and that cannot be read."""
    now = {file.name: _file(file, known.get(file.name), reader) for file in listing.files}
    for folder, reason in listing.closed.items():
        below = f"{folder}/"
        now |= {name: stored._replace(mark=[]) for name, stored in known.items() if name.startswith(below)}
        now[below] = StoredFile([], [], [reason], {})
    return now


def _file(file: FoundFile, known: StoredFile | None, reader: RecordReader) -> StoredFile:
    if known is not None and file.mark and known.mark == file.mark:
        return known
    try:
        if is_zip(file.path.name):
            with closing(open_archive(file.path, safe_name(file.path.name))) as archive:
                return StoredFile(
                    file.mark, [], [], _members(archive, file.name, known.members if known else {}, reader)
                )
        with file.path.open("rb") as stream:
            return _track(stream, file.name, file.mark, reader)
    except FileNotFoundError:  # removed or replaced meanwhile: the next pull sees it
        return (known or StoredFile([], [], [], {}))._replace(mark=[])
    except OSError as error:  # perhaps a disk that is away for a while: keep what was read before
        reason = f"cannot be read: {error.strerror or error}"
        stored = known or StoredFile([], [], [], {})
        problem, found = f"{file.path.name} {reason}", StoredFile([], stored.records, [reason], stored.members)
    except TrackError as error:
        problem, found = str(error), StoredFile(file.mark, [], [str(error)], {})
    if not file.name:
        raise SourceError(problem)
    return found


def _members(
    archive: Archive, path: str, known: Mapping[str, StoredFile], reader: RecordReader, *, nested: bool = True
) -> StoredFiles:
    """Read the tracks in a zip, and, if `nested`, those in the zips in it."""
    found: StoredFiles = {}
    for name, info in archive.members.items():
        if is_system_file(name) or not (is_track(name) or is_zip(name)):
            continue
        mark, before = [info.file_size, info.CRC], known.get(name)
        label = "/".join(filter(None, (path, name)))
        if before is not None and before.mark == mark:
            found[name] = before
            continue
        try:
            if not (nested or is_track(name)):
                raise TrackError("is a zip in a zip in a zip; unpack it, and name the folder in `path`")
            if is_track(name):
                with archive.open(name) as stream:
                    found[name] = _track(stream, label, mark, reader)
            else:
                with closing(archive.nested(name)) as inner:
                    members = _members(inner, label, before.members if before else {}, reader, nested=False)
                found[name] = StoredFile(mark, [], [], members)
        except TrackError as error:
            found[name] = StoredFile(mark, [], [str(error)], {})
    return found


def _track(stream: BinaryIO, path: str, mark: list[int], reader: RecordReader) -> StoredFile:
    """Read a file. One that is not an activity (settings, a course) is not a problem, and not read again."""
    try:
        recordings = read_track(stream, path.rpartition("/")[2])
    except NoActivityError:
        return StoredFile(mark, [], [], {})
    except TrackError as error:
        return StoredFile(mark, [], [str(error)], {})
    records, problems = reader.read(path, recordings)
    return StoredFile(mark, records, problems, {})
