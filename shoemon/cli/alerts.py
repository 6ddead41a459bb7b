"""`shoemon alerts`: list, test, retry, mute and acknowledge alerts."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoemon.cli.options import config_option, day_of, json_option, load_config, print_json, print_lines
from shoemon.model.text import one_line

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from shoemon.config.load import Config


@click.group(invoke_without_command=True)
@click.pass_context
def alerts(context: click.Context) -> None:
    """List, test, retry, mute and acknowledge alerts."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@alerts.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many, newest first.")
@json_option
@config_option
def list_alerts(limit: int, as_json: bool, directory: Path) -> None:
    """List alerts, newest first, with the state of each message."""
    from shoemon.model.clock import iso, system_clock
    from shoemon.report.alerts import alert_lines, alerts_data

    found = alerts_data(load_config(directory).database, limit, iso(system_clock()))
    if as_json:
        print_json(found)
    else:
        print_lines(alert_lines(found))


@alerts.command("test")
@click.argument("name")
@config_option
def test_notifier(name: str, directory: Path) -> None:
    """Send a test message through the notifier NAME."""
    from shoemon.config.registry import NOTIFIERS
    from shoemon.model.clock import day_in, iso, system_clock
    from shoemon.model.errors import DeliveryError, MistakeError
    from shoemon.notifiers import open_notifier
    from shoemon.sync.derive.update_wear import recipient_of
    from shoemon.words.alerts import write_test

    config = load_config(directory)
    settings = {item.name: item for item in config.notifiers}
    if name not in settings:
        raise MistakeError(f"no notifier is called {name}; shoemon.yaml has: {', '.join(settings) or 'none'}")
    now = iso(system_clock())
    recipient = recipient_of(config, day_in(system_clock(), config.main.zone))
    alert = write_test(f"test-{now}".replace(":", ""), name, recipient)
    try:
        with NOTIFIERS.guard(settings[name].type):
            open_notifier(settings[name], config.directory).send(alert, now)
    except DeliveryError as error:
        again = "trying again may help" if error.retryable else "trying again will not help"
        click.echo(one_line(f"{name}: not delivered: {error} ({again})"), err=True)
        sys.exit(1)
    click.echo(f"{name}: delivered")


@alerts.command("retry")
@config_option
def retry(directory: Path) -> None:
    """Send waiting and failed messages now, in quiet hours too."""
    from shoemon.model.clock import iso, system_clock
    from shoemon.report.sync_lines import delivered_lines
    from shoemon.store.database import open_database
    from shoemon.sync.pipeline import sync
    from shoemon.sync.tell.outbox import retry_failed

    config = load_config(directory)
    database = open_database(config.database, config.main.units)
    retry_failed(database, iso(system_clock()), [settings.name for settings in config.notifiers])
    database.close()
    report = sync(config, [], urgent=True)
    print_lines(delivered_lines(report.delivered))
    if report.delivered.waiting or report.delivered.failed:
        sys.exit(1)


@alerts.command()
@click.argument("subject")
@click.option("--for", "span", metavar="SPAN", help="How long, such as 14d (the default) or 12h.")
@click.option("--until", metavar="DATE", help="Mute until this date.")
@click.option("--end", is_flag=True, help="Unmute.")
@config_option
def snooze(subject: str, span: str | None, until: str | None, end: bool, directory: Path) -> None:
    """Mute alerts about SUBJECT: a shoe, or a kind of alert.

    Kinds are stale, unassigned, hard_share, soft_share, longest, return_plan and weekly; soon, due and over are muted
    by shoe.
    What is due then is sent when the time is over. Messages that already wait are sent.
    """
    from contextlib import closing

    from shoemon.model.clock import iso, system_clock
    from shoemon.store.database import open_database
    from shoemon.store.snapshot import must_exist
    from shoemon.sync.tell.snooze import end_snooze
    from shoemon.sync.tell.snooze import snooze as snooze_subject

    config = load_config(directory)
    _check_subject(config, subject)
    must_exist(config.database)
    if sum((span is not None, until is not None, end)) > 1:
        raise click.UsageError("give only one of --for, --until and --end")
    now = system_clock()
    zone = config.main.zone
    ends = _ends(now, span or "14d", until, zone)
    with closing(open_database(config.database, config.main.units)) as database:
        if end:
            was = end_snooze(database, subject, iso(now))
            click.echo(f"{subject} is no longer muted" if was else f"{subject} was not muted")
            return
        snooze_subject(database, subject, iso(ends), iso(now))
    click.echo(f"{subject} is muted until {ends.astimezone(zone):%Y-%m-%d %H:%M} ({zone})")


def _check_subject(config: "Config", subject: str) -> None:
    from shoemon.config.checking import suggestion
    from shoemon.model.errors import MistakeError
    from shoemon.sync.tell.find_notices import KINDS
    from shoemon.words.commands import command

    known = [*(shoe.id for shoe in config.plan.shoes), *KINDS]
    if subject in ("soon", "due", "over", "several", "digest"):
        raise MistakeError(f"alerts of kind {subject} are muted by shoe; to list the shoes: {command('shoes', 'list')}")
    if subject not in known:
        raise MistakeError(f"no shoe or kind of alert is called {subject}{suggestion(subject, known)}")


def _ends(now: "datetime", span: str, until: str | None, zone: "tzinfo") -> "datetime":
    """Reckon when a snooze ends: after `span`, or with the beginning of the day `until` in `zone`."""
    from datetime import datetime, time, timedelta

    from shoemon.model.units import span_s

    if until is None:
        try:
            return now + timedelta(seconds=min(span_s(span), 10 * 366 * 86_400.0))
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    ends = datetime.combine(day_of(until), time(tzinfo=zone))
    if ends <= now:
        raise click.UsageError(f"{until} is not in the future")
    return ends


@alerts.command("ack")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@config_option
def acknowledge_alerts(ids: tuple[str, ...], directory: Path) -> None:
    """Mark alerts as seen.

    Their waiting messages are not sent. About a pair that is due, no further alert comes until its life is raised or
    its total falls below that stage. A `soon` that was seen stops no `due`.
    """
    from contextlib import closing

    from shoemon.model.clock import iso, system_clock
    from shoemon.store.database import open_database
    from shoemon.store.snapshot import must_exist
    from shoemon.sync.tell.snooze import acknowledge

    config = load_config(directory)
    must_exist(config.database)
    with closing(open_database(config.database, config.main.units)) as database:
        kept_back = acknowledge(database, ids, iso(system_clock()))
    waiting = f"; {kept_back} waiting message{'s' if kept_back > 1 else ''} will not be sent" if kept_back else ""
    click.echo(f"{len(ids)} marked as seen{waiting}")
