"""Remove or replace parts of a YAML text; comments in between stay."""

import re
from collections.abc import Iterator
from typing import Any

from shoemon.config.edit.insert import (
    COMMA,
    Change,
    comments_end,
    end_of,
    end_of_pair,
    end_of_scalar,
    flow,
    line_end,
    pairs,
)

_COMMENT = re.compile(r"(?<![^\s])#[^\r\n]*")


def value_replaced(text: str, mapping: Any, key: str, value: Any) -> Change:
    """`value` in the place of what `key` has now; comments inside of that come below it."""
    name, node = next(pair for pair in pairs(mapping) if pair[0].value == key)
    start, stop = int(node.start_mark.index), end_of(text, node)
    kept = _comments(text, node, start, stop)
    colon = text.find(":", end_of(text, name)) + 1
    if "\n" in text[colon:start] and not text[colon:start].strip():
        put, start = f" {flow(value)}", colon  # a list of parts began on the next line; one name need not
    else:
        put = f" {flow(value)}" if start == colon else flow(value)
    indent = "\n" + " " * (mapping.start_mark.column + 2)
    put += "".join(f"{indent}{comment}" for comment in kept)
    return Change(start, stop, put + indent if kept and mapping.flow_style else put)


def entry_removed(text: str, mapping: Any, key: str) -> Change:
    """`key` and its value out of a mapping that has others."""
    index = next(i for i, (name, _) in enumerate(mapping.value) if name.value == key)
    if mapping.flow_style:
        return _part_removed(text, mapping, index)
    name, value = mapping.value[index]
    start, stop = int(name.start_mark.index), end_of_pair(text, name, value)
    if _begins_line(text, start):
        return _lines_removed(text, start, stop, _comments(text, value, start, stop))
    if index + 1 < len(mapping.value):
        following = int(mapping.value[index + 1][0].start_mark.index)
        kept = _comments(text, value, start, following)
        if not kept:
            return Change(start, following, "")  # the next one moves up behind the dash
        indent = "\n" + " " * name.start_mark.column
        return Change(start, following, indent.join(kept) + indent)
    return Change(start, stop, "")


def item_removed(text: str, sequence: Any, index: int) -> Change:
    """One item out of a list."""
    if sequence.flow_style:
        return _part_removed(text, sequence, index)
    item, start = sequence.value[index], _dash(text, sequence, index)
    stop = comments_end(text, end_of(text, item), sequence.start_mark.column + 1)
    is_last = index == len(sequence.value) - 1
    return _lines_removed(text, start, stop, _comments(text, item, start, stop), is_last=is_last)


def section_removed(text: str, root: Any, key: str) -> Change | None:
    """The lines of `key` and of the one item below it; None if a comment of the runner's hangs on them, or it is not
    written so that adding the item would have made it."""
    index = next(i for i, (name, _) in enumerate(root.value) if name.value == key)
    name, value = root.value[index]
    start, end = int(name.start_mark.index), end_of_pair(text, name, value)
    stop = comments_end(text, end, name.start_mark.column + 1)
    is_plain = not (root.flow_style or value.flow_style) and _begins_line(text, start)
    if not is_plain or _line_above(text, start).lstrip().startswith("#"):
        return None
    kept, is_last = _comments(text, value, start, stop), index == len(root.value) - 1
    change = _lines_removed(text, start, stop, kept, is_last=is_last)
    return None if change.text else change


def _part_removed(text: str, collection: Any, index: int) -> Change:
    """One part, with its comma, out of what is written in brackets."""
    spans = [_span(text, part) for part in collection.value]
    start, stop = spans[index]
    column = start - text.rfind("\n", 0, start) - 1
    before = text[spans[index - 1][1] : start] if index else ""
    if before and "#" not in before:
        start = spans[index - 1][1]
    elif not index and len(spans) > 1:
        stop = spans[1][0]
    elif (comma := COMMA.match(text, stop)) is not None:
        stop = comma.end()
    kept = _comments(text, collection, start, stop)
    if before and not kept and not text[stop : line_end(text, stop)].strip() and _begins_line(text, start):
        start = len(text[:start].rstrip())  # with its line
    indent = "\n" + " " * column
    return Change(start, stop, "".join(f" {comment}{indent}" for comment in kept))


def _span(text: str, part: Any) -> tuple[int, int]:
    """Where an item, or a key with its value, begins and ends."""
    if isinstance(part, tuple):
        return int(part[0].start_mark.index), end_of_pair(text, *part)
    return int(part.start_mark.index), end_of(text, part)


def _lines_removed(text: str, start: int, stop: int, kept: list[str], *, is_last: bool | None = None) -> Change:
    """The lines from the one with `start` to the one with `stop`, but for `kept` and the comment at their end.

    An empty line above goes along if another one follows or `is_last`; None: it stays in any case.
    """
    begin, end = text.rfind("\n", 0, start) + 1, line_end(text, stop)
    kept = kept + _COMMENT.findall(text[stop:end])
    if kept:
        return Change(begin, end, "\n".join(" " * (start - begin) + comment for comment in kept))
    after = text.find("\n", end) + 1 or len(text)
    is_parted = _line_above(text, start) != "" and not _line_above(text, start).strip()
    if is_parted and (is_last or (is_last is False and not text[after : line_end(text, after)].strip())):
        begin = text.rfind("\n", 0, begin - 1) + 1
    if after == len(text) and not text.endswith("\n") and begin > 0:
        begin = line_end(text, begin - 1)  # the last line of all had no line end, and then has none
    return Change(begin, after, "")


def _line_above(text: str, place: int) -> str:
    """The line above the one that `place` is in, with its line end; empty if there is none."""
    begin = text.rfind("\n", 0, place) + 1
    return text[text.rfind("\n", 0, max(begin - 1, 0)) + 1 : begin]


def _begins_line(text: str, place: int) -> bool:
    return not text[text.rfind("\n", 0, place) + 1 : place].strip()


def _dash(text: str, sequence: Any, index: int) -> int:
    """The place of the dash of an item."""
    before = end_of(text, sequence.value[index - 1]) if index else int(sequence.start_mark.index)
    between = text[before : sequence.value[index].start_mark.index]
    return before + _COMMENT.sub(lambda comment: " " * len(comment[0]), between).rfind("-")


def _comments(text: str, node: Any, start: int, stop: int) -> list[str]:
    """The comments between `start` and `stop`, in and around `node`: what looks like one inside a value is none."""
    found, place = [], start
    for begin, end in _values(text, node):
        if begin >= start and end <= stop:
            found += _COMMENT.findall(text, place, begin)
            place = end
    return found + _COMMENT.findall(text, place, stop)


def _values(text: str, node: Any) -> Iterator[tuple[int, int]]:
    """The places of the text of every single value (and key) in `node`, in order."""
    if isinstance(node, tuple) or isinstance(node.value, list):
        for part in node if isinstance(node, tuple) else node.value:
            yield from _values(text, part)
        return
    start = int(node.start_mark.index)
    if node.style in ("|", ">"):  # a comment may follow its sign
        start = line_end(text, start)
    yield start, max(start, end_of_scalar(text, node))
