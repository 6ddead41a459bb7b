"""`shoemon forecast`: when each pair will be done, and how good such forecasts were on the runner's own runs."""

from pathlib import Path

import click

from shoemon.cli.options import config_option, json_option, load_config, print_json


@click.command()
@click.option("--backtest", is_flag=True, help="Try the forecast, and two other rules, on your own runs so far.")
@json_option
@config_option
def forecast(backtest: bool, as_json: bool, directory: Path) -> None:
    """Forecast when each pair in use will reach its limit and the next should be there, and show which are worn."""
    from shoemon.report.forecast import backtest_data, forecast_data, print_backtest, print_forecast

    config = load_config(directory)
    if as_json:
        print_json(backtest_data(config.database) if backtest else forecast_data(config.database))
    elif backtest:
        print_backtest(config.database)
    else:
        print_forecast(config.database, config.main.units)
