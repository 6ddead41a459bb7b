"""`shoemon alerts`: add and test channels; list, retry, mute and acknowledge alerts."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoemon.cli.options import config_option, day_of, json_option, load_config, print_json, print_lines, write_change
from shoemon.model.text import one_line

if TYPE_CHECKING:
    from datetime import datetime, tzinfo
    from typing import Any, TextIO

    from shoemon.config.load import Config


@click.group(invoke_without_command=True)
@click.pass_context
def alerts(context: click.Context) -> None:
    """Add and test channels; list, retry, mute and acknowledge alerts."""
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


@alerts.command()
@click.argument("kind", type=click.Choice(("ntfy", "email", "webhook")))
@click.option("--name", help="Your name for it (default: phone, mail or hook).")
@click.option("--to", metavar="ADDRESS", help="email: the address that gets the messages.")
@click.option("--host", metavar="SERVER", help="email: the server for outgoing mail, unless the address shows it.")
@click.option("--security", type=click.Choice(("starttls", "tls", "none")), help="email: how it encrypts.")
@click.option("--port", help="email: its port.")
@click.option("--username", metavar="NAME", help="email: the name to log in with.")
@click.option("--password-file", "password", type=click.File(), help="email: a file with the password, or -.")
@click.option("--url", help="webhook: the address that gets the messages. ntfy: a server of your own.")
@config_option
def add(kind: str, name: str | None, password: "TextIO | None", directory: Path, **options: str | None) -> None:
    """Add a channel for messages, and send a test through it.

    What is missing is asked for. Passwords, addresses of webhooks and the topic of ntfy go into files in `secrets`,
    which only you can read.
    """
    from shoemon.config.edit.history import write_edits
    from shoemon.model.clock import iso, system_clock
    from shoemon.setup.add_channel import added, draft
    from shoemon.words.commands import command

    config = load_config(directory)
    given = {key: value for key, value in options.items() if value is not None}
    given |= {"password": password.read().strip()} if password else {}
    drafted = draft(config, kind, _answered(kind, given), name)
    write_edits(config, f"The channel {drafted.name} is added", added(config, drafted), iso(system_clock()))
    click.echo(f"{drafted.name} added to {directory / 'shoemon.yaml'}:")
    print_lines(f"    {line}" for line in drafted.lines())
    config = load_config(directory)
    if kind == "ntfy":
        _print_subscription(config, drafted.name)
    if not _is_delivered(config, drafted.name):
        click.echo(f"The channel stays. Correct it in shoemon.yaml and try again, or remove it:\n"
                   f"    {command('alerts', 'remove', drafted.name)}", err=True)  # fmt: skip
        sys.exit(1)


def _answered(kind: str, given: dict[str, str]) -> dict[str, str]:
    """Ask for what is missing; without a terminal, report all of it at once."""
    from shoemon.setup.add_channel import questions

    if not sys.stdin.isatty():
        if missing := [each.key for each in questions(kind, given) if each.default is None]:
            options = (f"--{key}".replace("password", "password-file") for key in missing)
            raise click.UsageError(f"give {', '.join(options)}")
        return given
    while asked := questions(kind, given):
        each = asked[0]
        given[each.key] = click.prompt(each.words, default=each.default, hide_input=each.hidden, err=True).strip()
    return given


def _print_subscription(config: "Config", name: str) -> None:
    """Print how to subscribe to an ntfy topic: as a link, and on a terminal as a QR code."""
    import segno

    from shoemon.notifiers.ntfy import subscription

    settings: Any = config.notifier(name)
    link, _, topic = subscription(settings, config.directory)
    click.echo(f"Subscribe to it: in the ntfy app to the topic {topic}, or in a browser at\n    {link}")
    if sys.stdout.isatty():
        segno.make(link, micro=False).terminal(compact=True)
    click.echo("Keep both to yourself: whoever knows them can read your messages.")


@alerts.command("remove")
@click.argument("name")
@config_option
def remove_channel(name: str, directory: Path) -> None:
    """Remove the channel NAME; the files of its secrets stay."""
    from shoemon.setup.add_channel import removed

    write_change(directory, f"The channel {name} is removed", lambda config: removed(config, name))
    click.echo(f"{name} removed from {directory / 'shoemon.yaml'}")


@alerts.command("test")
@click.argument("name")
@config_option
def test_notifier(name: str, directory: Path) -> None:
    """Send a test message through the notifier NAME."""
    if not _is_delivered(load_config(directory), name):
        sys.exit(1)


def _is_delivered(config: "Config", name: str) -> bool:
    """Send a test message, and print what became of it."""
    from shoemon.model.clock import system_clock
    from shoemon.sync.tell.send_test import send_test

    why_not = send_test(config, name, system_clock)
    click.echo(one_line(f"{name}: {why_not or 'delivered'}"), err=why_not is not None)
    return why_not is None


@alerts.command("retry")
@click.argument("name", required=False)
@config_option
def retry(name: str | None, directory: Path) -> None:
    """Send waiting and failed messages now (through the notifier NAME only), in quiet hours too."""
    from shoemon.model.clock import system_clock
    from shoemon.report.sync_lines import delivered_lines
    from shoemon.sync.pipeline import deliver_again

    delivered = deliver_again(load_config(directory), system_clock, name)
    print_lines(delivered_lines(delivered))
    if delivered.waiting or delivered.failed:
        sys.exit(1)


@alerts.command()
@click.argument("subject")
@click.option("--for", "span", metavar="SPAN", help="How long, such as 14d (the default) or 12h.")
@click.option("--until", metavar="DATE", help="Mute until this date.")
@click.option("--end", is_flag=True, help="Unmute.")
@config_option
def snooze(subject: str, span: str | None, until: str | None, end: bool, directory: Path) -> None:
    """Mute alerts about SUBJECT: a shoe, or a kind of alert.

    Kinds are stale, unassigned, hard_share, soft_share, longest, return_plan, reserve and weekly; soon, due and over
    are muted by shoe.
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
