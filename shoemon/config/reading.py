"""Reads a YAML file into plain values and remembers where each of them stands, so that a mistake can be pointed at."""

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shoemon.model.errors import MistakeError
from shoemon.words.commands import command

KeyPath = tuple[str | int, ...]
"""Where a value stands in a document, such as `("shoes", 0, "life")`."""
MAX_BYTES = 4_000_000
"""A settings file is read whole; 4 MB is some 90,000 corrections."""
_LONGEST = 400
"""Characters of a message; a remedy stands at its end, so a longer one is cut in the middle."""
_CORE_TAGS = {"map", "seq", "str", "null", "bool", "int", "float", "timestamp", "merge", "value"}
_NO_ALIAS = "a YAML alias (*name) is not allowed here; write the value out"
_NO_TAG = "a YAML tag (!name) is not allowed here; put a text that begins with ! in quotes"
_REMEDIES = (
    ("found character '\\t'", "a tab stands where only spaces may; indent with spaces"),
    ("undefined alias", _NO_ALIAS),
    ("tag handle", _NO_TAG),
    ("mapping values are not allowed", "`: ` stands where none may; mend the indent, or put the text in quotes"),
    ("could not find expected ':'", "a line without `name: value`; give it a colon, or mend the indent"),
    ("found another document", "a second document begins here (---); keep one"),
)


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
    """The configuration has mistakes; `mistakes` holds all of them, in the order of the files."""

    def __init__(self, mistakes: Iterable[Mistake], what: str = "the configuration") -> None:
        unique = dict.fromkeys(mistakes)  # a set would give mistakes of one place in another order each time
        self.mistakes = sorted(unique, key=lambda mistake: (mistake.file, mistake.line, mistake.column))
        count = len(self.mistakes)
        super().__init__(f"{count} mistake{'s' if count > 1 else ''} in {what}")


@dataclass
class Document:
    """A YAML file as plain values (`value`), with the places of all of them and the mistakes found so far.

    Values are dicts, lists, texts and None. Numbers and truth stay as they were written until a model says what they
    are: so a shoe may be called 1080, and gear 007 keeps its zeros.
    """

    file: str
    value: Any = None
    places: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Paths of values that were refused as YAML, and are None for that reason only."""
    readable: bool = True
    """False: the file could not be read at all, so nothing can be said of what it lacks."""

    def at(self, *path: str) -> Any:
        """What is written at `path`, sound or not; None if nothing is."""
        value = self.value
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def item(self, path: KeyPath, index: int) -> KeyPath:
        """The path of item `index` of the list at `path`, which may also be one item written without a list."""
        return (*path, index) if (*path, index) in self.places else path

    def mistake(self, path: KeyPath, message: str) -> None:
        """Notes a mistake at `path`, or at the nearest place around it that stands in the file."""
        around = path
        while around not in self.places and around:
            around = around[:-1]
        self.mistake_at(self.places.get(around, (1, 1)), path, message)

    def mistake_at(self, place: tuple[int, int], path: KeyPath, message: str) -> None:
        """Notes a mistake at line and column `place`."""
        self.mistakes.append(Mistake(self.file, *place, write_path(path), _one_line(message, _LONGEST)))

    def unreadable(self, message: str, place: tuple[int, int] = (1, 1)) -> None:
        """Notes that nothing can be had from the file."""
        self.readable = False
        self.value = None
        self.mistake_at(place, (), message)


def write_path(path: KeyPath) -> str:
    """`("shoes", 0, "life")` as `shoes[0].life`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{_one_line(step, 60)}"
    return text


def _one_line(text: str, limit: int) -> str:
    """What the user wrote may hold line ends, escape sequences and megabytes; a message may not."""
    if len(text) > limit:
        text = f"{text[: limit // 2]} ... {text[-limit // 2 :]}"
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def read_document(path: Path) -> Document:
    """Reads `path`. What is wrong with it as YAML becomes mistakes in the document; nothing is raised."""
    try:
        with path.open("rb") as stream:
            return parse_document(path.name, stream.read(MAX_BYTES + 1))
    except OSError as error:
        document = Document(path.name)
        document.unreadable(f"cannot be read: {error.strerror}; to write one: {command('init')}")
        return document


