"""The exports shoemon can read, one per file, each imported only when it is used.

A source module has `Settings` (a SourceSettings) and `make(settings, context) -> Source`. It may have

- `recognise(path) -> dict | None`: returns the settings that would read a file or folder, judged by its content;
- `warnings(settings, context) -> Iterable[str]`: what `shoemon check` should say of a source, beside missing secrets;
- `login(settings, context, conversation)`: asks the runner's leave at the server, for `shoemon login NAME`.

Packages add more through the hook `shoemon_sources` (shoemon.hooks).
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from shoemon import hooks
from shoemon.clock import Clock, system_clock
from shoemon.model import Activity, Cursor, Problem


def types() -> Mapping[str, str]:
    """Every type of source there is, and its module, in the order in which `init` tries to recognise a file."""
    return hooks.found("shoemon_sources").modules


def broken() -> tuple[str, ...]:
    """What is wrong with packages that should add some, in words."""
    return hooks.found("shoemon_sources").broken


def module_of(source_type: str) -> ModuleType:
    """The module that reads `source_type`. Raises KeyError if there is none, ShoemonError if its package is broken."""
    return hooks.module_of("shoemon_sources", source_type)


class Context(NamedTuple):
    """What a source needs to know beside its own settings."""

    base: Path
    """Where relative paths start."""
    timezone: str = "UTC"
    """The runner's zone."""
    state: Path | None = None
    """state.db, where tokens are kept (shoemon.tokens); None where nothing is kept, as in `init`."""
    clock: Clock = system_clock


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
