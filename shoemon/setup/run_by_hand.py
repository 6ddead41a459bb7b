"""`shoemon runs add`: write a run into a table that the runner keeps by hand."""

import csv
import datetime as dt
import io
from glob import has_magic
from pathlib import Path
from typing import NamedTuple

from shoemon.config.checking import suggestion
from shoemon.config.edit.operations import Add, FileEdit, planned, read_file
from shoemon.config.load import MAIN_FILE, Config
from shoemon.decide.legs import LONG_M, make_decider
from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import MistakeError, SourceError
from shoemon.model.ids import ShoeId
from shoemon.model.surfaces import UNKNOWN, surface_of
from shoemon.model.text import free_name, one_line
from shoemon.model.units import METRES, write_distance
from shoemon.sources.table.columns import bind, distance_unit
from shoemon.sources.table.read_table import TableReader
from shoemon.sources.table.settings import TableSettings
from shoemon.sources.table.text import CellTable, table_in
from shoemon.words.reasons import Exports, why_not_counted

FILE = "runs.csv"


class HandRun(NamedTuple):
    """A run as its runner gives it. `start` is a day, or a day and a time by the runner's clock."""

    start: dt.date | dt.datetime
    distance_m: float
    shoe: str | None = None
    surface: str | None = None
    name: str | None = None
    duration: str | None = None
    """As MM:SS or H:MM:SS."""

    @property
    def when(self) -> str:
        """The start as it is written: `2026-11-28`, or `2026-11-28 18:30`."""
        return self.start.isoformat(" ", "minutes") if isinstance(self.start, dt.datetime) else self.start.isoformat()


def add_run(config: Config, run: HandRun, now: dt.datetime) -> list[FileEdit]:
    """Plan a line for `run` in the table that is kept by hand; the first time a new one, and its source in
    shoemon.yaml. Raises MistakeError for what cannot be meant."""
    _check(config, run, now.astimezone(config.main.zone).replace(tzinfo=None))
    named = next((each for each in config.sources if isinstance(each, TableSettings) and each.by_hand), None)
    settings = named or _new_source(config)
    path = config.directory / Path(str(settings.path)).expanduser()
    is_there = path.exists()
    if is_there and named is None:
        raise MistakeError(f"{path} is there, and no source has by_hand: true; rename it, or name it so")
    if path.is_dir() or (has_magic(str(settings.path)) and not is_there):
        raise MistakeError(f"source {settings.name} reads several files, {settings.path}; add the run to one by hand")
    header = "" if settings.header else f"date,{config.main.units},shoe,surface,name,duration\n"
    old = read_file(path) if is_there else header.encode(settings.encoding)
    new = _with_line(old, settings, run, path.name)
    _refuse_what_does_not_read(config, settings, run, old, new)
    item = {"name": settings.name, "type": "table", "path": FILE, "by_hand": True, "missing": "drop", "every": "15m"}
    source = [] if named else planned(config.directory, {MAIN_FILE: [Add(("sources",), [item])]})
    return [FileEdit(path, old if is_there else None, new), *source]


def _check(config: Config, run: HandRun, now: dt.datetime) -> None:
    """Raise MistakeError for a pair, a surface, a day or a distance that cannot be meant."""
    plan, shoes = config.plan, {shoe.id: shoe for shoe in config.plan.shoes}
    if run.when > now.isoformat(" "):
        raise MistakeError(f"{run.when} is in the future")
    if run.distance_m <= 0 or (run.distance_m > LONG_M and run.duration is None):
        far = write_distance(run.distance_m, config.main.units)
        raise MistakeError(f"{far} is not plausible" + ("; if it is right, add --duration" if run.distance_m else ""))
    if run.shoe is not None and run.shoe not in shoes:
        raise MistakeError(f"no shoe has the id `{run.shoe}`{suggestion(run.shoe, shoes)}")
    if run.shoe is not None and not shoes[ShoeId(run.shoe)].worn_at(run.when):
        raise MistakeError(f"by shoes.yaml, `{run.shoe}` was not in use on {run.when}")
    if run.surface is not None and surface_of(run.surface, dict(plan.surfaces)) in (None, UNKNOWN):
        raise MistakeError(f"there is no surface `{run.surface}`{suggestion(run.surface, plan.surfaces)}")


