"""Load the configuration: both files, every mistake of both at once, and the values the program works with."""

import dataclasses
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from shoemon.config.checking import check, check_top, items, suggestion
from shoemon.config.edits import Stamp, is_being_saved, stamps
from shoemon.config.kinds import NotifierSettings, SourceSettings
from shoemon.config.models import FILES, STATE_FILE, MainFile, WebSettings
from shoemon.config.plan import make_plan
from shoemon.config.reach import clash
from shoemon.config.reading import ConfigError, Document, KeyPath, parse_document, read_document
from shoemon.config.registry import NOTIFIERS, SOURCES, BrokenPackageError, Types
from shoemon.model.errors import MistakeError
from shoemon.model.plan import Plan, Rule
from shoemon.model.text import short_name

MAP_DIRECTORY, MAP_FILE = "maps", "map.db"
MAIN_FILE, SHOES_FILE = FILES
DECIDING_VERSION = "3"
"""Raised when the deciding parts change, so that every run is decided about anew."""


OWN = ("taps", "user", "password", "private", "upload", "upload_token", "read_token")
"""The settings of the pages that each home has for itself; all others are of the address that all share."""


class Household(NamedTuple):
    """A home beside others on the same pages: its runner's name, that of its database there, and the first home's
    settings of the pages."""

    runner: str
    database: str
    web: WebSettings


@dataclass(frozen=True)
class Config:
    """The configuration of one directory, valid in every part."""

    directory: Path
    main: MainFile
    plan: Plan
    sources: tuple[SourceSettings, ...]
    notifiers: tuple[NotifierSettings, ...]
    stamps: tuple[Stamp, ...] = field(default=(), compare=False)
    """The state of the files that it was read from."""
    household: Household | None = None
    """None: its pages are served alone, or by nobody."""

    @property
    def database_name(self) -> str:
        """The name of the database on the pages."""
        return self.household.database if self.household else self.database.stem

    @property
    def database(self) -> Path:
        return _database(self.directory, self.main)

    @property
    def state_database(self) -> Path:
        """Tokens, validators and cursors; never opened by Datasette."""
        return self.database.with_name(STATE_FILE)

    @property
    def map_database(self) -> Path:
        """OpenStreetMap's ways; never opened by Datasette."""
        return map_path(self.database)

    def notifier(self, name: str) -> NotifierSettings:
        """The channel called `name`. Raises MistakeError if there is none."""
        for settings in self.notifiers:
            if settings.name == name:
                return settings
        known = ", ".join(each.name for each in self.notifiers) or "none"
        raise MistakeError(f"no notifier is called {name}; shoemon.yaml has: {known}")

    @property
    def plan_fingerprint(self) -> str:
        """Changes when runs may have to be decided about anew."""
        # The order of a set is another one in every process. Runs near an edited place are matched again, and decided.
        ordered = dataclasses.replace(self.plan, sports=frozenset(), places=())
        plan = (ordered, sorted(self.plan.sports), self.main.timezone, DECIDING_VERSION)
        return hashlib.sha256(repr(plan).encode()).hexdigest()[:32]


def find_directory(given: str | None) -> Path:
    """The configuration directory: `given`, else SHOEMON_CONFIG, else the platform's own place."""
    named = given or os.environ.get("SHOEMON_CONFIG")
    return Path(named).expanduser().resolve() if named else default_directory()


def default_directory() -> Path:
    """The platform's own place for the configuration. Raises RuntimeError for a user without a home directory."""
    from click import get_app_dir

    return Path(get_app_dir("shoemon")).expanduser()


def load(directory: Path, edited: Mapping[str, bytes] | None = None, household: Household | None = None) -> Config:
    """The configuration in `directory`. Raises ConfigError with every mistake of both files.

    `edited` has another content for a file, by its name, so that an edit can be checked before it is written.
    `household`: its pages are served beside others, by the first home's settings where these are not a runner's own.
    """
    read_at, contents = stamps(directory), edited or {}
    main_document, shoes_document = (
        parse_document(name, contents[name]) if name in contents else read_document(directory / name) for name in FILES
    )
    main = check_top(main_document, MainFile)
    config = Config(
        directory=directory,
        main=main,
        plan=make_plan(main, main_document, shoes_document),
        sources=tuple(_typed(main_document, "sources", SOURCES)),
        notifiers=tuple(_typed(main_document, "notify", NOTIFIERS)),
        stamps=read_at,
    )
    if (reason := clash(main.web.base_url, [config.database.stem, short_name(main.runner or "")])) is not None:
        main_document.mistake(("web", "base_url"), reason)
    _check_rule_sources(main_document, shoes_document, config.plan.rules)
    mistakes = main_document.mistakes + shoes_document.mistakes
    if mistakes:
        raise ConfigError(mistakes)
    return config if household is None else within(config, household)


