"""The channels that carry alerts, one per file, each imported only when it is used.

A notifier module has `Settings` (a NotifierSettings) and `make(settings, base) -> Notifier`; `base` is where
relative paths of secrets start. It may have `warnings(settings, base) -> Iterable[str]`: what `shoemon check` should
say of the settings. Packages add more through the hook `shoemon_notifiers` (shoemon.config.registry).
"""

from pathlib import Path

from shoemon.config.kinds import NotifierSettings
from shoemon.config.registry import NOTIFIERS
from shoemon.model.contracts import Notifier


def open_notifier(settings: NotifierSettings, base: Path) -> Notifier:
    """The notifier of `settings`, which reads its secrets when it sends. Raises BrokenPackageError if the package that
    sends fails."""
    module = NOTIFIERS.module_of(settings.type)
    with NOTIFIERS.guard(settings.type):
        notifier: Notifier = module.make(settings, base)
    return notifier
