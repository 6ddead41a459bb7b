"""Find the track files below a path: a folder with all below it, a zip, one file, or a pattern."""

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
"""The beginning of Garmin's names: `me@example.org_0_summarizedActivities.json`, `me@example.org_123.fit`."""
MOST_FILES = 200_000
SETTLED_NS = 2_000_000_000
"""A file changed within the last two seconds may still be written, and change again without another time of change."""
_SYSTEM = frozenset({"__macosx", "@eadir", "#recycle", "$recycle.bin", "lost+found", "system volume information"})
"""Folders that operating systems and disks make for themselves, in lower case."""


def without_address(path: str, number: int = 1) -> str:
    """Replace an e-mail address at the beginning of a name in `path` by `account_`, since messages, logs and the
    database contain names. For the account with `number` 2 it is `account_no2_`."""
    return _ADDRESS.sub("account_" if number == 1 else f"account_no{number}_", path) if "@" in path else path


class FileNames:
    """Names files without e-mail addresses, and distinct if they are of two accounts."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def name(self, path: str) -> str:
        """Return the name of `path`, the same for each call."""
        first = without_address(path)
        if first != path and path not in self._given:
            self._counts[first] = number = self._counts.get(first, 0) + 1
            self._given[path] = without_address(path, number)
        return self._given.get(path, path)


class FoundFile(NamedTuple):
    """A file. `name` is its path below the source's own, blank for a zip that is the source itself."""

    name: str
    path: Path
    size: int
    mtime_ns: int
    settled: bool

    @property
    def mark(self) -> list[int]:
        """Changes with the file; empty for a file that may still be written."""
        return [self.size, self.mtime_ns] if self.settled else []


class Listing(NamedTuple):
    """The files below a path. FileNames begin at `root`; `closed` maps folders that cannot be read to the reason."""

    root: Path
    files: list[FoundFile]
    closed: dict[str, str]
    others: int
    """Number of other files."""


def is_track(name: str) -> bool:
    return name.lower().endswith(ENDINGS)


def is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def is_system_file(name: str) -> bool:
    """Return whether a path is hidden, or in a folder that an operating system makes for itself."""
    return any(part.startswith((".", "~$")) or part.lower() in _SYSTEM for part in name.split("/"))


def safe_name(name: str) -> str:
    r"""Return `name` as text that can be stored: `\xe9` for a byte that is not UTF-8, and no e-mail address."""
    return without_address(_as_text(name))


def _as_text(name: str) -> str:
    return os.fsencode(name).decode(errors="backslashreplace")


def is_track_or_zip(name: str) -> bool:
    return is_track(name) or is_zip(name)


def find_files(
    path: str, base: Path, most: int = MOST_FILES, wanted: Callable[[str], bool] = is_track_or_zip
) -> Listing:
    """Find the files `wanted` by name that `path` means. Raises SourceError if there is none, or too many."""
    root, given = find_root(path, base), with_home(path)
    whole = base / given
    try:
        if whole.is_dir():
            return _below(root, [whole], most, wanted)
        if whole.exists():
            if not whole.is_file():  # reading a pipe would never end
                raise SourceError(f"{whole} is neither a file nor a folder; correct `path`", retryable=False)
            name = "" if root == whole else whole.name
            return Listing(root, [_found(safe_name(name), whole, whole.stat())], {}, 0)
    except OSError as error:
        raise SourceError(f"cannot read {whole}: {error.strerror}") from None
    matches = sorted(base / match for match in glob(str(given), root_dir=base, recursive=True))
    if not matches:
        raise SourceError(f"no file or folder matches {whole}; correct `path`, which starts from {base}")
    return _below(root, matches, most, wanted)


def find_root(path: str, base: Path) -> Path:
    """Return where the names of tracks begin: the folder, the zip, the folder of a single file, or the folder above a
    pattern's first wildcard. Raises SourceError if there is no such path."""
    given = with_home(path)
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


def with_home(path: str) -> Path:
    """Replace `~` or `~user` at the beginning of `path`. Raises SourceError if there is no such user."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        user = Path(path).parts[0].removeprefix("~")
        what = f"there is no user {user} on this machine; write the whole `path`"
        raise SourceError(what, retryable=False) from None


def _below(root: Path, starts: list[Path], most: int, wanted: Callable[[str], bool]) -> Listing:
    """List everything below `starts`. A folder that occurs twice, such as by a link, is searched once."""
    files: dict[str, FoundFile] = {}
    closed: dict[str, str] = {}
    visited: set[tuple[int, int]] = set()
    names = FileNames()
    others, todo = 0, starts[::-1]
    while todo:
        path = todo.pop()
        try:
            entries = list(_entries(path, root, visited, names))
        except OSError as error:
            if path == root:
                raise SourceError(f"cannot read {root}: {error.strerror}") from None
            closed[safe_name(path.relative_to(root).as_posix())] = f"cannot be read: {error.strerror}"
            continue
        for entry, found in entries:
            if found is None:
                # Links are followed last, so that a folder has its own name where possible.
                todo.insert(0, entry) if entry.is_symlink() else todo.append(entry)
            elif wanted(found.name):
                files[found.name] = found
            else:
                others += 1
        if len(files) + others + len(visited) > most:
            raise SourceError(f"{root} contains more than {most:,} files; name a folder in it", retryable=False)
    return Listing(root, [files[name] for name in sorted(files)], closed, others)


def _entries(
    path: Path, root: Path, visited: set[tuple[int, int]], names: FileNames
) -> Iterator[tuple[Path, FoundFile | None]]:
    """Yield the files at `path`, or in it; folders with None. Pipes and links to nothing are left out."""
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
            if is_system_file(entry.name):
                continue
            if entry.is_dir():
                yield path / entry.name, None
            elif entry.is_file():
                yield path, _found(names.name(_as_text(top + entry.name)), entry.path, entry.stat())


def _found(name: str, path: Path | str, status: os.stat_result) -> FoundFile:
    # The ctime shows a copy in progress that already has the mtime of its original.
    now = time.time_ns()
    settled = all(abs(now - changed) > SETTLED_NS for changed in (status.st_mtime_ns, status.st_ctime_ns))
    return FoundFile(name, Path(path), status.st_size, status.st_mtime_ns, settled)
