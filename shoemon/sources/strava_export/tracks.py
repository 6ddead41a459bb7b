"""The tracks in a Strava export, next to its list of activities."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from shoemon.model.errors import SourceError
from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.reading import read_track
from shoemon.sources.kit.files import opened_archive

FOLDER = "activities"


class StravaTracks:
    """Reads `activities/123.fit.gz` and the like, next to activities.csv. `path` is that file, or the zip that contains
    it as `member`. Raises SourceError if the zip cannot be opened."""

    def __init__(self, path: Path, member: str | None) -> None:
        self._folder, self._root = path.parent, PurePosixPath((member or "").replace("\\", "/")).parent
        self._archive = None if member is None else opened_archive(path)

    def any(self) -> bool:
        if self._archive is None:
            return (self._folder / FOLDER).is_dir()
        folder = str(self._root / FOLDER)
        return any(name.startswith(f"{folder}/") for name in self._archive.members)

    def recordings(self, track: str) -> Sequence[Recording]:
        relative = PurePosixPath(track.replace("\\", "/"))
        if not relative.name or relative.is_absolute() or ".." in relative.parts or ":" in track:
            raise TrackError(f"{track!r} is not a track inside the export")
        try:
            with self._open(relative) as stream:
                return read_track(stream, track)
        except OSError as error:
            raise SourceError(f"{track} cannot be read: {error.strerror or error}") from None

    def _open(self, relative: PurePosixPath) -> BinaryIO:
        # Whoever unpacks an export may have unpacked its tracks too.
        other = relative.with_suffix("") if relative.suffix == ".gz" else relative.with_name(relative.name + ".gz")
        for path in (relative, other):
            if self._archive is None:
                if (file := self._folder / path).is_file():
                    return file.open("rb")
            elif (name := str(self._root / path)) in self._archive.members:
                return self._archive.open(name)
        raise SourceError(f"the export contains no {relative}; export again if it should")

    def close(self) -> None:
        if self._archive is not None:
            self._archive.close()
