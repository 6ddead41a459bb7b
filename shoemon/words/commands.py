"""Write commands to paste, with the path of this program and the configuration where needed."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path


@dataclass
class _Start:
    """The start of commands (a path if `shoemon` is not on PATH), and the value of `--config` if they need it."""

    program: Path | None = None
    module: tuple[str, ...] = ()
    config: Path | None = None


_start = _Start()
working_for: ContextVar[Path | None] = ContextVar("working_for", default=None)
"""Where one process serves several homes: the configuration that this thread, or this request, works for."""


def command(*arguments: str, anywhere: bool = False) -> str:
    """Write the command `shoemon ARGUMENTS` for the working directory, or (`anywhere`: for what is stored or sent) for
    any directory of this machine."""
    program = "shoemon" if _start.program is None else _path(_start.program, anywhere=anywhere)
    if _start.program is not None and os.sep not in program:
        program = os.path.join(".", program)  # a bare name would be looked up in PATH
    directory = working_for.get() or _start.config
    config = () if directory is None else ("--config", _path(directory, anywhere=anywhere))
    return shlex.join((program, *_start.module, *arguments, *config))


@contextmanager
def about(config: Path | None) -> Iterator[None]:
    """Let commands name the configuration in directory `config` until the block ends; None: it is found by default."""
    before, _start.config = _start.config, config
    try:
        yield
    finally:
        _start.config = before


def start_as(name: str) -> None:
    """Let commands start this program as it was started; `name` is its first argument."""
    script, module = Path(os.path.abspath(name)), tuple[str, ...]()
    if script.name == "__main__.py":
        script = Path(sys.executable).with_name("shoemon")
        if not script.exists():
            script, module = Path(sys.executable), ("-m", "shoemon")
    found = shutil.which("shoemon")
    on_path = name == "shoemon" or (found is not None and os.path.realpath(found) == os.path.realpath(script))
    _start.program, _start.module = (None, ()) if on_path else (script, module)


def _path(path: Path, *, anywhere: bool) -> str:
    """The whole path, or from the working directory where that is right and shorter."""
    try:
        return str(path) if anywhere else min(os.path.relpath(path), str(path), key=len)
    except (OSError, ValueError):  # the working directory is gone, or on another drive
        return str(path)
