"""The files of an export as it was downloaded: a zip, its folder, or a single file. Nothing is unpacked to disk."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from glob import glob
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor
from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources import RecordPull
from shoemon.sources.kit.archives import Archive, open_archive
from shoemon.sources.kit.find_tracks import find_files, is_rubbish, is_zip, spelled

MOST_BYTES = 128 << 20
"""Of one file that is read as a whole."""
MOST_PARTS, MOST_VALUES = 3_000_000, 20_000_000
"""Lists and objects, and values, of one JSON file: those of 128 MB of hundred-byte objects. Each takes many times the
memory of the two bytes that may stand for it."""
_TRIED, _LOOKED_AT = 20, 4096
"""Files that are opened to tell what a path holds, and bytes of each."""
Pairs = list[tuple[str, Any]]
Wanted = Callable[[str], bool]
"""Whether a file matters, by its path inside the export."""


def locate(path: str, base: Path, remedy: str = "correct `path`") -> Path:
    """The zip, folder or file that `path` means: of several that fit a pattern the newest. Raises SourceError with
    `remedy` if there is none."""
    try:
        given = Path(path).expanduser()
        whole = base / given
        if whole.exists():
            return whole
        # The base is no pattern, though its name may look like one; a link to nothing is no file.
        matches = [base / match for match in glob(str(given), root_dir=base, recursive=True)]
        found = [match for match in matches if match.exists()]
        if not found:
            raise SourceError(f"there is no file or folder {whole}; {remedy}")
        return max(found, key=lambda match: (match.stat().st_mtime_ns, match.name))
    except RuntimeError:
        raise SourceError(f"{Path(path).parts[0]} is no user's folder here; write the whole `path`") from None
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from None


class ExportFiles:
    """The files below `path` that are `wanted`, by their paths inside the export, in the order of their names.

    Raises SourceError if the zip or folder cannot be had at all. Close it.
    """

    def __init__(self, path: Path, wanted: Wanted) -> None:
        self.path = path = path.absolute()
        self._archive: Archive | None = None
        self._paths: Mapping[str, Path] = {}
        listing = find_files(str(path), path.parent, wanted=wanted)
        self._closed = listing.closed
        self.marks = [[file.name, *file.mark] for file in listing.files]
        """What tells whether anything is different from another time; one without figures may be changing just now."""
        if path.is_file() and is_zip(path.name):
            self._archive = opened_archive(path)
            names: Iterable[str] = (name for name in self._archive.members if not is_rubbish(name))
        else:
            names = self._paths = {file.name: file.path for file in listing.files}
        self.names = sorted(filter(wanted, names))
        """The files that are wanted."""

    @property
    def is_settled(self) -> bool:
        """Whether `marks` can be relied upon: nothing changes just now, and every folder could be read."""
        return not self._closed and all(len(mark) == 3 for mark in self.marks)

    def problems(self) -> Iterator[Problem]:
        """The folders that cannot be read."""
        yield from (Problem(folder, why) for folder, why in self._closed.items())

    def open(self, name: str, most: int = MOST_BYTES) -> BinaryIO:
        """The bytes of a file, of a zip's member at most `most`: what is read in pieces may be larger than MOST_BYTES.

        Raises SourceError if it is not there; TrackError or OSError, also later, if broken.
        """
        if name not in (self._paths if self._archive is None else self._archive.members):
            raise SourceError(f"{self.path} holds no {name}")
        return self._paths[name].open("rb") if self._archive is None else self._archive.open(name, most)

    def read(self, name: str, most: int = MOST_BYTES) -> bytes:
        """A file as a whole. Raises ValueError in words if it has more than `most` bytes, or cannot be read."""
        try:
            with self.open(name, most + (1 << 17)) as stream:  # which is read ahead a little
                data = stream.read(most + 1)
        except TrackError as error:
            raise ValueError(f"the file {error}") from None
        except OSError as error:
            raise ValueError(f"the file cannot be read: {error.strerror or error}") from None
        if len(data) > most:
            raise ValueError(f"the file has more than {most / 2**20:.3g} MB")
        return data

    def json(self, name: str, most: int = MOST_BYTES, keep: Callable[[Pairs], Any] | None = None) -> Any:
        """What a JSON file holds. `keep` makes something smaller of each object, which is how a large file fits into
        the memory. Raises ValueError in words."""
        data = self.read(name, most)
        if data.count(b"[") + data.count(b"{") > MOST_PARTS or data.count(b",") > MOST_VALUES:
            raise ValueError("the file holds more lists, objects or values than any export")
        try:
            return json.loads(data, object_pairs_hook=keep)
        except UnicodeDecodeError:
            raise ValueError("the file is not text in UTF-8") from None
        except json.JSONDecodeError as error:
            raise ValueError(f"the file is no JSON, or was cut off (line {error.lineno})") from None
        except RecursionError:
            raise ValueError("the file is nested deeper than any export") from None
        except ValueError as error:  # a number of more digits than Python takes
            raise ValueError(f"the file cannot be read: {error}") from None

    def close(self) -> None:
        """Lets go of the zip."""
        if self._archive is not None:
            self._archive.close()

    def __enter__(self) -> "ExportFiles":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def begins(path: Path, wanted: Wanted, is_ours: Callable[[bytes], object], others: Wanted | None = None) -> bool:
    """Whether one of the first files `wanted` at `path` begins as it should; never beside more `others`, which would
    stay unread."""
    try:
        with ExportFiles(path, wanted if others is None else lambda name: wanted(name) or others(name)) as files:
            names = list(filter(wanted, files.names))
            if 2 * len(names) < len(files.names):
                return False
            for name in names[:_TRIED]:
                with files.open(name) as stream:
                    if is_ours(stream.read(_LOOKED_AT)):
                        return True
    except (SourceError, TrackError, OSError):
        pass
    return False


def pull_files(
    files: ExportFiles,
    cursor: Cursor | None,
    head: Cursor,
    records: Callable[[ExportFiles], Iterable[Activity | Problem]],
    *,
    at_once: bool = False,
) -> RecordPull:
    """A pull over all of `files`: unchanged while they bear the marks of the last one, else `records` of them.

    `head` is what else decides how they are understood: the reader's number, the runner's zone. What takes a while is
    read `at_once`, not while the records are stored, when others wait to write. Closes `files`.
    """
    told = hashlib.sha256(json.dumps(files.marks).encode()).hexdigest()  # of 100,000 files the marks are 8 MB
    after: Cursor = {**head, "marks": told}
    if cursor == after and files.is_settled:
        files.close()
        return RecordPull(iter(()), unchanged=True, cursor=lambda: cursor)

    def read() -> Iterator[Activity | Problem]:
        yield from files.problems()
        yield from records(files)

    try:
        found = iter(list(read())) if at_once else read()
    except BaseException:
        files.close()
        raise
    return RecordPull(found, cursor=lambda: after, close=files.close)


def opened_archive(path: Path) -> Archive:
    """The zip at `path`. Raises SourceError if it cannot be opened."""
    try:
        return open_archive(path, spelled(path.name))
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from None
    except TrackError as error:
        raise SourceError(str(error)) from None
