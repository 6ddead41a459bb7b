"""Insert a new item into a YAML text so that it looks as if the runner had written it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

COMMA = re.compile(r"(?:\s|#[^\n]*)*,")
"""A comma, and what may be before it between two parts in brackets."""
_COMMENT_BELOW = re.compile(r"(?:[ \t]*\r?\n)+([ \t]*)#[^\r\n]*")


class Change(NamedTuple):
    """`text` takes the place of the characters from `start` to `stop`."""

    start: int
    stop: int
    text: str


def entry_added(text: str, mapping: Any, key: str, value: Any) -> Change:
    """`key: value` at the end of a mapping (None: the file is empty)."""
    if mapping is not None and mapping.flow_style:
        return part_added(text, mapping, flow({key: value})[1:-1])
    indent = " " * (0 if mapping is None else mapping.start_mark.column)
    place = len(text.rstrip()) if mapping is None else end_of(text, mapping)
    end = comments_end(text, place, len(indent) or 1)
    if not _has_lines(value):
        return _line_added(text, end, _block({key: value}, indent))
    lines = f"{indent}{key}:\n{_list(value, indent)}"
    return _line_added(text, end, f"\n{lines}" if text.strip() else lines)


def items_added(text: str, sequence: Any, items: Sequence[Any]) -> Change:
    """`- item` for each at the end of a list, written as the item before them is."""
    last, before = sequence.value[-1], sequence.value[-2:-1]
    indent = " " * sequence.start_mark.column
    dash = text.rfind("-", 0, last.start_mark.index)
    gap = text[dash + 1 : last.start_mark.index]
    gap = gap if gap.strip(" ") == "" and gap else " "
    is_parted = any("\n\n" in text[end_of(text, node) : last.start_mark.index].replace("\r", "") for node in before)
    lines = []
    for item in items:
        in_lines = isinstance(item, Mapping) and not last.flow_style
        written = _block(item, indent + " " * (len(gap) + 1)).lstrip(" ") if in_lines else flow(item)
        lines.append(f"{chr(10) if is_parted else ''}{indent}-{gap}{written}")
    return _line_added(text, comments_end(text, end_of(text, last), len(indent) + 1), "\n".join(lines))


def part_added(text: str, node: Any, part: str) -> Change:
    """`part` at the end of what is written in brackets; a comma or comment behind the last part stays where it is. An
    item of a list gets a line of its own below such a comment, which is about the item before."""
    bracket = int(node.end_mark.index) - 1
    if not node.value:
        return Change(bracket, bracket, part)
    last, place = node.value[-1], end_of_last(text, node)
    behind = text[place:bracket].rstrip().replace("\r", "")
    if isinstance(last, tuple) or "#" not in behind:
        return Change(place, place, f", {part}")
    comma = "" if COMMA.match(behind) else ","
    return Change(place, len(text[:bracket].rstrip()), f"{comma}{behind}\n{' ' * last.start_mark.column}{part}")


def pairs(mapping: Any) -> list[tuple[Any, Any]]:
    """The nodes of the keys and values of a mapping; none of an empty file."""
    return list(mapping.value) if mapping is not None else []


def is_open(node: Any) -> bool:
    """Whether nothing is given: nothing at all, or `~`."""
    return str(node.tag).endswith(":null")


def value_given(text: str, mapping: Any, key: str, value: Any) -> Change:
    """`value` for a key that has an empty one (nothing, `~`, `[]`); comments within the brackets stay above it."""
    pair = next(pair for pair in pairs(mapping) if pair[0].value == key)
    start, stop = pair[1].start_mark.index, pair[1].end_mark.index
    if start == stop:
        start = stop = end_of_pair(text, *pair)
    if not _has_lines(value) or mapping.flow_style:
        written = flow(value)
        return Change(start, stop, f" {written}" if text[start - 1 : start] == ":" else written)
    column = mapping.start_mark.column
    end, indent = comments_end(text, stop, column + 1), " " * column
    kept = re.findall(r"#[^\r\n]*", text[start:stop])  # an empty list has nothing else in it
    lines = "".join(f"{indent}{comment}\n" for comment in kept) + _list(value, indent)
    start = len(text[:start].rstrip(" "))
    return Change(start, end, f"{text[stop:end]}\n{lines}".replace("\r", ""))


def _line_added(text: str, place: int, lines: str) -> Change:
    """`lines` below the line that ends at `place`."""
    return Change(place, place, f"\n{lines}" if text else f"{lines}\n")


def line_end(text: str, place: int) -> int:
    """Where the line that `place` is in ends, before its line end."""
    found = text.find("\n", place)
    end = len(text) if found < 0 else found
    return end - 1 if text[end - 1 : end] == "\r" else end


def comments_end(text: str, place: int, column: int) -> int:
    """Where the line that `place` is in ends, or the last of the comments below that is indented by `column` or more:
    such a comment belongs to what stands there."""
    place = end = line_end(text, place)
    while comment := _COMMENT_BELOW.match(text, place):
        place = comment.end()
        end = place if len(comment[1]) >= column else end
    return end


def end_of(text: str, node: Any) -> int:
    """Where the content of a node ends. A collection's own end mark may be behind comments that follow it."""
    if not isinstance(node.value, list):
        return end_of_scalar(text, node)
    return int(node.end_mark.index) if node.flow_style or not node.value else end_of_last(text, node)


