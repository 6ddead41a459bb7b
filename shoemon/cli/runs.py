"""`shoemon runs`: add runs by hand."""

from pathlib import Path

import click

from shoemon.cli.options import config_option, load_config, print_lines


@click.group()
def runs() -> None:
    """Add runs that no export has."""


@runs.command()
@click.argument("date")
@click.argument("distance")
@click.option("--shoe", metavar="ID", help="The pair.")
@click.option("--surface", help="The surface, such as grass.")
@click.option("--at", "clock", metavar="HH:MM", help="When it began, by your clock.")
@click.option("--duration", metavar="H:MM:SS", help="How long it took.")
@click.option("--name", help="Your name for it.")
@config_option
def add(directory: Path, date: str, distance: str, clock: str | None, **fields: str | None) -> None:
    """Add a run of DISTANCE (such as 8.2km) on DATE (such as 2026-11-28).

    It becomes a line of runs.csv beside shoemon.yaml, which you can edit and delete there.
    """
    import datetime as dt

    from shoemon.config.edit.history import write_edits
    from shoemon.model.clock import iso, system_clock
    from shoemon.model.units import distance_m, write_distance
    from shoemon.setup.run_by_hand import HandRun, add_run

    config = load_config(directory)
    try:
        day = dt.date.fromisoformat(date)
        start = dt.datetime.combine(day, dt.time.fromisoformat(clock)) if clock else day
    except ValueError:
        example = "write year-month-day, such as 2026-11-28, and --at as 18:30"
        raise click.UsageError(f"{' '.join(filter(None, (date, clock)))!r} is not a date; {example}") from None
    try:
        metres = distance_m(distance)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    edits = add_run(config, HandRun(start, metres, **fields), system_clock())
    far = write_distance(metres, config.main.units)
    write_edits(config, f"A run of {far} on {date} is added", edits, iso(system_clock()))
    print_lines([f"{far} on {date} added to {edits[0].path}; the next sync counts it"])
    print_lines(f"its source is added to {edit.path}" for edit in edits[1:])
