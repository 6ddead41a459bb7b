"""`shoemon route`: the ground of a planned route."""

from pathlib import Path

import click

from shoemon.cli.options import config_option, json_option, load_config, print_json


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@config_option
def route(file: Path, as_json: bool, directory: Path) -> None:
    """Show the ground of a planned route, from its FILE (GPX, TCX, KML or a FIT course) and the map on this machine."""
    from shoemon.report.route import print_route, route_data
    from shoemon.sync.route_ground import route_in_file

    config = load_config(directory)
    found = route_in_file(config, file)
    if as_json:
        print_json(route_data(found, config.plan))
    else:
        print_route(found, config.plan, file.name, config.main.units)
