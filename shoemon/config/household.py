"""Load the homes that one `shoemon serve` serves together, each under a name of its own."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

from shoemon.config.load import MAIN_FILE, OWN, Config, Household, find_directory, load, within
from shoemon.config.reach import clash
from shoemon.config.reading import ConfigError, Mistake, read_document
from shoemon.model.text import short_name
from shoemon.words.commands import working_for

log = logging.getLogger(__name__)


def load_household(homes: Sequence[str]) -> list[Config]:
    """Load the configurations in the directories `homes`; the pages are served by the settings of the first. Raises
    ConfigError with every mistake of all of them."""
    configs, mistakes = list[Config](), list[Mistake]()
    for directory in map(find_directory, homes):
        working_for.set(directory)
        try:
            configs.append(load(directory))
        except ConfigError as error:
            mistakes += [replace(mistake, file=str(directory / mistake.file)) for mistake in error.mistakes]
    working_for.set(None)
    mistakes += _mistaken_names(configs)
    if mistakes:
        raise ConfigError(mistakes)
    web = configs[0].main.web
    for config in configs[1:]:
        _warn_of_other_settings(config, configs[0])
    return [within(config, Household(_runner(config), short_name(_runner(config)), web)) for config in configs]


def _runner(config: Config) -> str:
    return config.main.runner or config.directory.name


def _mistaken_names(configs: Sequence[Config]) -> Iterator[Mistake]:
    known: dict[str, Config] = {}
    for config in configs:
        name = short_name(_runner(config))
        if not name or name in known:
            path = config.directory / MAIN_FILE
            document = replace(read_document(path), file=str(path))
            taken = f"`{name}` is the name of the pages of {known[name].directory} too" if name else "is missing"
            document.mistake(("runner",), f"{taken}; write the runner's name here, another one for each home")
            yield from document.mistakes
        known.setdefault(name, config)
    for config in configs[:1]:
        if (reason := clash(config.main.web.base_url, known)) is not None:
            path = config.directory / MAIN_FILE
            document = replace(read_document(path), file=str(path))
            document.mistake(("web", "base_url"), reason)
            yield from document.mistakes


def _warn_of_other_settings(config: Config, first: Config) -> None:
    web = config.main.web
    other = [
        name for name in web.model_fields_set if name not in OWN and getattr(web, name) != getattr(first.main.web, name)
    ]
    if other:
        names = ", ".join(f"web.{name}" for name in sorted(other))
        log.warning("%s: ignoring %s; %s decides", config.directory / MAIN_FILE, names, first.directory / MAIN_FILE)
