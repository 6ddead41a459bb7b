"""Edit shoes.yaml, or shoemon.yaml, for the runner: insert text, and change nothing else in the file.

The file is not loaded and dumped: that would move the comment above the next section into the new item, and wrap and
re-quote what a person wrote. The YAML parser only gives the place for the text; then the whole new file must read as
the old one with the edit, and be valid, before it replaces the old one.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shoemon.config.compose import compose
from shoemon.config.edit.insert import Change, entry_added, flow, is_open, item_added, pairs, part_added, value_given
from shoemon.config.edit.replace_file import replace_file
from shoemon.config.load import load
from shoemon.config.reading import ConfigError, parse_document
from shoemon.model.errors import MistakeError
from shoemon.words.commands import command

_BOM = "\ufeff"


def add_shoe(path: Path, fields: Mapping[str, Any]) -> None:
    """Add a pair to shoes.yaml at `path`. `fields` are settings of a shoe as they are written; None is left out.

    Raises MistakeError (ConfigError with all places) if the file is not valid or would not be, and ShoemonError if it
    cannot be written; then it is unchanged.
    """
    add_item(path, "shoes", {key: value for key, value in fields.items() if value is not None})


def retire_shoe(path: Path, shoe_id: str, day: dt.date, because: str | None = None) -> None:
    """Write into shoes.yaml at `path` that `day` was the last day `shoe_id` was worn, and why, if that is known.
    Raises as `add_shoe`."""
    last = {"on": day, "because": because} if because else day

    def retired(text: str, root: Any) -> Change:
        shoe = _shoe(root, shoe_id)
        found = entry(shoe, "retired")
        if found is None:
            return entry_added(text, shoe, "retired", last)
        if not is_open(found):
            since = found if isinstance(found.value, str) else entry(found, "on")
            raise MistakeError(f"`{shoe_id}` is retired already, since {since.value}")
        return value_given(text, shoe, "retired", last)

    def expected(value: Any) -> Any:
        shoes = [{**shoe, "retired": _as_read(last)} if shoe["id"] == shoe_id else shoe for shoe in value["shoes"]]
        return {**value, "shoes": shoes}

    edit_file(path, retired, expected)


def add_item(path: Path, key: str, item: Mapping[str, Any]) -> None:
    """Add `item` at the end of list `key` of the file at `path`. Raises as `add_shoe`."""

    def added(text: str, root: Any) -> Change:
        found = entry(root, key)
        if found is None:
            return entry_added(text, root, key, [item])
        if isinstance(found.value, list) and found.value:
            return part_added(text, found, flow(item)) if found.flow_style else item_added(text, found, item)
        return value_given(text, root, key, [item])

    def expected(value: Any) -> Any:
        before = value or {}
        return {**before, key: [*(before.get(key) or ()), _as_read(item)]}

    edit_file(path, added, expected)


def read_file(path: Path) -> bytes:
    """The content of the file at `path`. Raises MistakeError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise MistakeError(f"cannot read {path}: {error.strerror}") from None


def edit_file(
    path: Path, change: Callable[[str, Any], Change], expected: Callable[[Any], Any], old: bytes | None = None
) -> None:
    """Apply `change` (of a text and its tree of nodes) to the file, if it then reads as what `expected` makes of its
    old value. `old` is its content, if that was read and found valid already. Raises as `add_shoe`."""
    if old is None:
        old = read_file(path)
        load(path.parent, {path.name: old})  # with mistakes, places are unsure, so these come first
    bom, text = (_BOM if old.startswith(_BOM.encode()) else ""), old.decode("utf-8-sig")
    start, stop, put = change(text, _root(text))
    if "\r\n" in text:
        put = put.replace("\n", "\r\n")
    new = f"{bom}{text[:start]}{put}{text[stop:]}".encode()
    try:
        load(path.parent, {path.name: new})
    except ConfigError as error:
        raise ConfigError(error.mistakes, f"what {path.name} would become; nothing is written") from None
    if _filled(parse_document(path.name, new).value) != _filled(expected(parse_document(path.name, old).value)):
        raise MistakeError(f"{path.name} is written in a way that cannot be edited safely; please edit it by hand")
    replace_file(path, old, new)


def _filled(value: Any) -> Any:
    """The sections of a file that have something in them."""
    return {key: item for key, item in (value or {}).items() if item not in (None, [])}


def _root(text: str) -> Any:
    root = compose(text)
    return root if root is not None and isinstance(root.value, list) else None


def entry(mapping: Any, key: str) -> Any:
    """The node of `key` in a mapping node, or None."""
    return next((value for name, value in pairs(mapping) if name.value == key), None)


def _shoe(root: Any, shoe_id: str) -> Any:
    shoes = entry(root, "shoes")
    for shoe in shoes.value if shoes is not None and isinstance(shoes.value, list) else ():
        if entry(shoe, "id").value == shoe_id:
            return shoe
    raise MistakeError(f"no shoe has the id `{shoe_id}`; to list them: {command('shoes', 'list')}")


def _as_read(value: Any) -> Any:
    """What the reader makes of `value` once it is written: everything single is a text."""
    if isinstance(value, Mapping):
        return {key: _as_read(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_as_read(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
