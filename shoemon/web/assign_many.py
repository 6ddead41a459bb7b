"""Give many runs their pair at once: by a correction for each, a rule, or a dated default."""

import json
from typing import NamedTuple

from sqlite_utils import Database

from shoemon.config.checking import suggestion
from shoemon.config.edit.correct import give_pair
from shoemon.config.edit.operations import Add, FileEdit, Operation, Put, planned, read_file
from shoemon.config.load import SHOES_FILE, Config, load
from shoemon.config.plan import default_warnings
from shoemon.config.reading import parse_document
from shoemon.model.clock import Clock
from shoemon.model.errors import MistakeError
from shoemon.model.plan import NO_PAIR, Plan
from shoemon.model.reason import BY_SETTINGS
from shoemon.model.text import one_line
from shoemon.model.units import write_distance
from shoemon.pages.rows import rows_of
from shoemon.pages.run_filter import MOST, PAIR, Wanted
from shoemon.store.snapshot import read_only
from shoemon.sync.derive.decide_runs import decide_again
from shoemon.web.changes import Done, carry_out, listing_mistakes, saved

SO_ALREADY = "It is so already; nothing had to be written"


class Move(NamedTuple):
    """Runs and metres that go from a pair, or several, to another one, each by its name."""

    before: str
    after: str
    runs: int
    distance_m: float


class Look(NamedTuple):
    """What would be done: a sentence, the moves with most metres first, and the lines that would be written."""

    title: str
    moves: list[Move]
    lines: list[str]


def look_many(config: Config, clock: Clock, wanted: Wanted) -> Look:
    """Find what `assign_many` would do. Raises ShoemonError as that."""
    with listing_mistakes():
        title, edits, moves = plan_many(saved(config), clock, wanted)
    return Look(title, moves, [line for edit in edits for line in edit.lines()])


def assign_many(config: Config, clock: Clock, wanted: Wanted) -> Done:
    """Write that the runs were done in the pair, and decide again. Raises ShoemonError."""
    return carry_out(config, clock, lambda now: plan_many(now, clock, wanted)[:2])


def plan_many(config: Config, clock: Clock, wanted: Wanted) -> tuple[str, list[FileEdit], list[Move]]:
    """Return a sentence on what is done, the edits, none if it is so already, and the moves. Raises ShoemonError."""
    names = {NO_PAIR: "none of your pairs"} | {str(shoe.id): one_line(shoe.name) for shoe in config.plan.shoes}
    if wanted.shoe not in names:
        raise MistakeError(f"no shoe has the id `{wanted.shoe}`{suggestion(wanted.shoe, names)}")
    if faults := wanted.filter.faults(config.main.units):
        raise MistakeError("; ".join(faults))
    runs = _runs(config, wanted) if wanted.by == "corrections" else None
    edits = planned(config.directory, {SHOES_FILE: _operations(config, wanted, runs)})
    if not edits:
        return SO_ALREADY, [], []
    plan = load(config.directory, {edit.path.name: edit.new or b"" for edit in edits}).plan
    _refuse_two_defaults(config.plan, plan)
    moves = _moves(config, plan, clock, None if runs is None else json.dumps(runs), names)
    gained = [move for move in moves if move.after == names[wanted.shoe]]
    many, metres = sum(move.runs for move in gained), sum(move.distance_m for move in gained)
    by = {"corrections": "corrections", "rule": "a rule", "default": "a default"}[wanted.by]
    far = write_distance(metres, config.main.units)
    runs_are = "1 run is" if many == 1 else f"{many:,} runs are"
    return f"By {by}, {runs_are} in {names[wanted.shoe]} ({far})", edits, moves


def _runs(config: Config, wanted: Wanted) -> list[str]:
    """The runs to correct: those that are not in the pair already."""
    with read_only(config.database) as connection:
        found = wanted.filter.matching(rows_of(connection), config.main.units)
    runs = [run["id"] for run in found if wanted.runs is None or run["id"] in wanted.runs]
    if not runs:
        raise MistakeError("no run is chosen")
    if len(runs) > MOST:
        raise MistakeError(f"{len(runs):,} runs are too many for a correction each; choose at most {MOST:,}, or a rule")
    pairs = {run["id"]: run["pairs"] for run in found}
    return [run for run in runs if pairs[run] != wanted.shoe]


def _operations(config: Config, wanted: Wanted, runs: list[str] | None) -> list[Operation]:
    if runs is not None:
        return give_pair(config, runs, wanted.shoe)
    if wanted.runs is not None:
        raise MistakeError("a rule or a default is for all runs of the filter; for chosen ones write corrections")
    if wanted.by == "rule":
        when = wanted.filter.as_rule(config.main.units)
        if when is None:
            raise MistakeError("no rule can say which runs these are; write corrections")
        return [Add(("rules",), [{"when": when, "shoe": wanted.shoe}])]
    span = wanted.filter.as_default()
    if span is None:
        raise MistakeError("a default is for all runs of some days; write a rule or corrections")
    now = parse_document(SHOES_FILE, read_file(config.directory / SHOES_FILE)).value or {}
    before, new = now.get("default_shoe"), {"shoe": wanted.shoe, **span}
    if isinstance(before, list):
        return [Add(("default_shoe",), [new])]
    if before is None:
        return [Put(("default_shoe",), new if span else wanted.shoe)]
    return [Put(("default_shoe",), [{"shoe": before} if isinstance(before, str) else before, new])]


def _refuse_two_defaults(before: Plan, after: Plan) -> None:
    """Raise MistakeError if two pairs would be the default of the same days."""
    known = set(default_warnings(before))
    if warnings := [warning for warning in default_warnings(after) if warning not in known]:
        raise MistakeError("; ".join(warnings))


def _moves(config: Config, plan: Plan, clock: Clock, only: str | None, names: dict[str, str]) -> list[Move]:
    """Compare the stored legs with those by `plan`: which pairs get metres, and which give them."""
    before: dict[str, dict[str, float]] = {}
    moves: dict[tuple[str, str], tuple[int, float]] = {}
    names = {**names, "": "no shoe"}
    with read_only(config.database) as connection:
        chosen = "" if only is None else "WHERE l.activity IN (SELECT value FROM json_each(:only))"
        sql = f"SELECT l.activity, {PAIR} AS pair, sum(l.distance_m) FROM legs l {chosen} GROUP BY 1, 2"
        for run, pair, metres in connection.execute(sql, {"only": only}):
            before.setdefault(run, {})[pair] = metres
        for run, decision in decide_again(Database(connection), plan, only, clock):
            change = {pair: -metres for pair, metres in before.get(run, {}).items()}
            for leg in decision.legs:
                pair = leg.shoe or (NO_PAIR if leg.shoe_reason.code in BY_SETTINGS else "")
                change[pair] = change.get(pair, 0.0) + leg.distance_m
            lost, gained = ([pair for pair, metres in change.items() if sign * metres > 0.05] for sign in (-1, 1))
            if lost and gained:
                move = (_named(lost, names), _named(gained, names))
                runs, so_far = moves.get(move, (0, 0.0))
                moves[move] = (runs + 1, so_far + sum(change[pair] for pair in gained))
    return sorted((Move(*move, *of) for move, of in moves.items()), key=lambda move: -move.distance_m)


def _named(pairs: list[str], names: dict[str, str]) -> str:
    return " and ".join(names.get(pair, pair) for pair in pairs)
