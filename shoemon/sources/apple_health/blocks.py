"""Find the workouts in an export.xml of many GB, without parsing the rest of it."""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from shoemon.model.errors import SourceError

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
