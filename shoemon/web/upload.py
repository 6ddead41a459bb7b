"""Take in files that are sent to the pages of a home, and make sources of them."""

import asyncio
import hmac
import logging
import sqlite3
import threading
from collections.abc import Collection, Mapping, Sequence
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from shoemon.config.edit.operations import Add, Operation
from shoemon.config.load import MAIN_FILE, SHOES_FILE, Config, load
from shoemon.config.models import WebSettings
from shoemon.model.clock import Clock
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.model.text import one_line
from shoemon.setup.inbox import (
    INBOX,
    POSTED_SOURCE,
    TRACKS,
    DiskFullError,
    Incoming,
    TooLargeError,
    moved,
    reader_of,
    take_in,
    waiting,
)
from shoemon.setup.new_source import NewSource, new_source, operations, settled
from shoemon.setup.write_files import main_text, shoes_text, write_files
from shoemon.sync.pipeline import sync_to_the_end
from shoemon.web.changes import Done, carry_out, look
from shoemon.web.receive_file import BrokenOffError, receive_file

log = logging.getLogger(__name__)
_one_sync = threading.Lock()
_STATUSES = {TooLargeError: 413, DiskFullError: 507, MistakeError: 422}
_to_sync: set[tuple[Path, str]] = set()
"""The sources that are read next; one sync reads all that came until it began."""


class Stored(NamedTuple):
    """What became of a file that was sent: it is the file `name` of the inbox, and `source` reads it; None if it waits
    for the runner. `status` is that of the answer; from 400 on, nothing was stored."""

    status: int
    message: str
    name: str = ""
    source: str | None = None


