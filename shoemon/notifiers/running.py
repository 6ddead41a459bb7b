"""One program run to its end or to its time: what the channels that start one share.

What it writes is thrown away unread, so that a program that floods fills nothing and no secret of its own is shown.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

GRACE_S = 1.0
"""Between asking a program that has run out of time to end, and ending it."""


def run(
    arguments: Sequence[str],
    given: bytes,
    timeout_s: float,
    *,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Starts `arguments` with `given` on standard input, and waits: its exit code, or a signal's number below zero.

    A program that does not read what it is given is left its way. One that is not done after `timeout_s` is ended with
    every process that it has started. Raises TimeoutError then, and OSError or ValueError if it cannot be started.
    """
    with subprocess.Popen(  # noqa: S603 - what runs is the runner's own choice, and no shell reads it
        arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=directory,
        env=environment, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            process.communicate(given, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None  # what was raised holds the arguments
        finally:
            if process.returncode is None:
                _end(process)
        return process.returncode


def ended(code: int) -> str:
    """How a program ended, in words that follow its name; `code` as `run` gives it."""
    if code >= 0:
        return f"exited with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends the program and everything it has started, which is of its process group."""
    if sys.platform == "win32":  # has no groups of processes
        process.kill()
        process.wait()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_S)
    with suppress(ProcessLookupError, PermissionError):  # those who did not listen, the first of them or not
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
