"""The bytes of an export, up to a limit."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from shoemon.model.errors import SourceError

MEMBER = "activities.csv"
REMEDY = "ask Strava for a new export (Settings, My Account, Download or Delete Your Account) and download it again"


class Capped(io.RawIOBase):
    """Bytes of `stream` up to `limit`; past it, and where the stream is broken, a SourceError."""

    def __init__(self, stream: IO[bytes], owned: list[Any], limit: int, path: Path) -> None:
        self._stream, self._owned, self._left, self._path = stream, owned, limit, path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise SourceError(f"{self._path} is broken ({error}); {REMEDY}") from None
        self._left -= len(data)
        if self._left < 0:
            raise SourceError(f"{MEMBER} in {self._path} is larger than any export; it is not read", retryable=False)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        for owned in self._owned:
            owned.close()
        super().close()
