"""Read the files of an export as it was downloaded: a zip, its folder, or a single file. Unpacks nothing to disk."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor
from shoemon.model.errors import ReadAgainError, SourceError
from shoemon.model.recording import TrackError
from shoemon.sources import RecordPull
from shoemon.sources.kit.archives import Archive, open_archive
from shoemon.sources.kit.find_tracks import find_files, is_system_file, is_zip, safe_name, with_home
from shoemon.words.problems import bounded

MOST_BYTES = 128 << 20
"""Of one file that is read row by row, and of one that is read whole."""
MOST_PARTS, MOST_VALUES = 3_000_000, 20_000_000
"""Lists and objects, and values, of one JSON text: in memory each takes many times its two bytes."""
_TRIED, _HEAD_BYTES = 20, 4096
"""Files that are opened to recognise an export, and bytes read of each."""
Pairs = list[tuple[str, Any]]
Wanted = Callable[[str], bool]
"""Tests by its path inside the export whether a file is needed."""


def parse_json(text: bytes | str, **options: Any) -> Any:
    """Parse JSON with `options` of json.loads. Raises ValueError, also for what would fill the memory."""
    lists, objects, commas = (text.count(s) if isinstance(text, str) else text.count(s.encode()) for s in "[{,")
    if lists + objects > MOST_PARTS or commas > MOST_VALUES:
        raise ValueError("it contains more lists, objects or values than any export")
    return json.loads(text, **options)


def is_json(name: str) -> bool:
    return name.lower().endswith(".json")


def locate(path: str, base: Path, remedy: str = "correct `path`") -> Path:
    """Find the zip, folder or file that `path` means, or the newest match. Raises SourceError with `remedy`."""
    given = with_home(path)
    whole = base / given
    try:
        if whole.exists():
            return whole
        # The base is not a pattern, though its name may look like one; a link to nothing is not a file.
        matches = [base / match for match in glob(str(given), root_dir=base, recursive=True)]
        found = [match for match in matches if match.exists()]
        if not found:
            raise SourceError(f"there is no file or folder {whole}; {remedy}")
        return max(found, key=lambda match: (match.stat().st_mtime_ns, match.name))
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from None


class ExportFiles:
    """The files below `path` that are `wanted`, by their paths inside the export, in the order of their names. Raises
    SourceError if the zip or folder cannot be opened. Close it."""

    def __init__(self, path: Path, wanted: Wanted) -> None:
        self.path = path = path.absolute()
        self._archive: Archive | None = None
        self._paths: Mapping[str, Path] = {}
        listing = find_files(str(path), path.parent, wanted=wanted)
        self._closed = listing.closed
        self.marks = [[file.name, *file.mark] for file in listing.files]
        """These change when a file does. A mark without figures is of a file that may be changing now."""
        self.changed_ns = {file.name: file.mtime_ns for file in listing.files}
        """When a file was changed; none in a zip."""
        if path.is_file() and is_zip(path.name):
            try:
                self._archive = open_archive(path, safe_name(path.name))
            except OSError as error:
                raise SourceError(f"cannot read {path}: {error.strerror}") from None
            except TrackError as error:
                raise SourceError(str(error)) from None
            names: Iterable[str] = (name for name in self._archive.members if not is_system_file(name))
        else:
            names = self._paths = {file.name: file.path for file in listing.files}
        self._files = self._paths if self._archive is None else self._archive.members
        self.names = sorted(filter(wanted, names))
        """The names of the files that are `wanted`."""

    @property
    def is_settled(self) -> bool:
        """True if `marks` are reliable: nothing is changing now, and every folder was read."""
        return not self._closed and all(len(mark) == 3 for mark in self.marks)

    def track(self, path: str) -> str | None:
        """Return `path` if a GPX file is there in the export, or below the folder of an export that is one file."""
        if not path.lower().endswith(".gpx") or path.startswith("../"):
            return None
        if self._archive is None and self.path.is_file():
            # Unlike Path.is_file, this does not raise for a name that no disk can have.
            return path if os.path.isfile(self.path.parent / path) else None
        return path if path in self._files else None

    def problems(self) -> Iterator[Problem]:
        """Yield a Problem for each folder that cannot be read."""
        yield from (Problem(folder, why) for folder, why in self._closed.items())

    def open(self, name: str, most: int = MOST_BYTES) -> BinaryIO:
        """Open the bytes of a file, of a zip's member at most `most`: a file read in pieces may be larger than
        MOST_BYTES. Raises SourceError if it is not there; TrackError or OSError, also later, if broken."""
        if name not in self._files:
            raise SourceError(f"{self.path} contains no {name}")
        if self._archive is not None:
            return self._archive.open(name, most)
        try:
            return self._paths[name].open("rb")
        except FileNotFoundError:
            raise ReadAgainError(f"{name} in {self.path} vanished while it was read") from None

    def read(self, name: str, most: int = MOST_BYTES) -> bytes:
        """Read a whole file. Raises ValueError if it has more than `most` bytes, or cannot be read."""
        try:
            with self.open(name, most + (1 << 17)) as stream:  # the buffer reads a little ahead
                data = stream.read(most + 1)
        except TrackError as error:
            raise ValueError(f"the file {error}") from None
        except OSError as error:
            raise ValueError(f"the file cannot be read: {error.strerror or error}") from None
        if len(data) > most:
            raise ValueError(f"the file has more than {most / 2**20:.3g} MB")
        return data

    def json(self, name: str, most: int = MOST_BYTES, keep: Callable[[Pairs], Any] | None = None) -> Any:
        """Read a JSON file. `keep` reduces each object as it is read, to save memory. Raises ValueError."""
        data = self.read(name, most)
        try:
            return parse_json(data, object_pairs_hook=keep)
        except UnicodeDecodeError:
            raise ValueError("the file is not text in UTF-8") from None
        except json.JSONDecodeError as error:
            raise ValueError(f"the file is not JSON, or was cut off (line {error.lineno})") from None
        except RecursionError:
            raise ValueError("the file is nested deeper than any export") from None
        except ValueError as error:  # a number with more digits than Python converts
            raise ValueError(f"the file cannot be read: {error}") from None

    def json_rows(self, most: int = MOST_BYTES) -> Iterator[tuple[str, Any]]:
        """Yield every file's name, and its JSON, or the ValueError why it cannot be read."""
        for name in self.names:
            try:
                content = self.json(name, most)
            except ValueError as error:
                content = error
            yield name, content

    def close(self) -> None:
        if self._archive is not None:
            self._archive.close()

    def __enter__(self) -> "ExportFiles":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def begins(path: Path, wanted: Wanted, is_ours: Callable[[bytes], object], others: Wanted | None = None) -> bool:
    """Return whether one of the first files `wanted` begins as it should, and `others` are not in the majority."""
    try:
        with ExportFiles(path, wanted if others is None else lambda name: wanted(name) or others(name)) as files:
            names = list(filter(wanted, files.names))
            if 2 * len(names) < len(files.names):
                return False
            for name in names[:_TRIED]:
                with files.open(name) as stream:
                    if is_ours(stream.read(_HEAD_BYTES)):
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
    """Pull all of `files`: unchanged while they have the marks of the last pull, else `records` of them. `head` is what
    else decides how they are read: the reader's number, the runner's zone. `at_once` reads a slow export now, not while
    the records are stored and others wait to write. Closes `files`."""
    digest = hashlib.sha256(json.dumps(files.marks).encode()).hexdigest()  # the marks of 100,000 files have 8 MB
    after: Cursor = {**head, "marks": digest}
    if cursor == after and files.is_settled:
        files.close()
        return RecordPull(iter(()), unchanged=True, cursor=lambda: cursor)

    def read() -> Iterator[Activity | Problem]:
        yield from files.problems()
        yield from records(files)

    try:
        found = iter(list(bounded(read()))) if at_once else read()
    except BaseException:
        files.close()
        raise
    return RecordPull(found, cursor=lambda: after, close=files.close)


@contextmanager
def naming(label: str, remedy: str = "export again") -> Iterator[None]:
    """Raise every error of the file called `label` as a SourceError that names it."""
    try:
        yield
    except TrackError as error:
        raise SourceError(f"{label} {error}; {remedy}") from None
    except OSError as error:
        raise SourceError(f"{label} cannot be read: {error.strerror or error}") from None
