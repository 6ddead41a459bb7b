"""Loads the configuration: both files, every mistake of both at once, and the values the program works with."""

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shoemon import notifiers, sources
from shoemon.config.checking import check, check_top, suggestion
from shoemon.config.kinds import NotifierSettings, SourceSettings
from shoemon.config.models import MainFile
from shoemon.config.plan import make_plan
from shoemon.config.reading import ConfigError, Document, read_document
from shoemon.model import Notifier, Plan, Source

MAIN_FILE, SHOES_FILE = "shoemon.yaml", "shoes.yaml"
DECIDING_VERSION = "1"
"""Raised when the deciding parts change, so that every run is decided about anew."""


@dataclass(frozen=True)
class Config:
    """The configuration of one directory, sound in every part."""

    directory: Path
    main: MainFile
    plan: Plan
    sources: tuple[SourceSettings, ...]
    notifiers: tuple[NotifierSettings, ...]

    @property
    def database(self) -> Path:
        return self.directory / Path(self.main.database).expanduser()

    @property
    def state_database(self) -> Path:
        """Tokens, validators and cursors; never opened by Datasette."""
        return self.database.with_name("state.db")

    @property
    def plan_fingerprint(self) -> str:
        """Changes when runs may have to be decided about anew."""
        plan = (self.plan, sorted(self.plan.sports), self.main.timezone, DECIDING_VERSION)
        return hashlib.sha256(repr(plan).encode()).hexdigest()[:32]

    def open_source(self, settings: SourceSettings) -> Source:
        """The source of `settings`."""
        context = sources.Context(self.directory, self.main.timezone)
        source: Source = sources.module_of(settings.type).make(settings, context)
        return source

    def open_notifier(self, settings: NotifierSettings) -> Notifier:
        """The notifier of `settings`; its secrets are read when it sends."""
        notifier: Notifier = notifiers.module_of(settings.type).make(settings, self.directory)
        return notifier


def find_directory(given: str | None) -> Path:
    """The configuration directory: `given`, else SHOEMON_CONFIG, else the platform's own place."""
    named = given or os.environ.get("SHOEMON_CONFIG")
    if named:
        return Path(named).expanduser().resolve()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "shoemon"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", str(Path.home() / "AppData" / "Roaming"))) / "shoemon"
    return Path(os.environ.get("XDG_CONFIG_HOME", str(Path.home() / ".config"))) / "shoemon"


def load(directory: Path) -> Config:
    """The configuration in `directory`. Raises ConfigError with every mistake of both files."""
    main_document = read_document(directory / MAIN_FILE)
    shoes_document = read_document(directory / SHOES_FILE)
    main = check_top(main_document, MainFile)
    config = Config(
        directory=directory,
        main=main,
        plan=make_plan(main, main_document, shoes_document),
        sources=tuple(_typed(main_document, "sources", sources.MODULES, sources.module_of, SourceSettings)),
        notifiers=tuple(_typed(main_document, "notify", notifiers.MODULES, notifiers.module_of, NotifierSettings)),
    )
    _check_rule_sources(shoes_document, config)
    mistakes = main_document.mistakes + shoes_document.mistakes
    if mistakes:
        raise ConfigError(mistakes)
    return config


def _typed(document: Document, key: str, types: Mapping[str, str], module_of: Any, base: type) -> list[Any]:
    """Items of list `key`, each checked against the settings of its own type."""
    items = (document.value or {}).get(key) if isinstance(document.value, dict) else None
    if items is not None and not isinstance(items, list):
        document.mistake((key,), "must be a list (lines that begin with `- `)")
    found: list[Any] = []
    names: set[str] = set()
    for index, item in enumerate(items if isinstance(items, list) else []):
        path = (key, index)
        kind = item.get("type") if isinstance(item, dict) else None
        if kind is None:
            check(document, base, item, path)  # type: ignore[type-var]
            continue
        if kind not in types:
            document.mistake((*path, "type"), f"no such type `{kind}`{suggestion(str(kind), types)}")
            continue
        settings = check(document, module_of(kind).Settings, item, path)
        if settings is None:
            continue
        if settings.name in names:
            document.mistake((*path, "name"), f"`{settings.name}` is used twice; names must differ")
        names.add(settings.name)
        if isinstance(settings, SourceSettings):
            _check_schedule(document, path, settings)
        found.append(settings)
    return found


def _check_schedule(document: Document, path: tuple[str | int, ...], settings: SourceSettings) -> None:
    if settings.cron is None:
        return
    if settings.every is not None:
        document.mistake((*path, "cron"), "give either `every` or `cron`")
    from apscheduler.triggers.cron import CronTrigger

    try:
        CronTrigger.from_crontab(settings.cron, timezone="UTC")
    except ValueError as error:
        document.mistake((*path, "cron"), f"is not five cron fields such as 15 6 * * * ({error})")


def _check_rule_sources(document: Document, config: Config) -> None:
    names = {settings.name for settings in config.sources}
    for rule in config.plan.rules:
        for name in rule.when.source:
            if name not in names:
                path = ("rules", rule.number - 1, "when", "source")
                document.mistake(path, f"no source is called `{name}`{suggestion(name, names)}")
