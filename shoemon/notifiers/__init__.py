"""The channels that carry alerts, one per file, each imported only when it is used.

A notifier module has `Settings` (a NotifierSettings) and `make(settings, base) -> Notifier`; `base` is where
relative paths of secrets start. Packages add more through the hook `shoemon_notifiers` (shoemon.hooks).
"""

from collections.abc import Mapping
from types import ModuleType

from shoemon import hooks


def types() -> Mapping[str, str]:
    """Every type of notifier there is, and its module."""
    return hooks.found("shoemon_notifiers").modules


def broken() -> tuple[str, ...]:
    """What is wrong with packages that should add some, in words."""
    return hooks.found("shoemon_notifiers").broken


def module_of(notifier_type: str) -> ModuleType:
    """The module of `notifier_type`. Raises KeyError if there is none, ShoemonError if its package is broken."""
    return hooks.module_of("shoemon_notifiers", notifier_type)
