"""Change settings and places for the pages, and name each mistake by its setting."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from shoemon.config.edit.operations import Add, By, FileEdit, Operations, Remove, planned
from shoemon.config.edit.settings import change_settings
from shoemon.config.kinds import Settings
from shoemon.config.load import MAIN_FILE, SHOES_FILE, Config
from shoemon.config.reading import ConfigError
from shoemon.config.written import WEEKDAYS
from shoemon.model.errors import FormError
from shoemon.model.plan import LIFE_M
from shoemon.model.sports import RUNS
from shoemon.model.units import plain_distance
from shoemon.web.changes import Make

_WALKS = ("walk", "hike")
"""The sports beside runs that the page can let count."""


def settings_now(config: Config) -> dict[str, str]:
    """Return the settings that pages change, as they are written; empty texts for those that are not."""
    main, alerts = config.main, config.main.alerts
    weekday, time = alerts.weekly or (0, "")
    return {
        "units": main.units if "units" in main.model_fields_set else "",
        "timezone": main.timezone if "timezone" in main.model_fields_set else "",
        "alerts.hard_share": _percent(alerts.hard_share),
        "alerts.soft_share": _percent(alerts.soft_share),
        "alerts.quiet": "-".join(alerts.quiet or ()).replace("24:00", "00:00"),
        "alerts.weekly": f"{WEEKDAYS[weekday]} {time}" if alerts.weekly else "",
        "alerts.longest": "true" if alerts.longest else "",
        "sports": ", ".join(sport for sport in main.sports if sport in _WALKS),
        "overlap": _distance(main, "overlap"),
        **{f"lives.{kind}": _distance(main.lives, kind) for kind in LIFE_M},
    }


def edit_of(form: str, typed: Mapping[str, str]) -> Make:
    """Return what makes the edit of a form: `settings`, `place` (a new one), or `removal` (of a place)."""
    make = {"settings": _settings, "place": _place, "removal": _removal}[form]
    return lambda config: make(config, {name: " ".join(text.split()) for name, text in typed.items()})


def _settings(config: Config, typed: Mapping[str, str]) -> tuple[str, list[FileEdit]]:
    """Give the settings whose text is another than the one shown before (`was NAME`) the text typed now."""
    now = settings_now(config)
    texts = {
        name: text for name in now if (text := typed.get(name, "")) not in (typed.get(f"was {name}", ""), now[name])
    }
    if edited := {name: now[name] for name in texts if now[name] != typed.get(f"was {name}", "")}:
        raise FormError({name: f"is {text or 'removed'} now: it was edited meanwhile" for name, text in edited.items()})
    if "sports" in texts:
        sports = [
            *(each for each in config.main.sports if each not in _WALKS),
            *filter(None, texts["sports"].split(", ")),
        ]
        texts["sports"] = f"[{', '.join(sports)}]" if sports != [*RUNS] else ""
    words = "; ".join(f"{name} is {text or 'removed'}" for name, text in texts.items())
    return f"Written to {MAIN_FILE}: {words}", _planned(config, change_settings(config, texts))


def _place(config: Config, typed: Mapping[str, str]) -> tuple[str, list[FileEdit]]:
    radius = typed.get("radius", "")
    place = {
        "name": typed.get("name", ""),
        "at": [_number(text) for text in re.split(r"[\s,;]+", typed.get("at", "").strip())],
        "radius": f"{radius} m" if isinstance(_number(radius), float) else radius,
        "surface": typed.get("surface", ""),
    }
    title = f"Written to {SHOES_FILE}: the ground at “{place['name']}” is {place['surface']}"
    return title, _planned(config, {SHOES_FILE: [Add(("places",), [place])]})


def _removal(config: Config, typed: Mapping[str, str]) -> tuple[str, list[FileEdit]]:
    name = typed.get("name", "")
    title = f"Written to {SHOES_FILE}: the place “{name}” is removed"
    return title, _planned(config, {SHOES_FILE: [Remove(("places", By("name", name)))]})


def _number(text: str) -> Any:
    """Return `text` as a number, if it is one."""
    with suppress(ValueError):
        return float(text)
    return text


def _distance(settings: Settings, name: str) -> str:
    return plain_distance(getattr(settings, name)) if name in settings.model_fields_set else ""


def _percent(share: float | None) -> str:
    return f"{share * 100:g}%" if share is not None else ""


def _planned(config: Config, operations: Operations) -> list[FileEdit]:
    """Plan the operations. Raises FormError with the mistakes by the settings; those of an item by their last step."""
    try:
        return planned(config.directory, operations)
    except ConfigError as error:
        faults = {re.sub(r".*\]\.", "", mistake.path): mistake.message for mistake in error.mistakes}
        raise FormError(faults) from None
