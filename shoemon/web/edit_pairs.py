"""Add, change and retire pairs for the pages, and mute or acknowledge their alerts."""

import datetime as dt
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any, NamedTuple

from shoemon.config.edit.operations import Operation, Operations
from shoemon.config.edit.pairs import add_pair, change_pair, retire_pairs, unretire_pair, written_pair
from shoemon.config.edit.settings import change_setting
from shoemon.config.load import SHOES_FILE, Config
from shoemon.decide.find_shoes import Draft, short_name
from shoemon.decide.wear import longer_life
from shoemon.model.clock import Clock, day_in, iso
from shoemon.model.errors import MistakeError
from shoemon.model.plan import NO_PAIR
from shoemon.model.text import free_name
from shoemon.store.database import open_database
from shoemon.store.snapshot import read_only, snapshot
from shoemon.sync.new_gear import new_gear
from shoemon.sync.tell.snooze import acknowledge, end_snooze, snooze

FIELDS = (
    "name", "brand", "model", "size", "link", "kind", "life", "price", "bought", "initial", "gear", "surface", "notes",
)  # fmt: skip
"""The settings of a pair that the form has."""
_AGAIN = ("name", "brand", "model", "size", "link", "kind", "life", "gear", "surface")
"""What a new pair of the same name has as the old one has it."""
SNOOZE_DAYS = 14
_FIRST_YEAR = 1900


class PairForm(NamedTuple):
    """What the form of a pair shows: its settings as they are written, and gear that belongs to no pair."""

    fields: dict[str, Any]
    offered: list[Draft]


def pair_form(config: Config, shoe: str | None, like: str | None) -> PairForm:
    """Return what the form shows for `shoe` (None: a new pair, in all but its days as the pair `like`). Raises
    ShoemonError."""
    with read_only(config.database, timeout_s=10) as connection:
        offered = [*new_gear(connection, config.plan)]
    of, keys = (like, _AGAIN) if shoe is None else (shoe, FIELDS)
    written = written_pair(config, of) if of else {}
    return PairForm({key: value for key, value in written.items() if key in keys}, offered)


def plan_pair(
    config: Config, clock: Clock, do: str, shoe: str | None, fields: Mapping[str, Any]
) -> tuple[str, Operations]:
    """Plan what a button of a pair writes, with a sentence on it: `add`, `set`, `retire`, `unretire`, `more`,
    `default_life` (of its kind), or `retire_resting`. Raises MistakeError."""
    if do == "default_life":
        kind, life = written_pair(config, shoe or "").get("kind") or "daily", fields.get("life", "")
        return f"The default life of {kind} pairs is {life}", change_setting(config, f"lives.{kind}", life)
    names = {str(each.id): each.name for each in config.plan.shoes}
    given = {key: fields[key] for key in FIELDS if key in fields}
    if given.get("kind") == "daily" and (shoe is None or written_pair(config, shoe).get("kind") is None):
        del given["kind"]  # as it is without
    today, name = day_in(clock(), config.main.zone), names.get(shoe or "", shoe or "")
    operations: list[Operation]
    if do == "add":
        title, operations = f"{given.get('name')} is added", _added(config, given, fields.get("after") or None, today)
    elif do == "set":
        title, operations = f"{name} is changed", change_pair(config, shoe or "", given)
    elif do == "retire":
        day = _day(fields["on"]) if fields.get("on") else _last_day(config, shoe or "", today)
        title = f"{name} is retired since {day}"
        operations = retire_pairs(config, {shoe or "": day}, fields.get("because") or None)
    elif do == "unretire":
        title, operations = f"{name} is worn again", unretire_pair(config, shoe or "")
    elif do == "more":
        life = _longer(config, shoe or "")
        title, operations = f"{name} has a life of {life}", change_pair(config, shoe or "", {"life": life})
    elif do == "retire_resting":
        resting = _resting(config)
        title = f"{len(resting)} resting pairs are retired"
        operations = retire_pairs(config, {id: day or today for id, day in resting.items()}, "other")
    else:
        raise MistakeError("nothing is known to do")
    return title, {SHOES_FILE: operations} if operations else {}


def mute_pair(config: Config, clock: Clock, shoe: str, *, end: bool) -> None:
    """Mute alerts about a pair for two weeks, or (`end`) no longer. Raises ShoemonError."""
    now = clock()
    with closing(open_database(config.database, config.main.units)) as database:
        if end:
            end_snooze(database, shoe, iso(now))
        else:
            snooze(database, shoe, iso(now + timedelta(days=SNOOZE_DAYS)), iso(now))


def acknowledge_pair(config: Config, clock: Clock, shoe: str) -> None:
    """Mark the alerts about a pair as seen. Raises ShoemonError."""
    sql = "SELECT id FROM alerts WHERE shoe = ? AND acknowledged_at IS NULL"
    with closing(open_database(config.database, config.main.units)) as database:
        ids = [id for (id,) in database.conn.execute(sql, (shoe,))]
        acknowledge(database, ids, iso(clock()))


def _added(config: Config, given: dict[str, Any], after: str | None, today: dt.date) -> list[Operation]:
    """Add a pair; `after` is the one whose place and gear it takes, which is retired."""
    taken = {NO_PAIR, *(str(each.id) for each in config.plan.shoes)}
    base = short_name(str(given.get("name") or ""), "shoe")
    pair = {"id": free_name(base, taken.__contains__), **given}
    if after is None:
        return add_pair(pair)
    first = _day(given["bought"]) if given.get("bought") else today
    retired = written_pair(config, after).get("retired") is not None
    last = min(_last_day(config, after, today), first - timedelta(days=1))
    ended = [] if retired else retire_pairs(config, {after: last})
    return [*ended, *add_pair({**pair, "worn": {"from": first.isoformat()}})]


def _longer(config: Config, shoe: str) -> str:
    """A life that ends after what is reached, as it is written."""
    pair = next((each for each in config.plan.shoes if each.id == shoe), None)
    if pair is None:
        raise MistakeError(f"no shoe has the id `{shoe}`")
    with snapshot(config.database) as rows:
        worn_m = next((row["worn_m"] for row in rows("SELECT worn_m FROM shoe_wear WHERE shoe = ?", shoe)), 0.0)
    return longer_life(pair.life_m, worn_m, config.main.units)


def _last_day(config: Config, shoe: str, today: dt.date) -> dt.date:
    sql = "SELECT max(last_on) AS day FROM shoe_surface_mileage WHERE shoe = ?"
    with snapshot(config.database) as rows:
        day = next((row["day"] for row in rows(sql, shoe)), None)
    return dt.date.fromisoformat(day) if day else today


def _resting(config: Config) -> dict[str, dt.date | None]:
    sql = """SELECT w.shoe, max(m.last_on) AS day FROM shoe_wear w LEFT JOIN shoe_surface_mileage m ON m.shoe = w.shoe
             WHERE w.resting_since IS NOT NULL GROUP BY w.shoe"""
    with snapshot(config.database) as rows:
        return {row["shoe"]: dt.date.fromisoformat(row["day"]) if row["day"] else None for row in rows(sql)}


def _day(text: str) -> dt.date:
    with suppress(ValueError):
        if (day := dt.date.fromisoformat(text)).year >= _FIRST_YEAR:
            return day
    raise MistakeError(f"{text!r} is not a date of a pair; write year-month-day, such as 2024-03-01")
