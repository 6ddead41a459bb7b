"""`shoemon init`: write the first configuration, with the shoes that a runner's exports name."""

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from shoemon.config.load import MAIN_FILE, SHOES_FILE
from shoemon.decide.find_shoes import find_shoes
from shoemon.setup.exports import copies, read_exports, shown, sightings
from shoemon.setup.summary import report_lines
from shoemon.setup.write_files import Origin, main_text, refuse_existing, shoes_text, write_files
from shoemon.setup.zones import UTC, proposed_zone
from shoemon.words.commands import command


def write_configuration(directory: Path, exports: Iterable[str]) -> Iterator[str]:
    """Read `exports`, write both files into `directory`, and report what was found and what comes next.

    Raises MistakeError if a configuration exists already or no source reads an export, SourceError if one is broken;
    nothing is written then.
    """
    refuse_existing(directory)
    machine = machine_zone()
    zone, exports = machine or "UTC", list(exports)
    found = read_exports(exports, zone)
    if proposed := proposed_zone((run for export in found for run in export.runs), zone):
        zone, found = proposed, read_exports(exports, proposed)
    again = copies(found)
    listed = [(export.name, gear) for export in found for gear in export.gear]
    drafts = find_shoes(sightings(found, again), listed)
    yield from report_lines(found, drafts, again, zone)
    origin: Origin = "exports" if proposed else None if machine is None or machine in UTC else "machine"
    main = main_text(zone, origin, [(export.settings, export.is_unit_sure) for export in found])
    newest = max((run.local_date for export in found for run in export.runs), default="")
    write_files(directory, main, shoes_text(drafts.shoes, newest, found[0].name if found else "strava"))
    yield f"Written: {shown(str(directory / MAIN_FILE))}, and {SHOES_FILE} beside it."
    yield "Distances are in km; `units: mi` in shoemon.yaml changes that."
    yield from _zone_lines(zone, origin)
    yield from _next_steps(directory, has_source=bool(found), has_shoes=bool(drafts.shoes))


def _zone_lines(zone: str, origin: Origin) -> Iterator[str]:
    if origin == "exports":
        yield f"Time zone: {zone}, which fits the times in your exports; if it is another, correct `timezone`."
    elif origin is None:
        reason = "as neither this machine nor an export names yours, so days of runs may be wrong"
        yield f"Time zone: {zone}, {reason}; write your own as `timezone` in {MAIN_FILE}, such as Europe/Helsinki."


def machine_zone() -> str | None:
    """The name of this machine's time zone, or None if it has none with a name."""
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


def _next_steps(directory: Path, *, has_source: bool, has_shoes: bool) -> Iterator[str]:
    if not has_source:
        yield f"Next: name an export in {MAIN_FILE} and your pairs in {SHOES_FILE}, then:"
    else:
        yield "Next:"
    if has_source and not has_shoes:
        yield "  add your pair, by an id and a name of your own:"
        yield f"    {command('shoes', 'add', 'my-shoes', '--name', 'My shoes')}"
        yield f"  give it the runs that name no shoe, by a line at the end of {SHOES_FILE}:"
        yield f"    echo 'default_shoe: my-shoes' >> {shlex.quote(str(directory / SHOES_FILE))}"
    yield "  check both files, after every edit:"
    yield f"    {command('check')}"
    yield "  get messages on your phone:"
    yield f"    {command('alerts', 'add', 'ntfy')}"
    yield "  read the exports, count, and send what is due:"
    yield f"    {command('sync')}"
    yield "  do so by itself, and serve the pages:"
    yield f"    {command('serve')}"
