"""Suggest pairs for a run to come, from the settings and the database; print them, or return them as JSON."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from shoemon.config.load import Config
from shoemon.config.written import WEEKDAYS
from shoemon.decide.which_pair import NextRun, PairNow, Suggested, WantedRun, next_run, ranked
from shoemon.model.clock import Clock, day_in
from shoemon.model.errors import MistakeError
from shoemon.model.plan import Plan
from shoemon.model.surfaces import GROUNDS
from shoemon.pages.rows import Rows, rows_of
from shoemon.report.route import route_data
from shoemon.store.snapshot import read_only
from shoemon.sync.route_ground import route_in_file
from shoemon.sync.suggest_shoes import runs_before
from shoemon.words.forecast import plain_hand
from shoemon.words.which import SUGGESTION, headline, pair_line

__all__ = ["Suggestion", "WantedRun", "of_route", "which_data", "which_lines", "which_pairs"]

_LONGEST_M = 1_000_000.0


class Suggestion(NamedTuple):
    """The pairs that suit a run, best first, as of `today`."""

    today: date
    run: NextRun
    pairs: tuple[Suggested, ...]


def of_route(config: Config, file: Path) -> WantedRun:
    """The run along the route in `file`. Raises ShoemonError."""
    route = route_data(route_in_file(config, file), config.plan)
    return WantedRun(route["distance_m"], route["ground_m"], by="route")


def which_pairs(config: Config, clock: Clock, wanted: WantedRun) -> Suggestion:
    """Rank the pairs in use for the run that is `wanted`. Raises ShoemonError, also for metres that no run has."""
    for metres in (*wanted.ground_m.values(), *([] if wanted.distance_m is None else [wanted.distance_m])):
        if not 0 <= metres <= _LONGEST_M:
            raise MistakeError(f"no run has {metres / 1000:,.0f} km; write a distance of at most 1,000 km")
    if unknown := wanted.ground_m.keys() - set(GROUNDS):
        raise MistakeError(f"no ground is called {min(unknown)}; write {', '.join(GROUNDS)}")
    today = day_in(clock(), config.main.zone)
    with read_only(config.database, timeout_s=10) as connection:
        runs, past = runs_before(connection, today)
        pairs = [*_pairs_now(rows_of(connection), config.plan)]
    run = next_run(wanted, runs, today)
    return Suggestion(today, run, tuple(ranked(run, past, pairs, today)))


def _pairs_now(rows: Rows, plan: Plan) -> Iterator[PairNow]:
    """The pairs that are not resting, as of the last sync."""
    worn = {row["shoe"]: row for row in rows("SELECT * FROM shoe_wear")}
    ground: dict[str, dict[str, float]] = {}
    last: dict[str, str] = {}
    for row in rows(_GROUND):
        ground.setdefault(row["shoe"], {})[row["ground"]] = row["distance_m"]
        last[row["shoe"]] = max(row["last_on"], last.get(row["shoe"], ""))
    for shoe in plan.shoes:
        row = worn.get(shoe.id) or {"distance_m": 0.0, "worn_m": shoe.initial_m}
        if row.get("resting_since") is None:  # a column that an older database lacks
            left_m = shoe.life_m - row["worn_m"]
            grounds, last_on = ground.get(shoe.id, {}), last.get(shoe.id)
            yield PairNow(shoe, row["distance_m"], row["worn_m"], left_m, grounds, last_on)


_GROUND = """
    SELECT m.shoe, f.ground, sum(m.distance_m) AS distance_m, max(m.last_on) AS last_on
    FROM shoe_surface_mileage m JOIN surfaces f ON f.id = m.surface WHERE m.shoe IS NOT NULL GROUP BY 1, 2"""


def which_data(found: Suggestion) -> dict[str, Any]:
    """The suggestion as JSON: metres, days, shares from 0 to 1, and the reasons as codes with their figures."""
    run = found.run
    return {
        "as_of": found.today.isoformat(),
        "unit": "m",
        "run": {
            "day": run.outing.local_date,
            "distance_m": round(run.outing.distance_m) or None,
            "ground_m": {ground: round(metres) for ground, metres in run.ground_m.items()},
            "by": run.by,
            "weekday": None if run.weekday is None else WEEKDAYS[run.weekday],
            "runs": run.runs,
        },
        "pairs": [
            {
                "shoe": pair.shoe,
                "name": pair.name,
                "rank": rank,
                "reasons": [{"code": each.code, **each.parameters} for each in pair.reasons],
                "remaining_m": round(pair.remaining_m, 1),
                "after_m": None if pair.after_m is None else round(pair.after_m, 1),
                "rest_days": pair.rest_days,
            }
            for rank, pair in enumerate(found.pairs, 1)
        ],
        "note": SUGGESTION,
    }


def which_lines(found: Suggestion, unit: str) -> Iterator[str]:
    """The suggestion in lines."""
    data, hand = which_data(found), plain_hand(unit)
    yield headline(data, hand)
    yield from (f"{pair['rank']}. {pair['name']}: {pair_line(pair, hand)}" for pair in data["pairs"])
    yield SUGGESTION
