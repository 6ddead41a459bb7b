"""Download a large file into a folder: continued after a break, bounded, and compared with its checksum.

What has come is kept beside it as `NAME.part` until the file is whole. It is continued only where the server confirms
that it still has the same file.
"""

import contextlib
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import requests

from shoemon.model.errors import ShoemonError, SourceError
from shoemon.net.addresses import shown
from shoemon.net.conversation import Conversation
from shoemon.net.download import Limits, fetch, hop, tried
from shoemon.net.failure import AnswerError, Failed, by_status

LIMITS = Limits(total_s=1200.0, read_s=60.0, tries=6)
_CHUNK = 2**16
_ROOM = 200 * 2**20
"""Bytes that must stay free on the disk."""


class _Part(NamedTuple):
    """What has come of a file: how much of how many bytes, and the mark by which the server knows the file again."""

    came: int = 0
    size: int = 0
    mark: str = ""


class _Saving(NamedTuple):
    url: str
    file: Path
    largest: int
    progress: Callable[[int, int], None]
    stopping: Callable[[], bool]
    limits: Limits

    @property
    def part(self) -> Path:
        return self.file.with_name(f"{self.file.name}.part")

    @property
    def note(self) -> Path:
        return self.file.with_name(f"{self.file.name}.note")

    def begun(self) -> _Part:
        """Return what came before; nothing if it cannot be continued."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            url, *rest = json.loads(self.note.read_text(encoding="utf-8"))
            part = _Part(self.part.stat().st_size, *rest)
            if url == self.url and part.mark and part.came <= part.size:
                return part
        return _Part()


def save(
    url: str,
    file: Path,
    largest: int,
    progress: Callable[[int, int], None] = lambda came, size: None,  # noqa: ARG005
    stopping: Callable[[], bool] = lambda: False,
    limits: Limits = LIMITS,
) -> None:
    """Download `url` into `file`, of at most `largest` bytes. `progress` gets the bytes that came, and all (0: not
    known).

    A later call continues where this one failed. Raises SourceError, and ShoemonError where the disk has no room; what
    came is kept only where trying again can help.
    """
    saving = _Saving(url, file, largest, progress, stopping, limits)
    try:
        if not (begun := saving.begun()).came or begun.came < begun.size:
            tried(partial(_try, saving), url, limits)
        _compare(saving)
        saving.part.replace(file)
        saving.note.unlink(missing_ok=True)
    except SourceError as error:
        if not error.retryable or (isinstance(error, AnswerError) and error.status in (404, 410)):
            forget(file)
        raise
    except OSError as error:
        raise ShoemonError(f"cannot write {file}: {error.strerror}") from None


def forget(file: Path) -> None:
    """Remove `file`, and what came of it."""
    for end in ("", ".part", ".note"):
        with contextlib.suppress(OSError):
            file.with_name(file.name + end).unlink()


def _try(saving: _Saving, conversation: Conversation) -> None:
    begun = saving.begun()
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    if begun.came:
        headers |= {"Range": f"bytes={begun.came}-", "If-Range": begun.mark}
    url = saving.url
    for _ in range(saving.limits.redirects + 1):
        with conversation.send("GET", url, headers) as response:
            if not response.is_redirect:
                _receive(saving, begun, response, conversation.in_time)
                return
            url, _ = hop(url, response.headers["Location"], headers)
    raise Failed(f"redirects more than {saving.limits.redirects} times")


def _receive(saving: _Saving, begun: _Part, response: requests.Response, in_time: Callable[[], None]) -> None:
    part = _announced(saving, begun, response)
    if part.size > saving.largest:
        raise Failed(f"has {_mb(part.size)}, more than the {_mb(saving.largest)} that are allowed", retryable=False)
    try:
        _check_room(saving.file.parent, part.size - part.came)
        saving.note.write_text(json.dumps([saving.url, part.size, part.mark]), encoding="utf-8")
        body = saving.part.open("ab" if part.came else "wb")
    except OSError as error:
        raise ShoemonError(f"cannot write {saving.part}: {error.strerror}") from None
    came = part.came
    with body:
        for data in response.raw.stream(_CHUNK, decode_content=False):
            in_time()
            if saving.stopping():
                raise Failed("was interrupted")
            came += len(data)
            if came > (part.size or saving.largest):
                raise Failed(f"sent more than {_mb(part.size or saving.largest)}", retryable=False)
            try:
                body.write(data)
            except OSError as error:
                raise ShoemonError(f"cannot write {saving.part}: {error.strerror}") from None
            saving.progress(came, part.size)
    if came < part.size:
        raise Failed(f"stopped after {came} of {part.size} bytes", again=True)


def _announced(saving: _Saving, begun: _Part, response: requests.Response) -> _Part:
    """Return the size and the mark that the server announces, and how much of that is here already. Raises Failed."""
    status, headers = response.status_code, response.headers
    length = headers.get("Content-Length", "")
    if headers.get("Content-Encoding", "identity") != "identity":
        raise Failed("compressed its answer, which was not asked for", retryable=False)
    if status == 206 and begun.came:
        expected = f"bytes {begun.came}-{begun.size - 1}/{begun.size}"
        if headers.get("Content-Range") == expected and _mark(headers) in ("", begun.mark):
            return begun
        forget(saving.file)
        raise Failed("continued with another file", again=True)
    if status == 200:
        size = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else 0
        return _Part(0, size, _mark(headers))
    if status == 416:
        forget(saving.file)
        raise Failed("has another file now", again=True)
    if status in (401, 403, 407):
        raise Failed(f"refuses the download (status {status})", retryable=False)
    failed = by_status(status, headers)
    failed.status = status
    raise failed


def _mark(headers: Mapping[str, str]) -> str:
    """Return what If-Range may name (RFC 9110 section 13.1.5): a strong ETag, or else the date of the file."""
    etag = headers.get("ETag", "")
    return etag if etag.startswith('"') else headers.get("Last-Modified", "")


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed + _ROOM > free:
        raise ShoemonError(
            f"{folder} has {_mb(free)} of free space; the download needs {_mb(needed)}, and {_mb(_ROOM)} must stay free"
        )


def _compare(saving: _Saving) -> None:
    """Compare the checksum, where the server has one beside the file. Raises SourceError, and removes the file, if it
    is another."""
    try:
        with fetch(f"{saving.url}.md5", limits=saving.limits._replace(total_s=60.0, size=10_000)).body as body:
            announced = re.match(rb"\s*([0-9a-fA-F]{32})\b", body.read())
    except AnswerError as error:
        if error.status in (404, 410):
            return
        raise
    with saving.part.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if announced is None or announced[1].decode().lower() != found:
        forget(saving.file)
        raise SourceError(f"{shown(saving.url)} has another checksum than {shown(saving.url)}.md5")


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
