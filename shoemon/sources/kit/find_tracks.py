"""The track files below a path: a folder searched through, a zip, one file, or a pattern."""

import os
import re
import time
from collections.abc import Callable, Iterator
from glob import glob, has_magic
from pathlib import Path
from typing import NamedTuple

from shoemon.model.errors import SourceError
from shoemon.sources.formats import ENDINGS

_ADDRESS = re.compile(r"(?:^|(?<=/))[^/@\s]+@[^/@_\s]+\.[A-Za-z][A-Za-z0-9-]+_")
"""As Garmin begins names: `me@example.org_0_summarizedActivities.json`, `me@example.org_123.fit`."""
MOST_FILES = 200_000
SETTLED_NS = 2_000_000_000
"""A file changed within the last two seconds may still be written, and change again without another time of change."""
_RUBBISH = frozenset({"__macosx", "@eadir", "#recycle", "$recycle.bin", "lost+found", "system volume information"})
"""What computers and disks put into folders for themselves, in lower case."""


def without_address(path: str, number: int = 1) -> str:
    """`path` with `account_` where a name in it begins with an e-mail address: names stand in messages, in logs and in
    the database, and somebody else may read those. That of another account, of that `number`, is `account_no2_`."""
    return _ADDRESS.sub("account_" if number == 1 else f"account_no{number}_", path) if "@" in path else path


class Names:
    """Calls files without addresses, and tells those apart that differ in nothing else: they are of two accounts."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def name(self, path: str) -> str:
        """What `path` is called, the same each time it is asked for."""
        first = without_address(path)
        if first != path and path not in self._given:
            self._counts[first] = number = self._counts.get(first, 0) + 1
            self._given[path] = without_address(path, number)
        return self._given.get(path, path)


class Found(NamedTuple):
    """A file. `name` is its path below the source's own, blank for a zip that is the source's own."""

    name: str
    path: Path
    size: int
    mtime_ns: int
    settled: bool

    @property
    def mark(self) -> list[int]:
        """What tells whether the file is still the same; a file that may still be written has none."""
        return [self.size, self.mtime_ns] if self.settled else []


class Listing(NamedTuple):
    """What lies below a path. `root` is where names begin; `closed` maps folders that cannot be read to the reason."""

    root: Path
    files: list[Found]
    closed: dict[str, str]
    others: int
    """Files that are no tracks."""


def is_track(name: str) -> bool:
    """Whether a file is called like a track."""
    return name.lower().endswith(ENDINGS)


def is_zip(name: str) -> bool:
    """Whether a file is called like a zip."""
    return name.lower().endswith(".zip")


def is_rubbish(name: str) -> bool:
    """Whether a path lies in a hidden folder, or in one that a computer keeps for itself."""
    return any(part.startswith((".", "~$")) or part.lower() in _RUBBISH for part in name.split("/"))


def spelled(name: str) -> str:
    r"""`name` as text that can be kept: a byte of it that is not UTF-8 (on a disk from long ago) as `\xe9`, and
    without an e-mail address."""
    return without_address(_as_text(name))


def _as_text(name: str) -> str:
    return os.fsencode(name).decode(errors="backslashreplace")


def is_track_or_zip(name: str) -> bool:
    """Whether a file is called like a track or a zip."""
    return is_track(name) or is_zip(name)


def find_files(
    path: str, base: Path, most: int = MOST_FILES, wanted: Callable[[str], bool] = is_track_or_zip
) -> Listing:
    """The files `wanted` by their names that `path` means. Raises SourceError if there is no such path, or too much."""
    root, given = find_root(path, base), _home_put_in(path)
    whole = base / given
    try:
        if whole.is_dir():
            return _below(root, [whole], most, wanted)
        if whole.exists():
            if not whole.is_file():  # a pipe would be waited for without end
                raise SourceError(f"{whole} is neither a file nor a folder; correct `path`", retryable=False)
            name = "" if root == whole else whole.name
            return Listing(root, [_found(spelled(name), whole, whole.stat())], {}, 0)
    except OSError as error:
        raise SourceError(f"cannot read {whole}: {error.strerror}") from None
    matches = sorted(base / match for match in glob(str(given), root_dir=base, recursive=True))
    if not matches:
        raise SourceError(f"no file or folder is called {whole}; correct `path`, which starts from {base}")
    return _below(root, matches, most, wanted)


def find_root(path: str, base: Path) -> Path:
    """Where the names of tracks begin: the folder, the zip, the folder of a single file, or that above a pattern's
    first wildcard. Raises SourceError if there is no such path."""
    given = _home_put_in(path)
    whole = base / given
    try:
        if whole.exists():
            return whole if whole.is_dir() or is_zip(whole.name) else whole.parent
    except OSError as error:
        raise SourceError(f"cannot read {whole}: {error.strerror}") from None
    if not has_magic(str(given)):
        raise SourceError(f"there is no file or folder {whole}; correct `path`, which starts from {base}")
    while has_magic(str(given)):
        given = given.parent
    return base / given


def _home_put_in(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:
        home = Path(path).parts[0]
        raise SourceError(f"{home} is no user's folder here; write the whole `path`", retryable=False) from None


def _below(root: Path, starts: list[Path], most: int, wanted: Callable[[str], bool]) -> Listing:
    """Everything below `starts`. A folder that is met twice, by a link say, is searched once."""
    files: dict[str, Found] = {}
    closed: dict[str, str] = {}
    visited: set[tuple[int, int]] = set()
    names = Names()
    others, todo = 0, starts[::-1]
    while todo:
        path = todo.pop()
        try:
            entries = list(_entries(path, root, visited, names))
        except OSError as error:
            if path == root:
                raise SourceError(f"cannot read {root}: {error.strerror}") from None
            closed[spelled(path.relative_to(root).as_posix())] = f"cannot be read: {error.strerror}"
            continue
        for entry, found in entries:
            if found is None:
                # Links are followed last, so that a folder goes by its own name where it has one.
                todo.insert(0, entry) if entry.is_symlink() else todo.append(entry)
            elif wanted(found.name):
                files[found.name] = found
            else:
                others += 1
        if len(files) + others + len(visited) > most:
            raise SourceError(f"{root} holds more than {most:,} files; name a folder in it", retryable=False)
    return Listing(root, [files[name] for name in sorted(files)], closed, others)


def _entries(
    path: Path, root: Path, visited: set[tuple[int, int]], names: Names
) -> Iterator[tuple[Path, Found | None]]:
    """The files at `path`, or in it; folders with None. What is no file (a pipe, a link to nothing) is left out."""
    status = path.stat()
    if not path.is_dir():
        if path.is_file():
            yield path, _found(names.name(_as_text(path.relative_to(root).as_posix())), path, status)
        return
    if (status.st_dev, status.st_ino) in visited:
        return
    visited.add((status.st_dev, status.st_ino))
    top = "" if path == root else f"{path.relative_to(root).as_posix()}/"
    with os.scandir(path) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name, reverse=True):
            if is_rubbish(entry.name):
                continue
            if entry.is_dir():
                yield path / entry.name, None
            elif entry.is_file():
                yield path, _found(names.name(_as_text(top + entry.name)), entry.path, entry.stat())


def _found(name: str, path: Path | str, status: os.stat_result) -> Found:
    # The time of change of the entry itself shows a copy under way that bears the time of its original already.
    now = time.time_ns()
    settled = all(abs(now - changed) > SETTLED_NS for changed in (status.st_mtime_ns, status.st_ctime_ns))
    return Found(name, Path(path), status.st_size, status.st_mtime_ns, settled)
