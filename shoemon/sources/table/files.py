"""Find the files of a table, and the marks by which only changed ones are read again."""

import hashlib
import os
import time
from collections.abc import Mapping
from glob import glob, has_magic
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

from shoemon.model.errors import SourceError
from shoemon.sources.kit.files import open_file
from shoemon.sources.kit.find_tracks import find_files as find_below
from shoemon.sources.kit.find_tracks import with_home
from shoemon.sources.table.text import SUFFIXES

_MOST_FILES = 10_000
_SETTLED_NS = 2_000_000_000
"""A file changed within the last two seconds may change again without another time of change."""


class Mark(NamedTuple):
    """A mark of a file that changes with it."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    settled: bool
    sha256: str

    def is_of(self, status: os.stat_result) -> bool:
        """Return whether a file with this status seems to be the marked one."""
        return self[:4] == (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

    def is_surely_of(self, status: os.stat_result) -> bool:
        """Return whether a file with this status is the marked one, without reading it."""
        return self.settled and self.is_of(status)


class Scan(NamedTuple):
    """The result of reading a file's bytes once."""

    mark: Mark
    head_sha256: str = ""
    ends_line: bool = False


def find_files(path: str, base: Path) -> list[tuple[str, Path]]:
    """Find the files that `path` means, each with its name for messages. Raises SourceError if there is none."""
    given = with_home(path)
    whole = base / given
    if whole.is_dir():
        return _in_folder(whole)
    if whole.exists() or not has_magic(path):
        return [(whole.name, whole)]
    found = [base / name for name in glob(str(given), root_dir=base, recursive=True)]
    files = sorted(file for file in found if file.is_file())
    if not files:
        raise SourceError(f"no file matches {whole}; check `path`, which starts from {base}")
    if len(files) > _MOST_FILES:
        raise SourceError(f"{whole} matches {len(files)} files, more than {_MOST_FILES}", retryable=False)
    common = os.path.commonpath([file.parent for file in files])
    return [(file.relative_to(common).as_posix(), file) for file in files]


def is_table(name: str) -> bool:
    return PurePosixPath(name.lower()).suffix in SUFFIXES


def _in_folder(folder: Path) -> list[tuple[str, Path]]:
    """Return the tables in a folder, and in those below it. Raises SourceError if they are not of one kind."""
    files = find_below(str(folder), folder, _MOST_FILES, is_table).files
    endings = sorted({file.path.suffix.lower() for file in files})
    if len(endings) != 1:
        what = f"files named {' and '.join(endings)}" if endings else "no tables"
        pattern = f"{folder}/*{endings[0] if endings else '.csv'}"
        raise SourceError(f"{folder} is a folder with {what}; write a pattern such as {pattern}", retryable=False)
    return [(file.name, file.path) for file in files]


def scan_file(file: Path, mark: Mark | None) -> Scan:
    """Scan a file; without reading it if `mark` is surely of it. Raises SourceError as `open_file` does."""
    with open_file(file) as binary:
        if mark is not None and mark.is_surely_of(os.fstat(binary.fileno())):
            return Scan(mark)
        return scan(binary, mark.size if mark else 0)


def scan(binary: IO[bytes], head: int) -> Scan:
    """Read all bytes once, and digest also the first `head` of them."""
    status = os.fstat(binary.fileno())
    settled = time.time_ns() - status.st_mtime_ns > _SETTLED_NS
    digest, head_sha256, last, size = hashlib.sha256(), "", b"\n", 0
    while chunk := binary.read(min(2**20, head - size) if size < head else 2**20):
        digest.update(chunk)
        last, size = chunk[-1:], size + len(chunk)
        if size == head:
            head_sha256 = digest.hexdigest()
    mark = Mark(size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, settled, digest.hexdigest())
    return Scan(mark, head_sha256, last == b"\n")


def marks_in(remembered: Any) -> dict[str, Mark]:
    """Return the marks in a cursor, by path; none if this program did not write them."""
    if not isinstance(remembered, Mapping):
        return {}
    try:
        return {str(path): _mark(values) for path, values in remembered.items()}
    except (TypeError, ValueError):
        return {}


def _mark(values: Any) -> Mark:
    size, mtime_ns, ctime_ns, inode, settled, sha256 = values
    return Mark(int(size), int(mtime_ns), int(ctime_ns), int(inode), settled is True, str(sha256))