def _new_source(config: Config) -> TableSettings:
    taken = {each.name for each in config.sources}
    return TableSettings(name=free_name("runs", taken.__contains__), path=FILE, by_hand=True)


def _with_line(old: bytes, settings: TableSettings, run: HandRun, label: str) -> bytes:
    """Return the table with a line for the run, in its own columns. Raises MistakeError if one is missing."""
    try:
        with table_in(io.BytesIO(old), settings, label, label) as table:
            if not isinstance(table, CellTable):
                raise MistakeError(f"{label} is not CSV; add the run by hand")
            bound, width = bind(settings.columns, table), len(table.names)
            unit, text = distance_unit(bound["distance"], label) or "m", old.decode(settings.encoding)
    except SourceError as error:
        raise MistakeError(str(error)) from None
    metres = f"{run.distance_m / METRES[unit]:.6f}".rstrip("0").rstrip(".").replace(".", settings.decimal)
    values = {
        "start": run.when, "distance": metres, "shoe": run.shoe, "surface": run.surface,
        "name": run.name and one_line(run.name), "elapsed": run.duration, "sport": "run",
    }  # fmt: skip
    cells = [""] * width
    for key, value in values.items():
        place = bound[key].place if key in bound else None
        if value and place is not None:
            cells[place] = value
        elif value and key != "sport":
            raise MistakeError(f"{label} has no column for the {key} of a run; add one to its first line")
    end = "\r\n" if "\r\n" in text else "\n"
    line = io.StringIO(text if not text or text.endswith("\n") else text + end, newline="")
    line.seek(0, io.SEEK_END)
    csv.writer(line, delimiter=table.delimiter, lineterminator=end).writerow(cells)
    try:
        return line.getvalue().encode(settings.encoding)
    except UnicodeEncodeError as error:
        letter = error.object[error.start]
        raise MistakeError(f"{label} is written in {settings.encoding}, which has no {letter!r}") from None


def _refuse_what_does_not_read(config: Config, settings: TableSettings, run: HandRun, old: bytes, new: bytes) -> None:
    """Raise MistakeError unless the new table reads as the old one with one run more, which counts as it was given."""
    (before, faults), (after, problems) = (_records(config, settings, content) for content in (old, new))
    ids = {record.id for record in before}
    added = [record for record in after if record.id not in ids]
    far = write_distance(run.distance_m, config.main.units)
    if len(added) == 1 and len(problems) == len(faults):
        (record,) = added
        why_not = make_decider(config.plan)(record, None, (), ()).not_counted
        if _is_same(record, run) and why_not is None:
            return
        read = f"{write_distance(record.distance_m, config.main.units)} on {record.local_date}"
        why = f"by its settings it would be read as {read}"
        if why_not is not None:
            why = f"it would not count, because {why_not_counted(why_not, settings.name, Exports({}))}"
    elif any(_is_same(record, run) for record in before) or not problems:
        why = f"it has a run of {far} on {run.when[:10]}; if this is another, give it a --name"
    else:
        why = problems[-1].message
    raise MistakeError(f"nothing is written to {settings.path}: {why}")


def _is_same(record: Activity, run: HandRun) -> bool:
    return record.local_date == run.when[:10] and abs(record.distance_m - run.distance_m) < 1


def _records(config: Config, settings: TableSettings, content: bytes) -> tuple[list[Activity], list[Problem]]:
    label = Path(str(settings.path)).name
    records = list(TableReader(settings, config.main.timezone).pages([(label, label, io.BytesIO(content))]))
    return [r for r in records if isinstance(r, Activity)], [r for r in records if isinstance(r, Problem)]
