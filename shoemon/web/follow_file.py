"""Show the database that is in its place now: a backup that was put back is another file than pages have open."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def follow_files(datasette: Any) -> None:
    """Let each database of `datasette` read the file that is at its path when a page is read. While there is none, its
    pages say so (status 503), and nothing is made in its place."""
    for database in datasette.databases.values():
        if database.path:
            _follow(datasette, database)


def _follow(datasette: Any, database: Any) -> None:
    from datasette.database import connections

    connect, execute_fn = database.connect, database.execute_fn
    files: dict[Any, tuple[int, int]] = {}

    def connecting(*args: Any, **options: Any) -> Any:
        file = _file_at(database.path)  # before it is opened: one that is replaced meanwhile is opened once more
        connection = connect(*args, **options)
        files[connection] = file
        return connection

    def current(connection: Any) -> Any:
        if files.get(connection) == _file_at(database.path):
            return connection
        fresh = database.connect()
        datasette._prepare_connection(fresh, database.name)
        # Where the two lines of Datasette keep the connection of a thread, and that of a process without threads.
        setattr(connections, getattr(database, "_thread_local_id", database.name), fresh)
        database._read_connection = fresh
        files.pop(connection, None)
        connection.close()
        return fresh

    async def executing(fn: Callable[[Any], Any]) -> Any:
        return await execute_fn(lambda connection: fn(current(connection)))

    database.connect, database.execute_fn = connecting, executing


def _file_at(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        from datasette.views.base import DatasetteError

        words = (
            "Its disk may not be mounted. Put it back, and these pages show it at once; nothing is made in its place."
        )
        raise DatasetteError(words, title=f"The database {Path(path).name} is gone", status=503) from None
    return status.st_dev, status.st_ino
