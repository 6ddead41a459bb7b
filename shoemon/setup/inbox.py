"""Take in files that are sent to the pages: whole or not at all, into `inbox/` beside shoemon.yaml.

A name that was sent is never a path. A file arrives in a hidden folder of its own, and is moved when it is whole and a
source recognises it: into the folder of the source that reads it, or, as long as none does, into the inbox itself.
"""

import gzip
import os
import re
import shutil
import sys
import tempfile
import threading
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from filecmp import cmp
from pathlib import Path
from typing import Any

from shoemon.config.kinds import SourceSettings
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.model.text import free_name
from shoemon.setup.exports import READS_ALL, READS_NEWEST, recognised, undated
from shoemon.store import locking

INBOX = "inbox"
TRACKS = f"{INBOX}/tracks"
POSTED_SOURCE = {"name": "posted", "type": "tracks", "path": TRACKS, "every": "15m"}
"""The source of the tracks that phones and scripts send."""
PART, _LOCK = ".part-", "lock"
KEPT_FREE = 200_000_000
"""Bytes of the disk that no upload takes: the database needs room too."""
_LOOK_EVERY = 32 << 20
_LONGEST_NAME = 100
_KINDS = ((b"PK\x03\x04", ".zip"), (b"PK\x05\x06", ".zip"), (b"\x1f\x8b", ".gz"))
_XML = ((b"<gpx", ".gpx"), (b"<TrainingCenterDatabase", ".tcx"))
_PLAIN = (".csv", ".tsv", ".json", ".ndjson", ".jsonl", ".xml", ".fit", ".gpx", ".tcx", ".txt")
"""The endings that the name of a file must have whose content shows no type."""
IN_FOLDERS = (*READS_ALL, *READS_NEWEST, "table")
"""Types whose later exports come into the folder of the first one."""
_moving = threading.Lock()


class TooLargeError(ShoemonError):
    """A file is larger than may be sent."""


class DiskFullError(ShoemonError):
    """There is no room for a file."""


class Incoming:
    """A file that is arriving in `inbox`. It is gone when the block ends, unless it was moved."""

    def __init__(self, inbox: Path, most: int, announced: int = 0) -> None:
        self._inbox, self._most, self._stack = inbox, most, ExitStack()
        self.size, self._looked_at = 0, 0
        self._refuse_above(announced)

    def __enter__(self) -> "Incoming":
        try:
            self._inbox.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix=PART, dir=self._inbox))
            self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self._stack.enter_context(locking.lock(self.folder / _LOCK, "upload"))
            self._file = self._stack.enter_context((self.folder / "file").open("xb"))
        except OSError as error:
            self._stack.close()
            raise ShoemonError(f"cannot write into {INBOX}: {error.strerror}") from None
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # what a full disk refused is flushed once more
            self._stack.close()

    def write(self, data: bytes) -> None:
        """Append. Raises TooLargeError or DiskFullError."""
        self.size += len(data)
        if self.size > self._most or self.size - self._looked_at > _LOOK_EVERY:
            self._refuse_above(self.size)
            self._looked_at = self.size
        try:
            self._file.write(data)
        except OSError as error:
            raise _full(error) from None

    def whole(self, name: str | None) -> Path:
        """Finish the file, and give it its name: that which was sent, made safe, with the ending of its content.
        Raises MistakeError if it is empty, DiskFullError if it does not fit."""
        if not self.size:
            raise MistakeError("the file is empty")
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            path = self.folder / "file"
            return path.rename(self.folder / safe_name(name or "", ending_of(path)))
        except OSError as error:
            raise _full(error) from None

    def _refuse_above(self, size: int) -> None:
        if size > self._most:
            raise TooLargeError(
                f"the file is larger than {self._most / 1e6:,.0f} MB; set upload under web in shoemon.yaml for more"
            )
        place = next(each for each in (self._inbox, *self._inbox.parents) if each.exists())
        if shutil.disk_usage(place).free - (size - self.size) < KEPT_FREE:
            raise DiskFullError("the disk of the server is full")


def clear_parts(inbox: Path) -> None:
    """Remove what uploads left that were broken off by the end of their process."""
    for folder in inbox.glob(f"{PART}*/"):
        with locking.unless_held(folder / _LOCK) as is_free:
            if is_free:
                shutil.rmtree(folder, ignore_errors=True)


def take_in(directory: Path, sources: Sequence[SourceSettings], part: Path) -> tuple[Path, bool]:
    """Move a whole file to its place below the configuration in `directory`; return that, and whether its content is
    new. Raises MistakeError if no source reads it."""
    settings, _ = recognised(part, part.name)
    places = (_folder_of(directory, each, settings, part.name) for each in sources)
    own = next(filter(None, places), directory / INBOX)
    folder = directory / TRACKS if is_track(settings) else own
    try:
        with _moving:
            if (same := _same(directory / INBOX, part)) is not None:
                return same, False
            folder.mkdir(mode=0o700, exist_ok=True)
            return part.rename(_free(folder / part.name)), True
    except OSError as error:
        raise _full(error) from None


