"""Edits of the corrections in shoes.yaml, as operations."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from shoemon.config.edit.operations import Add, By, Operation, Put, Remove, read_file
from shoemon.config.load import SHOES_FILE, Config
from shoemon.config.reading import parse_document
from shoemon.model.errors import MistakeError
from shoemon.model.ids import ActivityId
from shoemon.model.plan import Correction

_KEY = "corrections"


def correct(config: Config, runs: Iterable[str], setting: str, value: Any) -> list[Operation]:
    """Write a setting (`shoe`, `surface`, `ignore` or `duplicate_of`) into the correction of each run, or into a new
    one. The value None removes it, and a correction that is then empty."""
    changed, added = list[Operation](), []
    for run in runs:
        way, now = (_KEY, By("run", run)), config.plan.corrections.get(ActivityId(run))
        if value is None:
            changed += [_removed(way, setting, now)] if now is not None and getattr(now, setting) else []
        elif now is None:
            added.append({"run": run, setting: value})
        else:
            changed.append(Put((*way, setting), value))
    return [*changed, Add((_KEY,), added)] if added else changed


def _removed(way: tuple[str | By, ...], setting: str, now: Correction) -> Remove:
    empty = Correction(now.run)
    return Remove(way if replace(now, **{setting: getattr(empty, setting)}) == empty else (*way, setting))


def give_pair(config: Config, runs: Iterable[str], shoe: str) -> list[Operation]:
    """Write that all of each run was done in `shoe`: into its correction, or into a new one. Raises MistakeError if a
    run is ignored."""
    runs = list(runs)
    corrections = config.plan.corrections
    for run in runs:
        if (correction := corrections.get(ActivityId(run))) is not None and correction.ignore:
            raise MistakeError(_why_not(config, run))
    return correct(config, runs, "shoe", shoe)


def take_pair(config: Config, run: str) -> list[Operation]:
    """Remove the pair from the correction of `run`, and a correction that is then empty. Raises MistakeError if there
    is none."""
    if operations := correct(config, [run], "shoe", None):
        return operations
    raise MistakeError(f"no correction in {SHOES_FILE} gives {run} a pair")


def _why_not(config: Config, run: str) -> str:
    """Why a run that does not count gets no pair: the place, and what to do."""
    document = parse_document(SHOES_FILE, read_file(config.directory / SHOES_FILE))
    index = next(index for index, item in enumerate(document.value[_KEY]) if item["run"] == run)
    line, column = document.places[_KEY, index, "ignore"]
    return (
        f"{SHOES_FILE}:{line}:{column}: {_KEY}[{index}].ignore: {run} is ignored here and does not count; "
        "remove `ignore` first, then it can have a pair"
    )
