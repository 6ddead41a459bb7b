"""`shoemon alerts`: what was announced, whether it arrived, and trying again."""

import sys
from pathlib import Path

import click

from shoemon.cli import config_option, load_config
from shoemon.terminal import one_line


@click.group(invoke_without_command=True)
@click.pass_context
def alerts(context: click.Context) -> None:
    """Shows alerts and their deliveries, tests a notifier, tries again."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@alerts.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many, newest first.")
@config_option
def list_alerts(limit: int, directory: Path) -> None:
    """Lists alerts, newest first, with what became of each message."""
    from shoemon.report import alert_lines

    for line in alert_lines(load_config(directory), limit):
        click.echo(one_line(line))


@alerts.command("test")
@click.argument("name")
@config_option
def test_notifier(name: str, directory: Path) -> None:
    """Sends a test message through the notifier NAME, at once and past the outbox."""
    from shoemon.clock import iso, system_clock
    from shoemon.messages import test_message
    from shoemon.model import Alert, DeliveryError, MistakeError
    from shoemon.notifiers import guard

    config = load_config(directory)
    settings = {item.name: item for item in config.notifiers}
    if name not in settings:
        raise MistakeError(f"no notifier is called {name}; shoemon.yaml has: {', '.join(settings) or 'none'}")
    now = iso(system_clock())
    text = test_message(name)
    alert = Alert(f"test-{now}".replace(":", ""), "test", None, "test", text.title, text.body, text.data)
    try:
        with guard(settings[name].type):
            config.open_notifier(settings[name]).send(alert, now)
    except DeliveryError as error:
        again = "trying again may help" if error.retryable else "trying again will not help"
        click.echo(one_line(f"{name}: not taken: {error} ({again})"), err=True)
        sys.exit(1)
    click.echo(f"{name}: taken")


@alerts.command("retry")
@config_option
def retry(directory: Path) -> None:
    """Tries every failed or waiting message again now."""
    from shoemon.clock import iso, system_clock
    from shoemon.outbox import retry_failed
    from shoemon.report import delivered_lines
    from shoemon.store import open_database
    from shoemon.sync import sync

    config = load_config(directory)
    database = open_database(config.database, config.main.units)
    retry_failed(database, iso(system_clock()), [settings.name for settings in config.notifiers])
    database.close()
    report = sync(config, [])
    for line in delivered_lines(report.delivered):
        click.echo(one_line(line))
    if report.delivered.waiting or report.delivered.failed:
        sys.exit(1)
