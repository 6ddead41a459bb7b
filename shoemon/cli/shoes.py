"""`shoemon shoes`: list, add, change and retire the pairs in shoes.yaml."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoemon.cli.options import config_option, day_of, json_option, load_config, print_json, write_change

if TYPE_CHECKING:
    from shoemon.config.edit.operations import Operations
    from shoemon.config.load import Config
    from shoemon.model.plan import Shoe


@click.group()
def shoes() -> None:
    """List, add, change and retire pairs in shoes.yaml."""


@shoes.command("list")
@json_option
@config_option
def list_shoes(as_json: bool, directory: Path) -> None:
    """List the pairs."""
    from shoemon.model.clock import day_in, system_clock
    from shoemon.model.units import write_distance
    from shoemon.report.tables import no_pair, print_notes, print_table

    config = load_config(directory)
    today = day_in(system_clock(), config.main.zone).isoformat()
    pairs, unit, resting = config.plan.shoes, config.main.units, _resting(config.database)
    if as_json:
        print_json({"shoes": [_as_data(shoe, today, resting) for shoe in pairs]})
        return
    print_table(
        {"id": "left", "name": "wrapped", "kind": "left", "life": "right", "state": "left"},
        (
            (each.id, each.name, each.kind, write_distance(each.life_m, unit, 0), _state(each, today, resting))
            for each in pairs
        ),
    )
    print_notes([] if pairs else [no_pair()])


def _resting(database: Path) -> dict[str, str]:
    """The pairs that the last sync has found resting, and since when."""
    from shoemon.model.errors import ShoemonError
    from shoemon.store.snapshot import snapshot

    with suppress(ShoemonError), snapshot(database) as rows:  # there may be none yet
        return {row["shoe"]: row["resting_since"] for row in rows("SELECT * FROM shoe_wear WHERE resting_since <> ''")}
    return {}


def _as_data(shoe: "Shoe", today: str, resting: dict[str, str]) -> dict[str, Any]:
    from dataclasses import asdict

    worn = [{"from": window.start, "until": window.end} for window in shoe.worn]
    return {**asdict(shoe), "worn": worn, "in_use": shoe.worn_at(today), "resting_since": resting.get(shoe.id)}


def _state(shoe: "Shoe", today: str, resting: dict[str, str]) -> str:
    if shoe.retired_on is not None and shoe.retired_on <= today:
        return f"retired {shoe.retired_on}"
    if shoe.id in resting:
        return f"resting since {resting[shoe.id]}"
    return "in use" if shoe.worn_at(today) else "not in use now"


@shoes.command()
@click.argument("id")
@click.option("--name", required=True, help="Your name for it.")
@click.option("--brand", help="Its brand.")
@click.option("--model", help="The maker's name for it.")
@click.option("--size", help="Its size, such as 'EU 43'.")
@click.option("--link", metavar="URL", help="A web address about it.")
@click.option("--kind", help="daily (the default), race, light, trail or minimalist.")
@click.option("--gear", multiple=True, help="Its name or id in an export; can be given several times.")
@click.option("--bought", metavar="DATE", help="When it was bought.")
@click.option("--price", metavar="AMOUNT", help="Such as '130 EUR'.")
@click.option("--initial", metavar="DISTANCE", help="Distance before its first recorded run, such as '120 km'.")
@click.option("--life", metavar="DISTANCE", help="How far it lasts, such as '700 km' (default: by kind).")
@click.option("--surface", help="Surface of its runs when nothing else is known.")
@click.option("--notes", help="Your own notes.")
@config_option
def add(directory: Path, id: str, gear: tuple[str, ...], **fields: Any) -> None:
    """Add the pair ID, a short name that never changes."""
    from shoemon.config.edit.pairs import add_pair
    from shoemon.config.load import SHOES_FILE

    given = {"id": id, "name": fields.pop("name"), "gear": list(gear), **fields}
    write_change(directory, f"{given['name']} is added", lambda _: {SHOES_FILE: add_pair(given)})
    click.echo(f"{id} added to {directory / SHOES_FILE}; the next sync counts its runs")


@shoes.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("id")
@click.argument("settings", nargs=-1, required=True, metavar="SETTING=VALUE...")
@config_option
def set_shoe(id: str, settings: tuple[str, ...], directory: Path) -> None:
    """Change settings of the pair ID, such as life=800km, life=+100km or notes="wet only".

    An empty value removes the setting; of several names of gear, a comma stands between them.
    """
    from shoemon.config.edit.pairs import change_pair, life_with
    from shoemon.config.load import SHOES_FILE
    from shoemon.config.models import ShoeEntry

    fields: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or key not in ShoeEntry.model_fields or key in ("id", "worn"):
            known = ", ".join(name for name in ShoeEntry.model_fields if name not in ("id", "worn"))
            raise click.UsageError(f"{setting!r} is not SETTING=VALUE; settings are {known}")
        fields[key] = [each.strip() for each in value.split(",") if each.strip()] if key == "gear" else value.strip()

    def make(config: "Config") -> "Operations":
        life = str(fields.get("life", ""))
        raised = {"life": life_with(config, id, life[1:])} if life.startswith("+") else {}
        return {SHOES_FILE: change_pair(config, id, {**fields, **raised})}

    is_changed = write_change(directory, f"Settings of {id} are changed", make)
    click.echo(f"{id} is changed; the next sync counts it" if is_changed else "it is so already")


@shoes.command()
@click.argument("id")
@click.option("--on", metavar="DATE", help="Last day it was worn (default: today).")
@click.option("--because", metavar="REASON", help="outsole, cushioning, upper, fit or other.")
@config_option
def retire(directory: Path, id: str, on: str | None, because: str | None) -> None:
    """Mark a pair as retired."""
    from shoemon.config.edit.pairs import retire_pairs
    from shoemon.config.load import SHOES_FILE
    from shoemon.model.clock import day_in, system_clock

    day = day_of(on) if on else day_in(system_clock(), load_config(directory).main.zone)
    write_change(directory, f"{id} is retired", lambda config: {SHOES_FILE: retire_pairs(config, {id: day}, because)})
    click.echo(f"{id} is retired since {day}")


@shoes.command()
@click.argument("id")
@config_option
def unretire(id: str, directory: Path) -> None:
    """Mark a pair as worn again."""
    from shoemon.config.edit.pairs import unretire_pair
    from shoemon.config.load import SHOES_FILE

    write_change(directory, f"{id} is worn again", lambda config: {SHOES_FILE: unretire_pair(config, id)})
    click.echo(f"{id} is worn again")
