"""Report what `init` found: what each export knows, and which pairs they name."""

from collections.abc import Iterator, Mapping, Sequence

from shoemon.config.load import SHOES_FILE
from shoemon.decide.find_shoes import Draft, Drafts, find_shoes
from shoemon.decide.which_surface import is_indoors
from shoemon.model.ids import ActivityId
from shoemon.model.surfaces import BUILT_IN, surface_of
from shoemon.model.units import plain_distance, write_distance
from shoemon.setup.exports import Export, shown, sightings
from shoemon.words.problems import reason_lines


def report_lines(
    exports: Sequence[Export], drafts: Drafts, again: Mapping[ActivityId, ActivityId], zone: str
) -> Iterator[str]:
    """Report everything that was found. `again` maps runs to those they are copies of; `zone` is the runner's."""
    for export in exports:
        yield from _export_lines(export, zone)
    if again:
        runs = len(set(again.values()))
        where = "both" if len(exports) == 2 else "several"
        yield f"{counted(runs, 'run')} {'is' if runs == 1 else 'are'} in {where} exports: each counts once."
    if exports:
        yield from _shoe_lines(drafts.shoes)
        yield from _shoeless_lines(exports, again)
    for name in drafts.ambiguous:
        yield f"  `{shown(name)}` is the name of several pairs: runs that give the name alone stay without a shoe"
    for one, other, runs in drafts.alike:
        yield (
            f"  `{one}` and `{other}` were worn on the same {counted(runs, 'run')}: if they are one pair, give one the "
            f"`gear` of both in {SHOES_FILE}, and remove the other"
        )


def counted(number: int, noun: str) -> str:
    """`1 run`, `1,234 runs`; of activities `1 activity`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def _export_lines(export: Export, zone: str) -> Iterator[str]:
    settings, runs = export.settings, export.runs
    yield f"{shown(export.path)}: read as {settings['type']}, called `{export.name}`"
    if (path := str(settings.get("path", export.path))) != export.path:
        yield f"  later downloads: `path: {shown(path)}` matches them too"
    if pattern := settings.get("pattern"):
        yield f"  its folders are named for sport or shoe: `pattern: {shown(str(pattern))}` says which"
    days = sorted(run.local_date for run in runs)
    span = f", {days[0]} to {days[-1]}" if days else ""
    yield f"  {_of_them(export.activities, len(runs))}{span}"
    if runs:
        yield from _known_lines(export)
    if any(run.zone_assumed for run in runs):
        yield f"  times: it has no time zone, so {zone} is assumed: runs abroad are off by hours"
    yield from (f"  to check: {shown(warning)}" for warning in export.warnings)
    yield from _problem_lines(export)
    if export.idle_gear:
        gear = ", ".join(f"`{shown(name)}` ({sport})" for name, sport in sorted(export.idle_gear.items())[:5])
        yield f"  left out, as no run was in them: {gear}; add walk and hike to `sports` to count those"


def _of_them(activities: int, runs: int) -> str:
    if activities == 1:
        return f"1 activity, {'a' if runs else 'no'} run"
    number = f"{runs:,}" if runs else "none"
    return f"{counted(activities, 'activity')}, {number} of them {'a run' if runs == 1 else 'runs'}"


def _known_lines(export: Export) -> Iterator[str]:
    """What it knows of its runs: shoe, ground, treadmill, tracks."""
    runs = export.runs
    pairs = find_shoes(sightings([export], {}), [(export.name, gear) for gear in export.gear]).shoes
    several = sum(map(export.several_worn, runs))
    with_shoe = sum(bool(run.gear_raw or run.gear_name) for run in runs) - several
    yield f"  shoe: {_share(with_shoe, len(runs))}" + (f"; {counted(len(pairs), 'pair')}" if pairs else "")
    if several:
        yield f"    {counted(several, 'run')} more with several pairs at once: a correction divides it"
    with_ground = sum(
        run.unpaved_m is not None or surface_of(run.surface_raw or "", BUILT_IN) is not None for run in runs
    )
    with_track = sum(bool(run.track) for run in runs)
    by_map = f"{', of others' if with_ground else ', but found'} from the tracks, with a map"
    by_tracks = with_ground < len(runs) and (with_track or export.waiting_tracks)
    yield f"  ground: {_share(with_ground, len(runs))}{by_map if by_tracks else ''}"
    yield f"  treadmill: {counted(sum(map(is_indoors, runs)), 'run')}"
    if export.waiting_tracks:
        yield f"  tracks: {counted(export.waiting_tracks, 'file')}; the first sync finds the run of each"
    else:
        yield f"  tracks: {_share(with_track, len(runs), 'there')}"


def _share(number: int, runs: int, word: str = "known") -> str:
    if not number:
        return f"not {word}"
    return f"{word} of all runs" if number == runs else f"{word} of {number:,} of {runs:,} runs"


def _problem_lines(export: Export) -> Iterator[str]:
    unread = [each[:2] for each in export.problems if not each.is_note]
    notes = [each[:2] for each in export.problems if each.is_note and each.message not in export.warnings]
    for found, heading in ((unread, "{} cannot be read"), (notes, "{} on what was read")):
        if found:
            many = counted(len(found), "record" if found is unread else "note")
            yield f"  {heading.format(many)}; after a sync, table problems lists all:"
            yield from (f"    {line}" for line in reason_lines(found))


def _shoe_lines(shoes: Sequence[Draft]) -> Iterator[str]:
    if not shoes:
        yield f"No run names a shoe; add yours to {SHOES_FILE}."
        return
    yield f"{counted(len(shoes), 'pair')} of shoes, last worn first:"
    width = max(len(shoe.id) for shoe in shoes)
    for shoe in shoes:
        figures = (
            f"{write_distance(shoe.distance_m, 'km', 0):>9}  {shoe.runs:>4} {'run ' if shoe.runs == 1 else 'runs'}"
        )
        span = f"{shoe.first_on} to {shoe.last_on}" if shoe.last_on else f"{'never worn':<24}"
        life = f", life {plain_distance(shoe.life_m)}" if shoe.life_m else ""
        retired = f", retired {shoe.retired_on}" if shoe.retired_on else ""
        yield f"  {shoe.id:<{width}}  {figures}  {span}  {shown(shoe.name)}{life}{retired}"


def _shoeless_lines(exports: Sequence[Export], again: Mapping[ActivityId, ActivityId]) -> Iterator[str]:
    """Runs of which no export that has them names the shoe."""
    named = {run.id for export in exports for run in export.runs if run.gear_raw or run.gear_name}
    with_shoe = {again.get(id, id) for id in named}
    without = sum(run.id not in again and run.id not in with_shoe for export in exports for run in export.runs)
    if without:
        yield (
            f"{counted(without, 'run')} {'names' if without == 1 else 'name'} no shoe; `rules` and `default_shoe` in "
            + (f"{SHOES_FILE} can give {'it' if without == 1 else 'them'} one.")
        )
