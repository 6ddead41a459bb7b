"""`shoemon where`: print paths, for other programs."""

from pathlib import Path

import click

from shoemon.cli.options import config_option, load_config


@click.group()
def where() -> None:
    """Print the path of the pages, the examples or the database."""


@where.command()
def plugins() -> None:
    """Print the folder of pages, for Datasette's --plugins-dir."""
    from shoemon.pages.places import plugins_dir

    click.echo(plugins_dir())


@where.command()
def config() -> None:
    """Print the folder of example settings and schemas."""
    from shoemon.pages.places import config_dir

    click.echo(config_dir())


@where.command()
@config_option
def database(directory: Path) -> None:
    """Print the path of the database."""
    click.echo(load_config(directory).database)
