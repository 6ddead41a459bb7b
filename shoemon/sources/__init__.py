"""The exports shoemon can read, one per file, each imported only when it is used.

A source module has `Settings` (a SourceSettings) and `make(settings, context) -> Source`. It may have

- `recognise(path) -> dict | None`: returns the settings that would read a file or folder, judged by its content;
- `warnings(settings, context) -> Iterable[str]`: what `shoemon check` should say of a source, beside missing secrets;
- `login(settings, context, conversation)`: asks the runner's leave at the server, for `shoemon login NAME`.

Packages add more through the hook `shoemon_sources` (shoemon.config.registry).
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from shoemon.config import registry as hooks
from shoemon.model.activity import Activity, Problem
from shoemon.model.clock import Clock, system_clock
from shoemon.model.contracts import Cursor, Source
from shoemon.model.errors import ShoemonError, SourceError

if TYPE_CHECKING:
    from shoemon.config.kinds import SourceSettings

log = logging.getLogger(__name__)


def types() -> Mapping[str, str]:
    """Every type of source there is, and its module; the built-in ones in the order in which `init` tries them."""
    return hooks.found("shoemon_sources").modules


def knows(source_type: str) -> bool:
    """Whether there is such a type."""
    return hooks.knows("shoemon_sources", source_type)


def broken() -> tuple[str, ...]:
    """What is wrong with packages that should add some, in words."""
    return hooks.found("shoemon_sources").broken


def module_of(source_type: str) -> ModuleType:
    """The module that reads `source_type`. Raises KeyError if there is none, ShoemonError if its package is broken."""
    return hooks.module_of("shoemon_sources", source_type)


def modules() -> Iterator[tuple[str, ModuleType]]:
    """Every type and its module, those of packages first: who installs one wants it. What is broken is left out."""
    everything = hooks.found("shoemon_sources")
    for kind in sorted(everything.modules, key=lambda kind: kind not in everything.packages):
        try:
            yield kind, module_of(kind)
        except hooks.BrokenPackageError as error:
            log.warning("%s", error)


def recognise(path: Path) -> dict[str, Any] | None:
    """The settings that read `path`, `type` among them, by the first type that knows it by its content."""
    for kind, module in modules():
        try:
            with guard(kind):
                settings = module.recognise(path) if hasattr(module, "recognise") else None
                if settings is not None:
                    return {**settings, "type": kind}
        except ShoemonError as error:
            log.warning("%s", error)
    return None


def make(settings: "SourceSettings", context: "Context") -> Source:
    """The source of `settings`. Raises SourceError if the package that reads it cannot be used."""
    try:
        module = module_of(settings.type)
        with guard(settings.type):
            source: Source = module.make(settings, context)
            return source
    except hooks.BrokenPackageError as error:
        raise SourceError(str(error)) from error


def guard(source_type: str) -> AbstractContextManager[None]:
    """Around what the module of `source_type` does, where nothing else is: see `hooks.guard`."""
    return hooks.guard("shoemon_sources", source_type)


class Context(NamedTuple):
    """What a source needs to know beside its own settings."""

    base: Path
    """Where relative paths start."""
    timezone: str = "UTC"
    """The runner's zone."""
    state: Path | None = None
    """state.db, where tokens are kept (shoemon.store.tokens); None where nothing is kept, as in `init`."""
    clock: Clock = system_clock
    glance: bool = False
    """Only for a first look, by `init`: what takes minutes, as reading thousands of tracks does, may be left out."""


class RecordPull:
    """A Pull over an iterator of records: what most sources return."""

    def __init__(
        self,
        records: Iterator[Activity | Problem],
        *,
        whole: bool = True,
        unchanged: bool = False,
        cursor: Callable[[], Cursor | None] = lambda: None,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.whole, self.unchanged = whole, unchanged
        self._records, self._cursor, self._close = records, cursor, close

    def __iter__(self) -> Iterator[Activity | Problem]:
        return self._records

    @property
    def cursor(self) -> Cursor | None:
        return self._cursor()

    def close(self) -> None:
        self._close()
