"""`shoemon health`: for containers and monitors."""

import sys
from pathlib import Path

import click

from shoemon.cli.options import config_option, json_option, print_json, printing_commands_for


@click.command()
@click.argument("homes", metavar="[HOME]...", nargs=-1)
@json_option
@config_option
def health(homes: tuple[str, ...], as_json: bool, directory: Path) -> None:
    """Check that `serve` is at work for each HOME: exit code 0 if so, else 1."""
    from shoemon.config.load import database_of, find_directory
    from shoemon.report.health import health_data, print_health

    databases = {home: database_of(home) for home in [directory, *map(find_directory, homes[1:])]}
    if as_json:
        data = {str(home): health_data(database) for home, database in databases.items()}
        states = [each["scheduler"] == "ok" for each in data.values()]
        print_json(data)
    else:
        states = []
        for home, database in databases.items():
            with printing_commands_for(home):
                states.append(print_health(home, database))
    sys.exit(0 if all(states) else 1)
