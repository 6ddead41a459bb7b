"""`shoemon ground`: check the stated ground by questions about the runner's own runs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoemon.cli.options import config_option, json_option, load_config, print_json
from shoemon.model.text import one_line

if TYPE_CHECKING:
    from shoemon.config.load import Config

_KEYS = {"h": "paved", "s": "unpaved", "t": "tartan"}
_PROMPT = "h: asphalt or paved, s: soft, t: running track, or its surface, such as gravel; ?: cannot say; q: stop"


@click.group()
def ground() -> None:
    """Check the ground that is stated for your runs."""


@ground.command()
@click.option(
    "--answers", default=10, show_default=True, type=click.IntRange(1, 50), help="How many stretches to ask about."
)
@json_option
@config_option
def check(answers: int, as_json: bool, directory: Path) -> None:
    """Ask what is under stretches of your own runs, and show how often the stated ground was right.

    Without a terminal, print the stretches and the result so far.
    """
    from shoemon.web.ground_check import ground_check
    from shoemon.words.ground_check import result_lines

    config = load_config(directory)
    if as_json:
        print_json(ground_check(config, answers))
        return
    if sys.stdin.isatty() and sys.stdout.isatty():
        for number in range(1, answers + 1):
            asked = ground_check(config)["stretches"]
            if not asked or not _ask(config, asked[0], f"{number} of {answers}: "):
                break
    else:
        for stretch in ground_check(config, answers)["stretches"]:
            click.echo(_where(config, stretch))
    found = ground_check(config, 1)
    if not found["stretches"]:
        click.echo("There is no stretch of 150 m and more left to ask about.")
    for line in result_lines(found["result"]):
        click.echo(line)


def _where(config: "Config", stretch: dict[str, Any]) -> str:
    from shoemon.model.units import METRES
    from shoemon.words.recipient import PageLinks

    web, unit = config.main.web, config.main.units
    start, end = (f"{stretch[side] / METRES[unit]:.2f}" for side in ("start_m", "end_m"))
    near = f", near {', '.join(stretch['near'])}" if stretch["near"] else ""
    (page,) = PageLinks(web.url or f"http://{web.host}:{web.port}{web.base_url}").ground_check()
    of = stretch["name"] or stretch["activity"]
    return one_line(f"{stretch['local_date']}, {unit} {start} to {end} of {of}{near}; map: {page['url']}")


def _ask(config: "Config", stretch: dict[str, Any], number: str) -> bool:
    """Ask about one stretch until the answer is one; return whether to go on."""
    from shoemon.model.clock import system_clock
    from shoemon.model.surfaces import surface_of
    from shoemon.web.ground_check import answer, make_place

    key = stretch["activity"], stretch["start_m"], stretch["end_m"]
    click.echo(f"\n{number}{_where(config, stretch)}")
    while (said := click.prompt(_PROMPT, prompt_suffix="\n> ").strip()) != "q":
        surface = surface_of(_KEYS.get(said, said), dict(config.plan.surfaces))
        if said != "?" and surface is None:
            continue
        last = answer(config, key, surface, system_clock)
        click.echo(f"{last['verdict']}: {last['surface']} was stated")
        if last["verdict"] == "wrong" and click.confirm(
            "Make it a place in shoes.yaml, so that your answer counts there?"
        ):
            click.echo(f"Written to shoes.yaml: {make_place(config, key)['name']}")
        return True
    return False