def end_of_last(text: str, node: Any) -> int:
    """Where the content of the last part of a collection ends."""
    last = node.value[-1]
    return end_of_pair(text, *last) if isinstance(last, tuple) else end_of(text, last)


def end_of_pair(text: str, key: Any, value: Any) -> int:
    """Where a key with its value ends."""
    if value.start_mark.index != value.end_mark.index:
        return end_of(text, value)
    # The key has no value; for the parser that begins where the next thing does.
    end = end_of(text, key)
    colon = re.match(r"\s*:", text[end:])
    return end + colon.end() if colon else end


def end_of_scalar(text: str, node: Any) -> int:
    """Where a single value ends."""
    end = int(node.end_mark.index)
    if node.style not in ("|", ">"):
        return end
    header = text[node.start_mark.index : line_end(text, node.start_mark.index)].partition("#")[0]
    # The blank lines behind a block of text belong to it if its header has a +.
    return text.rfind("\n", 0, end) if "+" in header else len(text[:end].rstrip())


def _has_lines(value: Any) -> bool:
    """Whether `value` is written in lines of its own: a list of mappings."""
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _list(items: Sequence[Mapping[str, Any]], indent: str) -> str:
    """The lines of a list below a key that is indented by `indent`; the last one has no line end."""
    return "\n".join(f"{indent}  - {_block(item, f'{indent}    ').lstrip(' ')}" for item in items)


def _block(settings: Mapping[str, Any], indent: str) -> str:
    """A line for each setting, that begins with `indent`; the last one has no line end."""
    return "\n".join(f"{indent}{flow(key)}: {flow(value)}" for key, value in settings.items())


def flow(value: Any) -> str:
    """`value` on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return _text(value) if isinstance(value, str) else str(value)


def _key(name: str) -> str:
    """The name of a setting; of `on` only another program than shoemon reads a truth."""
    return name if name == "on" else flow(name)


_PLAIN = re.compile(r"[\w./](?:(?:[\w ./()+&%'-]|:(?=\w))*[\w./()+&%'-])?")
_NOT_A_TEXT = re.compile(
    r"[+-]?[\d:_]*\.?[\d_]*(?:e[+-]?\d*)?|0[xob]\w*|null|true|false|yes|no|on|off|y|n|[+-]?\.(?:inf|nan)",
    re.IGNORECASE,
)
"""What some version of YAML reads as a number, a truth or nothing."""
_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def _text(text: str) -> str:
    """Write a text without quotes where every reader of YAML reads a text; days have no quotes either."""
    is_day = re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII)
    if is_day or (_PLAIN.fullmatch(text) and not _NOT_A_TEXT.fullmatch(text)):
        return text
    return '"' + "".join(_ESCAPED.get(c, c if c.isprintable() else f"\\U{ord(c):08x}") for c in text) + '"'
