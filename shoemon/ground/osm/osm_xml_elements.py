"""Read the nodes, ways and relations of an OpenStreetMap XML file, one by one. The file may be hostile: a DTD is
refused, nothing is fetched, and no part may be far larger than OpenStreetMap's own limits."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from shoemon.ground.osm.elements import UnusableError
from shoemon.model.errors import ShoemonError
from shoemon.model.trace import Box

_CHUNK = 1 << 16
_LONGEST_TOKEN = 1 << 20
_DEEPEST = 10
_MOST_PARTS = 100_000
"""Nodes of a way, members of a relation, tags of either; OpenStreetMap allows 2,000, 32,000 and some hundreds."""
_LARGEST_RATIO = 200
"""Packed OpenStreetMap XML is 10 to 20 times smaller."""


_PART_OF = {"way": "nd", "relation": "member"}


@dataclass(slots=True)
class XmlElement:
    """A node, way or relation, by its `name`, with its attributes as written. Its `parts` are the nodes of a way, or
    the members of a relation that are ways."""

    name: str
    id: int
    attributes: dict[str, str]
    tags: dict[str, str] = field(default_factory=dict)
    parts: list[int] = field(default_factory=list)


def elements_in(path: Path, *, nodes: bool) -> Iterator[XmlElement | Box]:
    """Yield the elements of the file at `path`, its nodes only if `nodes`. Raises ShoemonError."""
    reading = _ElementReader(nodes=nodes)
    try:
        with path.open("rb") as file:
            for chunk in _chunks(file):
                reading.feed(chunk)
                yield from reading.found()
            reading.feed(b"", last=True)
            yield from reading.found()
    except (expat.ExpatError, gzip.BadGzipFile, EOFError, zlib.error, ValueError, KeyError) as error:
        reason = f"an element lacks {error}" if isinstance(error, KeyError) else str(error)
        raise UnusableError(f"{path} is damaged or not OpenStreetMap data ({reason}); download it again") from None
    except OSError as error:
        raise ShoemonError(f"cannot read {path}: {error.strerror}") from None


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    source = gzip.GzipFile(fileobj=file) if packed else file
    read = 0
    while chunk := source.read(_CHUNK):
        read += len(chunk)
        if packed and read > 100 * _CHUNK and read > _LARGEST_RATIO * file.tell():
            raise ValueError(f"it unpacks to more than {_LARGEST_RATIO} times its size")
        yield chunk


class _ElementReader:
    """Collects what expat finds, until `found` returns it."""

    def __init__(self, *, nodes: bool) -> None:
        self._nodes = nodes
        self._found: list[XmlElement | Box] = []
        self._open: XmlElement | None = None
        self._depth = self._fed = self._parts = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        """Parse `chunk`."""
        self._parser.Parse(chunk, last)
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > _LONGEST_TOKEN:
            raise ValueError("it has a word longer than a megabyte")

    def found(self) -> list[XmlElement | Box]:
        """Return what was found since the last call."""
        found, self._found = self._found, []
        return found

    def _refuse_doctype(self, *_: object) -> None:
        raise ValueError("it has a DTD, which such a file never has")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1 and name != "osm":
            raise ValueError(f"its first element is `{name[:40]}`, not `osm`")
        if self._depth > _DEEPEST:
            raise ValueError("its elements are nested too deep")
        if self._depth == 2:
            self._start_element(name, attributes)
        elif self._depth == 3 and self._open is not None:
            self._parts += 1
            if self._parts > _MOST_PARTS:
                raise ValueError(f"element {self._open.id} has more than {_MOST_PARTS:,} parts")
            self._add_part(self._open, name, attributes)

    def _start_element(self, name: str, attributes: dict[str, str]) -> None:
        self._parts = 0
        if name in _PART_OF:
            self._open = XmlElement(name, _number(attributes["id"]), attributes)
        elif name == "node" and self._nodes:
            self._found.append(XmlElement(name, _number(attributes["id"]), attributes))
        elif name == "bounds":
            self._found.append(Box(*(float(attributes[key]) for key in ("minlat", "minlon", "maxlat", "maxlon"))))

    def _add_part(self, element: XmlElement, name: str, attributes: dict[str, str]) -> None:
        if name == "tag":
            element.tags[attributes["k"]] = attributes["v"]
        elif name == _PART_OF[element.name] and (name == "nd" or attributes["type"] == "way"):
            element.parts.append(_number(attributes["ref"]))

    def _end(self, _: str) -> None:
        if self._depth == 2 and self._open is not None:
            self._found.append(self._open)
            self._open = None
        self._depth -= 1


def _number(text: str) -> int:
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"{text[:40]} is not the number of an element")
    return number
