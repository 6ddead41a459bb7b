"""The command line. Heavy parts are imported where they are used, so that `--help` starts fast."""

import sys
from pathlib import Path

import click

from shoemon import __version__
from shoemon.cli.alerts import alerts
from shoemon.cli.edits import set_setting, undo
from shoemon.cli.forecast import forecast
from shoemon.cli.ground import ground
from shoemon.cli.health import health
from shoemon.cli.help import help_command
from shoemon.cli.login import login
from shoemon.cli.map import map_group
from shoemon.cli.options import (
    config_option,
    json_option,
    load_config,
    print_json,
    print_lines,
    printing_commands_for,
    progress,
)
from shoemon.cli.route import route
from shoemon.cli.runs import runs
from shoemon.cli.shoes import shoes
from shoemon.cli.sources import sources as sources_command
from shoemon.cli.where import where
from shoemon.cli.which import which


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("-v", "--verbose", is_flag=True, help="Write more to the log.")
def cli(verbose: bool) -> None:
    """Count the kilometres on each pair of running shoes, by ground, and write before a pair is worn out."""
    import logging

    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of each tick that a download outlasts


@cli.command()
@click.argument("target", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option(
    "--export", "exports", multiple=True, metavar="PATH", help="An export to read; can be given several times."
)
@config_option
def init(target: Path | None, exports: tuple[str, ...], directory: Path) -> None:
    """Write shoemon.yaml and shoes.yaml, with the shoes found in your exports."""
    from shoemon.setup.init import write_configuration

    place = (target or directory).expanduser().resolve()
    with printing_commands_for(place):
        print_lines(write_configuration(place, exports))


@cli.command()
@config_option
def check(directory: Path) -> None:
    """Check the configuration and list every mistake."""
    from shoemon.setup.check import check_lines
    from shoemon.web.datasette_file import file_lines

    config = load_config(directory)
    print_lines((*check_lines(config), *file_lines(config)))


@cli.command()
@click.argument("sources", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Only print what would change, shoe by shoe.")
@click.option("--accept", is_flag=True, help="Accept that most records of SOURCES are gone.")
@config_option
def sync(sources: tuple[str, ...], dry_run: bool, accept: bool, directory: Path) -> None:
    """Read the sources (all, or those named), count the kilometres, and send the messages that are due."""
    from shoemon.report.sync_lines import sync_lines
    from shoemon.sync.pipeline import preview, sync_to_the_end

    if accept and not sources:
        raise click.UsageError("--accept needs the name of a source")
    config = load_config(directory)
    if dry_run:
        report = preview(config, sources or None, accept=accept)
    else:
        with progress() as show:
            report = sync_to_the_end(config, sources or None, progress=show, accept=accept)
    print_lines(sync_lines(config, report, dry_run=dry_run))
    if report.failed:
        sys.exit(1)


@cli.command()
@json_option
@config_option
@click.option("--all", "whole", is_flag=True, help="List the resting pairs, too.")
def status(as_json: bool, directory: Path, whole: bool) -> None:
    """Show each pair, and what needs a decision."""
    from shoemon.report.status import print_status, status_data

    config = load_config(directory)
    if as_json:
        print_json(status_data(config))
    else:
        print_status(config, whole=whole)


@cli.command()
@click.argument("run")
@json_option
@config_option
def explain(run: str, as_json: bool, directory: Path) -> None:
    """Explain why RUN (source:native id) counts as it does."""
    from shoemon.report.explain import explain_lines
    from shoemon.report.explain_data import explain_data

    config = load_config(directory)
    if as_json:
        print_json(explain_data(config, run))
    else:
        print_lines(explain_lines(config, run))


@cli.command()
@click.argument("homes", metavar="[HOME]...", nargs=-1)
@click.option("--host", help="Address to listen on (default: web.host).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (default: web.port).")
@click.option("--no-web", is_flag=True, help="Run the scheduler only.")
@click.option("--no-schedule", is_flag=True, help="Serve the pages only.")
@config_option
def serve(
    homes: tuple[str, ...], host: str | None, port: int | None, no_web: bool, no_schedule: bool, directory: Path
) -> None:
    """Run the scheduler and serve the pages, in one process.

    HOME is a directory of shoemon.yaml and shoes.yaml, as with --config. Name several to serve several runners.
    """
    from shoemon.config.household import load_household
    from shoemon.web.serve import serve as run_serve

    if no_web and no_schedule:
        raise click.UsageError("--no-web and --no-schedule together leave nothing to do")
    if len(homes) < 2 and not no_web:
        _wait_for_configuration(directory, host, port)
    configs = load_household(homes) if len(homes) > 1 else [load_config(directory)]
    sys.exit(run_serve(configs, host, port, web=not no_web, schedule=not no_schedule))


def _wait_for_configuration(directory: Path, host: str | None, port: int | None) -> None:
    """Serve a page that says what to write, while there is no configuration."""
    from shoemon.config.load import MAIN_FILE
    from shoemon.model.errors import MistakeError
    from shoemon.web.begin import begin

    if (directory / MAIN_FILE).exists():
        return
    try:
        load_config(directory)
    except MistakeError as error:
        print_lines((f"shoemon: {error}", *error.__notes__), err=True)
    if not begin(directory, host or "127.0.0.1", port or 8001):
        sys.exit(0)


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@config_option
def backup(file: Path, directory: Path) -> None:
    """Copy the database to FILE, also while it is in use."""
    from shoemon.store.backup import back_up

    size = back_up(load_config(directory).database, file)
    click.echo(f"{file}: {size / 1e6:.1f} MB")


@cli.command()
@click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535), help="Port of the pages.")
@click.option("--no-serve", is_flag=True, help="Stop after the tables; serve no pages.")
def demo(port: int, no_serve: bool) -> None:
    """Show everything at work on an imaginary runner's year."""
    from shoemon.demo.run import run_demo

    sys.exit(run_demo(port, serve=not no_serve))


for _command in (
    alerts, forecast, ground, health, help_command, login, map_group, route, runs, set_setting, shoes, sources_command,
    undo, where, which,
):  # fmt: skip
    cli.add_command(_command)


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 something failed and was reported, 2 wrong usage or configuration."""
    import gc
    import sqlite3

    from shoemon.model.errors import MistakeError, ShoemonError
    from shoemon.words.commands import start_as

    # A first import makes a million small values and no cycles; looking for cycles every 700 took a tenth of its time.
    gc.set_threshold(50_000)
    start_as(sys.argv[0])
    try:
        cli(prog_name="shoemon")
    except ShoemonError as error:
        mistakes = map(str, getattr(error, "mistakes", ()))
        print_lines((*mistakes, f"shoemon: {error}", *getattr(error, "__notes__", ())), err=True)
        sys.exit(2 if isinstance(error, MistakeError) else 1)
    except sqlite3.Error as error:
        click.echo(f"shoemon: the database cannot be used: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
