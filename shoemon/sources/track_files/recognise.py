"""Recognise a path with tracks, and the pattern of its folders."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources.kit.archives import Archive, open_archive
from shoemon.sources.kit.find_tracks import Listing, find_files, is_system_file, is_track, is_zip
from shoemon.sources.kit.open_tracks import OpenTracks
from shoemon.sources.kit.track_records.records import sport_of_folder

_MOST_FILES, _MOST_ZIPS, _TRIED = 50_000, 200, 20
_EVIDENT = 0.8
"""The share of the tracks that must be in folders named for sports."""


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read the folder, zip or file `path`, if it contains tracks and little else. With a
    pattern, if the folders are evidently named for sports and shoes (`Running/Pegasus/file`)."""
    try:
        listing = find_files(str(path), Path.cwd(), _MOST_FILES)
    except SourceError:
        return None
    names = list(_names(listing))
    tracks = [name for name in names if is_track(name)]
    others = listing.others + len(names) - len(tracks)
    if len(tracks) <= others or not _any_reads(listing.root, tracks):
        return None
    settings = {"type": "tracks", "path": str(path)}
    pattern = evident_pattern(tracks)
    return settings | ({"pattern": pattern} if pattern else {})


def count_tracks(path: Path) -> int:
    """Count the files named like tracks in the folder or zip `path`, also in zips within it, unread."""
    try:
        return sum(map(is_track, _names(find_files(str(path), path.parent))))
    except (SourceError, TrackError, OSError):
        return 0


def evident_pattern(tracks: list[str]) -> str | None:
    """Return the pattern that matches the folders of nearly all `tracks`: `Kind/Shoe/file` or `Kind/file`."""
    for above, pattern in ((3, "{sport}/{shoe}/*"), (2, "{sport}/*")):
        deep = [name.split("/") for name in tracks if name.count("/") >= above - 1]
        named = [parts for parts in deep if sport_of_folder(parts[-above])]
        if tracks and len(named) >= _EVIDENT * len(tracks):
            return pattern if all(len(parts) == above for parts in deep) else f"**/{pattern}"
    return None


def _names(listing: Listing) -> Iterator[str]:
    """Yield the files found, and those inside of zips."""
    zips = 0
    for file in listing.files:
        if not is_zip(file.path.name):
            yield file.name
            continue
        zips += 1
        if zips > _MOST_ZIPS:
            continue
        try:
            with closing(open_archive(file.path, file.path.name)) as archive:
                yield from _members(archive, file.name)
        except (TrackError, OSError):
            yield file.name


def _members(archive: Archive, below: str, *, nested: bool = True) -> Iterator[str]:
    for name in archive.members:
        path = "/".join(filter(None, (below, name)))
        if is_zip(name) and nested:
            with closing(archive.nested(name)) as inner:
                yield from _members(inner, path, nested=False)
        elif not is_system_file(name):
            yield path


def _any_reads(root: Path, tracks: list[str]) -> bool:
    """Return whether one of the first tracks can be read."""
    with closing(OpenTracks(root)) as opened:
        for track in islice(tracks, _TRIED):
            try:
                if opened.recordings(track):
                    return True
            except TrackError:
                continue
    return False
