"""Operations on the two YAML files: put a value, remove one, add items; nothing else in the file changes.

The file is not loaded and dumped: that would move the comment above the next section into the new item, and wrap and
re-quote what a person wrote. The YAML parser only gives the place for the text; then the whole new file must read as
the old one with the operations, and be valid.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from shoemon.config.compose import compose
from shoemon.config.edit.differences import differences
from shoemon.config.edit.insert import Change, entry_added, flow, is_open, items_added, pairs, part_added, value_given
from shoemon.config.edit.remove import entry_removed, item_removed, section_removed, value_replaced
from shoemon.config.load import load
from shoemon.config.reading import ConfigError, parse_document
from shoemon.model.errors import MistakeError

_BOM = "\ufeff"


class By(NamedTuple):
    """The item of a list whose `key` is `value`."""

    key: str
    value: str


Way = tuple[str | By, ...]
"""The way to a value in a file: `("shoes", By("id", "road"), "life")`."""


class Put(NamedTuple):
    """Give the value at `way`, in the place of what is there; settings above it that are missing are added."""

    way: Way
    value: Any


class Remove(NamedTuple):
    """Remove what is at `way`, and the section that holds nothing else."""

    way: Way


class Add(NamedTuple):
    """Add `items` at the end of the list at `way`, which is made where it is missing."""

    way: Way
    items: Sequence[Any]


Operation = Put | Remove | Add
Operations = Mapping[str, Sequence[Operation]]
"""Operations by the name of the file."""


class FileEdit(NamedTuple):
    """A file with its old content and its new one; None: it does not exist."""

    path: Path
    old: bytes | None
    new: bytes | None

    def lines(self) -> list[str]:
        """Return the lines that go, each after `- `, and those that come, each after `+ `."""
        old, new = ((content or b"").decode("utf-8-sig", "replace").splitlines() for content in (self.old, self.new))
        lines = list[str]()
        for old_start, old_stop, start, stop in differences(old, new):
            lines += [f"- {line}" for line in old[old_start:old_stop]] + [f"+ {line}" for line in new[start:stop]]
        return lines


def planned(directory: Path, operations: Operations) -> list[FileEdit]:
    """Plan `operations` on the files of the configuration in `directory`, by their names; nothing is written.

    Raises MistakeError (ConfigError with all places) if a file is not valid or would not be, or if it has not what an
    operation names.
    """
    olds = {name: read_file(directory / name) for name in operations}
    load(directory, olds)  # with mistakes, places are unsure, so these come first
    news = {name: _edited(name, olds[name], operations[name]) for name in operations}
    try:
        load(directory, news)
    except ConfigError as error:
        raise ConfigError(error.mistakes, f"what {' and '.join(news)} would become; nothing is written") from None
    return [FileEdit(directory / name, olds[name], news[name]) for name in operations if news[name] != olds[name]]


def read_file(path: Path) -> bytes:
    """The content of the file at `path`. Raises MistakeError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise MistakeError(f"cannot read {path}: {error.strerror}") from None


def entry(mapping: Any, key: str) -> Any:
    """The node of `key` in a mapping node, or None."""
    return next((value for name, value in pairs(mapping) if name.value == key), None)


def _edited(name: str, old: bytes, operations: Sequence[Operation]) -> bytes:
    bom, text = (_BOM if old.startswith(_BOM.encode()) else ""), old.decode("utf-8-sig")
    wanted = parse_document(name, old).value
    for operation in operations:
        wanted = _applied(wanted, operation.way, operation)
    for edit in (_at_once, _one_by_one):
        new = f"{bom}{edit(text, operations)}".encode()
        document = parse_document(name, new)
        if _filled(document.value) == _filled(wanted):
            return new
    if document.mistakes:
        raise ConfigError(document.mistakes, f"what {name} would become; nothing is written")
    raise MistakeError(f"{name} is written in a way that cannot be edited safely; please edit it by hand")


def _at_once(text: str, operations: Sequence[Operation]) -> str:
    """Make all changes by one reading of the file, as if none of them concerned another: one by one, many are slow."""
    root = _root(text)
    changes = sorted((_change(text, root, operation) for operation in operations), key=lambda change: change.start)
    for change in reversed(changes):
        text = _replaced(text, change)
    return text


