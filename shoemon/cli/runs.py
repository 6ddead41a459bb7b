"""`shoemon runs`: add runs by hand, and correct those that are stored."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoemon.cli.options import config_option, load_config, print_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoemon.config.edit.operations import FileEdit
    from shoemon.config.load import Config

_SHOWN = 10
"""How many of the lines that are written are printed."""


@click.group()
def runs() -> None:
    """Add runs that no export has, and correct runs."""


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
    from shoemon.config.edit.history import write_edits
    from shoemon.model.clock import iso, system_clock
    from shoemon.web.add_run import plan_run

    config, now = load_config(directory), system_clock()
    given = {key: value or "" for key, value in fields.items()}
    title, edits = plan_run(config, now, {**given, "date": date, "distance": distance, "at": clock or ""})
    write_edits(config, title, edits, iso(now))
    print_lines([f"{title} to {edits[0].path}; the next sync counts it"])
    print_lines(f"its source is added to {edit.path}" for edit in edits[1:])


@runs.command()
@click.option("--shoe", required=True, metavar="ID", help="The pair; none: none of yours, and do not ask again.")
@click.option("--from", "since", metavar="DATE", default="", help="The first day.")
@click.option("--until", metavar="DATE", default="", help="The last day.")
@click.option("--sport", default="", help="Their sport, such as trail-run.")
@click.option("--name", "q", metavar="WORDS", default="", help="Words in their name, in any case.")
@click.option("--distance", metavar="DISTANCE", default="", help="At least '8 km', or '8 km .. 12 km'.")
@click.option("--source", default="", help="The source that has them.")
@click.option("--without-shoe", is_flag=True, help="Only runs without a shoe.")
@click.option("--as", "by", type=click.Choice(["corrections", "rule", "default"]), default="corrections",
              help="Correct each run (the default), or write a rule or a dated default.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only print what would move.")
@config_option
def assign(
    directory: Path, shoe: str, distance: str, *, without_shoe: bool, by: str, dry_run: bool, **given: str
) -> None:
    """Give many runs their pair: all that the options match.

    A rule and a default hold only where the export names no shoe, also for later runs.
    """
    from shoemon.model.clock import system_clock
    from shoemon.model.units import write_distance
    from shoemon.pages.run_filter import WITHOUT, RunFilter, Wanted
    from shoemon.web.assign_many import plan_many

    config = load_config(directory)
    least, _, most = (part.strip() for part in distance.partition(".."))
    wanted = RunFilter.of({**given, "least": least, "most": most, "shoe": WITHOUT if without_shoe else ""})
    if not wanted.given():
        raise click.UsageError("name the runs, such as by --without-shoe or --from")
    title, edits, moves = plan_many(config, system_clock, Wanted(wanted, shoe, by))
    unit = config.main.units
    print_lines(
        f"{each.before} to {each.after}: {each.runs:,} runs, {write_distance(each.distance_m, unit)}" for each in moves
    )
    if dry_run:
        print_lines([f"would write: {title}"])
    else:
        _write(config, title, edits)


@runs.command()
@click.argument("run")
@config_option
def ignore(run: str, directory: Path) -> None:
    """Leave RUN out of all totals."""
    _correct(directory, run, "ignore", True)


@runs.command()
@click.argument("run")
@config_option
def count(run: str, directory: Path) -> None:
    """Count RUN again that was ignored."""
    _correct(directory, run, "ignore", None)


@runs.command()
@click.argument("run")
@click.argument("other")
@config_option
def join(run: str, other: str, directory: Path) -> None:
    """Say that RUN is another record of OTHER, which counts instead."""
    _correct(directory, run, "duplicate_of", other)


@runs.command()
@click.argument("run")
@config_option
def part(run: str, directory: Path) -> None:
    """Say that RUN is a run of its own, and no record of another one."""
    _correct(directory, run, "duplicate_of", "none")


def _correct(directory: Path, run: str, setting: str, value: Any) -> None:
    from shoemon.config.edit.operations import planned
    from shoemon.web.correct_run import plan_correction

    config = load_config(directory)
    title, operations = plan_correction(config, run, setting, value)
    _write(config, title, planned(directory, operations))


def _write(config: "Config", title: str, edits: "Sequence[FileEdit]") -> None:
    from shoemon.config.edit.history import write_edits
    from shoemon.model.clock import iso, system_clock

    if not edits:
        print_lines(["it is so already; nothing was written"])
        return
    write_edits(config, title, edits, iso(system_clock()))
    for edit in edits:
        lines = edit.lines()
        more = f"... and {len(lines) - _SHOWN:,} more lines"
        print_lines([f"{edit.path}:", *lines[:_SHOWN], *([more] if len(lines) > _SHOWN else [])])
    print_lines([f"{title}; the next sync counts it"])
