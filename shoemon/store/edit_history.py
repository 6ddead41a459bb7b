"""The edits of the runner's files that commands and pages made, in state.db, so that each can be undone."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from shoemon.store.state_database import opened

_TABLE = """CREATE TABLE IF NOT EXISTS edits(
  id INTEGER PRIMARY KEY AUTOINCREMENT, edited_at TEXT NOT NULL, title TEXT NOT NULL, files TEXT NOT NULL
) STRICT"""
_KEPT = 100


class Edited(NamedTuple):
    """One edit: its time, a sentence on it, and what it did to each file (as JSON)."""

    id: int
    edited_at: str
    title: str
    files: Any


def remember(state: Path, edited_at: str, title: str, files: Any) -> int:
    """Store an edit and return its id; the oldest are forgotten. Raises ShoemonError."""
    with opened(state, _TABLE) as connection:
        sql = "INSERT INTO edits(edited_at, title, files) VALUES (?, ?, ?)"
        id = int(connection.execute(sql, (edited_at, title, json.dumps(files))).lastrowid or 0)
        connection.execute("DELETE FROM edits WHERE id <= ?", (id - _KEPT,))
    return id


def latest(state: Path) -> list[Edited]:
    """Return the edits that can be undone, the latest first. Raises ShoemonError."""
    with opened(state, _TABLE) as connection:
        found = connection.execute("SELECT * FROM edits ORDER BY id DESC").fetchall()
    edits = [Edited(id, edited_at, title, _files(text)) for id, edited_at, title, text in found]
    return [edit for edit in edits if edit.files]


def _files(text: str) -> list[Any]:
    """Read what an edit did to files; none of an entry that somebody else has written or damaged."""
    try:
        files = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return files if isinstance(files, list) and all(map(_is_undoable, files)) else []


def _is_undoable(file: Any) -> bool:
    if not (isinstance(file, dict) and isinstance(file.get("path"), str) and _is_texts(file.get("touched", []))):
        return False
    changes = file.get("changes", [] if isinstance(file.get("made"), str) else None)
    return isinstance(changes, list) and all(
        isinstance(change, dict)
        and isinstance(change.get("at"), int)
        and all(_is_texts(change.get(lines)) for lines in ("above", "new", "old", "below"))
        for change in changes
    )


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def forget(state: Path, id: int) -> None:
    """Forget an edit, as it is undone. Raises ShoemonError."""
    with opened(state, _TABLE) as connection:
        connection.execute("DELETE FROM edits WHERE id = ?", (id,))
