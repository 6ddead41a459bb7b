"""Read a YAML file into plain values and remember the place of each, so that a mistake has a line and a column."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shoemon.config.slips import ESCAPE, NO_BLANK, STRAIGHT, Mended, compose_mended, straight
from shoemon.model.errors import MistakeError
from shoemon.words.commands import command

KeyPath = tuple[str | int, ...]
"""The path of a value in a document, such as `("shoes", 0, "life")`."""
MAX_BYTES = 4_000_000
"""A settings file is read whole; 4 MB is some 90,000 corrections."""
_LONGEST = 400
"""Characters of a message; it ends with the remedy, so a longer one is cut in the middle."""
_CORE_TAGS = {"map", "seq", "str", "null", "bool", "int", "float", "timestamp", "merge", "value"}
_NO_ALIAS = "a YAML alias (*name) is not allowed here; write the value out, or put a text that begins with * in quotes"
_NO_ANCHOR = "a YAML anchor (&name) is not allowed here; put a text that begins with & in quotes"
_NO_TAG = "a YAML tag (!name) is not allowed here; put a text that begins with ! in quotes"
_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED_PATH = re.compile(r"[A-Za-z]:[\0\a\b\t\n\v\f\r\x1b]\w")
"""What is left of a Windows path that was written in double quotes."""


@dataclass(frozen=True)
class Mistake:
    """One mistake of the user's: its place (line and column from 1), what is wrong, and the remedy."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class ConfigError(MistakeError):
    """The configuration has mistakes; `mistakes` has all of them, in the order of the files."""

    def __init__(self, mistakes: Iterable[Mistake], what: str = "the configuration") -> None:
        unique = dict.fromkeys(mistakes)  # a set would give mistakes of one place in another order each time
        self.mistakes = sorted(unique, key=lambda mistake: (mistake.file, mistake.line, mistake.column))
        count = len(self.mistakes)
        super().__init__(f"{count} mistake{'s' if count > 1 else ''} in {what}")


@dataclass
class Document:
    """A YAML file as plain values (`value`), with the places of all of them and the mistakes found so far.

    Values are dicts, lists, texts and None. Numbers and truth stay as they were written until a model reads them: so a
    shoe may be called 1080, and gear 007 keeps its zeros.
    """

    file: str
    value: Any = None
    places: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Paths of values that were refused as YAML, and are None for that reason only."""
    slip_lines: set[int] = field(default_factory=set)
    """Lines that are not YAML as they are; what else looks wrong on them may follow from that, and is not noted."""
    readable: bool = True
    """False: the file could not be read as it is, so nothing counts as missing from it."""

    def at(self, *path: str) -> Any:
        """The value at `path`, valid or not; None if there is none."""
        value = self.value
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def item(self, path: KeyPath, index: int) -> KeyPath:
        """The path of item `index` of the list at `path`, which may also be one item written without a list."""
        return (*path, index) if (*path, index) in self.places else path

    def mistake(self, path: KeyPath, message: str) -> None:
        """Note a mistake at `path`, or at the nearest place around it that the file has."""
        around = path
        while around not in self.places and around:
            around = around[:-1]
        self.mistake_at(self.places.get(around, (1, 1)), path, message)

    def mistake_at(self, place: tuple[int, int], path: KeyPath, message: str) -> None:
        """Note a mistake at line and column `place`."""
        if place[0] not in self.slip_lines:
            self.mistakes.append(Mistake(self.file, *place, write_path(path), _one_line(message, _LONGEST)))

    def slip(self, place: tuple[int, int], path: KeyPath, message: str) -> None:
        """Note a mistake of the YAML itself at line and column `place`, and nothing else on that line."""
        self.mistake_at(place, path, message)
        self.slip_lines.add(place[0])

    def unreadable(self, message: str) -> None:
        """Note that the file cannot be read at all."""
        self.readable = False
        self.value = None
        self.mistake_at((1, 1), (), message)


def write_path(path: KeyPath) -> str:
    """`("shoes", 0, "life")` as `shoes[0].life`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{_one_line(step, 60)}"
    return text


