"""Read zips within limits: nothing is unpacked to disk, and no size that they state is trusted.

A zip within a zip is read from any position: it need not be unpacked again for each file.
"""

import errno
import io
import struct
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, BadZipFile, ZipInfo

from shoemon.model.recording import TrackError
from shoemon.sources.kit.find_tracks import FileNames

MOST_MEMBERS = 100_000
MOST_LIST_BYTES = 16 << 20
"""The list of members is read whole; that of an export of 20,000 files has 3 MB."""
MOST_BYTES, MOST_RATIO, RATIO_FROM_BYTES = 128 << 20, 200, 8 << 20
"""Of one member, unpacked. A member that grows more than 200 times and past 8 MB is a bomb."""
MOST_NESTED_BYTES = 4 << 30
MOST_ARCHIVE_BYTES = 16 << 30
"""Of all members together, with those of nested zips, as often as they are read."""
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, zlib.error)
_LIST_END, _END_BYTES, _WIDE_BYTES = b"PK\5\6", 22, 76


class Archive:
    """A zip, open for reading one member after the other. `label` is its name in messages. Raises TrackError, also
    while a member is read, if it is broken or too large, and OSError if the disk fails."""

    def __init__(self, stream: BinaryIO, label: str, outer: "Archive | None" = None) -> None:
        self._stream, self._label, self._left, self._outer = stream, label, MOST_ARCHIVE_BYTES, outer
        try:
            with _naming_faults(f"{label} is a broken zip, or not yet copied to its end"):
                self._size = _refuse_long_list(stream, label)
                self._zip = zipfile.ZipFile(stream)
        except (TrackError, OSError):
            stream.close()
            raise
        files = [info for info in self._zip.infolist() if info.filename and not info.is_dir()]
        files.sort(key=lambda info: info.header_offset)
        names = FileNames()
        self.members: Mapping[str, zipfile.ZipInfo] = {
            names.name(info.filename.replace("\\", "/")): info for info in files
        }
        """By path, as `FileNames` spells it, in the order of the zip."""
        if len(self.members) > MOST_MEMBERS:
            self.close()
            raise TrackError(f"{label} contains more than {MOST_MEMBERS:,} files; it is not read")

    def open(self, name: str, most: int = MOST_BYTES) -> BinaryIO:
        """Open the bytes of member `name`, at most `most` of them. Errors begin with the verb."""
        limit = min(most, max(RATIO_FROM_BYTES, MOST_RATIO * min(self.members[name].compress_size, self._size)))
        return io.BufferedReader(_Member(self, self._opened(name), limit), 1 << 16)

    def nested(self, name: str) -> "Archive":
        """Open the zip that is member `name`. It is read from within this one, which must stay open."""
        info, label = self.members[name], f"{self._label}/{name}"
        if info.file_size > min(MOST_NESTED_BYTES, max(RATIO_FROM_BYTES, MOST_RATIO * self._size)):
            raise TrackError(f"{label} is larger than any export; it is not read")
        try:
            self.take(info.file_size)  # its list of members is at its end
            member = self._opened(name)
        except TrackError as error:
            raise TrackError(f"{label} {error}") from None
        if info.compress_type == zipfile.ZIP_DEFLATED:
            member.close()
            with _naming_faults(f"{label} is broken"):
                member = io.BufferedReader(UnpackedMember(self._stream, info), 1 << 16)
        return Archive(member, label, self)

    def take(self, size: int) -> None:
        """Count unpacked bytes. Raises TrackError for more than any export contains."""
        if self._outer is not None:
            self._outer.take(size)
        self._left -= size
        if self._left < 0:
            raise TrackError(f"is not read, as its zip unpacks to more than {MOST_ARCHIVE_BYTES >> 30} GB")

    def close(self) -> None:
        self._zip.close()
        self._stream.close()

    def _opened(self, name: str) -> BinaryIO:
        info = self.members[name]
        if info.flag_bits & 1:
            raise TrackError("is encrypted; unpack it, and name the folder in `path`")
        with _naming_faults("is broken"):
            return self._zip.open(info)  # type: ignore[return-value]  # it is an IO of bytes


def open_archive(path: Path, label: str) -> Archive:
    """Open the zip at `path`. Raises TrackError, and OSError if there is no such file or it may not be read."""
    return Archive(path.open("rb"), label)


@contextmanager
def _naming_faults(what: str) -> Iterator[None]:
    """Raise TrackError for whatever broken bytes cause. A failing or absent disk raises OSError as before."""
    try:
        yield
    except _BROKEN as error:
        raise TrackError(f"{what} ({error})") from None
    except OSError as error:
        if error.errno != errno.EINVAL:  # for a position before the first byte
            raise
        raise TrackError(f"{what} ({error.strerror})") from None


def _refuse_long_list(stream: BinaryIO, label: str) -> int:
    """Return the size of the zip. Raises TrackError if its list of members would fill the memory."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - (1 << 16) - _END_BYTES - _WIDE_BYTES))
    tail = stream.read()
    end = tail.rfind(_LIST_END)
    listed = 0
    if end >= 0 and end + _END_BYTES <= len(tail):
        listed = struct.unpack_from("<L", tail, end + 12)[0]
        if listed == 0xFFFFFFFF and end >= _WIDE_BYTES:  # a zip of over 4 GB states it in the record before
            listed = struct.unpack_from("<Q", tail, end - _WIDE_BYTES + 40)[0]
    if listed > MOST_LIST_BYTES:
        raise TrackError(f"{label} lists more files than any export; it is not read")
    stream.seek(0)
    return size


class _Member(io.RawIOBase):
    """Bytes of a member up to `limit`. Raises TrackError without a name, which the reader of tracks adds."""

    def __init__(self, archive: Archive, stream: IO[bytes], limit: int) -> None:
        self._archive, self._stream, self._left = archive, stream, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # the buffer of a BufferedReader
        with _naming_faults("is broken"):
            data = self._stream.read(len(view))
        self._archive.take(len(data))
        self._left -= len(data)
        if self._left < 0:
            raise TrackError("unpacks to more than any track has; it is not read")
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


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
