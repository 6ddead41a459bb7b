"""Copy the database with SQLite's online backup, also while a sync or Datasette is running."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from shoemon.model.errors import ShoemonError
from shoemon.store.snapshot import must_exist


def back_up(database: Path, target: Path) -> int:
    """Copy `database` to `target` (replaced only by a whole copy without faults); return its size in bytes.

    Raises ShoemonError when there is nothing to copy, the target is the database itself, or the copy fails its check.
    """
    must_exist(database)
    if target.exists() and target.samefile(database):
        raise ShoemonError(f"{target} is the database itself; name another file")
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)
    try:
        partial.touch(0o600)  # as private as the database from its first byte, whatever the umask
        with closing(sqlite3.connect(database, timeout=60)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
            # One file to carry away: a copy in WAL mode would need its two companions.
            copy.execute("PRAGMA journal_mode=DELETE")
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise ShoemonError(f"the copy has faults: {verdict}")
        shutil.copymode(database, partial)
        os.replace(partial, target)
    except (OSError, sqlite3.Error) as error:
        raise ShoemonError(f"cannot back up to {target}: {error}") from None
    finally:
        partial.unlink(missing_ok=True)
    return target.stat().st_size