def _one_by_one(text: str, operations: Sequence[Operation]) -> str:
    for operation in operations:
        text = _replaced(text, _change(text, _root(text), operation))
    return text


def _replaced(text: str, change: Change) -> str:
    put = change.text.replace("\n", "\r\n") if "\r\n" in text else change.text
    return text[: change.start] + put + text[change.stop :]


def _root(text: str) -> Any:
    root = compose(text)
    return root if root is not None and isinstance(root.value, list) else None


def _change(text: str, root: Any, operation: Operation) -> Change:
    """The change that the operation makes of `text`, whose tree of nodes is `root`."""
    if isinstance(operation, Remove):
        return _removal(text, root, operation.way)
    parent, key, below = _reached(root, operation.way)
    found = entry(parent, key)
    if isinstance(operation, Add) and found is not None and not is_open(found) and found.value and not below:
        if found.flow_style:
            return part_added(text, found, ", ".join(map(flow, operation.items)))
        return items_added(text, found, operation.items)
    value = list(operation.items) if isinstance(operation, Add) else operation.value
    for step in reversed(below):
        value = {step: value}
    if found is None:
        return entry_added(text, parent, key, value)
    is_empty = is_open(found) or (isinstance(operation, Add) and not found.value)
    return (value_given if is_empty else value_replaced)(text, parent, key, value)


def _reached(root: Any, way: Way) -> tuple[Any, str, Way]:
    """The last mapping on the way that is there, the key in it, and the steps below that."""
    node = root
    for index, step in enumerate(way):
        following = None if index == len(way) - 1 else _at(node, step)
        if isinstance(step, str) and (following is None or is_open(following)):
            return node, step, way[index + 1 :]
        node = following
    raise ValueError(f"{way} does not end in a key")


def _removal(text: str, root: Any, way: Way) -> Change:
    parent = root
    for step in way[:-1]:
        parent = _at(parent, step)
    node = _at(parent, way[-1])
    if node is None:
        raise MistakeError(f"there is no {_named(way)} to remove")
    if len(way) == 2 and len(parent.value) == 1 and (section := section_removed(text, root, str(way[0]))):
        return section
    if isinstance(way[-1], By):
        return item_removed(text, parent, parent.value.index(node))
    return entry_removed(text, parent, way[-1])


def _at(node: Any, step: str | By) -> Any:
    """The node that a step from `node` leads to, or None. Raises MistakeError if there is no such item."""
    if isinstance(step, str):
        return entry(node, step)
    if node is not None and step.value in (items := _items_by(node, step.key)):
        return items[step.value]
    raise MistakeError(f"there is no item whose {step.key} is `{step.value}`")


@lru_cache(maxsize=2)
def _items_by(node: Any, key: str) -> dict[str, Any]:
    """The items of a list by their `key`; kept, as a change of many items asks for each."""
    items = reversed(node.value if isinstance(node.value, list) else [])
    named = ((entry(item, key), item) for item in items)
    return {name.value: item for name, item in named if name is not None and isinstance(name.value, str)}


def _named(way: Way) -> str:
    return ".".join(step if isinstance(step, str) else step.value for step in way)


def _applied(value: Any, way: Way, operation: Operation) -> Any:
    """What the reader makes of `value` after the operation on what is at `way` in it."""
    if not way:
        if isinstance(operation, Add):
            return [*(value or ()), *map(_as_read, operation.items)]
        return None if isinstance(operation, Remove) else _as_read(operation.value)
    step, below = way[0], way[1:]
    if isinstance(step, str):
        before = value or {}
        return {**before, step: _applied(before.get(step), below, operation)}
    changed = (_applied(item, below, operation) if item.get(step.key) == step.value else item for item in value or ())
    return [item for item in changed if item is not None]


def _filled(value: Any) -> Any:
    """`value` without the settings and sections that have nothing in them."""
    if isinstance(value, Mapping):
        filled = {key: _filled(item) for key, item in value.items()}
        return {key: item for key, item in filled.items() if item not in (None, [], {})}
    return [_filled(item) for item in value] if isinstance(value, list) else value


def _as_read(value: Any) -> Any:
    """What the reader makes of `value` once it is written: everything single is a text."""
    if isinstance(value, Mapping):
        return {key: _as_read(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_as_read(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
