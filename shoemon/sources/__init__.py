"""The exports shoemon can read, one per file, each imported only when it is used.

A source module has `Settings` (a SourceSettings) and `make(settings, context) -> Source`. It may have

- `recognise(path) -> dict | None`: returns the settings that would read a file or folder, judged by its content; raises
  MistakeError if this is nearly its own, with the reason why it cannot be read;
- `warnings(settings, context) -> Iterable[str]`: what `shoemon check` should say of a source, beside missing secrets;
- `login(settings, context, conversation)`: asks the runner's leave at the server, for `shoemon login NAME`.

Packages add more through the hook `shoemon_sources` (shoemon.config.registry).
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shoemon.config.kinds import SourceSettings
from shoemon.config.registry import SOURCES, BrokenPackageError
from shoemon.model.activity import Activity, Problem
from shoemon.model.clock import Clock, system_clock
from shoemon.model.contracts import Cursor, Source
from shoemon.model.errors import MistakeError, ShoemonError, SourceError

log = logging.getLogger(__name__)
AnySettings = TypeVar("AnySettings", bound=SourceSettings)


def recognise(path: Path) -> dict[str, Any] | None:
    """The settings that read `path`, `type` among them, by the first type that knows it by its content.

    Raises MistakeError if there is none, but a type whose own this nearly is, which knows why it cannot be read.
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
    """The source of `settings`. Raises SourceError if the package that reads it cannot be used."""
    try:
        module = SOURCES.module_of(settings.type)
        with SOURCES.guard(settings.type):
            source: Source = module.make(settings, context)
            return source
    except BrokenPackageError as error:
        raise SourceError(str(error)) from error


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

    @property
    def zone(self) -> ZoneInfo:
        """The runner's zone. Raises SourceError if there is none of that name."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise SourceError(f"{self.timezone!r} is not a time zone", retryable=False) from None


class SourceOf(Generic[AnySettings]):
    """A source that is made of its settings and what it needs to know beside: what most begin with."""

    def __init__(self, settings: AnySettings, context: Context) -> None:
        self.name = settings.name
        self._settings, self._context = settings, context

    def _fingerprint(self) -> str:
        """Changes with the settings that decide how records are understood."""
        settings = self._settings.model_dump_json(exclude={"every", "cron", "missing"})
        told = json.dumps([settings, self._context.timezone, str(self._context.base)])
        return hashlib.sha256(told.encode()).hexdigest()


def digest(told: object) -> str:
    """Changes when anything in `told` does."""
    return hashlib.sha256(repr(told).encode("utf-8", "replace")).hexdigest()


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
