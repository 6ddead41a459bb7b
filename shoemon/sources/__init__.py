"""The exports shoemon can read, one per file, each imported only when it is used.

A source module has `Settings` (a SourceSettings) and `make(settings, context) -> Source`. It may have

- `recognise(path) -> dict | None`: returns the settings that would read a file or folder, judged by its content; raises
  MistakeError with the reason if it is nearly of this type but cannot be read;
- `warnings(settings, context) -> Iterable[str]`: lists what `shoemon check` should report, except missing secrets;
- `login(settings, context, dialog)`: logs in to the server, for `shoemon login NAME`.

Packages add more through the hook `shoemon_sources` (shoemon.config.registry).
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from shoemon.config.kinds import SourceSettings
from shoemon.config.registry import SOURCES, BrokenPackageError
from shoemon.model.activity import Activity, Problem
from shoemon.model.clock import Clock, system_clock
from shoemon.model.contracts import Cursor, Source
from shoemon.model.errors import MistakeError, ShoemonError, SourceError

log = logging.getLogger(__name__)
READERS = 2
"""Raise it when a source reads the same export differently, so that all are read again, as by a new version."""
AnySettings = TypeVar("AnySettings", bound=SourceSettings)


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read `path`, with `type`, of the first type that recognises its content.

    Raises MistakeError if none does, with the reason of the first type that it nearly is of.
    """
    refusal: MistakeError | None = None
    for kind, module in SOURCES.modules():
        try:
            with SOURCES.guard(kind):
                settings = module.recognise(path) if hasattr(module, "recognise") else None
                if settings is not None:
                    return {**settings, "type": kind}
        except MistakeError as error:
            refusal = refusal or error
        except ShoemonError as error:
            log.warning("%s", error)
    if refusal is not None:
        raise refusal
    return None


def open_source(settings: SourceSettings, context: "Context") -> Source:
    """Return the source of `settings`. Raises SourceError if the package that reads it cannot be used."""
    try:
        module = SOURCES.module_of(settings.type)
        with SOURCES.guard(settings.type):
            source: Source = module.make(settings, context)
            return source
    except BrokenPackageError as error:
        raise SourceError(str(error)) from error


class Context(NamedTuple):
    """All that a source needs besides its own settings."""

    base: Path
    """Where relative paths start."""
    timezone: str = "UTC"
    """The runner's zone, for exports that contain no offset, and for local days."""
    state: Path | None = None
    """state.db, which stores tokens (shoemon.store.tokens); None where nothing is stored, as in `init`."""
    clock: Clock = system_clock
    glance: bool = False
    """Only a first look, by `init` and `check`: skip what takes minutes, such as finding the runs of thousands of
    tracks."""
    most_files: int | None = None
    """So many tracks of a folder are read, by `check`; None for all."""

    @property
    def zone(self) -> ZoneInfo:
        """The runner's zone."""
        return ZoneInfo(self.timezone)


class SourceOf(Generic[AnySettings]):
    """Base class of most sources: keeps the settings and the context."""

    def __init__(self, settings: AnySettings, context: Context) -> None:
        self.name = settings.name
        self._settings, self._context = settings, context


def digest(value: object) -> str:
    """Return a digest that changes when anything in `value` does."""
    return hashlib.sha256(repr(value).encode("utf-8", "replace")).hexdigest()


class RecordPull:
    """A Pull over an iterator of records, as most sources return it."""

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