class Uploads:
    """The files that are sent to one home. `config` is None before there is a configuration in `directory`; then the
    first file makes it, with `web` among its settings."""

    def __init__(self, directory: Path, config: Config | None, clock: Clock, web: str = "") -> None:
        self._directory, self._config, self._clock, self._web = directory, config, clock, web
        self._sources = config.sources if config else ()
        self.most = int((config.main.web if config else WebSettings()).upload)

    def admits(self, token: str) -> bool:
        """Check the token by which phones and scripts send files. It takes the same time for any wrong one."""
        secret = self._config.main.web.upload_token if self._config else None
        try:
            own = secret.reveal(self._directory) if secret else ""
        except ShoemonError as error:
            log.error("upload_token: %s", one_line(str(error)))
            own = ""
        return bool(own) and hmac.compare_digest(own.encode(), token.encode("utf-8", "replace"))

    async def receive(self, request: Any) -> Stored:
        """Take in the file of a request, whole or not at all."""
        length = request.headers.get("content-length", "")
        try:
            with Incoming(self._directory / INBOX, self.most, int(length) if length.isdecimal() else 0) as incoming:
                name = await receive_file(request, incoming.write)
                return await asyncio.to_thread(lambda: self._take_in(incoming.whole(name)))
        except BrokenOffError:
            return Stored(400, "Nothing was stored: the file did not arrive whole")
        except (ShoemonError, sqlite3.Error, OSError) as error:
            status = next((code for kind, code in _STATUSES.items() if isinstance(error, kind)), 409)
            words = f"Nothing was stored: {getattr(error, 'strerror', None) or error}"
            return Stored(status, "\n".join((words, *getattr(error, "__notes__", ()))))

    def _take_in(self, part: Path) -> Stored:
        """Move a whole file to its place, and begin to read it if a source does. Raises MistakeError if none can."""
        path, is_new = take_in(self._directory, self._sources, part)
        name, source = path.name, reader_of(self._directory, self._sources, path)
        if path.parent == self._directory / TRACKS and source is None and self._config is not None:
            try:
                carry_out(self._config, self._clock, partial(_posted, path))
                source = POSTED_SOURCE["name"]
            except ShoemonError as error:
                return Stored(202, f"{name} is stored, but no source reads it yet: {error}", name)
        if source is None:
            return Stored(202, f"{name} is stored. It is read as soon as you agree on its page.", name)
        if not is_new:
            return Stored(200, f"This file is known already, as {name}: nothing was stored twice.", name, source)
        self._begin_sync(source)
        return Stored(201, f"{name} is stored, and {source} reads it now.", name, source)

    def waiting(self) -> list[str]:
        """List the names of the files that wait for the runner, the latest first."""
        return [path.name for path in waiting(self._directory, self._sources)]

    def remove(self, name: str) -> None:
        """Remove a file that waits. Raises MistakeError if there is none."""
        self._file(name).unlink()

    def look(
        self, name: str, pairs: Collection[str] | None = None, unit: str | None = None, zone: str | None = None
    ) -> dict[str, Any]:
        """Return for a page what the file holds, what it asks, and the lines that are written with these `pairs` (None:
        those that are offered first). Raises ShoemonError."""
        found, _ = self._found(name, unit, zone)
        known = self._config.plan.shoes if self._config else ()
        offered = {shoe.id: {"id": shoe.id, "name": shoe.name, "runs": shoe.runs} for shoe in found.drafts.shoes}
        chosen = (() if known else offered) if pairs is None else pairs
        return {
            "lines": list(found.lines), "asks_unit": found.asks_unit, "unit": found.unit if found.asks_unit else None,
            "asks_zone": found.asks_zone, "zone": found.zone, "is_zone_sure": found.origin in ("exports", "runner"),
            "pairs": [{**shoe, "chosen": id in chosen} for id, shoe in offered.items()], "source": found.export.name,
            "files": self._planned(found, chosen), "are_whole": self._config is None,
        }  # fmt: skip

    def write(self, name: str, pairs: Collection[str], unit: str | None = None, zone: str | None = None) -> Done:
        """Write the source of a file that waits, with these new pairs, and begin to read it. Raises ShoemonError."""
        found, place = self._found(name, unit, zone)
        source = found.export.name
        with moved(self._file(name), place):
            if self._config is None:
                write_files(self._directory, *self._first_files(found, pairs))
                return Done(f"{MAIN_FILE} and {SHOES_FILE} are written.", None)
            title = f"{source} reads {name}"
            done = carry_out(self._config, self._clock, lambda _: (title, operations(found, pairs)))
        self._begin_sync(source)
        return done

    def _file(self, name: str) -> Path:
        found = next((path for path in waiting(self._directory, self._sources) if path.name == name), None)
        if found is None:
            raise MistakeError("this file does not wait any more")
        return found

    def _found(self, name: str, unit: str | None, zone: str | None) -> tuple[NewSource, Path]:
        """Look at a file that waits; return what it is, with the settings that are written, and where it belongs."""
        path = self._file(name)
        return settled(new_source(path, name, self._config, unit, zone), self._directory, path, name)

    def _planned(self, found: NewSource, pairs: Collection[str]) -> list[str]:
        if self._config is None:
            return "\n".join(self._first_files(found, pairs)).splitlines()
        return look(self._config, lambda _: ("", operations(found, pairs)))

    def _first_files(self, found: NewSource, pairs: Collection[str]) -> tuple[str, str]:
        export = found.export
        main = main_text(found.zone, found.origin, [(export.settings, not found.asks_unit)])
        shoes = [draft for draft in found.drafts.shoes if draft.id in pairs]
        return main + self._web, shoes_text(shoes, found.newest, export.name)

    def _begin_sync(self, source: str) -> None:
        key = (self._directory, source)
        if self._config is not None and key not in _to_sync:
            _to_sync.add(key)
            work = partial(copy_context().run, _sync, self._config, source, self._clock)
            threading.Thread(target=work, name="sync", daemon=True).start()


def _posted(path: Path, config: Config) -> tuple[str, Mapping[str, Sequence[Operation]]]:
    """Add the source of tracks that phones and scripts send, unless another file has done so meanwhile."""
    is_there = reader_of(config.directory, config.sources, path) is not None
    edits = {} if is_there else {MAIN_FILE: [Add(("sources",), [POSTED_SOURCE])]}
    return f"{MAIN_FILE} reads the tracks that are sent", edits


def _sync(config: Config, source: str, clock: Clock) -> None:
    """Read a source at once, and not only when it is due."""
    with _one_sync:
        _to_sync.discard((config.directory, source))
        try:
            sync_to_the_end(load(config.directory, household=config.household), [source], clock)
        except (ShoemonError, sqlite3.Error, OSError) as error:
            log.error("cannot read %s now: %s", source, one_line(str(error)))
