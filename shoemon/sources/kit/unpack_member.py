"""Read a packed member of a zip from any position: a zip within a zip need not be unpacked again for each file."""

import io
import struct
import zlib
from bisect import bisect_right
from typing import BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, BadZipFile, ZipInfo

_HEAD_BYTES, _STEP = 30, 1 << 16
_MOST_MARKS, _LEAST_APART = 256, 1 << 20
"""A mark takes some 40 KB. So many bytes from one mark to the next are unpacked in some milliseconds."""


class _Mark(NamedTuple):
    """A state of unpacking: the position in the unpacked bytes, in the packed ones, and zlib's state."""

    place: int
    packed: int
    state: "zlib._Decompress"


class UnpackedMember(io.RawIOBase):
    """The bytes of member `info` of the zip in `stream`, at most as many as it states. `info` must be deflated. Reading
    raises zlib.error if it is broken, and EOFError where the packed bytes end too early."""

    def __init__(self, stream: BinaryIO, info: ZipInfo) -> None:
        if info.compress_type != ZIP_DEFLATED:
            raise ValueError(f"not deflated, but method {info.compress_type}")
        stream.seek(info.header_offset)
        head = stream.read(_HEAD_BYTES)
        if len(head) < _HEAD_BYTES or head[:4] != b"PK\3\4":
            raise BadZipFile("no member where the list has one")
        self._stream, self._size, self._packed_size = stream, info.file_size, info.compress_size
        self._start = info.header_offset + _HEAD_BYTES + sum(struct.unpack_from("<HH", head, 26))
        self._apart = max(_LEAST_APART, self._size // _MOST_MARKS)
        self._marks: list[_Mark] = []
        self._wanted = self._place = self._packed = 0
        self._state = zlib.decompressobj(-zlib.MAX_WBITS)
        self._mark()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._wanted = max(0, offset + (0, self._wanted, self._size)[whence])
        return self._wanted

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # the buffer of a BufferedReader
        if not self._place <= self._wanted <= self._place + self._apart:
            self._go_back()
        while self._place < min(self._wanted, self._size):
            self._more(min(_STEP, self._wanted - self._place))
        most = min(len(view), self._size - self._wanted)
        data = self._more(most) if most > 0 else b""
        view[: len(data)] = data
        self._wanted += len(data)
        return len(data)

    def _go_back(self) -> None:
        mark = self._marks[bisect_right(self._marks, self._wanted, key=lambda mark: mark.place) - 1]
        self._place, self._packed, self._state = mark.place, mark.packed, mark.state.copy()

    def _more(self, most: int) -> bytes:
        """Unpack the next bytes, at least one."""
        while not self._state.eof:
            packed = self._state.unconsumed_tail or self._next_packed()
            data = self._state.decompress(packed, most)
            if data:
                self._place += len(data)
                if self._place >= self._marks[-1].place + self._apart:
                    self._mark()
                return data
            if not packed:
                break
        raise EOFError("it ends too early")

    def _next_packed(self) -> bytes:
        self._stream.seek(self._start + self._packed)
        packed = self._stream.read(min(_STEP, self._packed_size - self._packed))
        self._packed += len(packed)
        return packed

    def _mark(self) -> None:
        self._marks.append(_Mark(self._place, self._packed, self._state.copy()))