def copy_in(directory: Path, sources: Sequence[SourceSettings], file: Path) -> tuple[Path, bool]:
    """Copy a file of this machine into the inbox. Raises as Incoming and `take_in`."""
    try:
        with Incoming(directory / INBOX, sys.maxsize, file.stat().st_size) as incoming, file.open("rb") as given:
            while piece := given.read(1 << 20):
                incoming.write(piece)
            return take_in(directory, sources, incoming.whole(file.name))
    except OSError as error:
        raise MistakeError(f"cannot read {file}: {error.strerror}") from None


def waiting(directory: Path, sources: Sequence[SourceSettings]) -> list[Path]:
    """List the files of the inbox that no source reads, the latest first."""
    found = [path for path in _files(directory / INBOX) if reader_of(directory, sources, path) is None]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


@contextmanager
def moved(path: Path, place: Path) -> Iterator[Path]:
    """Move a file to `place`, or beside it where that is taken, for the block; and back if that fails."""
    with _moving:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        place = path if place == path else path.rename(_free(place))
    try:
        yield place
    except BaseException:
        place.rename(path)
        raise


def reader_of(directory: Path, sources: Sequence[SourceSettings], path: Path) -> str | None:
    """The name of the source that reads `path`."""
    for source in sources:
        given = Path(str(getattr(source, "path", None) or "?")).expanduser()
        place = path if given.is_absolute() else path.relative_to(directory)  # its name may look like a pattern
        if given in (place, *place.parents) or place.match(str(given)):
            return source.name
    return None


def safe_name(name: str, ending: str | None) -> str:
    """`name` as the name of a file, with `ending` if its content has one. Raises MistakeError if neither shows a type
    of file that is read."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = re.sub(r"[^\w.()+ -]", "_", name).strip(" .")
    own = next((each for each in (ending, *_PLAIN, ".zip", ".gz") if each and f".{name}".lower().endswith(each)), "")
    if ending is None and own not in _PLAIN:
        raise MistakeError("no type of source reads this; send a zip, FIT, GPX, TCX, CSV, JSON or XML file")
    stem = name[: len(name) - len(own)].encode()[:_LONGEST_NAME].decode(errors="ignore").strip(" .")
    return f"{stem or 'export'}{ending or own}"


def ending_of(path: Path) -> str | None:
    """The ending of the name that the content of a file asks for; None for text of any kind."""
    with path.open("rb") as file:
        head = file.read(4096)
    ending = next((ending for mark, ending in _KINDS if head.startswith(mark)), None)
    if ending != ".gz":
        return ending or _ending(head)
    try:
        with gzip.open(path) as unpacked:
            return (_ending(unpacked.read(4096)) or "") + ending
    except (OSError, EOFError, zlib.error):
        return ending


def _ending(head: bytes) -> str | None:
    if head[8:12] == b".FIT":
        return ".fit"
    return next((ending for mark, ending in _XML if mark in head), None)


def _folder_of(directory: Path, source: SourceSettings, settings: Mapping[str, Any], name: str) -> Path | None:
    """The folder of `source` in the inbox, if it reads exports like this one there. Of tables there are many kinds:
    they must have the same columns, and be called alike."""
    path = directory / str(getattr(source, "path", ""))
    if path.name != "*" or directory / INBOX not in path.parents or source.type != settings["type"]:
        return None
    names = {undated(file.name) for file in path.parent.glob("*")}
    is_alike = source.type != "table" or (
        undated(name) in names and _columns(source.model_dump(exclude_unset=True)) == _columns(settings)
    )
    return path.parent if is_alike else None


def _columns(settings: Mapping[str, Any]) -> dict[str, str]:
    written = settings["columns"].items()
    return {key: value["column"] if isinstance(value, Mapping) else value for key, value in written if value}


def is_track(settings: Mapping[str, Any]) -> bool:
    """Whether a file of this type is one more track, and no export whose folders have a meaning."""
    return settings["type"] == "tracks" and "pattern" not in settings


def _same(inbox: Path, part: Path) -> Path | None:
    """The file with the same content that is there already."""
    size = part.stat().st_size
    return next(
        (path for path in _files(inbox) if path.stat().st_size == size and cmp(path, part, shallow=False)), None
    )


def _files(inbox: Path) -> Iterator[Path]:
    """The files of the inbox and of the folders in it, without what is arriving."""
    for pattern in ("[!.]*", "[!.]*/[!.]*"):
        yield from filter(Path.is_file, inbox.glob(pattern))


def _free(path: Path) -> Path:
    """`path`, or one beside it that is free."""
    stem, _, ending = path.name.partition(".")
    free = free_name(stem, lambda name: os.path.lexists(path.with_name(f"{name}.{ending}")))
    return path.with_name(f"{free}.{ending}")


def _full(error: OSError) -> DiskFullError:
    return DiskFullError(f"it cannot be written: {error.strerror}")
