"""Run a program until it ends or its time is over, for the channels that start one.

Its output is discarded, so that no program can fill a disk or show a secret of its own.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

GRACE_S = 1.0
"""Between SIGTERM and SIGKILL for a program whose time is over."""


def run(
    arguments: Sequence[str],
    given: bytes,
    timeout_s: float,
    *,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Start `arguments` with `given` on standard input; return the exit code, or a signal's number below zero.

    A program need not read its input. One that has not ended after `timeout_s` is stopped with every process that it
    has started. Raises TimeoutError then, and OSError or ValueError if it cannot be started.
    """
    with subprocess.Popen(  # noqa: S603 - what runs is the runner's own choice, and no shell reads it
        arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=directory,
        env=environment, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            process.communicate(given, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None  # what was raised contains the arguments
        finally:
            if process.returncode is None:
                _end(process)
        return process.returncode


def ended(code: int) -> str:
    """How a program ended, in words that follow its name; `code` as `run` returns it."""
    if code >= 0:
        return f"exited with code {code}"
    try:
        return f"was stopped by {signal.Signals(-code).name}"
    except ValueError:
        return f"was stopped by signal {-code}"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Stop the program and everything it has started in its process group."""
    if sys.platform == "win32":  # has no groups of processes
        process.kill()
        process.wait()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_S)
    with suppress(ProcessLookupError, PermissionError):  # every process that SIGTERM did not stop
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
