"""`shoemon which`: the pairs that suit a run, each with its reasons."""

from pathlib import Path

import click

from shoemon.cli.options import config_option, json_option, load_config, print_json, print_lines
from shoemon.model.units import distance_m


def _metres(_: object, __: object, text: str | None) -> float | None:
    try:
        return distance_m(text) if text is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.option(
    "--route", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The file of the route to run."
)
@click.option("--distance", metavar="DISTANCE", callback=_metres, help="How far the run will be, such as 8km.")
@click.option("--ground", type=click.Choice(["hard", "soft", "synthetic"]), help="The ground of the run.")
@json_option
@config_option
def which(route: Path | None, distance: float | None, ground: str | None, as_json: bool, directory: Path) -> None:
    """Suggest a pair for a route, for a run of this distance and ground, or for the next run by your habit."""
    from shoemon.model.clock import system_clock
    from shoemon.report.which import WantedRun, of_route, which_data, which_lines, which_pairs

    if route and (distance is not None or ground):
        raise click.UsageError("--route has its own distance and ground; leave out --distance and --ground")
    config = load_config(directory)
    wanted = of_route(config, route) if route else WantedRun(distance, {ground: 1.0} if ground else {})
    found = which_pairs(config, system_clock, wanted)
    if as_json:
        print_json(which_data(found))
    else:
        print_lines(which_lines(found, config.main.units))
