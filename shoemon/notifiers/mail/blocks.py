"""The body of an alert taken apart: headings, facts, lists, lines to copy and paragraphs. Pure.

Bodies are plain text with few habits: a blank line parts paragraphs, `Label: value` lines in a row are facts, a line
that begins with `- ` is an item, one that begins with four spaces is to be copied (below an item it belongs to that
item), and a line that ends with a colon heads the list below it.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "facts", "items", "code", "text"]

_LABELLED = re.compile(r"([^\W\d_][^:]{0,39}): +(\S.*)")


@dataclass(frozen=True)
class LetterBlock:
    """Lines of one kind. Of `facts`, each is (label, value); of `items`, the item and its lines to copy."""

    kind: Kind
    lines: tuple[tuple[str, ...], ...]


def blocks_of(lines: Sequence[str]) -> Iterator[LetterBlock]:
    """The blocks of a body, in its order."""
    for told, paragraph in itertools.groupby(lines, key=lambda line: line.strip() != ""):
        if told:
            yield from _paragraph(list(paragraph))


def _paragraph(lines: Sequence[str]) -> Iterator[LetterBlock]:
    kinds = [_kind(line, lines[number + 1] if number + 1 < len(lines) else "") for number, line in enumerate(lines)]
    for number, kind in enumerate(kinds):
        if kind == "code" and number and kinds[number - 1] == "items":
            kinds[number] = "items"
    for kind, group in itertools.groupby(zip(kinds, lines, strict=True), key=lambda each: each[0]):
        held = [line for _, line in group]
        if kind == "items":
            yield LetterBlock("items", tuple(_items(held)))
        elif kind == "facts" and len(held) > 1:
            pairs = (line.split(":", 1) for line in held)
            yield LetterBlock("facts", tuple((label, value.strip()) for label, value in pairs))
        else:
            kept = [line[4:] if kind == "code" else line for line in held]
            yield LetterBlock("text" if kind == "facts" else kind, tuple((line,) for line in kept))


def _kind(line: str, following: str) -> Kind:
    if line.startswith("    "):
        return "code"
    if line.startswith("- "):
        return "items"
    if line.endswith(":") and len(line) <= 80 and following.startswith(("- ", "    ")):
        return "heading"
    return "facts" if _LABELLED.fullmatch(line) else "text"


def _items(lines: Sequence[str]) -> Iterator[tuple[str, ...]]:
    held: list[str] = []
    for line in lines:
        if line.startswith("- ") and held:
            yield tuple(held)
            held = []
        held.append(line[2:] if line.startswith("- ") else line[4:])
    yield tuple(held)
