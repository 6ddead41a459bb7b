"""The pairs on the command line: `shoemon shoes` lists, adds and retires those in shoes.yaml, and `shoemon forecast`
says when each will be done, and how good such forecasts were on the runner's own runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoemon.cli.options import config_option, load_config
from shoemon.model.text import one_line

if TYPE_CHECKING:
    from shoemon.model.plan import Shoe


@click.group()
def shoes() -> None:
    """Lists, adds and retires pairs in shoes.yaml."""


@shoes.command("list")
@config_option
def list_shoes(directory: Path) -> None:
    """Lists the pairs."""
    from shoemon.model.clock import day_in, system_clock

    config = load_config(directory)
    today = day_in(system_clock(), config.main.zone).isoformat()
    rows = [_row(shoe, config.main.units, today) for shoe in config.plan.shoes]
    if not rows:
        click.echo("There is no pair in shoes.yaml; add one with: shoemon shoes add ID --name NAME")
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo(one_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()))


def _row(shoe: "Shoe", unit: str, today: str) -> tuple[str, ...]:
    from shoemon.model.units import write_distance

    if shoe.retired_on is not None and shoe.retired_on <= today:
        state = f"retired {shoe.retired_on}"
    else:
        state = "in use" if shoe.worn_at(today) else "not in use now"
    return (shoe.id, shoe.name, shoe.kind, write_distance(shoe.life_m, unit, 0), state)


@shoes.command()
@click.argument("id")
@click.option("--name", required=True, help="What you call it.")
@click.option("--brand", help="Its maker.")
@click.option("--kind", help="daily (the default), race, light, trail or minimalist.")
@click.option("--gear", multiple=True, help="How an export calls it, name or id; may be given several times.")
@click.option("--bought", metavar="DATE", help="The day it was bought.")
@click.option("--price", metavar="AMOUNT", help="Such as '130 EUR'.")
@click.option("--initial", metavar="DISTANCE", help="What it had run before its first run here, such as '120 km'.")
@click.option("--life", metavar="DISTANCE", help="When it is due, such as '700 km' (default: by kind).")
@click.option("--surface", help="Its surface when nothing else is known of a run.")
@click.option("--notes", help="Anything.")
@config_option
def add(directory: Path, id: str, gear: tuple[str, ...], **fields: Any) -> None:
    """Adds the pair ID, a short name that never changes."""
    from shoemon.config.edit.shoes_file import add_shoe
    from shoemon.config.load import SHOES_FILE

    load_config(directory)
    given = {"id": id, "name": fields.pop("name"), "gear": list(gear) or None, **fields}
    add_shoe(directory / SHOES_FILE, given)
    click.echo(f"{id} is in {directory / SHOES_FILE}; the next sync counts its runs")


@shoes.command()
@click.argument("id")
@click.option("--on", metavar="DATE", help="The last day it was worn (default: today).")
@config_option
def retire(directory: Path, id: str, on: str | None) -> None:
    """Writes that the pair ID is worn no more."""
    from datetime import date

    from shoemon.config.edit.shoes_file import retire_shoe
    from shoemon.config.load import SHOES_FILE
    from shoemon.model.clock import day_in, system_clock

    config = load_config(directory)
    try:
        day = date.fromisoformat(on) if on else day_in(system_clock(), config.main.zone)
    except ValueError:
        raise click.UsageError(f"{on!r} is not a day; write year-month-day, such as 2024-03-01") from None
    retire_shoe(directory / SHOES_FILE, id, day)
    click.echo(f"{id} is retired since {day}")
