"""Runs, shoes and plans for tests; what a test does not say is filled in here."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from shoemon.decide.legs import Decision, make_decider
from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId, ShoeId
from shoemon.model.plan import Correction, Plan, Shoe
from shoemon.model.reason import Reason, parts_of
from shoemon.model.run_ground import RunGround
from shoemon.model.sports import RUNS
from shoemon.model.surfaces import BUILT_IN
from shoemon.model.wear import ShoeUse


def run(id: str = "watch:1", started_at: str = "2024-05-01T06:00:00Z", km: float = 10.0, **values: Any) -> Activity:
    """A run of `km`. With an `utc_offset_s` the local date is reckoned from it; a bare date has none."""
    source, _, native_id = id.partition(":")
    offset_s = None if len(started_at) == 10 else values.pop("utc_offset_s", 0)
    local = datetime.fromisoformat(started_at[:19]) + timedelta(seconds=offset_s or 0)
    made = Activity(
        id=ActivityId(id), source=source, native_id=native_id, started_at=started_at, local_date=local.date().isoformat(),
        utc_offset_s=offset_s, sport="run", sport_raw="Run", name="Morning run", distance_m=km * 1000, moving_s=None,
        elapsed_s=None, elevation_m=None, gear_raw=None, gear_name=None, indoor=None, unpaved_m=None, surface_raw=None,
        start_lat=None, start_lon=None, track=None, raw="{}",
    )  # fmt: skip
    return made._replace(**values)


def shoe(id: str = "pegasus", **values: Any) -> Shoe:
    """A pair with a life of 700 km, called by its id."""
    return Shoe(**{"id": ShoeId(id), "name": id, "life_m": 700_000.0, **values})


def plan(*shoes: Shoe, corrections: Iterable[Correction] = (), **values: Any) -> Plan:
    """A plan with the built-in surfaces and the sports that count when the settings say nothing."""
    by_run = {correction.run: correction for correction in corrections}
    given = {"surfaces": BUILT_IN, "sports": frozenset(RUNS), **values}
    return Plan(shoes=shoes, corrections=by_run, **given)


def decision(made: Plan, activity: Activity, ground: RunGround | None = None) -> Decision:
    """What the plan decides about one record, given what the map says of its track."""
    return make_decider(made)(activity, ground)


def by_shoe(made: Plan, activity: Activity) -> dict[str | None, float]:
    """Metres of one record by shoe (None: nobody's)."""
    metres: dict[str | None, float] = {}
    for leg in decision(made, activity).legs:
        metres[leg.shoe] = metres.get(leg.shoe, 0.0) + leg.distance_m
    return metres


def by_surface(made: Plan, activity: Activity) -> dict[str, float]:
    """Metres of one record by surface."""
    metres: dict[str, float] = {}
    for leg in decision(made, activity).legs:
        metres[leg.surface] = metres.get(leg.surface, 0.0) + leg.distance_m
    return metres


USED_ON = date(2024, 7, 1)
"""The day to which use is counted."""


def used(km: float, *, ago: int = 200, factor: float = 1.0, **values: Any) -> ShoeUse:
    """`km` of use, the first run `ago` days before the day; none of it in the last 182 days unless `daily_m` has it."""
    first_on = (USED_ON - timedelta(days=ago)).isoformat()
    return ShoeUse(**{"distance_m": km * 1000, "worn_legs_m": km * 1000 * factor, "first_on": first_on, **values})


def every_day(km: float, days: int, *, until: int = 0) -> dict[str, float]:
    """`km` on each of `days` days, the last of them `until` days before the day."""
    return {(USED_ON - timedelta(days=until + ago)).isoformat(): km * 1000 for ago in range(days)}


def brief(why: Reason) -> str:
    """A reason on one line: `gear_not_worn gear=Pegasus shoes=old+new day=2022-12-31`; several of one leg with ` | `."""
    parts = [
        (part.code, *(f"{key}={_brief(value)}" for key, value in part.parameters.items())) for part in parts_of(why)
    ]
    return " | ".join(" ".join(part) for part in parts)


def _brief(value: object) -> str:
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)
