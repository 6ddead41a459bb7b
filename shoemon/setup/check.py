"""`shoemon check`: compare a valid configuration with the files it names and the runs that are stored."""

import glob
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel

from shoemon.config import reach
from shoemon.config.checking import suggestion
from shoemon.config.kinds import NotifierSettings, Secret, SourceSettings
from shoemon.config.load import MAIN_FILE, SHOES_FILE, Config
from shoemon.config.plan import default_warnings
from shoemon.config.reading import read_document
from shoemon.config.registry import NOTIFIERS, SOURCES, Types, faults
from shoemon.decide.gear_names import rename_lines, renames
from shoemon.decide.same_run.compare import outline_of, overlap
from shoemon.ground.match.places import reaches
from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import ShoemonError
from shoemon.model.ids import ActivityId
from shoemon.model.plan import Plan
from shoemon.model.trace import Box
from shoemon.model.units import write_distance
from shoemon.pages.rows import rows_of
from shoemon.setup.exports import shown
from shoemon.setup.summary import counted
from shoemon.sources import Context, open_source
from shoemon.store.gear_names import gear_names
from shoemon.store.snapshot import read_only
from shoemon.sync.doubled_runs import doubled_notes
from shoemon.sync.new_gear import new_gear
from shoemon.sync.pull import source_context
from shoemon.words.commands import command
from shoemon.words.new_gear import new_gear_lines
from shoemon.words.problems import reason_lines

_SHOWN = 20
"""So many corrections are listed; more would hide the rest."""
_LOOKED_AT = 20
"""So many records of each source are read, and so many files of a folder of tracks."""
_SLOW = ("apple-health",)
"""Types with all else before the first record: only a sync reads them."""


def check_lines(config: Config) -> Iterator[str]:
    """Report what `config` contains, line by line; a possible mistake begins with `warning:`. No secret is shown.
    Raises ShoemonError at the end if the database cannot be read."""
    yield f"{shown(str(config.directory))}: {MAIN_FILE} and {SHOES_FILE} are valid"
    yield from _plan_lines(config.plan)
    for settings in config.sources:
        yield from _source_lines(config, settings)
    if not config.sources:
        yield f"warning: there are no sources in {MAIN_FILE}, so there is nothing to read"
    met = dict(_deliveries_met(config.database))
    for notifier in config.notifiers:
        missing = [*_missing_secrets(config.directory, notifier), *_warnings(NOTIFIERS, notifier, config.directory)]
        missing += met.get(notifier.name, ())
        yield f"notifier {notifier.name} ({notifier.type}){'' if missing else ': ready'}"
        yield from (f"warning: notifier {notifier.name}: {reason}" for reason in missing)
    if not config.notifiers:
        yield f"warning: there are no notifiers in {MAIN_FILE} (notify), so alerts show on the pages only; to add one:"
        yield f"    {command('alerts', 'add', 'ntfy')}"
    web = config.main.web
    yield from (f"warning: {reason}" for reason in [*_missing_secrets(config.directory, web), *reach.warnings(web)])
    yield from (f"warning: {fault}" for fault in faults())
    yield from _database_lines(config)


def _plan_lines(plan: Plan) -> Iterator[str]:
    retired = sum(shoe.retired_on is not None for shoe in plan.shoes)
    yield f"{counted(len(plan.shoes), 'shoe')} ({retired} retired), {counted(len(plan.rules), 'rule')}, " + (
        f"{counted(len(plan.corrections), 'correction')}, {counted(len(plan.defaults), 'default shoe')}"
    )
    if not plan.shoes:
        yield f"warning: there are no shoes in {SHOES_FILE}, so no run gets one"
    yield from (f"warning: {reason}" for reason in default_warnings(plan))


def _source_lines(config: Config, settings: SourceSettings) -> Iterator[str]:
    label = f"source {settings.name} ({settings.type})"
    path, url = getattr(settings, "path", None), getattr(settings, "url", None)
    if isinstance(path, str):
        line, is_there = _path_line(config.directory, path, label)
        yield line
        if is_there and settings.type not in _SLOW:
            yield from _record_lines(config, settings, label)
    else:  # an address may hold a key, so only its host is shown
        yield f"{label}: {urlsplit(url).hostname}, read at the next sync" if isinstance(url, str) else label
    yield from (f"warning: {label}: {reason}" for reason in _missing_secrets(config.directory, settings))
    yield from (f"warning: {label}: {reason}" for reason in _warnings(SOURCES, settings, source_context(config)))


