"""The channels that carry alerts, one per file, each imported only when it is used.

A notifier module has `Settings` (a NotifierSettings) and `make(settings, base) -> Notifier`; `base` is where
relative paths of secrets start. It may have `warnings(settings, base) -> Iterable[str]`: what `shoemon check` reports
of the settings. Packages add more through the hook `shoemon_notifiers` (shoemon.config.registry).
"""

from pathlib import Path

from shoemon.config.kinds import NotifierSettings
from shoemon.config.registry import NOTIFIERS
from shoemon.model.contracts import Notifier


def open_notifier(settings: NotifierSettings, base: Path) -> Notifier:
    """Make the notifier of `settings`; it reads its secrets when it sends. Raises BrokenPackageError if its package
    fails."""
    module = NOTIFIERS.module_of(settings.type)
    with NOTIFIERS.guard(settings.type):
        notifier: Notifier = module.make(settings, base)
    return notifier
