"""Open the tracks of a folder or zip, one after the other."""

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from shoemon.model.errors import SourceError
from shoemon.model.recording import Recording
from shoemon.sources.formats.reading import read_track
from shoemon.sources.kit.archives import Archive, open_archive
from shoemon.sources.kit.find_tracks import safe_name

_NUMBERED = re.compile(r"(.+)#(\d+)", re.DOTALL)
_MOST_OPEN = 8
"""Zips within a zip; each may take some 10 MB."""


class OpenTracks:
    """Reads tracks below `root`: a folder, or a zip. The zip that was read last stays open, with the zips in it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._outer: tuple[Path, Archive] | None = None
        self._inner: dict[str, Archive] = {}

    def recordings(self, track: str) -> Sequence[Recording]:
        try:
            stream = self._open(track)
            number = None
            if stream is None and (match := _NUMBERED.fullmatch(track)):
                stream, number = self._open(match[1]), int(match[2])
            if stream is None:
                raise SourceError(f"{track} no longer exists; sync its source again")
            with stream:
                found = read_track(stream, PurePosixPath(track).name)
        except OSError as error:
            raise SourceError(f"{track} cannot be read: {error.strerror or error}") from None
        if number is not None:
            found = tuple(recording for recording in found if recording.number == number)
        if not found:
            raise SourceError(f"{track} no longer contains this recording; sync its source again")
        return found

    def close(self) -> None:
        for inner in self._inner.values():
            inner.close()
        self._inner.clear()
        if self._outer is not None:
            self._outer[1].close()
        self._outer = None

    def _open(self, path: str) -> BinaryIO | None:
        parts = path.split("/")
        if ".." in parts or "" in parts:
            return None
        if self._root.is_file():
            return self._member(self._root, parts)
        file = self._root
        for count, part in enumerate(parts, 1):
            file = _entry(file, part)
            if file.is_file():
                return self._member(file, parts[count:]) if count < len(parts) else file.open("rb")
            if not file.is_dir():
                return None
        return None

    def _member(self, file: Path, parts: Sequence[str]) -> BinaryIO | None:
        archive = self._archive(file)
        name = "/".join(parts)
        if name in archive.members:
            return archive.open(name)
        for count in range(1, len(parts)):
            outer = "/".join(parts[:count])
            if outer in archive.members:
                inner, name = self._nested(archive, outer), "/".join(parts[count:])
                return inner.open(name) if name in inner.members else None
        return None

    def _archive(self, file: Path) -> Archive:
        if self._outer is None or self._outer[0] != file:
            self.close()
            self._outer = (file, open_archive(file, safe_name(file.name)))
        return self._outer[1]

    def _nested(self, archive: Archive, name: str) -> Archive:
        if name not in self._inner:
            if len(self._inner) >= _MOST_OPEN:
                self._inner.pop(next(iter(self._inner))).close()
            self._inner[name] = archive.nested(name)
        return self._inner[name]


def _entry(folder: Path, name: str) -> Path:
    """Return the file or folder with the safe name `name` in `folder`, if there is one."""
    path = folder / name
    if path.exists():
        return path
    entries = os.listdir(folder) if folder.is_dir() else ()
    return next((folder / entry for entry in entries if safe_name(entry) == name), path)
