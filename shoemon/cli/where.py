"""`shoemon where`: print paths, for other programs."""

from pathlib import Path

import click

from shoemon.cli.options import config_option, load_config


@click.command()
@click.argument("place", type=click.Choice(["plugins", "config", "database"]))
@config_option
def where(place: str, directory: Path) -> None:
    """Print the path of the pages (for Datasette's --plugins-dir), the example settings or the database."""
    from shoemon.pages.places import config_dir, plugins_dir

    if place == "database":
        click.echo(load_config(directory).database)
    else:
        click.echo(plugins_dir() if place == "plugins" else config_dir())
