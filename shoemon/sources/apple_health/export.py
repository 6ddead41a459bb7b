"""Find the workouts and routes of an export: in a zip, in its folder, or next to an export.xml. Of one with many GB
only the workouts are parsed.
"""

import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources.kit.files import ExportFiles, naming

MOST_BYTES = 16 << 30
"""Of export.xml; the largest known ones have 3 to 4 GB."""
MOST_BLOCK_BYTES = 8 << 20
"""Of one workout. One of a whole day, with an event for every lap and pause, has some 100 KB."""
MOST_WORKOUTS = 50_000
"""Six a day for twenty years."""
_CHUNK = 1 << 20
_TAIL = 1 << 10
REMEDY = "export again (Health, your picture, Export All Health Data) and copy the file again"

_BEGIN = re.compile(rb"<(?:Workout[\s/>]|!--|!\[CDATA\[)")
_BEGIN_BYTES = len(b"<Workout ")
_IN_TAG = re.compile(rb"(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+")
"""The content of a tag: an attribute's value may contain `>`, but not `<`."""
_END = re.compile(rb"</Workout\s*>|<Workout[\s/>]|</HealthData[\s>]")
_SKIPPED = {b"<!--": b"-->", b"<![CDATA[": b"]]>"}


class Block(NamedTuple):
    """The XML of one workout, from its first tag to its last; `fault` is the reason if it is not whole."""

    xml: bytes
    fault: str = ""


class _Window:
    """The piece of a stream that is being searched; bytes before `at` are dropped."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._read = stream, 0
        self.data, self.at, self.tail = b"", 0, b""

    def more(self) -> bool:
        """Read more; return False at the end."""
        chunk = self._stream.read(_CHUNK)
        self._read += len(chunk)
        if self._read > MOST_BYTES:
            raise SourceError(f"has more than {MOST_BYTES >> 30} GB, more than any export", retryable=False)
        self.data = self.data[self.at :] + chunk
        self.at = 0
        self.tail = (self.tail + chunk)[-_TAIL:] if len(chunk) < _TAIL else chunk[-_TAIL:]
        return bool(chunk)


def workout_blocks(stream: BinaryIO) -> Iterator[Block]:
    """Yield every workout in `stream`, in order. Raises SourceError, which begins with the verb, if it breaks off.
    Found by its tags: in XML a value contains no `<`, and comments are skipped. The declarations before the first
    element, which are broken in iOS 16, are not read."""
    window = _Window(stream)
    count = 0
    while (begin := _next(window)) is not None:
        if begin in _SKIPPED:
            _pass_over(window, _SKIPPED[begin])
            continue
        count += 1
        if count > MOST_WORKOUTS:
            raise SourceError(f"contains more than {MOST_WORKOUTS:,} workouts; it is not read", retryable=False)
        yield _block(window)
    if b"</HealthData" not in window.tail:
        raise SourceError(f"breaks off before its end; {REMEDY}")


def _next(window: _Window) -> bytes | None:
    """Move to the next workout or comment and return its beginning; None at the end."""
    while True:
        match = _BEGIN.search(window.data, window.at)
        if match is not None:
            window.at = match.start()
            return match[0]
        window.at = max(window.at, len(window.data) - _BEGIN_BYTES + 1)
        if not window.more():
            return None


def _pass_over(window: _Window, end: bytes) -> None:
    window.at += 2
    while (found := window.data.find(end, window.at)) < 0:
        window.at = max(window.at, len(window.data) - len(end) + 1)
        if not window.more():
            raise SourceError(f"breaks off within a comment; {REMEDY}")
    window.at = found + len(end)


def _block(window: _Window) -> Block:
    """Return the workout that begins where `window` is; move to its end."""
    looked = 0
    """Bytes searched for the end without success, from the block's beginning."""
    while True:
        start = window.at
        looked, end, fault = _end_of(window.data, start, looked)
        if end > 0:
            window.at = end
            return Block(window.data[start:end], fault)
        if len(window.data) - start > MOST_BLOCK_BYTES:
            window.at = start + _BEGIN_BYTES
            return Block(window.data[start : start + 2000], f"it has more than {MOST_BLOCK_BYTES >> 20} MB")
        if not window.more():
            raise SourceError(f"breaks off within a workout; {REMEDY}")


def _end_of(data: bytes, start: int, looked: int) -> tuple[int, int, str]:
    """Return how far was searched, where the block ends (0: not in `data`), and the fault of that end."""
    if not looked:
        tag = _IN_TAG.match(data, start + 1)
        end = tag.end() if tag else start
        if data[end : end + 1] != b">":
            return 0, max(0, data.find(b"<", end)), "its first tag has no end"
        if data[end - 1 : end] == b"/":
            return 0, end + 1, ""
        looked = end - start
    match = _END.search(data, start + looked)
    if match is None:
        return max(looked, len(data) - start - 16), 0, ""
    if match[0].startswith(b"</W"):
        return looked, match.end(), ""
    return looked, match.start(), "it has no end"


_HEAD_BYTES = 64 << 10
"""The declarations before the first element take some 10 KB."""
_HEALTH_DATA = re.compile(rb"<(?:!DOCTYPE\s+)?HealthData[\s>\[]")
_MOST_TRIED = 50
"""XML files that are opened."""


def open_export(path: Path) -> "HealthExport":
    """Open the export at `path`. Raises SourceError if that fails, or it is not one. Close it."""
    files = ExportFiles(path, _is_wanted)
    try:
        found = [name for name in _xml_files(files) if _is_health_data(files, name)]
        if len(found) != 1:
            what = f"several exports of Apple Health ({', '.join(found)})" if found else "no export of Apple Health"
            raise SourceError(f"{path} contains {what}; name one export.zip or export.xml in `path`", retryable=False)
    except BaseException:
        files.close()
        raise
    return HealthExport(files, found[0])


class HealthExport:
    """An export, open for reading. `xml` is the path of its export.xml, which has other names in other languages."""

    def __init__(self, files: ExportFiles, xml: str) -> None:
        self.files, self.xml = files, xml

    def find_route(self, reference: str) -> str | None:
        """Return the path inside the export of the route `/workout-routes/...gpx` of a workout, if it is there."""
        relative = reference.replace("\\", "/").lstrip("/")
        return self.files.track(posixpath.normpath(posixpath.join(posixpath.dirname(self.xml), relative)))

    def blocks(self) -> Iterator[Block]:
        """Yield the workouts. Raises SourceError if the file cannot be read to its end."""
        label = f"{self.xml} in {self.files.path}" if self.xml != self.files.path.name else str(self.files.path)
        with naming_all(label), self.files.open(self.xml, MOST_BYTES) as stream:
            yield from workout_blocks(stream)


@contextmanager
def naming_all(label: str) -> Iterator[None]:
    """Name the file also in a SourceError."""
    with naming(label, REMEDY):
        try:
            yield
        except SourceError as error:
            raise SourceError(f"{label} {error}", retryable=error.retryable) from None


def _is_wanted(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(".gpx") or (lower.endswith(".xml") and name.count("/") <= 1)


def _xml_files(files: ExportFiles) -> list[str]:
    """List the XML files, those called `export...` first: the folder may contain others."""
    names = [name for name in files.names if name.lower().endswith(".xml")]
    return sorted(names, key=lambda name: (not posixpath.basename(name).startswith("export"), name))[:_MOST_TRIED]


def _is_health_data(files: ExportFiles, name: str) -> bool:
    try:
        with files.open(name, MOST_BYTES) as stream:
            return _HEALTH_DATA.search(stream.read(_HEAD_BYTES)) is not None
    except (TrackError, OSError):
        return False
