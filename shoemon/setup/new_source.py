"""Make a source of an export: what it holds, what only the runner knows of it, and the items that are written."""

from ast import literal_eval
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from shoemon.config.edit.operations import Add, Operation, Put
from shoemon.config.load import MAIN_FILE, SHOES_FILE, Config
from shoemon.decide.find_shoes import Draft, Drafts, find_shoes
from shoemon.decide.which_shoe import Wardrobe
from shoemon.model.errors import MistakeError
from shoemon.model.units import plain_distance
from shoemon.setup.exports import Export, read_export, recognised, sightings, written_settings
from shoemon.setup.inbox import IN_FOLDERS, INBOX, TRACKS, is_track
from shoemon.setup.init import machine_zone
from shoemon.setup.summary import report_lines
from shoemon.setup.write_files import Origin
from shoemon.setup.zones import UTC, proposed_zone

UNITS = ("km", "mi")


class NewSource(NamedTuple):
    """An export that no source reads yet."""

    export: Export
    drafts: Drafts
    """The pairs in it that are not in shoes.yaml."""
    zone: str
    origin: Origin
    asks_unit: bool
    """Only the runner knows whether its distances are km or mi."""
    asks_zone: bool
    """No time zone was chosen."""

    @property
    def lines(self) -> Iterator[str]:
        """What it holds, as `init` says it."""
        return report_lines([self.export], self.drafts, {}, self.zone)

    @property
    def unit(self) -> str:
        columns = self.export.settings.get("columns", {})
        return str(self.export.settings.get("unit") or columns["distance"]["unit"])

    @property
    def newest(self) -> str:
        """The day of its last run."""
        return max((run.local_date for run in self.export.runs), default="")


def new_source(
    path: Path, called: str, config: Config | None, unit: str | None = None, zone: str | None = None, **more: str | None
) -> NewSource:
    """Look at the export `path`, which messages call `called`, with the unit and the time zone that the runner gave;
    `more` are settings of its source. `config`: None before there is any. Raises MistakeError if no source reads it,
    SourceError if it is broken."""
    settings, is_unsure = recognised(path, called)
    if unit is not None:
        if unit not in UNITS:
            raise MistakeError("a unit is km or mi")
        settings = _with_unit(settings, unit)
    names = {source.name for source in config.sources} if config else set[str]()
    written = written_settings(path, settings, names) | {key: value for key, value in more.items() if value}
    if written["name"] in names:
        raise MistakeError(f"there is a source called `{written['name']}` already")
    is_chosen = config is not None and "timezone" in config.main.model_fields_set
    machine = machine_zone()
    origin: Origin = "runner" if zone else None if machine is None or machine in UTC else "machine"
    is_open = not (is_chosen or zone)
    zone = config.main.timezone if config and is_chosen else zone or machine or "UTC"
    stamp = path.stat().st_mtime_ns
    export = _read(path, stamp, repr(written), zone)
    if is_open and (proposed := proposed_zone(export.runs, zone)):
        zone, origin, export = proposed, "exports", _read(path, stamp, repr(written), proposed)
    unsure = is_unsure or ("unit" in settings and not export.is_unit_sure)
    return NewSource(export, _new_pairs(export, config), zone, origin, unsure, asks_zone=not is_chosen)


def operations(source: NewSource, pairs: Collection[str]) -> Mapping[str, Sequence[Operation]]:
    """What is written, by file: the source, the time zone if none was chosen, and the new pairs whose ids are `pairs`,
    as the runner wants them."""
    zone = [Put(("timezone",), source.zone)] if source.asks_zone else []
    shoes = [shoe_item(draft) for draft in source.drafts.shoes if draft.id in pairs]
    main: list[Operation] = [*zone, Add(("sources",), [dict(source.export.settings)])]
    return {MAIN_FILE: main, **({SHOES_FILE: [Add(("shoes",), shoes)]} if shoes else {})}


def settled(source: NewSource, directory: Path, path: Path, called: str) -> tuple[NewSource, Path]:
    """`source` as it reads the file `path` of the inbox from its own place there, which is returned too: later exports
    come into the same folder, and the newest is read, or all are."""
    settings, place = source.export.settings, path
    pattern = path.relative_to(directory).as_posix()
    if is_track(settings):
        pattern, place = TRACKS, directory / TRACKS / path.name
    elif settings["type"] in IN_FOLDERS:
        pattern, place = f"{INBOX}/{settings['name']}/*", directory / INBOX / settings["name"] / path.name
    shown = called if pattern.endswith("*") else pattern
    return source._replace(export=source.export._replace(path=shown, settings={**settings, "path": pattern})), place


def shoe_item(draft: Draft) -> dict[str, Any]:
    """A pair as it is written into shoes.yaml."""
    item: dict[str, Any] = {"id": draft.id, "name": draft.name, "gear": list(draft.gear)}
    figures = {"initial": draft.initial_m, "life": draft.life_m}
    item |= {key: plain_distance(metres) for key, metres in figures.items() if metres is not None}
    return item | ({"retired": draft.retired_on} if draft.retired_on else {})


def _with_unit(settings: dict[str, Any], unit: str) -> dict[str, Any]:
    if "unit" in settings:
        return settings | {"unit": unit}
    columns = settings["columns"]
    return settings | {"columns": columns | {"distance": columns["distance"] | {"unit": unit}}}


def _new_pairs(export: Export, config: Config | None) -> Drafts:
    """The pairs behind gear that is nobody's so far."""
    seen, listed = sightings([export], {}), [(export.name, gear) for gear in export.gear]
    if config is not None:
        owners = Wardrobe(config.plan).owners
        seen = [each for each in seen if not owners(each.source, each.gear_raw, each.gear_name).shoes]
        listed = [each for each in listed if not owners(export.name, each[1].gear_raw, each[1].name).shoes]
    return find_shoes(seen, listed, [shoe.id for shoe in config.plan.shoes] if config else ())


@lru_cache(maxsize=2)
def _read(path: Path, _stamp: int, written: str, zone: str) -> Export:
    """Read an export once for the page that shows it and the form that follows."""
    return read_export(path, literal_eval(written), zone)