def within(config: Config, household: Household) -> Config:
    """`config` with the settings of the pages that `household` shares."""
    shared = {name: getattr(household.web, name) for name in WebSettings.model_fields if name not in OWN}
    web = config.main.web.model_copy(update=shared)
    return dataclasses.replace(config, main=config.main.model_copy(update={"web": web}), household=household)


def as_now(config: Config) -> Config:
    """Load `config` again if its files were edited. It stays while an edit is being saved, or if that has mistakes:
    they are reported where it is loaded for the first time."""
    if stamps(config.directory) == config.stamps or is_being_saved(config.directory):
        return config
    try:
        return load(config.directory, household=config.household)
    except ConfigError:
        return config


def _typed(document: Document, key: str, registry: Types) -> list[Any]:
    """Items of list `key`, each checked against the settings of its own type in `registry`."""
    found: list[Any] = []
    names: set[str] = set()
    for path, item in items(document, document.at(key), (key,)):
        settings = _one_typed(document, path, item, registry)
        if settings is None:
            continue
        if settings.name in names:
            document.mistake((*path, "name"), f"`{settings.name}` is used twice; names must differ")
        names.add(settings.name)
        if isinstance(settings, SourceSettings):
            _check_schedule(document, path, settings)
        found.append(settings)
    return found


def _one_typed(document: Document, path: KeyPath, item: Any, registry: Types) -> Any:
    if not isinstance(item, dict):
        return check(document, BaseModel, item, path)
    kind = item.get("type")
    if kind is None:
        document.mistake((*path, "type"), f"is missing; there are {', '.join(registry.found.modules)}")
        return None
    if not isinstance(kind, str):
        document.mistake((*path, "type"), f"must be one of {', '.join(registry.found.modules)}")
        return None
    if not registry.knows(kind):
        near, broken = (
            suggestion(kind, registry.found.modules),
            "".join(f"; {fault}" for fault in registry.found.broken),
        )
        document.mistake((*path, "type"), f"there is no type `{kind}`{near}{broken}")
        return None
    try:
        with registry.guard(kind):
            return check(document, registry.module_of(kind).Settings, item, path)
    except BrokenPackageError as error:
        document.mistake((*path, "type"), str(error))
    return None


def _check_schedule(document: Document, path: KeyPath, settings: SourceSettings) -> None:
    if settings.cron is None:
        return
    if settings.every is not None:
        document.mistake((*path, "cron"), "write either `every` or `cron`")
    from apscheduler.triggers.cron import CronTrigger

    fields = settings.cron.split()
    if len(fields) == 5 and re.search(r"(?<!/)\d", fields[4]):
        # APScheduler counts from Monday, cron from Sunday: a number would pull on another day than was meant.
        document.mistake((*path, "cron"), "weekdays must be written by name, such as mon-fri or sat,sun")
        return
    try:
        CronTrigger.from_crontab(settings.cron, timezone="UTC")
        named = dict(zip(("minute", "hour", "day", "month", "day_of_week"), fields, strict=True))
        # In these years the 29th of February is every weekday; without an end the search takes seconds.
        start, trigger = datetime(2024, 1, 1, tzinfo=UTC), CronTrigger(year="2024-2052", timezone="UTC", **named)
        if trigger.get_next_fire_time(None, start) is None:
            document.mistake((*path, "cron"), "never comes: its months have no such day; write one such as 15 6 * * *")
    except ValueError as error:
        document.mistake((*path, "cron"), f"is not five cron fields such as 15 6 * * * ({error})")


def _check_rule_sources(main: Document, shoes: Document, rules: tuple[Rule, ...]) -> None:
    written = main.at("sources")
    if not main.readable or not isinstance(written, list | None):
        return
    names = {str(item["name"]) for item in written or () if isinstance(item, dict) and "name" in item}
    for rule in rules:
        for index, name in enumerate(rule.when.source):
            if name not in names:
                path = shoes.item(("rules", rule.number - 1, "when", "source"), index)
                shoes.mistake(path, f"no source is called `{name}`{suggestion(name, names)}")


def database_of(directory: Path) -> Path:
    """The database of the configuration in `directory`, also while that has mistakes."""
    return _database(directory, check_top(read_document(directory / MAIN_FILE), MainFile))


def _database(directory: Path, main: MainFile) -> Path:
    return directory / Path(main.database).expanduser()


def map_path(database: Path) -> Path:
    """The path of the map of `database`."""
    return database.with_name(MAP_DIRECTORY) / MAP_FILE
