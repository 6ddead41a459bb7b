"""`shoemon demo`: sync an imaginary runner's year with the real pipeline, and show its alerts arriving."""

import base64
import contextlib
import os
import secrets
import shutil
import socket
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from shoemon.demo.export import write_strava_zip, write_treadmill_table
from shoemon.demo.receivers import HERE, Receivers, receivers
from shoemon.demo.settings import MAP, SECRET_FILE, ZONE, main_text, shoes_text
from shoemon.demo.town import town_osm
from shoemon.demo.year import DAILY_LIFE_M, FIRST_SYNC_DAYS, Year, imagine
from shoemon.model.clock import Clock, day_in, system_clock
from shoemon.model.errors import ShoemonError
from shoemon.model.ids import Metres
from shoemon.words.commands import about, command

if TYPE_CHECKING:
    from shoemon.config.load import Config

MAP_DAYS = 100
"""Age of the map: older than the last tracks, as maps on disk mostly are."""


def run_demo(port: int, *, serve: bool, clock: Clock = system_clock) -> int:
    """Make the year, sync it twice, print the pairs and, if `serve`, serve the pages until stopped. Returns the exit
    code. Everything is in a directory of its own, which is removed at the end."""
    directory = Path(tempfile.mkdtemp(prefix="shoemon-demo-"))
    try:
        with about(directory):
            year = imagine(day_in(clock(), ZoneInfo(ZONE)))
            secret = _write_settings_secret(directory)
            with receivers(secret) as receiving:
                config, all_well = _live_through(directory, year, receiving, clock)
            _print_pairs(config)
            _print_ground(config)
            if all_well and serve:
                return _serve_pages(config, port)
            return 0 if all_well else 1
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        click.echo(f"Removed {directory}.")


def _write_settings_secret(directory: Path) -> str:
    """Make a key for the webhook, in a file that only this user can read, as a runner would keep it."""
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    with os.fdopen(os.open(directory / SECRET_FILE, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(secret)
    return secret


def _live_through(directory: Path, year: Year, receiving: Receivers, clock: Clock) -> tuple["Config", bool]:
    """Sync twice, three weeks apart; returns the configuration and whether all went well."""
    from shoemon.config.load import MAIN_FILE, SHOES_FILE, load

    (directory / MAIN_FILE).write_text(main_text(receiving.mail_port, receiving.hook_port), encoding="utf-8")
    (directory / SHOES_FILE).write_text(shoes_text(year, Metres(DAILY_LIFE_M)), encoding="utf-8")
    (directory / MAP).write_text(town_osm(year.today - timedelta(days=MAP_DAYS)), encoding="utf-8")
    click.echo(f"An imaginary runner's year, in {directory}:")
    click.echo("  shoemon.yaml, shoes.yaml   the runner's settings")
    click.echo(f"  {MAP}                   the town of the runs, in the format of OpenStreetMap")
    config = load(directory)
    before = timedelta(days=FIRST_SYNC_DAYS)
    _write_exports(directory, year.until(FIRST_SYNC_DAYS))
    all_well = _sync(config, "Three weeks ago: the first sync", receiving, lambda: clock() - before)
    _write_exports(directory, year)
    return config, _sync(config, "Today: a sync of newer exports", receiving, clock) and all_well


def _write_exports(directory: Path, year: Year) -> None:
    activities, tracks = write_strava_zip(directory / "strava.zip", year)
    sessions = write_treadmill_table(directory / "treadmill.csv", year)
    click.echo(
        f"  strava.zip                 {activities} activities and {tracks} tracks, in the format of Strava's export"
    )
    click.echo(f"  treadmill.csv              {sessions} sessions, in miles with decimal commas")


def _sync(config: "Config", title: str, receiving: Receivers, clock: Clock) -> bool:
    """Sync as `shoemon sync` does, and print the messages that arrived; returns whether all went well."""
    from shoemon.report.sync_lines import sync_lines
    from shoemon.sync.pipeline import sync_to_the_end

    click.echo(f"\n{title}")
    seen = len(receiving.arrived)
    report = sync_to_the_end(config, clock=clock)
    for line in sync_lines(config, report, dry_run=False):
        click.echo(f"  {line}")
    for arrival in receiving.arrived[seen:]:
        click.secho(f"  {arrival.way} arrived ({arrival.verdict}): {arrival.title}", bold=True)
        if arrival.way == "e-mail":
            click.echo("".join(f"    | {line}\n" for line in arrival.text.splitlines()), nl=False)
    return not report.failed and not report.delivered.waiting


def _print_pairs(config: "Config") -> None:
    from shoemon.report.status import print_status

    click.echo("")
    print_status(config)
    click.echo("")


def _print_ground(config: "Config") -> None:
    """Print the surfaces of the runs that were matched to the map."""
    from shoemon.store.snapshot import snapshot

    with snapshot(config.database) as rows:
        runs = rows("SELECT count(*) AS runs FROM track_matches WHERE status = 'matched'")[0]["runs"]
        sums = rows("SELECT surface, sum(distance_m) AS metres FROM track_surfaces GROUP BY 1 ORDER BY 2 DESC")
    click.echo(f"Surfaces of {runs} runs by the map, in km along their tracks:")
    click.echo("  " + ", ".join(f"{row['surface']} {row['metres'] / 1000:.1f}" for row in sums))
    click.echo("")


def _serve_pages(config: "Config", port: int) -> int:
    from shoemon.web.serve import serve

    free = free_port(port)
    if free != port:
        click.echo(f"Port {port} is in use; using {free} instead.")
    click.echo(f"Pages: http://{HERE}:{free}/   (Ctrl-C ends the demo and removes everything)")
    click.echo(f"Try in another terminal:\n    {command('status')}")
    for run in _disputed(config):
        click.echo(f"Strava and the map disagree on the ground of a run; see why:\n    {command('explain', run)}")
    return serve([config], HERE, free, web=True, schedule=False)


def _disputed(config: "Config") -> list[str]:
    from shoemon.store.snapshot import snapshot

    with snapshot(config.database) as rows:
        return [str(row["activity"]) for row in rows("SELECT activity FROM ground_disagreements")]


def free_port(first: int) -> int:
    """Find a free port of this machine: `first`, or the next one. Raises ShoemonError after a hundred."""
    for port in range(first, min(first + 100, 65536)):
        with contextlib.suppress(OSError), socket.create_server((HERE, port)):
            return port
    raise ShoemonError(f"no port from {first} on is free; choose another with --port")
