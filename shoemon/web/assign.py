"""Give a run its pair: write a correction into shoes.yaml, and decide all runs again at once."""

from contextlib import closing
from typing import NamedTuple

from shoemon.config.checking import suggestion
from shoemon.config.edit.correct import give_pair, take_pair
from shoemon.config.edit.operations import Operations
from shoemon.config.load import SHOES_FILE, Config
from shoemon.model.clock import Clock
from shoemon.model.errors import MistakeError
from shoemon.model.ids import ActivityId
from shoemon.model.plan import NO_PAIR
from shoemon.model.reason import BY_SETTINGS, Reason
from shoemon.model.text import one_line
from shoemon.store.database import open_database
from shoemon.store.snapshot import must_exist
from shoemon.sync.derive.decide_runs import decide_one
from shoemon.web.changes import Done, carry_out
from shoemon.words.reasons import Exports, why_not_counted

_NOTHING_TO_DO = "It is so already; nothing had to be written."


class _Run(NamedTuple):
    """A run that counts: its counted record, that one and its copies, and the pairs it has by the settings (none: it
    was in no pair; None: that is open)."""

    id: ActivityId
    records: tuple[ActivityId, ...]
    pairs: frozenset[str | None]


def assign(settings: Config, run: str, shoe: str | None, clock: Clock) -> Done:
    """Write into shoes.yaml beside `settings` that `run` was done in `shoe` (None: remove that again), and decide.

    Of a run that several exports have, any record may be named. Raises ShoemonError for what is impossible; then
    nothing is written.
    """
    run, shoe = _whole(run), None if shoe is None else _whole(shoe)
    return carry_out(settings, clock, lambda config: _edits(config, _counting(config, run), shoe))


def _whole(text: str) -> str:
    """Replace half characters in `text`, which no database or file can contain."""
    return text.encode("utf-8", "replace").decode()


def _counting(config: Config, run: str) -> _Run:
    """Find the run of record `run`. Raises MistakeError if it is not stored, or does not count."""
    must_exist(config.database)
    with closing(open_database(config.database, config.main.units)) as database:
        sql = "SELECT coalesce(duplicate_of, id) FROM activities WHERE id = ?"
        row = database.conn.execute(sql, (run,)).fetchone()
        found = decide_one(database, config.plan, config.sources, row[0]) if row else None
        if row is None or found is None:
            raise MistakeError(
                f"no run {one_line(run)} is stored; the page of runs without a shoe lists those that need one"
            )
        id, decision = found.activity.id, found.decision
        sql = "SELECT 1 FROM activities WHERE id = ? AND counted = 0 AND missing_since IS NOT NULL"
        is_gone = database.conn.execute(sql, (id,)).fetchone() is not None
    records, corrections = (id, *(copy.id for copy in found.copies), *found.replaced), config.plan.corrections
    ignored = next((each for each in records if each in corrections and corrections[each].ignore), None)
    if is_gone or not (decision.counted or ignored):
        exports = Exports({settings.name: settings.type for settings in config.sources})
        why = why_not_counted(decision.not_counted or Reason("no_longer_listed"), found.activity.source, exports)
        raise MistakeError(f"{id} does not count, so it needs no pair: {why}")
    pairs = frozenset(leg.shoe or (NO_PAIR if leg.shoe_reason.code in BY_SETTINGS else None) for leg in decision.legs)
    return _Run(id if decision.counted else ignored or id, records, pairs)  # the edit names the place of the `ignore`


def _edits(config: Config, run: _Run, shoe: str | None) -> tuple[str, Operations]:
    """Return a sentence on what is done, and the operations on shoes.yaml, none if it is so already. Raises
    ShoemonError."""
    plan = config.plan
    if shoe is None:
        corrected = [id for id in run.records if id in plan.corrections and plan.corrections[id].shoe is not None]
        operations = [operation for record in corrected for operation in take_pair(config, record)]
        removed = f"Removed from {SHOES_FILE}: export and rules decide about the pair again."
        return (removed, {SHOES_FILE: operations}) if corrected else (_NOTHING_TO_DO, {})
    names = {NO_PAIR: "none of yours"} | {str(each.id): each.name for each in plan.shoes}
    if shoe not in names:
        raise MistakeError(f"no shoe has the id `{shoe}`{suggestion(shoe, names)}")
    if run.pairs == {shoe}:
        return _NOTHING_TO_DO, {}
    written = f"Written into {SHOES_FILE} as a correction: the pair is {one_line(names[shoe])}."
    return written, {SHOES_FILE: give_pair(config, [run.id], shoe)}
