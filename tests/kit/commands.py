"""`shoemon` as a runner starts it: a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def started(*arguments: str | Path, program: tuple[str, ...] = ("-m", "shoemon"), **options: Any) -> Iterator[Any]:
    """The command at work, or another Python program; its output is kept. It ends with the block."""
    kept = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
    with subprocess.Popen([sys.executable, *program, *map(str, arguments)], **kept) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
