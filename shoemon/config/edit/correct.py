"""Write the pair of a run into shoes.yaml, or remove it again; nothing else in the file changes."""

from pathlib import Path
from typing import Any

from shoemon.config.edit.insert import Change, entry_added, is_open, value_given
from shoemon.config.edit.remove import entry_removed, item_removed, section_removed, value_replaced
from shoemon.config.edit.shoes_file import add_item, edit_file, entry, read_file
from shoemon.config.load import load
from shoemon.config.reading import parse_document
from shoemon.model.errors import MistakeError
from shoemon.model.ids import ActivityId
from shoemon.model.plan import Correction

_KEY = "corrections"


def assign_shoe(path: Path, run: str, shoe: str | None) -> None:
    """Write into shoes.yaml at `path` that all of `run` was done in `shoe`: in its correction, or in a new one.

    None removes the pair from the correction, and a correction that is then empty from the file; comments of the
    runner's stay. Raises MistakeError (ConfigError with all places) if that cannot be done or the file is not valid or
    would not be, and ShoemonError (ChangedError if somebody edited it at the same moment) if it cannot be written; then
    the file is unchanged.
    """
    old = read_file(path)
    correction = load(path.parent, {path.name: old}).plan.corrections.get(ActivityId(run))
    if correction is not None and correction.ignore:
        raise MistakeError(_why_not(path, old, run))
    if shoe is None:
        if correction is None or correction.shoe is None:
            raise MistakeError(f"no correction in {path.name} gives {run} a pair")
        _remove(path, old, run, whole=correction == Correction(correction.run, shoe=correction.shoe))
    elif correction is None:
        add_item(path, _KEY, {"run": run, "shoe": shoe})
    else:
        _write(path, old, run, shoe)


def _write(path: Path, old: bytes, run: str, shoe: str) -> None:
    def put(text: str, root: Any) -> Change:
        item = _item(root, run)
        found = entry(item, "shoe")
        if found is None:
            return entry_added(text, item, "shoe", shoe)
        return value_given(text, item, "shoe", shoe) if is_open(found) else value_replaced(text, item, "shoe", shoe)

    def expected(value: Any) -> Any:
        return {**value, _KEY: [{**item, "shoe": shoe} if item["run"] == run else item for item in value[_KEY]]}

    edit_file(path, put, expected, old)


def _remove(path: Path, old: bytes, run: str, *, whole: bool) -> None:
    def removed(text: str, root: Any) -> Change:
        items, item = entry(root, _KEY), _item(root, run)
        if not whole:
            return entry_removed(text, item, "shoe")
        section = section_removed(text, root, _KEY) if len(items.value) == 1 else None
        return section or item_removed(text, items, items.value.index(item))

    def expected(value: Any) -> Any:
        others = [item for item in value[_KEY] if item["run"] != run]
        if whole:
            return {**value, _KEY: others}
        left = (
            {key: value for key, value in item.items() if key != "shoe"} if item["run"] == run else item
            for item in value[_KEY]
        )
        return {**value, _KEY: list(left)}

    edit_file(path, removed, expected, old)


def _item(root: Any, run: str) -> Any:
    """The node of the correction about `run`, which is there."""
    return next(item for item in entry(root, _KEY).value if entry(item, "run").value == run)


def _why_not(path: Path, old: bytes, run: str) -> str:
    """Why a run that does not count gets no pair: the place, and what to do."""
    document = parse_document(path.name, old)
    index = next(index for index, item in enumerate(document.value[_KEY]) if item["run"] == run)
    line, column = document.places[_KEY, index, "ignore"]
    return (
        f"{path.name}:{line}:{column}: {_KEY}[{index}].ignore: {run} is ignored here and does not count; "
        "remove `ignore` first, then it can have a pair"
    )
