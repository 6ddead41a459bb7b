"""Correct one run: whether it counts, which records are one run, its surface."""

from typing import Any

from shoemon.config.edit.correct import correct
from shoemon.config.edit.operations import Operations
from shoemon.config.load import SHOES_FILE, Config
from shoemon.model.clock import Clock
from shoemon.model.errors import MistakeError
from shoemon.model.text import one_line
from shoemon.pages.dates import day
from shoemon.pages.rows import Rows, rows_of
from shoemon.store.snapshot import read_only
from shoemon.web.changes import Done, carry_out

_FOUND = """
    SELECT a.id, a.name, a.local_date, coalesce(a.duplicate_of, a.id) AS whole FROM activities a WHERE a.id = ?"""


def correct_run(config: Config, clock: Clock, run: str, setting: str, value: Any) -> Done:
    """Write a setting of the correction of a run (None: remove it), and decide again. Raises ShoemonError."""
    return carry_out(config, clock, lambda now: plan_correction(now, run, setting, value))


def plan_correction(config: Config, run: str, setting: str, value: Any) -> tuple[str, Operations]:
    """Return a sentence on it, and the operations. `duplicate_of` is about the record `run`; all else about its run,
    whichever of its records is named. Raises ShoemonError."""
    with read_only(config.database) as connection:
        rows = rows_of(connection)
        found = _record(rows, run)
        called = f"“{one_line(found['name'] or run)}” of {day(found['local_date'])}"
        if setting == "duplicate_of" and value not in (None, "none"):
            other = _record(rows, value)
            called = f"{called} and “{one_line(other['name'] or value)}” of {day(other['local_date'])}"
        records = [
            row["id"] for row in rows("SELECT id FROM activities WHERE id = ?1 OR duplicate_of = ?1", found["whole"])
        ]
    about = [run] if setting == "duplicate_of" else [found["whole"]] if value is not None else records
    return _title(called, setting, value), {SHOES_FILE: correct(config, about, setting, value)}


def _record(rows: Rows, run: str) -> dict[str, Any]:
    for found in rows(_FOUND, run.encode("utf-8", "replace").decode()):
        return found
    raise MistakeError(f"no run {one_line(run)} is stored")


def _title(called: str, setting: str, value: Any) -> str:
    if setting == "ignore":
        return f"{called} {'does not count' if value else 'counts again'}"
    if setting == "duplicate_of":
        return f"{called} {'is a run of its own' if value == 'none' else 'are one run'}"
    if setting == "shoe" and value == "none":
        return f"{called} was in none of your pairs"
    return f"{called} has another {setting}"
