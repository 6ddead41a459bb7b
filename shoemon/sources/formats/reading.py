"""Read a track file of any format, which is recognised by its first bytes, not by its name."""

import zlib
from collections.abc import Callable
from typing import BinaryIO

from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.fit import read_fit
from shoemon.sources.formats.gpx import Gpx
from shoemon.sources.formats.tcx import Tcx
from shoemon.sources.formats.xml import read_xml

LARGEST = 64 * 2**20
"""Bytes of a track, unpacked. A day at a point a second is some 35 MB of GPX and 3 MB of FIT."""
_STEP, _PACKED_STEP = 65_536, 1024
"""Bytes that are read at a time, and packed ones that are unpacked: a megabyte at most."""
_GZIP = b"\x1f\x8b"
_RATIO = 100
"""A packed file that grows more often is a bomb; tracks grow about 20 times."""
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_track(stream: BinaryIO, name: str) -> tuple[Recording, ...]:
    """Read the recordings of the track file in `stream`, which need not be seekable; `name` is for messages. Raises
    TrackError without an activity: for a broken file, and as NoActivityError for a valid file of another kind
    (settings, a course)."""
    return read_content(stream, name, _read)


def read_content(stream: BinaryIO, name: str, read: Callable[[bytes], tuple[Recording, ...]]) -> tuple[Recording, ...]:
    """Read the file in `stream`, unpacked, by `read`; errors of that get the name."""
    try:
        # Some exports begin with blanks, which XML forbids before its first line.
        data = _content(stream).removeprefix(_BOM).lstrip(b" \t\r\n")
        if not data:
            raise TrackError("is empty")
        return read(data)
    except TrackError as error:
        raise type(error)(f"{name} {error}") from None


def is_fit(data: bytes) -> bool:
    return data[8:12] == b".FIT"


def is_xml(data: bytes) -> bool:
    return data.startswith((b"<", *_UTF_16))


def _read(data: bytes) -> tuple[Recording, ...]:
    if is_fit(data):
        return read_fit(data)
    if is_xml(data):
        return read_xml(data, {"gpx": Gpx, "trainingcenterdatabase": Tcx})
    raise TrackError("is not a FIT, TCX or GPX file")


def _content(stream: BinaryIO) -> bytes:
    """Return the bytes of a file, unpacked if they are gzipped. Raises TrackError for more than LARGEST."""
    data = bytearray()
    while len(data) <= LARGEST and (chunk := stream.read(_STEP)):
        data += chunk
    content = _unpacked(bytes(data)) if data.startswith(_GZIP) else bytes(data)
    if len(content) > LARGEST:
        raise TrackError(f"is larger than {LARGEST // 2**20} MB")
    return content


def _unpacked(packed: bytes) -> bytes:
    """Unpack a gzipped file. Of one that breaks off, returns what can be unpacked."""
    unpack, data = zlib.decompressobj(wbits=31), bytearray()
    for start in range(0, len(packed), _PACKED_STEP):
        try:
            data += unpack.decompress(packed[start : start + _PACKED_STEP])
        except zlib.error:
            if not data:
                raise TrackError("is a broken gzip file") from None
            break
        if len(data) > max(2**20, _RATIO * len(packed)):
            raise TrackError(f"grows to more than {_RATIO} times its size when unpacked; it is not read")
        if unpack.eof or len(data) > LARGEST:
            break
    return bytes(data)
