"""Write a file so that it is there whole or not at all."""

import contextlib
import os
from pathlib import Path

from shoemon.model.errors import ShoemonError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader, also after a crash, sees the old or the new one. Raises ShoemonError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # the names in it reveal where somebody ran
        beside.touch(mode=0o600)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise ShoemonError(
            f"cannot write {path}: {error.strerror}; check the free space and the rights of the folder"
        ) from None
