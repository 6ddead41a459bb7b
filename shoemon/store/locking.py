"""File locks: one scheduler for a database, one sync at a time. The system frees them when a process ends."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from shoemon.model.errors import ShoemonError


class LockedError(ShoemonError):
    """Another process holds the lock; the message names it."""


@contextmanager
def lock(path: Path, purpose: str, wait_s: float = 0.2) -> Iterator[None]:
    """Hold the lock file `path` while the block runs. `purpose` is a noun, such as `sync`. Raises LockedError if
    another process holds it for longer than `wait_s`, which by default outlasts a look (`unless_held`)."""
    with path.open("a+", encoding="utf-8") as file:
        until = time.monotonic() + wait_s
        while not _try_lock(file):
            if time.monotonic() >= until:
                raise LockedError(f"another {purpose} is running ({_holder(file)}; lock file {path})")
            time.sleep(0.05)
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
            _unlock(file)


@contextmanager
def unless_held(path: Path) -> Iterator[bool]:
    """Return whether the lock file `path` is free; if so, it stays free until the block ends. The block must be short:
    a process that wants the lock meanwhile gets it at the next try. The file is not changed. Raises OSError if it
    cannot be opened."""
    if not path.exists():
        yield True
        return
    with path.open("rb") as file:
        free = _try_lock(file, shared=True)
        try:
            yield free
        finally:
            if free:
                _unlock(file)


def _holder(file: IO[str]) -> str:
    """The holder's name in the lock file; a process that has just locked it gets a moment to write."""
    for _ in range(20):
        file.seek(0)
        if text := file.read(200).strip():
            return text
        time.sleep(0.01)
    return "another process"


def _try_lock(file: IO[Any], *, shared: bool = False) -> bool:
    """Lock the file if it is free. `shared`: together with others who do the same, if the system can (not Windows)."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(1_000_000)  # beyond the text, which must stay readable
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _unlock(file: IO[Any]) -> None:
    if os.name == "nt":
        import msvcrt

        file.seek(1_000_000)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_UN)