def parse_document(name: str, content: bytes) -> Document:
    """`content` as the document of a file called `name`; nothing is raised."""
    document = Document(name)
    if len(content) > MAX_BYTES:
        document.unreadable(f"the file is larger than {MAX_BYTES:,} bytes")
        return document
    try:
        node = compose(content.decode("utf-8-sig"))
        if node is not None:
            document.value = _Plain(document).value(node, ())
    except UnicodeDecodeError as error:
        document.unreadable(f"is not UTF-8 text (byte {error.start}); save it as UTF-8")
    except RecursionError:
        document.unreadable("is nested too deeply to be settings")
    except NotYamlError as error:
        document.unreadable(str(error), error.place)
    return document


class NotYamlError(Exception):
    """A text is no YAML; `place` is the line and column, from 1. Says nothing of the text, which may hold a secret."""

    def __init__(self, message: str, place: tuple[int, int] = (1, 1)) -> None:
        super().__init__(f"is not YAML: {message}")
        self.place = place


def compose(text: str) -> Any:
    """The tree of YAML nodes of `text`, or None if it is empty. Raises NotYamlError, or RecursionError if too deep."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a warning about an anchor would print the line it stands in
            return YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise NotYamlError(_in_words(str(error.problem or error.context)), place) from None
    except YAMLError:  # the only one without a mark is about characters
        line = next((n for n, part in enumerate(text.split("\n"), 1) if _UNPRINTABLE.search(part)), 1)
        raise NotYamlError("a character that a text file does not hold", (line, 1)) from None
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, AssertionError, NotImplementedError):
        # The parser trips over some broken escapes and directives with errors of Python's own.
        raise NotYamlError("an escape or a directive (%) that cannot be read") from None


_UNPRINTABLE = re.compile("[^\t\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_HALF = re.compile("[\ud800-\udfff]")


def _in_words(problem: str) -> str:
    for sign, remedy in _REMEDIES:
        if sign in problem:
            return remedy
    return re.sub(r"'(?!<)[^']{2,}'", "this", problem)


class _Plain:
    """Turns composed nodes into plain values; refuses aliases, repeated keys and tags, and goes on."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def value(self, node: Any, path: KeyPath) -> Any:
        self.document.places.setdefault(path, _place(node))
        if (refused := self._refused(node)) is not None:
            self.document.mistake(path, refused)
            self.document.refused.add(write_path(path))
            return None
        kind = type(node).__name__
        if kind == "MappingNode":
            return dict(self._entries(node, path))
        if kind == "SequenceNode":
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return None if str(node.tag).endswith(":null") else str(node.value)

    def _refused(self, node: Any) -> str | None:
        if id(node) in self.seen:
            return _NO_ALIAS
        self.seen.add(id(node))
        if isinstance(node.value, str) and _HALF.search(node.value):
            return "holds half a character (\\ud800 to \\udfff), which no file or database can"
        prefix, _, tag = str(node.tag).rpartition(":")
        return None if prefix == "tag:yaml.org,2002" and tag in _CORE_TAGS else _NO_TAG

    def _entries(self, node: Any, path: KeyPath) -> Iterator[tuple[str, Any]]:
        keys: set[str] = set()
        for key_node, value_node in node.value:
            refused = self._refused(key_node)
            if refused is None and not isinstance(key_node.value, str):
                refused = "the name of a setting must be a plain text"
            if refused is not None:
                self.document.mistake_at(_place(key_node), path, refused)
                continue
            place, here = _place(key_node), (*path, str(key_node.value))
            if key_node.value in keys:
                self.document.mistake_at(place, here, "stands here a second time; keep one of the two")
                continue
            keys.add(key_node.value)
            self.document.places[here] = place
            yield key_node.value, self.value(value_node, here)


def _place(node: Any) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
