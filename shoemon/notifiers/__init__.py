"""The channels that carry alerts, one per file, each imported only when it is used.

A notifier module has `Settings` (a NotifierSettings) and `make(settings, base) -> Notifier`; `base` is where
relative paths of secrets start.
"""

from importlib import import_module
from types import ModuleType

MODULES = {"email": "shoemon.notifiers.email", "webhook": "shoemon.notifiers.webhook"}


def module_of(notifier_type: str) -> ModuleType:
    """The module of `notifier_type`. Raises KeyError if there is none."""
    return import_module(MODULES[notifier_type])
