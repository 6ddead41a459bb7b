"""What commands share: `--config`, the configuration it names, and progress on a terminal."""

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from shoemon.config.load import Config


def config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --config, and hands the command the directory it names as `directory`."""

    @click.option("--config", "config_dir", metavar="DIR", help="Directory of shoemon.yaml and shoes.yaml.")
    @functools.wraps(command)
    def wrapped(*args: Any, config_dir: str | None, **kwargs: Any) -> Any:
        from shoemon.config.load import find_directory

        return command(*args, directory=find_directory(config_dir), **kwargs)

    return wrapped


def load_config(directory: Path) -> "Config":
    """The configuration, or an error that says how to get one."""
    from shoemon.config.load import MAIN_FILE, load
    from shoemon.model.errors import MistakeError

    if not (directory / MAIN_FILE).exists():
        raise MistakeError(f"there is no {MAIN_FILE} in {directory}; write one with: shoemon init {directory}")
    return load(directory)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Hands out a function that says what is being done now on a terminal, and nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("starting") as status:
        yield status.update
