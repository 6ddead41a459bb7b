"""`shoemon map`: import OpenStreetMap, and describe what was imported."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoemon.cli.options import config_option, load_config, print_lines, progress
from shoemon.model.text import one_line

if TYPE_CHECKING:
    from shoemon.config.load import Config
    from shoemon.ground.osm.clip import Clip
    from shoemon.ground.osm.reading import RegionRow


@click.group("map")
def map_group() -> None:
    """Import OpenStreetMap from files, and describe the map."""


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
        from shoemon.sync.match.unmatched import cells_of_runs

        try:
            margin = distance_m(around_runs)
        except ValueError as error:
            raise click.UsageError(f"--around-runs: {error}") from None
        if not 0 <= margin <= 100_000:
            raise click.UsageError("--around-runs must be from 0 to 100 km")
        wanted = f"{write_distance(margin, config.main.units)} around runs"
        return clip_around(cells_of_runs(config, margin, show), wanted)
    return clip_of_box(bbox) if bbox is not None else None


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
        click.echo(f"There is no map yet. To import one: {command('map', 'import', 'FILE')}")
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
