"""Write edits of the runner's files, and undo them; what was edited by hand meanwhile stays."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shoemon.config.edit.differences import differences
from shoemon.config.edit.operations import FileEdit, read_file
from shoemon.config.edit.replace_file import replace_file
from shoemon.config.load import Config, load
from shoemon.config.models import FILES
from shoemon.config.reading import ConfigError, parse_document
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.store import edit_history
from shoemon.store.edit_history import Edited

_CONTEXT = 2
"""How many unchanged lines around a change show its place, where the file was edited since."""
_AT_ONCE = {"shoes", "rules", "default_shoe", "corrections", "units", "alerts", "lives", "overlap"}
"""The settings that count by deciding the stored runs again."""


def write_edits(config: Config, title: str, edits: Sequence[FileEdit], now: str) -> int:
    """Write all `edits` or none, and return the id by which they can be undone; `title`: a sentence on them.

    Raises ShoemonError if one cannot be written (ChangedError if somebody edited the file at the same moment).
    """
    files = [{"path": str(edit.path), **_record(edit)} for edit in edits]
    id = edit_history.remember(config.state_database, now, title, files)
    try:
        _write(edits)
    except ShoemonError:
        edit_history.forget(config.state_database, id)
        raise
    return id


def undo_edit(config: Config, id: int) -> Edited:
    """Undo the edit with this id and return it. Raises MistakeError if that cannot be done, because a place was
    edited since; then nothing changes."""
    found = next((each for each in edit_history.latest(config.state_database) if each.id == id), None)
    if found is None:
        raise MistakeError("this change is undone already, or was made long ago")
    back = [_undone(Path(file["path"]), file) for file in found.files]
    own = {edit.path.name: edit.new or b"" for edit in back if _is_ours(edit)}
    try:
        load(config.directory, own)
    except ConfigError as error:
        raise ConfigError(error.mistakes, f"what {' and '.join(own)} would become; nothing is undone") from None
    for edit, file in zip(back, found.files, strict=True):
        if not _touched(edit) <= {*file.get("touched", ())}:
            raise MistakeError(_edited(edit.path))
    _write(back[::-1])
    edit_history.forget(config.state_database, id)
    return found


def counts_at_once(edit: Edited) -> bool:
    """Whether an edit counts by deciding the stored runs again; of others, the next sync has to read something."""
    return all({name.partition(" ")[0] for name in file.get("touched", [""])} <= _AT_ONCE for file in edit.files)


def _write(edits: Sequence[FileEdit]) -> None:
    """Write all or none."""
    done: list[FileEdit] = []
    try:
        for edit in edits:
            _put(edit)
            done.append(edit)
    except ShoemonError:
        for edit in done:
            _put(FileEdit(edit.path, edit.new, edit.old))
        raise


def _put(edit: FileEdit) -> None:
    """Write one file, or remove it; a new one, and its directory, are for their owner alone."""
    path, old, new = edit
    if old is not None and new is not None:
        replace_file(path, old, new)
        return
    try:
        if new is None:
            path.unlink()
            return
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ShoemonError(f"cannot write {path}: {error.strerror}") from None


def _record(edit: FileEdit) -> dict[str, Any]:
    """What undoes an edit: of a new file its digest, which may be a secret's; of another the places that changed."""
    if edit.old is None:
        return {"made": hashlib.sha256(edit.new or b"").hexdigest()}
    old, new = _lines(edit.old), _lines(edit.new or b"")
    changes = [
        {
            "at": start,
            "above": new[max(start - _CONTEXT, 0) : start],
            "new": new[start:stop],
            "old": old[old_start:old_stop],
            "below": new[stop : stop + _CONTEXT],
        }
        for old_start, old_stop, start, stop in differences(old, new)
    ]
    return {"changes": changes, "touched": sorted(_touched(edit))}


def _undone(path: Path, file: dict[str, Any]) -> FileEdit:
    """The file with its changes undone; one that was made is removed, if it is as it was made."""
    now = read_file(path)
    if "made" in file:
        if hashlib.sha256(now).hexdigest() != file["made"]:
            raise MistakeError(f"{path.name} was edited since; undo this by hand")
        return FileEdit(path, now, None)
    lines = _lines(now)
    places = [_place(lines, change) for change in file["changes"]]
    starts = [start for start in places if start is not None]
    if len(starts) < len(places) or starts != sorted(starts):
        raise MistakeError(_edited(path))
    for start, change in reversed([*zip(starts, file["changes"], strict=True)]):
        lines[start : start + len(change["new"])] = change["old"]
    return FileEdit(path, now, "".join(lines).encode("utf-8", "surrogateescape"))


def _edited(path: Path) -> str:
    return f"{path.name} was edited at this place since; undo this by hand"


def _is_ours(edit: FileEdit) -> bool:
    return edit.path.name in FILES and edit.old is not None


def _touched(edit: FileEdit) -> set[str]:
    """What an edit changes in the runner's two files: the pairs, corrections and other settings, by their names. The
    same lines may be in two of them."""
    old, new = (_named(edit.path.name, content or b"") if _is_ours(edit) else {} for content in (edit.old, edit.new))
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def _named(name: str, content: bytes) -> dict[str, Any]:
    found = {}
    for key, value in (parse_document(name, content).value or {}).items():
        for item in value if isinstance(value, list) else [value]:
            ids = (str(item[each]) for each in ("id", "run", "name") if isinstance(item, dict) and each in item)
            found[" ".join((key, next(ids, "")))] = item
    return found


def _place(lines: list[str], change: dict[str, Any]) -> int | None:
    """Where in `lines` the new lines of `change` begin: where they and those around them are, nearest to where they
    were. Lines around that were edited do not matter if the new ones are there once."""
    above, new, below = change["above"], change["new"], change["below"]
    start = int(change["at"]) - len(above)
    if start >= 0 and lines[start : start + len([*above, *new, *below])] == [*above, *new, *below]:
        return int(change["at"])
    for before, after in ((above, below), (above, []), ([], below), ([], [])):
        wanted = [*before, *new, *after]
        found = [
            start + len(before)
            for start in range(len(lines) - len(wanted) + 1)
            if wanted and lines[start : start + len(wanted)] == wanted
        ]
        if len(found) == 1 or (found and before is above and after is below):
            return min(found, key=lambda start: abs(start - int(change["at"])))
    return None


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "surrogateescape").splitlines(keepends=True)
