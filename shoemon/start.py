"""`shoemon init`: the first configuration, with the shoes that a runner's exports speak of."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from shoemon.config.load import MAIN_FILE, SHOES_FILE
from shoemon.ground.decide import is_indoors
from shoemon.start_check import check_lines
from shoemon.start_exports import Export, read_exports, shown, sightings
from shoemon.start_files import main_text, refuse_existing, shoes_text, write_files
from shoemon.start_shoes import Draft, find_shoes
from shoemon.units import write_distance

__all__ = ["check_lines", "write_configuration"]


def write_configuration(directory: Path, exports: Iterable[str]) -> Iterator[str]:
    """Reads `exports`, writes both files into `directory`, and says what was found and what comes next.

    Raises MistakeError if a configuration is there already or an export is not known, SourceError if one is broken;
    nothing is written then.
    """
    refuse_existing(directory)
    zone = machine_zone()
    found = read_exports(exports, zone or "UTC")
    drafts = find_shoes(sightings(found))
    for export in found:
        yield from _export_lines(export)
    if found:
        yield from _shoe_lines(drafts.shoes)
        yield from _shoeless_lines(found)
    for name in drafts.ambiguous:
        yield f"  `{shown(name)}` is the name of several pairs: runs that give the name alone stay without a shoe"
    write_files(directory, main_text(zone, [export.settings for export in found]), _shoes_file(found, drafts.shoes))
    yield f"Written: {shown(str(directory / MAIN_FILE))}, and {SHOES_FILE} beside it."
    yield "Distances are in km; `units: mi` in the first of them changes that."
    yield from _next_steps(directory, bool(found))


def machine_zone() -> str | None:
    """The name of this machine's time zone, or None if it has none that can be written down."""
    import warnings

    import tzlocal

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # it warns where it would guess UTC
            name = str(tzlocal.get_localzone_name())
        ZoneInfo(name)
    except (LookupError, ValueError, OSError, Warning):
        return None
    return name


def _shoes_file(found: list[Export], shoes: tuple[Draft, ...]) -> str:
    newest = max((run.local_date for export in found for run in export.runs), default="")
    return shoes_text(shoes, newest, str(found[0].settings["name"]) if found else "strava")


def _export_lines(export: Export) -> Iterator[str]:
    settings, runs = export.settings, export.runs
    yield f"{shown(str(settings['path']))}: read as {settings['type']}, called `{settings['name']}`"
    if pattern := settings.get("pattern"):
        yield f"  its folders are named for sport or shoe: `pattern: {shown(str(pattern))}` says how"
    days = sorted(run.local_date for run in runs)
    span = f", {days[0]} to {days[-1]}" if days else ""
    yield f"  {export.activities} activities, {len(runs)} of them runs{span}"
    with_shoe = sum(bool(run.gear_raw or run.gear_name) for run in runs)
    with_ground = sum(run.unpaved_m is not None or bool(run.surface_raw) for run in runs)
    indoors = sum(is_indoors(run) for run in runs)
    yield f"  of these runs it knows: the shoe of {with_shoe}, the ground of {with_ground}; indoors: {indoors}"
    if export.problems:
        first = export.problems[0]
        reason = f"{shown(first.place)}: {shown(first.message)}"
        yield f"  {len(export.problems)} records cannot be read; the first: {reason}"
    if export.idle_gear:
        gear = ", ".join(f"`{shown(name)}` ({sport})" for name, sport in sorted(export.idle_gear.items())[:5])
        yield f"  left out, as no run was in them: {gear}; add walk and hike to `sports` to count those"


def _shoe_lines(shoes: tuple[Draft, ...]) -> Iterator[str]:
    pairs = "1 pair" if len(shoes) == 1 else f"{len(shoes)} pairs"
    yield f"{pairs} of shoes, last worn first:" if shoes else f"No run names a shoe; add yours to {SHOES_FILE}."
    width = max((len(shoe.id) for shoe in shoes), default=0)
    for shoe in shoes:
        figures = f"{write_distance(shoe.distance_m, 'km', 0):>9}  {shoe.runs:>4} runs"
        yield f"  {shoe.id:<{width}}  {figures}  {shoe.first_on} to {shoe.last_on}  {shown(shoe.name)}"


def _shoeless_lines(found: list[Export]) -> Iterator[str]:
    without = sum(not (run.gear_raw or run.gear_name) for export in found for run in export.runs)
    if without:
        yield f"{without} runs name no shoe; `rules` and `default_shoe` in {SHOES_FILE} can give them one."


def _next_steps(directory: Path, has_source: bool) -> Iterator[str]:
    from shoemon.config.load import find_directory

    option = "" if directory == find_directory(None).resolve() else f" --config {_argument(directory)}"
    if not has_source:
        yield f"Next: name an export in {MAIN_FILE} and your pairs in {SHOES_FILE}, then:"
    else:
        yield "Next:"
    yield f"  shoemon check{option}    # after every edit"
    yield f"  shoemon sync{option}     # reads, counts, and tells what is due"
    yield f"  shoemon serve{option}    # does so by itself, and shows the pages"


def _argument(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))