def _record_lines(config: Config, settings: SourceSettings, label: str) -> Iterator[str]:
    """Read the first records of a source, and report what they are."""
    context = source_context(config)._replace(glance=True, most_files=_LOOKED_AT)
    try:
        with SOURCES.guard(settings.type), closing(open_source(settings, context).pull(None)) as pull:
            found = [each for each in islice(pull, _LOOKED_AT) if isinstance(each, Activity) or not each.is_note]
    except ShoemonError as error:
        yield f"warning: {label}: {shown(str(error))}"
        return
    unread = [each[:2] for each in found if isinstance(each, Problem)]
    runs = [each for each in found if isinstance(each, Activity) and each.sport in config.plan.sports]
    days = sorted(each.local_date for each in runs)
    if found:
        span = f", {days[0]} to {days[-1]}" if days else ""
        distance = write_distance(sum(each.distance_m for each in runs), config.main.units)
        yield f"  a look at its first records: {len(runs)} of {len(found)} count, {distance}{span}"
    yield from (f"warning: {label}: {line}" for line in reason_lines(unread))


def _path_line(base: Path, path: str, label: str) -> tuple[str, bool]:
    """Report where `path` leads, and return whether there is something."""
    try:
        given = Path(path).expanduser()
        whole = base / given
        found = 1 if whole.exists() else len(glob.glob(str(given), root_dir=base, recursive=True))
    except RuntimeError:
        user = shown(Path(path).parts[0][1:])
        return f"warning: {label}: there is no user {user} on this machine; write the whole `path`", False
    except OSError as error:
        return f"warning: {label}: cannot read {shown(path[:200])}: {error.strerror}", False
    if not found:
        return f"warning: {label}: there is no {shown(str(whole))}", False
    return f"{label}: {shown(str(whole))}" + (f" ({found} files match)" if found > 1 else ""), True


def _warnings(registry: Types, settings: SourceSettings | NotifierSettings, given: Context | Path) -> Iterable[str]:
    """The warnings of the module that `registry` has for a source or notifier; it needs `given` beside the settings."""
    try:
        module = registry.module_of(settings.type)
        with registry.guard(settings.type):
            return list(module.warnings(settings, given)) if hasattr(module, "warnings") else ()
    except ShoemonError as error:
        return (str(error),)


def _missing_secrets(base: Path, value: object) -> Iterator[str]:
    """Why a secret somewhere in `value` cannot be read."""
    if isinstance(value, Secret):
        try:
            value.reveal(base)
        except ShoemonError as error:
            yield str(error)
        return
    model = dict(value) if isinstance(value, BaseModel) else value
    parts = model.values() if isinstance(model, dict) else model if isinstance(model, list | tuple) else ()
    for part in parts:
        yield from _missing_secrets(base, part)


def _deliveries_met(database: Path) -> Iterator[tuple[str, list[str]]]:
    """By notifier, what its messages that were tried and not delivered met: the error of the newest."""
    sql = """SELECT notifier, count(*), last_error, max(rowid) FROM deliveries
             WHERE state IN ('pending', 'failed') AND last_error IS NOT NULL GROUP BY notifier"""
    with suppress(ShoemonError), read_only(database) as connection:  # what is wrong with the database is reported below
        for name, count, error, _ in connection.execute(sql):
            remedy = f"to try again: {command('alerts', 'retry')}"
            yield name, [f"{counted(count, 'message')} not delivered; the newest met: {shown(error)}; {remedy}"]


def _database_lines(config: Config) -> Iterator[str]:
    path = config.database
    if not path.exists():
        yield f"no runs are stored yet; to make {shown(str(path))}: {command('sync')}"
        return
    with read_only(path) as connection:
        runs = connection.execute("SELECT count(*) FROM activities WHERE counted = 1").fetchone()[0]
        yield f"{shown(str(path))}: {counted(runs, 'run')}"
        yield from _gone_sources(connection, config)
        yield from _lost_corrections(connection, config)
        yield from _swapped_places(connection, config.plan)
        yield from _gear_lines(connection, config.plan)
        for words, line in doubled_notes(rows_of(connection), config):
            yield f"warning: {shown(words)}" + (f" {shown(line)}" if line else "")


def _gone_sources(connection: sqlite3.Connection, config: Config) -> Iterator[str]:
    known = {settings.name for settings in config.sources}
    for name, count in connection.execute("SELECT name, activities FROM sources ORDER BY name"):
        if name not in known and count:
            yield f"warning: source {name} is no longer in {MAIN_FILE}; its {counted(count, 'record')} still count"


