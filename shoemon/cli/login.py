"""`shoemon login`: log in to a source that needs it."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from shoemon.cli.options import config_option, load_config
from shoemon.model.text import one_line

if TYPE_CHECKING:
    from shoemon.config.kinds import SourceSettings
    from shoemon.config.load import Config


class Terminal(NamedTuple):
    """The LoginDialog of a runner at a terminal."""

    paste: bool
    can_answer: bool

    def show(self, text: str) -> None:
        """Show a line."""
        click.echo(one_line(text))

    def ask(self, question: str) -> str:
        """Read what the runner types, or pipes; blank at its end."""
        click.echo(question, nl=False)
        if self.paste:
            return sys.stdin.buffer.readline().decode(errors="replace")
        # A thread that waits in sys.stdin would keep the process from ending well; one that waits here does not.
        return os.read(sys.stdin.fileno(), 2**16).decode(errors="replace")


@click.command()
@click.argument("source", required=False)
@click.option("--paste", is_flag=True, help="Paste the answer here, for a browser that cannot reach this machine.")
@config_option
def login(source: str | None, paste: bool, directory: Path) -> None:
    """Log in to SOURCE in a browser."""
    from shoemon.config.registry import SOURCES
    from shoemon.sync.pull import source_context

    config = load_config(directory)
    settings = _choose(config, source)
    with SOURCES.guard(settings.type):
        conversation = Terminal(paste, paste or sys.stdin.isatty())
        SOURCES.module_of(settings.type).login(settings, source_context(config), conversation)


def _choose(config: "Config", name: str | None) -> "SourceSettings":
    """Find the source called `name`, or the only one of that type; without a name the only one that needs a login."""
    from shoemon.config.registry import SOURCES
    from shoemon.model.errors import MistakeError

    found = {each.name: each for each in config.sources if hasattr(SOURCES.module_of(each.type), "login")}
    known = f"sources with a login in shoemon.yaml: {', '.join(found) or 'none'}"
    if name is None:
        if len(found) != 1:
            raise MistakeError(f"name the source to log in to; {known}")
        return next(iter(found.values()))
    if name in found:
        return found[name]
    if any(each.name == name for each in config.sources):
        raise MistakeError(f"source {name} needs no login; {known}")
    typed = [each for each in found.values() if each.type == name]
    if len(typed) != 1:
        raise MistakeError(f"no source is called {name}; {known}")
    return typed[0]
