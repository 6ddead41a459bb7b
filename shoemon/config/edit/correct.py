"""Edits of the corrections in shoes.yaml, as operations."""

from collections.abc import Iterable

from shoemon.config.edit.operations import Add, By, Operation, Put, Remove, read_file
from shoemon.config.load import SHOES_FILE, Config
from shoemon.config.reading import parse_document
from shoemon.model.errors import MistakeError
from shoemon.model.ids import ActivityId
from shoemon.model.plan import Correction

_KEY = "corrections"


def give_pair(config: Config, runs: Iterable[str], shoe: str) -> list[Operation]:
    """Write that all of each run was done in `shoe`: into its correction, or into a new one. Raises MistakeError if a
    run is ignored."""
    corrections, changed, added = config.plan.corrections, list[Operation](), []
    for run in runs:
        correction = corrections.get(ActivityId(run))
        if correction is None:
            added.append({"run": run, "shoe": shoe})
        elif correction.ignore:
            raise MistakeError(_why_not(config, run))
        else:
            changed.append(Put((_KEY, By("run", run), "shoe"), shoe))
    return [*changed, Add((_KEY,), added)] if added else changed


def take_pair(config: Config, run: str) -> list[Operation]:
    """Remove the pair from the correction of `run`, and a correction that is then empty. Raises MistakeError if there
    is none."""
    correction = config.plan.corrections.get(ActivityId(run))
    if correction is None or correction.shoe is None:
        raise MistakeError(f"no correction in {SHOES_FILE} gives {run} a pair")
    is_whole = correction == Correction(correction.run, shoe=correction.shoe)
    return [Remove((_KEY, By("run", run)) if is_whole else (_KEY, By("run", run), "shoe"))]


def _why_not(config: Config, run: str) -> str:
    """Why a run that does not count gets no pair: the place, and what to do."""
    document = parse_document(SHOES_FILE, read_file(config.directory / SHOES_FILE))
    index = next(index for index, item in enumerate(document.value[_KEY]) if item["run"] == run)
    line, column = document.places[_KEY, index, "ignore"]
    return (
        f"{SHOES_FILE}:{line}:{column}: {_KEY}[{index}].ignore: {run} is ignored here and does not count; "
        "remove `ignore` first, then it can have a pair"
    )
