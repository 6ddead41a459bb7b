"""`shoemon forecast`: when each pair will be done, and how good such forecasts were on the runner's own runs."""

from pathlib import Path

import click

from shoemon.cli.options import config_option, load_config


@click.command()
@click.option("--backtest", is_flag=True, help="Try the forecast, and two other rules, on your own runs so far.")
@config_option
def forecast(backtest: bool, directory: Path) -> None:
    """Says when each pair in use will be done, and which pairs are in rotation."""
    from shoemon.report.forecast import print_backtest, print_forecast

    config = load_config(directory)
    if backtest:
        print_backtest(config.database)
    else:
        print_forecast(config.database, config.main.units)
