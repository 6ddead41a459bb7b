"""File locks: one scheduler for a database, one sync at a time. The system frees them when a process ends."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from shoemon.model.errors import ShoemonError


class LockedError(ShoemonError):
    """Another process holds the lock; the message says which."""


@contextmanager
def lock(path: Path, purpose: str, wait_s: float = 0.0) -> Iterator[None]:
    """Holds the lock file `path` while the block runs. Raises LockedError if it is held for longer than `wait_s`."""
    with path.open("a+", encoding="utf-8") as file:
        until = time.monotonic() + wait_s
        while not _try_lock(file):
            if time.monotonic() >= until:
                raise LockedError(f"{purpose}: {_holder(file)} does it already (lock file {path})")
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
    """Hands out whether nobody holds the lock file `path`; if so, nobody does until the block ends. It must be short:
    one who wants the lock meanwhile gets it at the next try, so the lock must be one that is waited for. The file is
    left as it is. Raises OSError if it cannot be opened."""
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
    """Who has written into the lock file; one that took the lock a moment ago is given a moment to write."""
    for _ in range(20):
        file.seek(0)
        if text := file.read(200).strip():
            return text
        time.sleep(0.01)
    return "another process"


def _try_lock(file: IO[Any], *, shared: bool = False) -> bool:
    """Takes the lock, if it is free. `shared`: beside others who do the same, where the system can (not Windows)."""
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
