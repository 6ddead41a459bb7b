"""Read the XML of track files, by expat: prefixes may be undeclared, declarations in the file are refused."""

from collections.abc import Iterable
from typing import Protocol
from xml.parsers import expat

from shoemon.model.recording import Recording, TrackError

_DEEPEST = 64
"""The files of all makers stay under 12."""
_LONGEST_TEXT = 4_000
"""Characters read of one element's text; a longer name is cut there."""
_LONGEST_TOKEN = 2**20
"""Bytes of one tag, comment or the like."""

_MOST_ELEMENTS = 4_000_000
"""Ten for every point that a file may have."""
_FEWEST_BYTES = 12
"""Least bytes of an element on average; those of real files have some 30."""


class Elements(Protocol):
    """Reads the elements of one format. Names are without prefix."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element."""

    def end(self, name: str, text: str, parents: list[str]) -> None:
        """End an element; `text` is what followed its last child, `parents` are the names of those around it."""

    def recordings(self, note: str) -> tuple[Recording, ...]:
        """Return the recordings; `note` names the place where the file broke off. Raises TrackError without any."""


class TrackXml:
    """Parses a file with the format that its first element names."""

    def __init__(self, formats: dict[str, type[Elements]]) -> None:
        self._formats = formats
        self._elements: Elements | None = None
        self._path: list[str] = []
        self._text = ""
        self._count = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, chunks: Iterable[bytes]) -> tuple[Recording, ...]:
        """Read the recordings of the file that comes in `chunks`. Raises TrackError if there are none."""
        note, fed = "", 0
        try:
            for chunk in chunks:
                self._parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - self._parser.CurrentByteIndex > _LONGEST_TOKEN:
                    raise TrackError(f"has a tag of more than {_LONGEST_TOKEN:,} bytes")
                if self._count > 20_000 + fed // _FEWEST_BYTES:
                    raise TrackError("contains tags and hardly any text")
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            note = f"breaks off in line {error.lineno:,}: {expat.ErrorString(error.code)}"
        except (LookupError, ValueError) as error:  # an encoding unknown to Python, or of more than one byte
            raise TrackError(f"is written in an unusual encoding: {error}") from None
        if self._elements is None:
            raise TrackError(f"is not a track: it {note}" if note else "is not a track")
        return self._elements.recordings(note)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self._path.append(local)
        self._text = ""
        self._count += 1
        if self._elements is None:
            made = self._formats.get(local.lower())
            if made is None:
                raise TrackError(f"is XML, but not a track: its first element is {local[:40]!r}")
            self._elements = made()
        elif len(self._path) > _DEEPEST:
            raise TrackError(f"nests more than {_DEEPEST} elements")
        elif self._count > _MOST_ELEMENTS:
            raise TrackError(f"has more than {_MOST_ELEMENTS:,} elements")
        else:
            self._elements.start(local, attributes)

    def _end(self, _name: str) -> None:
        local = self._path.pop()
        if self._elements is not None:
            self._elements.end(local, self._text, self._path)
        self._text = ""

    def _characters(self, text: str) -> None:
        if len(self._text) < _LONGEST_TEXT:
            self._text += text[:_LONGEST_TEXT]

    def _doctype(self, name: str, *_: object) -> None:
        if name.lower() == "html":
            raise TrackError("is a web page, not a track")
        raise TrackError("declares a document type, which a track does not need; it is not read")
