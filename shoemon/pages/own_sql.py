"""Run the statements of readers in processes of their own: one at a time, with limits of time, memory and size.

SQLite can stop a statement between its steps only, and a single function may work for hours or ask for gigabytes. So
the process is killed at its deadline, and the pages answer meanwhile. The statements of pages and ready-made queries
run in Datasette, as ever.
"""

import asyncio
import marshal
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from datasette.database import QueryInterrupted, Results
from datasette.utils import sqlite3

from shoemon.pages import sql_process

own: ContextVar[tuple[str, ...]] = ContextVar("shoemon_own_sql", default=())
"""The statements, and parts of statements, that came with the request."""
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 100,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 20_000,
}
"""The limits of each connection to a database of shoemon."""
MOST_MEMORY, MOST_BYTES = 200_000_000, 20_000_000
"""The limits for a process, and for the rows of its answer."""
LONGEST_WAIT_S, START_S = 10.0, 3.0
"""The longest wait for the statements of others, and the time that a process may need to start on a busy machine."""


def texts_of(query: bytes) -> tuple[str, ...]:
    """The statements of the reader in a query string, as they are found again in those that Datasette runs."""
    asked = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    texts = [text.strip().rstrip(";").strip() for name, text in asked if name in ("sql", "_where")]
    return tuple(text for text in texts if text)


def watch(datasette: Any, database: Any) -> None:
    """Run the statements of readers on this database in processes of their own, from now on."""
    inside = database.execute
    if "execute" in vars(database):
        return

    async def execute(sql: str, *args: Any, **options: Any) -> Any:
        if any(text in sql for text in own.get()):
            return await apart(datasette, database, sql, *args, **options)
        return await inside(sql, *args, **options)

    database.execute = execute


async def apart(
    datasette: Any, database: Any, sql: str, params: Any = None, truncate: bool = False, *,
    custom_time_limit: int | None = None, page_size: int | None = None, **_others: Any,
) -> Any:  # fmt: skip
    """As `Database.execute` of Datasette."""
    seconds = min(custom_time_limit or datasette.sql_time_limit_ms, datasette.sql_time_limit_ms) / 1000
    most = datasette.max_returned_rows
    most += most == (page_size or datasette.page_size)
    uri = f"{Path(database.path).resolve().as_uri()}?{'mode=ro' if database.is_mutable else 'immutable=1'}"
    values = dict(params) if isinstance(params, Mapping) else list(params or ())
    limits = await database.execute_fn(lambda conn: {limit: conn.getlimit(limit) for limit in LIMITS})
    question = (uri, sql, values, limits, most + 1 if truncate and most else None, MOST_BYTES)
    turn = vars(datasette).setdefault("shoemon_turn", asyncio.Lock())
    try:
        async with asyncio.timeout(LONGEST_WAIT_S):
            await turn.acquire()
    except TimeoutError:
        raise sqlite3.OperationalError("Other statements are still running. Try again later.") from None
    try:
        answer = await ask(((seconds, MOST_MEMORY), question), seconds + START_S)
    finally:
        turn.release()
    if answer is None:
        raise QueryInterrupted(sqlite3.OperationalError("interrupted"), sql, params)
    columns, rows = answer
    if isinstance(columns, str):
        raise getattr(sqlite3, columns, sqlite3.OperationalError)(rows or "This statement needs too much memory.")
    is_cut = bool(truncate and most and len(rows) > most)
    return results(columns, rows[:most] if is_cut else rows, is_cut)


async def ask(question: Any, seconds: float) -> tuple[Any, Any] | None:
    """Ask a new process, which ends whatever happens to the request. None if it did not answer in time."""
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    program = (sys.executable, "-I", "-S", sql_process.__file__)
    process = await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe, stderr=nowhere)
    try:
        async with asyncio.timeout(seconds):
            answer, _ = await process.communicate(marshal.dumps(question))
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if answer:
        columns, rows = marshal.loads(answer)  # noqa: S302 - a process of ours wrote it
        return columns, rows
    return None if (process.returncode or 0) < 0 else (MemoryError.__name__, "")


def results(columns: list[str], rows: list[Any], is_cut: bool) -> Any:
    """Make the results that Datasette would have made itself."""
    names = ", ".join('NULL AS "{}"'.format(name.replace('"', '""')) for name in columns)
    cursor = sqlite3.connect(":memory:").execute(f"SELECT {names}")
    return Results([sqlite3.Row(cursor, row) for row in rows], is_cut, cursor.description)
