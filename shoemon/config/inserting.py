"""Where and how a new item goes into a YAML text, so that it looks as if the runner had written it."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Change(NamedTuple):
    """`text` takes the place of the characters from `start` to `stop`."""

    start: int
    stop: int
    text: str


def entry_added(text: str, mapping: Any, key: str, value: Any) -> Change:
    """`key: value` at the end of a mapping (None: the file is empty)."""
    if mapping is None:
        return _line_added(text, len(text), _block({key: value}, ""))
    if mapping.flow_style:
        return part_added(text, mapping, flow({key: value})[1:-1])
    lines = _block({key: value}, " " * mapping.start_mark.column)
    return _line_added(text, _end(text, mapping), f"\n{lines}" if isinstance(value, list) else lines)


def item_added(text: str, sequence: Any, item: Mapping[str, Any]) -> Change:
    """`- item` at the end of a list, written as the item before it is."""
    last, before = sequence.value[-1], sequence.value[-2:-1]
    indent = " " * sequence.start_mark.column
    dash = text.rfind("-", 0, last.start_mark.index)
    gap = text[dash + 1 : last.start_mark.index]
    gap = gap if gap.strip(" ") == "" and gap else " "
    if last.flow_style:
        lines = f"{indent}-{gap}{flow(item)}"
    else:
        lines = f"{indent}-{gap}{_block(item, indent + ' ' * (len(gap) + 1)).lstrip(' ')}"
    parted = any("\n\n" in text[_end(text, node) : last.start_mark.index].replace("\r", "") for node in before)
    return _line_added(text, _end(text, last), f"\n{lines}" if parted else lines)


def part_added(text: str, node: Any, part: str) -> Change:
    """`part` at the end of what is written in brackets; a comma or comment behind the last part stays where it is."""
    if not node.value:
        place = node.end_mark.index - 1
        return Change(place, place, part)
    place = _end_of_last(text, node)
    return Change(place, place, f", {part}")


def value_given(text: str, mapping: Any, node: Any, value: Any) -> Change:
    """`value` in the place of an empty one (nothing, `~`, `[]`)."""
    start, stop = node.start_mark.index, node.end_mark.index
    if not isinstance(value, list) or mapping.flow_style:
        written = flow(value)
        return Change(start, stop, f" {written}" if text[start - 1 : start] == ":" else written)
    line_end = _line_end(text, stop)
    lines = _block(value, " " * (mapping.start_mark.column + 2))
    start = len(text[:start].rstrip(" "))
    return Change(start, line_end, f"{text[stop:line_end]}\n{lines}".replace("\r", ""))


def _line_added(text: str, place: int, lines: str) -> Change:
    """`lines` below the line that `place` is in."""
    place = _line_end(text, place)
    return Change(place, place, lines if not text[:place].strip("\r\n") and not place else f"\n{lines}")


def _line_end(text: str, place: int) -> int:
    found = text.find("\n", place)
    end = len(text) if found < 0 else found
    return end - 1 if end > place and text[end - 1] == "\r" else end


def _end(text: str, node: Any) -> int:
    """Where the content of a node ends. A collection's own end mark may stand behind comments that follow it."""
    if not isinstance(node.value, list):
        return _end_of_scalar(text, node)
    return int(node.end_mark.index) if node.flow_style or not node.value else _end_of_last(text, node)


def _end_of_last(text: str, node: Any) -> int:
    last = node.value[-1]
    return max(_end(text, part) for part in (last if isinstance(last, tuple) else (last,)))


def _end_of_scalar(text: str, node: Any) -> int:
    end = int(node.end_mark.index)
    if node.style not in ("|", ">"):
        return end
    header = text[node.start_mark.index : _line_end(text, node.start_mark.index)].partition("#")[0]
    # The blank lines behind a block of text belong to it if it says so (|+).
    return text.rfind("\n", 0, end) if "+" in header else len(text[:end].rstrip())


def _block(value: Any, indent: str) -> str:
    """`value` as lines that begin with `indent`; the last one has no line end."""
    lines = _dump(value, flow=False).splitlines()
    return "\n".join(f"{indent}{line}" if line else line for line in lines)


def flow(value: Any) -> str:
    """`value` on one line."""
    if not isinstance(value, Mapping | list):
        return flow([value])[1:-1]
    return _dump(value, flow=True).strip()


def _dump(value: Any, *, flow: bool) -> str:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(_to_write(value, flow=flow), out)
    return out.getvalue()


def _to_write(value: Any, *, flow: bool, depth: int = 0) -> Any:
    """`value` for the writer: lists of single values, and everything deep down, on one line; days without quotes."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, Mapping):
        written: Any = CommentedMap((key, _to_write(item, flow=flow, depth=depth + 1)) for key, item in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        written = CommentedSeq(_to_write(item, flow=flow, depth=depth + 1) for item in value)
    else:
        return _day_or_text(value)
    if flow or depth > 2 or (depth and not any(isinstance(item, Mapping) for item in value)):
        written.fa.set_flow_style()
    return written


def _day_or_text(value: Any) -> Any:
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else value
    except ValueError:
        return value
