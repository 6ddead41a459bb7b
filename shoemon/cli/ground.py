"""`shoemon ground`: check the stated ground by questions about the runner's own runs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoemon.cli.options import config_option, json_option, load_config, print_json, print_lines, write_change

if TYPE_CHECKING:
    from shoemon.config.load import Config

_KEYS = {"h": "paved", "s": "unpaved", "t": "tartan"}
_PROMPT = "In its middle? h: asphalt or paved, s: soft, t: track, or a surface, such as gravel; ?: cannot say; q: stop"


@click.group()
def ground() -> None:
    """Check the ground that is stated for your runs, and name that of places."""


@ground.group()
def place() -> None:
    """Add or remove a place in shoes.yaml whose surface you know."""


@place.command("add", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("lat", type=float)
@click.argument("lon", type=float)
@click.argument("radius")
@click.argument("surface")
@config_option
def add_place(name: str, lat: float, lon: float, radius: str, surface: str, directory: Path) -> None:
    """Add the place NAME: SURFACE within RADIUS (such as 120m) of LAT (degrees north) and LON (degrees east)."""
    from shoemon.config.edit.operations import Add
    from shoemon.config.load import SHOES_FILE

    item = {"name": name, "at": [lat, lon], "radius": radius, "surface": surface}
    write_change(directory, f"The place {name} is added", lambda _: {SHOES_FILE: [Add(("places",), [item])]})
    print_lines([f"{name} is {surface}; the next sync counts it"])


@place.command("remove")
@click.argument("name")
@config_option
def remove_place(name: str, directory: Path) -> None:
    """Remove the place NAME."""
    from shoemon.config.edit.operations import By, Remove
    from shoemon.config.load import SHOES_FILE

    way = ("places", By("name", name))
    write_change(directory, f"The place {name} is removed", lambda _: {SHOES_FILE: [Remove(way)]})
    print_lines([f"{name} is removed; the next sync counts it"])


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
    from shoemon.web.ground_check import GroundCheck
    from shoemon.words.ground import result_lines

    config = load_config(directory)
    asks = not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    while asks and answers and (stretches := GroundCheck(config).stretches()) and _ask(config, stretches[0]):
        answers -= 1
    found = GroundCheck(config)
    stretches = [] if asks else found.stretches(answers)
    if as_json:
        print_json({"stretches": stretches, "answers": found.answers, "result": found.result()})
        return
    print_lines((*(_where(config, stretch) for stretch in stretches), *result_lines(found.result())))


def _where(config: "Config", stretch: dict[str, Any]) -> str:
    from shoemon.model.units import METRES

    web, unit = config.main.web, config.main.units
    start, end = (f"{stretch[side] / METRES[unit]:.2f}" for side in ("start_m", "end_m"))
    near = "".join(f", near {name}" for name in stretch["near"])
    pages = (web.url or f"http://{web.host}:{web.port}{web.base_url}").rstrip("/")
    of = stretch["name"] or stretch["activity"]
    return f"{stretch['local_date']}, {unit} {start} to {end} of {of}{near}; map: {pages}/-/ground-check"


def _ask(config: "Config", stretch: dict[str, Any]) -> bool:
    """Ask about one stretch until there is an answer; return whether to go on."""
    from shoemon.decide.ground_check import GROUNDS
    from shoemon.model.surfaces import surface_of
    from shoemon.web.geojson import ground_of
    from shoemon.web.ground_check import GroundCheck

    key, found = (stretch["activity"], stretch["start_m"], stretch["end_m"]), GroundCheck(config)
    print_lines(("", _where(config, stretch)))
    while (said := click.prompt(_PROMPT, prompt_suffix="\n> ").strip()) != "q":
        surface = surface_of(_KEYS.get(said, said), dict(config.plan.surfaces))
        if said != "?" and ground_of(surface or "", config.plan.surfaces) not in GROUNDS:
            continue
        answer = found.answer(key, surface)
        click.echo(f"{answer['verdict']}: the map states {answer['surface']}")
        if answer["verdict"] == "wrong" and click.confirm("Write it into shoes.yaml as a place?"):
            GroundCheck(config).make_place(key)
        return True
    return False
