"""`shoemon demo`: an imaginary runner's year goes through the real pipeline, and its alert is seen arriving."""

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
from shoemon.demo.year import DAILY_LIFE_M, FIRST_SYNC_DAYS, TRACKED_DAYS, Year, imagine
from shoemon.model.clock import Clock, day_in, system_clock
from shoemon.model.errors import ShoemonError
from shoemon.model.ids import Metres

if TYPE_CHECKING:
    from shoemon.config.load import Config

MAP_DAYS = 100
"""So old is the map: older than every track, as maps on disk mostly are."""


def run_demo(port: int, *, serve: bool, clock: Clock = system_clock) -> int:
    """Makes the year, syncs it twice, prints the pairs and, if `serve`, shows the pages until stopped.

    Returns the exit code. Everything lies in a directory of its own, which is removed at the end.
    """
    directory = Path(tempfile.mkdtemp(prefix="shoemon-demo-"))
    try:
        year = imagine(day_in(clock(), ZoneInfo(ZONE)))
        secret = _write_settings_secret(directory)
        with receivers(secret) as receiving:
            config, sound = _live_through(directory, year, receiving, clock)
        _print_pairs(config)
        _print_ground(config)
        if sound and serve:
            return _show_pages(config, port)
        return 0 if sound else 1
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        click.echo(f"Removed {directory}.")


def _write_settings_secret(directory: Path) -> str:
    """A fresh key for the webhook, in a file that only this user can read, as a runner would keep it."""
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    with os.fdopen(os.open(directory / SECRET_FILE, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(secret)
    return secret


def _live_through(directory: Path, year: Year, receiving: Receivers, clock: Clock) -> tuple["Config", bool]:
    """Both syncs, three weeks apart; returns the configuration and whether all went well."""
    from shoemon.config.load import MAIN_FILE, SHOES_FILE, load

    (directory / MAIN_FILE).write_text(main_text(receiving.mail_port, receiving.hook_port), encoding="utf-8")
    (directory / SHOES_FILE).write_text(shoes_text(year, Metres(DAILY_LIFE_M)), encoding="utf-8")
    (directory / MAP).write_text(town_osm(year.today - timedelta(days=MAP_DAYS)), encoding="utf-8")
    click.echo(f"An imaginary runner's year, in {directory}:")
    click.echo("  shoemon.yaml, shoes.yaml   what the runner wrote")
    click.echo(f"  {MAP}                   the town the runs go through, in the shape of OpenStreetMap's own files")
    config = load(directory)
    before = timedelta(days=FIRST_SYNC_DAYS)
    _write_exports(directory, year.until(FIRST_SYNC_DAYS))
    sound = _sync(config, "Three weeks ago: the first sync", receiving, lambda: clock() - before)
    _write_exports(directory, year)
    return config, _sync(config, "Today: the exports have grown, and are synced again", receiving, clock) and sound


def _write_exports(directory: Path, year: Year) -> None:
    activities, tracks = write_strava_zip(directory / "strava.zip", year)
    sessions = write_treadmill_table(directory / "treadmill.csv", year)
    click.echo(
        f"  strava.zip                 {activities} activities and {tracks} tracks, in the shape of Strava's own export"
    )
    click.echo(f"  treadmill.csv              {sessions} sessions, in miles with decimal commas")


def _sync(config: "Config", title: str, receiving: Receivers, clock: Clock) -> bool:
    """One sync as `shoemon sync` does it, and what has arrived by then; whether all went well."""
    from shoemon.report.sync_lines import sync_lines
    from shoemon.sync.pipeline import sync

    click.echo(f"\n{title}")
    seen = len(receiving.arrived)
    report = sync(config, clock=clock)
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
    """What the map told of the runs whose tracks lie on it."""
    from shoemon.store.snapshot import snapshot

    with snapshot(config.database) as rows:
        runs = rows("SELECT count(*) AS runs FROM track_matches WHERE status = 'matched'")[0]["runs"]
        sums = rows("SELECT surface, sum(distance_m) AS metres FROM track_surfaces GROUP BY 1 ORDER BY 2 DESC")
    click.echo(f"What the map says of {runs} runs of the last {TRACKED_DAYS} days, in km along their tracks:")
    click.echo("  " + ", ".join(f"{row['surface']} {row['metres'] / 1000:.1f}" for row in sums))
    click.echo("")


def _show_pages(config: "Config", port: int) -> int:
    from shoemon.web.serve import serve

    free = free_port(port)
    if free != port:
        click.echo(f"Port {port} is in use; {free} is taken instead.")
    click.echo(f"Pages: http://{HERE}:{free}/   (Ctrl-C ends, and removes everything)")
    click.echo(f"Try in another terminal: shoemon status --config {config.directory}")
    for run in _disputed(config):
        click.echo(f"Strava and the map disagree on: shoemon explain {run} --config {config.directory}")
    return serve(config, HERE, free, web=True, schedule=False)


def _disputed(config: "Config") -> list[str]:
    """The runs whose ground Strava and the map see otherwise."""
    from shoemon.store.snapshot import snapshot

    with snapshot(config.database) as rows:
        return [str(row["activity"]) for row in rows("SELECT activity FROM ground_disagreements")]


def free_port(first: int) -> int:
    """`first`, or the next port on this machine that nobody listens on. Raises ShoemonError after a hundred."""
    for port in range(first, min(first + 100, 65536)):
        with contextlib.suppress(OSError), socket.create_server((HERE, port)):
            return port
    raise ShoemonError(f"no port from {first} on is free; --port chooses another")
