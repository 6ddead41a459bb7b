"""Notice edits of the two files, and wait until whoever edits them has finished saving."""

import time
from pathlib import Path
from typing import NamedTuple

from shoemon.config.edit.replace_file import is_own
from shoemon.config.models import FILES

SETTLE_S = 2.0
"""An edit is taken when it has been the same for so long: editors empty a file before they write it, and the half of
shoes.yaml is valid too, with fewer shoes."""


class Stamp(NamedTuple):
    """Changes with every edit of a file; zeros while it does not exist."""

    mtime_ns: int = 0
    size: int = 0


def stamps(directory: Path) -> tuple[Stamp, ...]:
    """Return the state of both files."""
    return tuple(_stamp(directory / name) for name in FILES)


def is_being_saved(directory: Path) -> bool:
    """Check whether a file was changed just now, by others than this process. A time in the future is of another
    clock, and says nothing."""
    now = time.time()
    files = [directory / name for name in FILES]
    return any(0 <= now - _stamp(file).mtime_ns / 1e9 < SETTLE_S and not is_own(file) for file in files)


def wait_until_saved(directory: Path, most_s: float = 10.0) -> bool:
    """Wait for the end of an edit; return whether it ended in time."""
    until = time.monotonic() + most_s
    while is_being_saved(directory):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def _stamp(file: Path) -> Stamp:
    try:
        status = file.stat()
    except OSError:
        return Stamp()
    return Stamp(status.st_mtime_ns, status.st_size)
