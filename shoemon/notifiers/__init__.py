"""The channels that carry alerts, one per file, each imported only when it is used.

A notifier module has `Settings` (a NotifierSettings) and `make(settings, base) -> Notifier`; `base` is where
relative paths of secrets start. It may have `warnings(settings, base) -> Iterable[str]`: what `shoemon check` should
say of the settings. Packages add more through the hook `shoemon_notifiers` (shoemon.config.registry).
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from shoemon.config import registry as hooks
from shoemon.model.contracts import Notifier

if TYPE_CHECKING:
    from shoemon.config.kinds import NotifierSettings


def types() -> Mapping[str, str]:
    """Every type of notifier there is, and its module."""
    return hooks.found("shoemon_notifiers").modules


def knows(notifier_type: str) -> bool:
    """Whether there is such a type."""
    return hooks.knows("shoemon_notifiers", notifier_type)


def broken() -> tuple[str, ...]:
    """What is wrong with packages that should add some, in words."""
    return hooks.found("shoemon_notifiers").broken


def module_of(notifier_type: str) -> ModuleType:
    """The module of `notifier_type`. Raises KeyError if there is none, ShoemonError if its package is broken."""
    return hooks.module_of("shoemon_notifiers", notifier_type)


def make(settings: "NotifierSettings", base: Path) -> Notifier:
    """The notifier of `settings`. Raises BrokenPackageError if the package that sends fails."""
    module = module_of(settings.type)
    with guard(settings.type):
        notifier: Notifier = module.make(settings, base)
    return notifier


def guard(notifier_type: str) -> AbstractContextManager[None]:
    """Around what the module of `notifier_type` does, where nothing else is: see `hooks.guard`."""
    return hooks.guard("shoemon_notifiers", notifier_type)
