"""What commands share: `--config`, the configuration it names, JSON, and progress on a terminal."""

import functools
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoemon.model.text import one_line

if TYPE_CHECKING:
    from shoemon.config.edit.operations import Operations
    from shoemon.config.load import Config

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, with distances in metres.")
_SHOWN = 3
"""So many configurations near by are shown."""


def config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --config, and hand the command the directory it names, or else the first of its `homes`, as `directory`."""

    @click.option("--config", "config_dir", metavar="DIR", help="Directory of shoemon.yaml and shoes.yaml.")
    @functools.wraps(command)
    def wrapped(*args: Any, config_dir: str | None, **kwargs: Any) -> Any:
        from shoemon.config.load import find_directory

        homes = kwargs.get("homes", ())
        if homes and config_dir:
            raise click.UsageError("name the directory as HOME or by --config, not both")
        directory = find_directory(homes[0] if homes else config_dir)
        with printing_commands_for(directory):
            return command(*args, directory=directory, **kwargs)

    return wrapped


def printing_commands_for(directory: Path) -> AbstractContextManager[None]:
    """Let printed commands name `directory` with --config, unless it is found without."""
    from shoemon.config.load import find_directory
    from shoemon.words.commands import about

    try:
        is_default = directory.resolve() == find_directory(None).resolve()
    except RuntimeError:  # this user has no home directory
        is_default = False
    return about(None if is_default else directory)


def load_config(directory: Path) -> "Config":
    """Read the configuration. Raises MistakeError; where there is none, it says how to name another or write one."""
    from shoemon.config.load import MAIN_FILE, load
    from shoemon.model.errors import MistakeError
    from shoemon.words.commands import command

    if (directory / MAIN_FILE).exists():
        return load(directory)
    error = MistakeError(f"there is no {MAIN_FILE} in {directory}")
    error.add_note("To name another directory, use --config DIR or the environment variable SHOEMON_CONFIG.")
    for place in _near_by()[:_SHOWN]:
        error.add_note(f"There is a configuration in {place}; to use it:")
        with printing_commands_for(place):
            error.add_note(f"    {command('status')}")
    error.add_note(f"To write a new one in {directory}:")
    error.add_note(f"    {command('init')}")
    raise error


def write_change(directory: Path, title: str, make: "Callable[[Config], Operations]") -> bool:
    """Write what `make` plans into the configuration, so that it can be undone; return whether anything had to be.
    `title`: a sentence on it. Raises ShoemonError."""
    from shoemon.config.edit.history import write_edits
    from shoemon.config.edit.operations import planned
    from shoemon.model.clock import iso, system_clock

    config = load_config(directory)
    edits = planned(directory, make(config))
    if edits:
        write_edits(config, title, edits, iso(system_clock()))
    return bool(edits)


def _near_by() -> list[Path]:
    """The directories with a shoemon.yaml in and around the working directory, and where most people keep one."""
    from shoemon.config.load import MAIN_FILE, default_directory
    from shoemon.pages.places import config_dir

    places: list[Path] = []
    with suppress(OSError):  # the working directory is gone
        here = Path.cwd()
        places = [here, *here.parents, *(file.parent for file in sorted(here.glob(f"*/{MAIN_FILE}")))]
    with suppress(RuntimeError):  # this user has no home directory
        places += [default_directory(), Path.home() / "shoemon"]
    found = dict.fromkeys(place for place in places if os.path.isfile(place / MAIN_FILE))
    return [place for place in found if place != config_dir()]  # the examples are nobody's configuration


def print_lines(lines: Iterable[str], *, err: bool = False) -> None:
    """Print each of `lines` on one line, to the standard output or to that of errors."""
    for line in lines:
        click.echo(one_line(line), err=err)


def day_of(text: str) -> date:
    """Read a day that was typed. Raises UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{text!r} is not a date; write year-month-day, such as 2024-03-01") from None


def print_json(value: object) -> None:
    """Print `value` as JSON."""
    click.echo(json.dumps(value, indent=2))


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Hand out a function that shows on a terminal what is done now, and does nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("starting") as status:
        yield status.update
