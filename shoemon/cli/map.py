"""`shoemon map`: get and import OpenStreetMap, and describe what was imported."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoemon.cli.options import config_option, load_config, print_lines, progress
from shoemon.model.text import one_line

if TYPE_CHECKING:
    from shoemon.config.load import Config
    from shoemon.ground.extracts.getting import Getting
    from shoemon.ground.osm.clip import Clip
    from shoemon.ground.osm.reading import RegionRow


@click.group("map")
def map_group() -> None:
    """Get the map of your runs, import OpenStreetMap from files, and describe the map."""


@map_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--around-runs", metavar="DISTANCE", help="Import only what is within this distance of your runs, such as 2km."
)
@click.option("--bbox", metavar="S,W,N,E", help="Import only this box, in degrees.")
@config_option
def import_map(file: Path, around_runs: str | None, bbox: str | None, directory: Path) -> None:
    """Import FILE (.osm.pbf, .osm, .osm.gz or .osm.bz2). It replaces an earlier import of a file of that name."""
    from shoemon.ground.osm.files import at_home
    from shoemon.ground.osm.importing import import_file
    from shoemon.ground.osm.opening import is_damaged
    from shoemon.model.clock import iso, system_clock

    if around_runs is not None and bbox is not None:
        raise click.UsageError("give only one of --around-runs and --bbox")
    config = load_config(directory)
    with progress() as show:
        clip = _clip(config, around_runs, bbox, show)
        anew = is_damaged(config.map_database)
        written = import_file(config.map_database, at_home(file), clip, iso(system_clock()), show, anew=anew)
    if anew:
        click.echo("the map was damaged, and a new one was made; import again what else was in it")
    found = f"{_of(written.ways, 'way')} ({_of(written.edges, 'edge')}) and {_of(written.areas, 'area')}"
    click.echo(one_line(f"{file.name}: {found} imported; the next sync matches the runs to them"))


def _clip(config: "Config", around_runs: str | None, bbox: str | None, show: Callable[[str], None]) -> "Clip | None":
    from shoemon.ground.osm.clip import clip_around, clip_of_box

    if around_runs is not None:
        from shoemon.model.units import distance_m, write_distance
        from shoemon.sync.match.read_and_match import cells_of
        from shoemon.sync.match.unmatched import cells_around, places_of_runs

        try:
            margin = distance_m(around_runs)
        except ValueError as error:
            raise click.UsageError(f"--around-runs: {error}") from None
        if not 0 <= margin <= 100_000:
            raise click.UsageError("--around-runs must be from 0 to 100 km")
        wanted = f"{write_distance(margin, config.main.units)} around runs"
        cells = cells_of(frozenset().union(*places_of_runs(config, show)))
        return clip_around(cells_around(cells, margin), wanted)
    return clip_of_box(bbox) if bbox is not None else None


@map_group.command("get")
@click.option("--yes", is_flag=True, help="Download without asking.")
@click.option("--without", metavar="ID", multiple=True, help="Leave out this extract. Can be repeated.")
@config_option
def get_map(yes: bool, without: tuple[str, ...], directory: Path) -> None:
    """Download the published extracts that cover your runs, and import the map around the runs.

    The list of extracts ships with shoemon: before you agree, no server is asked.
    """
    from shoemon.model.clock import iso, system_clock
    from shoemon.report.sync_lines import ground_lines
    from shoemon.sync.get_map import ask, at_work, find, get
    from shoemon.sync.pipeline import sync_to_the_end
    from shoemon.words.commands import command

    config, failed = load_config(directory), False
    with progress() as show, at_work(config, system_clock, show):
        getting = find(config, iso(system_clock()), show)
    wanted = _agreed(config, getting, without, asks=not yes)
    if not wanted:
        click.echo("Nothing was downloaded.")
        return
    with progress() as show, at_work(config, system_clock, show) as step:
        ask(config, wanted, system_clock())
        for extract, result in get(config, system_clock, step):
            if isinstance(result, Exception):
                failed = True
                click.echo(one_line(f"shoemon: {extract.name}: {result}"), err=True)
            else:
                click.echo(one_line(f"{extract.name}: {_of(result.ways, 'way')} imported"))
    with progress() as show:
        ground = sync_to_the_end(config, (), progress=show).ground
    for line in ground_lines(ground):
        click.echo(one_line(line))
    if failed:
        click.echo(f"shoemon: to go on where it stopped: {command('map', 'get')}", err=True)
    if failed or ground.notes:
        raise SystemExit(1)


def _agreed(config: "Config", getting: "Getting", without: tuple[str, ...], *, asks: bool) -> list[str]:
    """Show the extracts, and return the ids of those that the runner wants."""
    from shoemon.ground.extracts.published import published
    from shoemon.model.clock import system_clock
    from shoemon.sync.get_map import AROUND_M, chosen_of, current

    have = current(config, getting, system_clock()) - set(without)
    chosen = [each for each in chosen_of(getting) if each.extract.id not in have.union(without)]
    if unknown := set(without) - getting.found.keys():
        raise click.UsageError(f"--without {min(unknown)}: that extract is none of {', '.join(getting.found)}")
    if getting.outside:
        click.echo(f"{_of(getting.outside, 'run')} in no extract of at most {config.main.ground.largest_mb:,} MB.")
    if have:
        click.echo(one_line(f"Imported less than a day ago: {', '.join(sorted(have))}."))
    if not chosen:
        return []
    click.echo("These published extracts of OpenStreetMap cover your runs:")
    titles = [f"{published().title(each.extract)} [{each.extract.id}]" for each in chosen]
    for number, (title, (extract, runs)) in enumerate(zip(titles, chosen, strict=True), 1):
        size = f"{extract.size / 1e6:,.0f} MB"
        click.echo(one_line(f"{number:>3}  {title:<{max(map(len, titles))}}  {_of(runs, 'run'):>11}  {size:>8}"))
    total = sum(each.extract.size for each in chosen) / 1e6
    click.echo(
        one_line(
            f"Together {total:,.0f} MB (on {published().date}), from {config.main.ground.mirror}, which learns "
            "these regions and nothing else of your runs."
        )
    )
    ids = [each.extract.id for each in chosen]
    if not asks:
        return [*have, *ids]
    try:
        answer = click.prompt(
            f"Download them, import the map {AROUND_M / 1000:.0f} km around your runs, and delete the files? "
            "yes, no, or the numbers of those you want",
            default="no",
            value_proc=lambda said: _numbers(said, len(ids)),
        )
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise click.UsageError("there was no answer; to download without a question, add --yes") from None
    return [*have, *(ids[number - 1] for number in answer)] if answer else []


def _numbers(said: str, count: int) -> list[int]:
    """Read the answer `yes`, `no` or `1,3`. Raises BadParameter."""
    said = said.strip().lower()
    if said in ("yes", "y", "no", "n"):
        return list(range(1, count + 1)) if said[0] == "y" else []
    found = [int(word) if word.isdecimal() else 0 for word in said.replace(",", " ").split()]
    if not all(1 <= number <= count for number in found):
        raise click.BadParameter(f"write yes, no, or numbers from 1 to {count}, such as 1,2")
    return found


@map_group.command()
@config_option
def info(directory: Path) -> None:
    """Describe the map: its regions, how old they are, and how many of the ways have a surface."""
    from contextlib import closing

    from shoemon.ground.osm.importing import lengths_by_origin
    from shoemon.ground.osm.opening import has_map
    from shoemon.ground.osm.reading import open_map
    from shoemon.words.commands import command

    config = load_config(directory)
    path = config.map_database
    if not has_map(path):
        click.echo(f"There is no map yet. To get one: {command('map', 'get')}")
        return
    with closing(open_map(path)) as reader:
        regions = reader.regions()
    with progress() as show:
        show("measuring the ways")
        lengths = lengths_by_origin(path)
    for region in regions:
        print_lines(_region_lines(region, lengths.get(region.name, {}), config.main.units))
    print_lines((f"{path}: {path.stat().st_size / 1e6:.1f} MB", *dict.fromkeys(each.attribution for each in regions)))


def _region_lines(region: "RegionRow", lengths: dict[str, float], unit: str) -> list[str]:
    from shoemon.model.units import write_distance

    total = sum(lengths.values())
    piece = region.clip.split(")")[0].replace("cells (", "") if region.clip.startswith("cells") else region.clip
    shares = ", ".join(
        f"{word} {write_distance(lengths.get(origin, 0.0), unit, 0)} ({lengths.get(origin, 0.0) / total:.0%})"
        for origin, word in (("tag", "tagged"), ("inferred", "inferred"), ("unknown", "unknown"))
        if total
    )
    return [
        f"{region.name}: {_of(region.ways, 'way')} and {_of(region.areas, 'area')}, "
        f"OpenStreetMap of {region.osm_date[:10]}",
        f"  area: {region.south:.2f} to {region.north:.2f} north, {region.west:.2f} to {region.east:.2f} east"
        + (f" ({piece})" if piece else ""),
        f"  file: {region.bytes / 1e6:.1f} MB, imported {region.imported_at[:10]}",
        f"  surface: {shares or 'no ways'}",
    ]


def _of(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
