"""Read the XML of track files, by expat: prefixes may be undeclared, declarations in the file are refused. A file with
characters that XML forbids is repaired and read anew."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple, Protocol
from xml.parsers import expat

from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.repair_xml import repaired

_DEEPEST = 64
"""The files of all makers stay under 12."""
_LONGEST_TEXT = 4_000
"""Characters read of one element's text; a longer name is cut there."""
_STEP, _LONGEST_TOKEN = 65_536, 2**20
"""Bytes parsed at a time, and of one tag, comment or the like."""
_MOST_ELEMENTS = 4_000_000
"""Ten for every point that a file may have."""
_FEWEST_BYTES = 12
"""Least bytes of an element on average; those of real files have some 30."""
_CHARACTERS = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_INVALID_TOKEN, expat.errors.XML_ERROR_PARTIAL_CHAR, expat.errors.XML_ERROR_BAD_CHAR_REF,
        expat.errors.XML_ERROR_UNDEFINED_ENTITY, expat.errors.XML_ERROR_UNKNOWN_ENCODING,
        expat.errors.XML_ERROR_INCORRECT_ENCODING, expat.errors.XML_ERROR_XML_DECL,
    )
}  # fmt: skip
"""Faults of single characters."""


class Elements(Protocol):
    """Reads the elements of one format. Names are without prefix."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element."""

    def end(self, name: str, text: str, parents: list[str]) -> None:
        """End an element; `text` is what followed its last child, `parents` are the names of those around it."""

    def recordings(self, note: str) -> tuple[Recording, ...]:
        """Return the recordings; `note` names the place where the file broke off. Raises TrackError without any."""


class Fault(NamedTuple):
    """The reason why a file is no XML from a line on, and whether a character is to blame."""

    reason: str
    line: int
    is_of_character: bool


def read_xml(data: bytes, formats: dict[str, type[Elements]]) -> tuple[Recording, ...]:
    """Read the recordings of a file, with the format that its first element names. Raises TrackError if there are
    none."""
    parse = _Parse(formats)
    fault = parse.feed(data[start : start + _STEP] for start in range(0, len(data), _STEP))
    if fault is None or not fault.is_of_character:
        return parse.recordings(fault)
    parse = _Parse(formats, "utf-8")
    note = f"repaired from line {fault.line:,} on: {fault.reason}"
    found = parse.recordings(parse.feed(repaired(data)))
    return tuple(replace(recording, notes=(*recording.notes, note)) for recording in found)


class _Parse:
    """One attempt to read a file; `encoding` is used instead of the one that the file names."""

    def __init__(self, formats: dict[str, type[Elements]], encoding: str | None = None) -> None:
        self._formats = formats
        self._elements: Elements | None = None
        self._path: list[str] = []
        self._text = ""
        self._longest_text = _LONGEST_TEXT
        self._count = 0
        self._parser = expat.ParserCreate(encoding)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunks: Iterable[bytes]) -> Fault | None:
        """Parse the file as far as it is XML. Raises TrackError for one that no program wrote."""
        fed = 0
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
            return Fault(expat.ErrorString(error.code), error.lineno, error.code in _CHARACTERS)
        except (LookupError, ValueError) as error:  # an encoding unknown to Python, or of more than one byte
            return Fault(str(error), 1, True)
        return None

    def recordings(self, fault: Fault | None) -> tuple[Recording, ...]:
        """Return the recordings of what was parsed. Raises TrackError if there are none."""
        note = f"breaks off in line {fault.line:,}: {fault.reason}" if fault else ""
        if self._elements is None:
            raise TrackError(f"is not a track: it {note}" if note else "is not a track")
        found = self._elements.recordings(note)
        if note and not any(recording.trace or recording.distance_m for recording in found):
            raise TrackError(f"{note}; nothing of the run comes before")
        return found

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
            self._longest_text = getattr(made, "longest_text", _LONGEST_TEXT)
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
        if len(self._text) < self._longest_text:
            self._text += text[: self._longest_text]

    def _doctype(self, name: str, *_: object) -> None:
        if name.lower() == "html":
            raise TrackError("is a web page, not a track")
        raise TrackError("declares a document type, which a track does not need; it is not read")
