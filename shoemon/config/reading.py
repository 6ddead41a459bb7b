"""Reads a YAML file into plain values and remembers where each of them stands, so that a mistake can be pointed at."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from shoemon.model import MistakeError

Path = tuple[str | int, ...]
"""Where a value stands in a document, such as `("shoes", 0, "life")`."""
MAX_BYTES = 4_000_000
"""A settings file is read whole; 4 MB is some 50,000 corrections."""


@dataclass(frozen=True)
class Mistake:
    """One mistake of the user's: where it stands (line and column from 1), what is wrong, and the remedy."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class ConfigError(MistakeError):
    """The configuration has mistakes; `mistakes` holds all of them."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(set(mistakes), key=lambda mistake: (mistake.file, mistake.line, mistake.column))
        count = len(self.mistakes)
        super().__init__(f"{count} mistake{'s' if count > 1 else ''} in the configuration")


@dataclass
class Document:
    """A YAML file as plain values (`value`), with the places of all of them and the mistakes found so far."""

    file: str
    value: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def mistake(self, path: Path, message: str) -> None:
        """Notes a mistake at `path`, or at the nearest place around it that stands in the file."""
        around = path
        while around not in self.places and around:
            around = around[:-1]
        line, column = self.places.get(around, (1, 1))
        self.mistakes.append(Mistake(self.file, line, column, write_path(path), message))


def write_path(path: Path) -> str:
    """`("shoes", 0, "life")` as `shoes[0].life`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
    return text


def read_document(path: FilePath) -> Document:
    """Reads `path`. What is wrong with it as YAML becomes mistakes in the document; nothing is raised."""
    document = Document(path.name)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            document.mistake((), f"the file is larger than {MAX_BYTES:,} bytes")
        else:
            _read_into(document, content.decode("utf-8-sig"))
    except OSError as error:
        document.mistake((), f"cannot be read: {error.strerror}; `shoemon init` writes one")
    except UnicodeDecodeError as error:
        document.mistake((), f"is not UTF-8 text (byte {error.start}); save it as UTF-8")
    return document


def _read_into(document: Document, text: str) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        node = YAML(typ="rt", pure=True).compose(text)
        if node is not None:
            document.value = _Plain(document).value(node, ())
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"is not YAML: {error.problem or error.context}"
        document.mistakes.append(Mistake(document.file, line, column, "", message))
    except (YAMLError, RecursionError, ValueError) as error:
        document.mistake((), f"is not YAML: {str(error).splitlines()[0]}")


class _Plain:
    """Turns composed nodes into plain values; refuses aliases, repeated keys and tags, and goes on."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def value(self, node: Any, path: Path) -> Any:
        mark = node.start_mark
        self.document.places.setdefault(path, (mark.line + 1, mark.column + 1))
        if id(node) in self.seen:
            self.document.mistake(path, "a YAML alias (*name) is not allowed here; write the value out")
            return None
        self.seen.add(id(node))
        kind = type(node).__name__
        if kind == "MappingNode":
            return dict(self._entries(node, path))
        if kind == "SequenceNode":
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _entries(self, node: Any, path: Path) -> Iterator[tuple[str, Any]]:
        keys: set[str] = set()
        for key_node, value_node in node.value:
            key = str(key_node.value)
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key in keys:
                mistake = Mistake(
                    self.document.file, *place, write_path((*path, key)), "stands here a second time; keep one of the two"
                )
                self.document.mistakes.append(mistake)
                continue
            keys.add(key)
            self.document.places[(*path, key)] = place
            yield key, self.value(value_node, (*path, key))

    def _scalar(self, node: Any, path: Path) -> Any:
        tag, text = str(node.tag).rpartition(":")[2], str(node.value)
        if str(node.tag).startswith("!") and not str(node.tag).startswith("!!"):
            self.document.mistake(path, f"a YAML tag ({node.tag}) is not allowed here")
            return None
        if tag == "null":
            return None
        if tag == "bool":
            return text.lower() == "true"
        try:
            if tag == "int":
                return int(text.replace("_", ""), 10)
            if tag == "float":
                return float(text)
        except ValueError:
            return text
        return text