def _lost_corrections(connection: sqlite3.Connection, config: Config) -> Iterator[str]:
    """Corrections that name a source by a former name, or a record that is not there, with their places."""
    types = dict(connection.execute("SELECT name, type FROM sources").fetchall())
    document, known = read_document(config.directory / SHOES_FILE), [settings.name for settings in config.sources]
    ignored = {run for run, correction in config.plan.corrections.items() if correction.ignore}
    for index, entry in enumerate(document.at("corrections") or ()):
        for key in ("run", "duplicate_of"):
            run = entry.get(key, "none")
            source, _, native_id = run.partition(":")
            if run != "none" and source not in known:
                new = _new_name(connection, config, types.get(source), native_id)
                remedy = f"; if that is `{new}` now, write {new}:{native_id}" if new else suggestion(source, known)
                document.mistake(("corrections", index, key), f"{MAIN_FILE} has no source `{source}`{remedy}")
            elif run != "none" and (lost := _why_lost(connection, run)):
                document.mistake(("corrections", index, key), f"a correction is about {run}, which {lost}")
        correction = config.plan.corrections[ActivityId(entry["run"])]
        if correction.ignore and (found := _same_in(connection, correction.run, ignored)):
            other, original = found
            remedy = f"to leave out only this record, write `duplicate_of: {original}`"
            message = f"this ignores {other} too, the same run; {remedy}"
            document.mistake(("corrections", index, "ignore"), message)
    yield from _listed([f"warning: {shown(str(mistake))}" for mistake in document.mistakes])


def _swapped_places(connection: sqlite3.Connection, plan: Plan) -> Iterator[str]:
    """Places that no run comes near, but that one does with latitude and longitude in the other order."""
    sides = "SELECT DISTINCT south, west, north, east FROM track_matches WHERE south IS NOT NULL"
    boxes = [Box(*box) for box in connection.execute(sides)] if plan.places else []
    for place in plan.places:
        other = place._replace(lat=place.lon, lon=place.lat)
        is_near, is_near_swapped = (any(reaches(each, box) for box in boxes) for each in (place, other))
        if not is_near and is_near_swapped and abs(other.lat) <= 90:
            at = f"write [{other.lat:g}, {other.lon:g}]"
            yield f"warning: no run comes near the place {shown(place.name)}; latitude comes first: {at}"


def _new_name(connection: sqlite3.Connection, config: Config, kind: str | None, native_id: str) -> str | None:
    """The source that has that record now, or else the only one of that type."""
    sql = "SELECT 1 FROM activities WHERE id = ?"
    names = [each.name for each in config.sources if connection.execute(sql, (f"{each.name}:{native_id}",)).fetchone()]
    names = names or [settings.name for settings in config.sources if settings.type == kind]
    return names[0] if len(names) == 1 else None


def _same_in(connection: sqlite3.Connection, run: str, ignored: Collection[str]) -> tuple[str, str] | None:
    """The record of the same run that the same source lists beside `run`, and that is not `ignored` itself; and the
    record that `run` is to be called a copy of instead."""
    sql = f"""WITH named AS (SELECT source, coalesce(duplicate_of, id) AS counted FROM activities WHERE id = ?)
              SELECT named.counted, {", ".join(f"each.{field}" for field in Activity._fields)}
              FROM named JOIN activities AS each
                ON each.source = named.source AND (each.id = named.counted OR each.duplicate_of = named.counted)
              WHERE missing_since IS NULL"""
    records = [(chosen, Activity._make(values)) for chosen, *values in connection.execute(sql, (run,))]
    named = [outline_of(each) for _, each in records if each.id == run]
    for chosen, other in records:
        if other.id not in ignored and any(overlap(each, outline_of(other)) for each in named):
            return other.id, other.id if chosen == run else chosen
    return None


def _why_lost(connection: sqlite3.Connection, run: str) -> str | None:
    row = connection.execute("SELECT not_counted FROM activities WHERE id = ?", (run,)).fetchone()
    if row is None:
        return "is not stored"
    return "its export no longer lists, and which its source drops" if row[0] == "no_longer_listed" else None


def _gear_lines(connection: sqlite3.Connection, plan: Plan) -> Iterator[str]:
    """Gear of stored runs by the configuration as it is now: what is known by a former name only, and what is new."""
    yield from (f"warning: {shown(line)}" for line in rename_lines(renames(gear_names(connection), plan)))
    yield from new_gear_lines(new_gear(connection, plan), "warning: ")


def _listed(lines: list[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"warning: ... and {len(lines) - _SHOWN} more like these"
