"""Read a track file of any format, which is recognised by its first bytes, not by its name."""

import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.fit import read_fit
from shoemon.sources.formats.gpx import Gpx
from shoemon.sources.formats.tcx import Tcx
from shoemon.sources.formats.xml import read_xml

LARGEST = 64 * 2**20
"""Bytes of a track, unpacked. A day at a point a second is some 35 MB of GPX and 3 MB of FIT."""
_STEP = 65_536
_GZIP = b"\x1f\x8b"
_RATIO = 100
"""A packed file that grows more often is a bomb; tracks grow about 20 times."""
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_track(stream: BinaryIO, name: str) -> tuple[Recording, ...]:
    """Read the recordings of the track file in `stream`, which need not be seekable; `name` is for messages. Raises
    TrackError without an activity: for a broken file, and as NoActivityError for a valid file of another kind
    (settings, a course)."""
    try:
        return _read(_bounded(_unpacked(_steps(stream))))
    except TrackError as error:
        raise type(error)(f"{name} {error}") from None


def _read(chunks: Iterator[bytes]) -> tuple[Recording, ...]:
    head = b""
    while len(head) < 16 and (chunk := next(chunks, b"")):
        # Some exports begin with blanks, which XML forbids before its first line.
        head = (head + chunk).removeprefix(_BOM).lstrip(b" \t\r\n")
    if not head:
        raise TrackError("is empty")
    if head[8:12] == b".FIT":
        return read_fit(b"".join(_joined(head, chunks)))
    if head.startswith((b"<", *_UTF_16)):
        return read_xml(_joined(head, chunks), {"gpx": Gpx, "trainingcenterdatabase": Tcx})
    raise TrackError("is not a FIT, TCX or GPX file")


def _joined(head: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield head
    yield from chunks


def _steps(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes in steps of one size, even if the stream returns fewer at a time."""
    step = b""
    while chunk := stream.read(_STEP - len(step)):
        step += chunk
        if len(step) == _STEP:
            yield step
            step = b""
    if step:
        yield step


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise TrackError(f"is larger than {LARGEST // 2**20} MB")
        yield chunk


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the bytes, unpacked if they are gzipped. Of a file that breaks off, yields what can be unpacked."""
    head = next(chunks, b"")
    if not head.startswith(_GZIP):
        yield from _joined(head, chunks)
        return
    unpack, packed_size, size = zlib.decompressobj(wbits=31), 0, 0
    for chunk in _joined(head, chunks):
        packed_size += len(chunk)
        packed = chunk
        while packed and not unpack.eof:
            try:
                unpacked = unpack.decompress(packed, _STEP)
            except zlib.error:
                if not size:
                    raise TrackError("is a broken gzip file") from None
                return
            packed = unpack.unconsumed_tail
            size += len(unpacked)
            if size > max(2**20, _RATIO * packed_size):
                raise TrackError(f"grows to more than {_RATIO} times its size when unpacked; it is not read")
            if unpacked:
                yield unpacked
