"""`shoemon init`: the first configuration, with the shoes that a runner's exports speak of."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from shoemon.config.load import MAIN_FILE, SHOES_FILE
from shoemon.decide.find_shoes import Draft, find_shoes
from shoemon.setup.check import check_lines
from shoemon.setup.exports import Export, copies, read_exports, shown, sightings
from shoemon.setup.summary import report_lines
from shoemon.setup.write_files import main_text, refuse_existing, shoes_text, write_files

__all__ = ["check_lines", "write_configuration"]


def write_configuration(directory: Path, exports: Iterable[str]) -> Iterator[str]:
    """Reads `exports`, writes both files into `directory`, and says what was found and what comes next.

    Raises MistakeError if a configuration is there already or an export is not known, SourceError if one is broken;
    nothing is written then.
    """
    refuse_existing(directory)
    zone = machine_zone()
    found = read_exports(exports, zone or "UTC")
    again = copies(found)
    listed = [(export.name, gear) for export in found for gear in export.gear]
    drafts = find_shoes(sightings(found, again), listed)
    yield from report_lines(found, drafts, again, zone or "UTC")
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
    return shoes_text(shoes, newest, found[0].name if found else "strava")


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
