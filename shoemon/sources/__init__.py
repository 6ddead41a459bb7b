"""The exports shoemon can read, one per file, each imported only when it is used.

A source module has `Settings` (a SourceSettings), `make(settings, context) -> Source`, and `recognise(path) -> dict |
None`, which looks at the content of a file and returns the settings that would read it.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from shoemon.model import Activity, Cursor, Problem

MODULES = {
    "strava-export": "shoemon.sources.strava_export",
    "tracks": "shoemon.sources.tracks",
    "table": "shoemon.sources.table",
}
"""Source type to module, in the order in which `init` tries to recognise a file."""


class Context(NamedTuple):
    """What a source needs to know beside its own settings: where relative paths start, and the runner's zone."""

    base: Path
    timezone: str = "UTC"


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


def module_of(source_type: str) -> ModuleType:
    """The module that reads `source_type`. Raises KeyError if there is none."""
    return import_module(MODULES[source_type])
