"""Add a run by hand, from the fields of a form or of a command."""

import datetime as dt
from collections.abc import Mapping, Sequence

from shoemon.config.edit.operations import FileEdit
from shoemon.config.load import Config
from shoemon.model.clock import Clock
from shoemon.model.errors import MistakeError
from shoemon.model.units import distance_m, write_distance
from shoemon.setup.run_by_hand import HandRun
from shoemon.setup.run_by_hand import add_run as edits_of
from shoemon.web.changes import AFTER_SYNC, Done, carry_out, look

FIELDS = ("shoe", "surface", "name", "duration")


def add_run(config: Config, clock: Clock, fields: Mapping[str, str]) -> Done:
    """Write the run of a form. It counts once its table is read. Raises ShoemonError."""
    done = carry_out(config, clock, lambda now: plan_run(now, clock(), _with_unit(now, fields)))
    return done._replace(later=AFTER_SYNC)


def look_run(config: Config, clock: Clock, fields: Mapping[str, str]) -> list[str]:
    """Return the lines that `add_run` would write. Raises ShoemonError as that."""
    return look(config, lambda now: plan_run(now, clock(), _with_unit(now, fields)))


def _with_unit(config: Config, fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a form, whose distance is in the runner's unit where it names none."""
    far = fields["distance"]
    return {**fields, "distance": far if far[-1:].isalpha() else f"{far} {config.main.units}"}


def plan_run(config: Config, now: dt.datetime, fields: Mapping[str, str]) -> tuple[str, Sequence[FileEdit]]:
    """Return a sentence on the run, and the edits. `fields`: `date`, `distance`, `at` (may be empty) and FIELDS.
    Raises MistakeError."""
    date, at = fields["date"], fields.get("at")
    try:
        day = dt.date.fromisoformat(date)
        start = dt.datetime.combine(day, dt.time.fromisoformat(at)) if at else day
    except ValueError:
        example = "write year-month-day, such as 2026-11-28, and the time as 18:30"
        raise MistakeError(f"{' '.join(filter(None, (date, at)))!r} is not a date; {example}") from None
    try:
        metres = distance_m(fields["distance"])
    except ValueError as error:
        raise MistakeError(str(error)) from None
    given = {key: fields.get(key) or None for key in FIELDS}
    far = write_distance(metres, config.main.units)
    return f"A run of {far} on {date} is added", edits_of(config, HandRun(start, metres, **given), now)
