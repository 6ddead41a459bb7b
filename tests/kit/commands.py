"""`shoemon` as a runner starts it: a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from shoemon.cli.main import main


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


def children(pid: int | str = "self") -> list[Path]:
    """The processes that a process has started for SQL of one's own, which are there as long as they run."""
    found = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in file.read_text().split():
            with suppress(OSError):  # it has just ended
                folder = Path(f"/proc/{child}")
                found += [folder] if "sql_process" in (folder / "cmdline").read_text() else []
    return found


class Said(NamedTuple):
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


def said_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    """Runs a command as `shoemon` does, in this process."""
    monkeypatch.setattr(sys, "argv", ["shoemon", *arguments])
    code: object = 0
    try:
        main()
    except SystemExit as exit:
        code = exit.code or 0
    captured = capsys.readouterr()
    assert isinstance(code, int)
    assert "Traceback" not in captured.err
    return Said(code, captured.out, captured.err)