def _one_line(text: str, limit: int) -> str:
    """What the user wrote may contain line ends, escape sequences and megabytes; a message may not."""
    if len(text) > limit:
        text = f"{text[: limit // 2]} ... {text[-limit // 2 :]}"
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def read_document(path: Path) -> Document:
    """Read `path`. What is wrong with it as YAML becomes mistakes in the document; nothing is raised."""
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
        mended = compose_mended(content.decode("utf-8-sig"))
        for (row, column), message in mended.slips.items():
            document.slip((row + 1, column + 1), (), message)
        document.readable = not mended.slips
        if mended.root is not None:
            document.value = _Plain(document, mended).value(mended.root, ())
    except UnicodeDecodeError as error:
        document.unreadable(f"is not UTF-8 text (byte {error.start}); save it as UTF-8")
    except RecursionError:
        document.unreadable("is nested too deeply to be settings")
    return document


class _Plain:
    """Turn composed nodes into plain values; refuses aliases, repeated keys and tags, and goes on."""

    def __init__(self, document: Document, mended: Mended) -> None:
        self.document, self.mended = document, mended
        self.seen: set[int] = set()

    def value(self, node: Any, path: KeyPath) -> Any:
        self.document.places.setdefault(path, self._place(node))
        if (refused := self._refused(node)) is not None:
            self.document.mistake(path, refused)
            self.document.refused.add(write_path(path))
            return None
        kind = type(node).__name__
        if kind == "MappingNode":
            return dict(self._entries(node, path))
        if kind == "SequenceNode":
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return None if str(node.tag).endswith(":null") else self._text(node, path)

    def _refused(self, node: Any) -> str | None:
        if id(node) in self.seen:
            return _NO_ALIAS
        self.seen.add(id(node))
        if isinstance(node.value, str) and _HALF.search(node.value):
            return "contains half a character (\\ud800 to \\udfff), which no file or database can"
        if node.anchor and node.value == "":
            return _NO_ANCHOR
        prefix, _, tag = str(node.tag).rpartition(":")
        return None if prefix == "tag:yaml.org,2002" and tag in _CORE_TAGS else _NO_TAG

    def _text(self, node: Any, path: KeyPath, *, is_key: bool = False) -> str:
        """The text of a node; what an editor or a habit of Windows made of it is noted, and mended."""
        text = str(node.value)
        first = text[:1].translate(STRAIGHT)
        if node.style is None and first != text[:1] and (is_key or first != "-"):
            self.document.slip(self._place(node), path, straight(text[0]))
            return text.translate(STRAIGHT).strip("\"' -")
        if node.style == '"' and _ESCAPED_PATH.match(text):
            self.document.slip(self._place(node), path, ESCAPE)
        return text

    def _entries(self, node: Any, path: KeyPath) -> Iterator[tuple[str, Any]]:
        keys: list[str] = []
        for key_node, value_node in node.value:
            refused = self._refused(key_node)
            if refused is None and not isinstance(key_node.value, str):
                refused = "the name of a setting must be a plain text"
            place = self._place(key_node)
            if refused is not None:
                self.document.mistake_at(place, path, refused)
                continue
            key = self._text(key_node, path, is_key=True)
            glued = re.fullmatch(r"([\w-]+):([{\[\"'].*)", key)
            if str(value_node.tag).endswith(":null"):
                glued = re.fullmatch(r"([\w-]+):(\S.*)", key)
            if glued:
                self.document.slip(place, path, NO_BLANK)
                key = glued[1]
            if key in keys:
                item = ", or begin a new item of the list with `- `" if path and isinstance(path[-1], int) else ""
                self.document.mistake_at(place, (*path, key), f"is already set above; keep one of the two{item}")
                if item and key == keys[0]:
                    return  # what follows belongs to the new item
                continue
            keys.append(key)
            self.document.places[*path, key] = place
            yield key, glued[2] if glued else self.value(value_node, (*path, key))

    def _place(self, node: Any) -> tuple[int, int]:
        """Line and column as written, from 1; a mend may have moved the lines below it."""
        row, column = node.start_mark.line, node.start_mark.column
        lines, original = self.mended.lines, self.mended.original
        if row < len(lines):
            column -= len(lines[row]) - len(original[row])
        return row + 1, max(column, 0) + 1
