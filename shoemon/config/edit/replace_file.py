"""Replace the content of a file that a person writes: whole or not at all, and never over an edit of theirs."""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import IO

from shoemon.model.errors import ShoemonError

_own: dict[Path, tuple[int, int]] = {}
"""The files that this process wrote, with inode and time."""


class ChangedError(ShoemonError):
    """The file changed after it was read for the edit; the same edit can be tried again."""


def replace_file(path: Path, old: bytes, new: bytes) -> None:
    """Write `new` to the file at `path` (or the one it links to), if its content is still `old`.

    Its mode and, where that is allowed, its owner stay. Raises ShoemonError (ChangedError if it is not `old`); then the
    file is unchanged.
    """
    target = path.resolve()
    try:
        with target.open("r+b") as held:  # opened for writing: a file that is read-only on purpose is left alone
            _lock(held)
            status = os.fstat(held.fileno())
            if not os.path.samestat(status, target.stat()) or held.read() != old:
                raise ChangedError(f"{path} was changed at the same moment; nothing is written, try again")
            temporary = _written_beside(target, new, status)
            if os.name == "nt":
                held.close()  # an open file cannot be replaced there
            _put(temporary, target)
            _own[target] = _identity(target)
    except OSError as error:
        raise ShoemonError(f"cannot write {path}: {error.strerror}") from None


def is_own(path: Path) -> bool:
    """Check that the file at `path` is as this process wrote it."""
    target = path.resolve()
    try:
        return target in _own and _own[target] == _identity(target)
    except OSError:
        return False


def _identity(target: Path) -> tuple[int, int]:
    status = target.stat()
    return status.st_ino, status.st_mtime_ns


def _lock(held: IO[bytes]) -> None:
    """Lock the file against other processes of shoemon; where that is impossible, the comparison has to do."""
    if os.name != "nt":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX)


def _written_beside(target: Path, content: bytes, status: os.stat_result) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if hasattr(os, "chown"):
            with contextlib.suppress(PermissionError):
                os.chown(temporary, status.st_uid, status.st_gid)
        temporary.chmod(status.st_mode & 0o7777)
    except BaseException:
        temporary.unlink()
        raise
    return temporary


def _put(temporary: Path, target: Path) -> None:
    try:
        temporary.replace(target)
    except OSError:
        temporary.unlink()
        raise
    if os.name != "nt":
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
