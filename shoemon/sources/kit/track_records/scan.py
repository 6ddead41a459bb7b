"""Reads what is new or changed among the files that were found, and keeps the rest as it was read before."""

from collections.abc import Mapping
from contextlib import closing
from typing import BinaryIO

from shoemon.model.errors import SourceError
from shoemon.model.recording import NoActivityError, TrackError
from shoemon.sources.formats.reading import read_track
from shoemon.sources.kit.archives import Archive, open_archive
from shoemon.sources.kit.find_tracks import Found, Listing, is_rubbish, is_track, is_zip, spelled
from shoemon.sources.kit.track_records.kept import Kept, KeptFiles
from shoemon.sources.kit.track_records.records import RecordReader


def scan(listing: Listing, known: KeptFiles, reader: RecordReader) -> KeptFiles:
    """Every file of `listing`. What lies in a folder that cannot be read now is kept as it was.

    Raises SourceError if the source is a single zip, and that cannot be read.
    """
    now = {file.name: _file(file, known.get(file.name), reader) for file in listing.files}
    for folder, reason in listing.closed.items():
        below = f"{folder}/"
        now |= {name: kept._replace(mark=[]) for name, kept in known.items() if name.startswith(below)}
        now[below] = Kept([], [], [reason], {})
    return now


def _file(file: Found, known: Kept | None, reader: RecordReader) -> Kept:
    if known is not None and file.mark and known.mark == file.mark:
        return known
    try:
        if is_zip(file.path.name):
            with closing(open_archive(file.path, spelled(file.path.name))) as archive:
                return Kept(file.mark, [], [], _members(archive, file.name, known.members if known else {}, reader))
        with file.path.open("rb") as stream:
            return _track(stream, file.name, file.mark, reader)
    except OSError as error:  # it may be a disk that is away for a while: what was read of it stands
        problem = f"cannot be read: {error.strerror or error}"
        kept = known or Kept([], [], [], {})
        found = Kept([], kept.records, [problem], kept.members)
    except TrackError as error:
        problem = str(error)
        found = Kept(file.mark, [], [problem], {})
    if not file.name:
        raise SourceError(f"{file.path.name} {problem}" if problem.startswith("cannot") else problem)
    return found


def _members(
    archive: Archive, path: str, known: Mapping[str, Kept], reader: RecordReader, *, nested: bool = True
) -> KeptFiles:
    """The tracks in a zip, and, if `nested`, those in the zips it holds."""
    found: KeptFiles = {}
    for name, info in archive.members.items():
        if is_rubbish(name) or not (is_track(name) or (nested and is_zip(name))):
            continue
        mark, before = [info.file_size, info.CRC], known.get(name)
        label = "/".join(filter(None, (path, name)))
        if before is not None and before.mark == mark:
            found[name] = before
            continue
        try:
            if is_track(name):
                with archive.open(name) as stream:
                    found[name] = _track(stream, label, mark, reader)
            else:
                with closing(archive.nested(name)) as inner:
                    members = _members(inner, label, before.members if before else {}, reader, nested=False)
                found[name] = Kept(mark, [], [], members)
        except TrackError as error:
            found[name] = Kept(mark, [], [str(error)], {})
    return found


def _track(stream: BinaryIO, path: str, mark: list[int], reader: RecordReader) -> Kept:
    """What a file holds. What is no activity (settings, a course) is no problem, and not read again."""
    try:
        recordings = read_track(stream, path.rpartition("/")[2])
    except NoActivityError:
        return Kept(mark, [], [], {})
    except TrackError as error:
        return Kept(mark, [], [str(error)], {})
    records, problems = reader.read(path, recordings)
    return Kept(mark, records, problems, {})
