"""Run one statement of a reader, in a process that may be killed. `own_sql` starts this file as a program.

It imports nothing of shoemon, so that it starts quickly. The statement and its bounds come on standard input; columns
and rows, or the name and the words of an error, go to standard output.
"""

import contextlib
import marshal
import os
import sqlite3
import sys
from itertools import islice
from typing import Any

CELL_BYTES = 400
"""The size of an empty cell: about what a page needs to show it."""


def run(uri: str, sql: str, params: Any, limits: dict[int, int], most: int | None, most_bytes: int) -> tuple[Any, Any]:
    """Return the names of the columns and at most so many rows."""
    conn = sqlite3.connect(uri, uri=True)
    conn.text_factory = lambda text: str(text, "utf-8", "replace")
    for limit, value in limits.items():
        conn.setlimit(limit, value)
    conn.executescript("PRAGMA query_only = 1; PRAGMA temp_store = 2")  # nothing is written, not even for sorting
    cursor, rows, size = conn.execute(sql, params), [], 0
    for row in islice(cursor, most):
        size += sum(CELL_BYTES + (len(cell) if isinstance(cell, str | bytes) else 0) for cell in row)
        if size > most_bytes:
            raise sqlite3.OperationalError("The result is too large to show. Ask for fewer rows or columns.")
        rows.append(row)
    return [column[0] for column in cursor.description or ()], rows


def main() -> None:
    """Answer the question on standard input, or end at the deadline, even if nobody waits any more."""
    (seconds, memory), question = marshal.load(sys.stdin.buffer)  # noqa: S302 - shoemon wrote it
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):  # Windows has none, macOS not all
        import resource
        import signal

        signal.setitimer(signal.ITIMER_REAL, seconds)
        os.nice(10)  # the pages go first
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        answer = run(*question)
    except (sqlite3.Error, sqlite3.Warning, MemoryError, ValueError) as error:
        answer = type(error).__name__, str(error)
    sys.stdout.buffer.write(marshal.dumps(answer))


if __name__ == "__main__":
    main()
