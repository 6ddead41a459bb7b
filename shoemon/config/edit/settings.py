"""Edits of single settings in shoemon.yaml, as operations."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from shoemon.config.edit.operations import Operation, Operations, Put, Remove, read_file
from shoemon.config.load import MAIN_FILE, Config
from shoemon.config.reading import parse_document
from shoemon.model.errors import MistakeError

_LISTS = ("sources", "notify")


def change_setting(config: Config, name: str, text: str) -> Operations:
    """Give the setting `name` (such as `alerts.quiet`) a value, as it is written in the file; an empty one removes it.
    Raises MistakeError."""
    return change_settings(config, {name: text})


def change_settings(config: Config, texts: Mapping[str, str]) -> Operations:
    """Give each of these settings a value, as `change_setting` does."""
    written = parse_document(MAIN_FILE, read_file(config.directory / MAIN_FILE))
    operations: list[Operation] = []
    for name, text in texts.items():
        way = tuple(name.split("."))
        if way[0] in _LISTS:
            raise MistakeError(f"`{way[0]}` is a list; add to it with `shoemon sources add` or `shoemon alerts add`")
        value, now = _value(text), written.at(*way)
        if value is None:
            operations += [Remove(way)] if now is not None else []
        elif value != now:
            operations.append(Put(way, value))
    return {MAIN_FILE: operations} if operations else {}


def _value(text: str) -> Any:
    """Read `text` as it would be read behind the colon; what is no YAML is a text."""
    if not text.strip():
        return None
    document = parse_document("value", f"value: {text}".encode())
    return text.strip() if document.mistakes else _scalar(document.value["value"])


def _scalar(value: Any) -> Any:
    """Return a number or a truth as that, so that it is written without quotes."""
    for kind in (int, float):
        with suppress(TypeError, ValueError):
            if str(kind(value)) == value:
                return kind(value)
    return value == "true" if value in ("true", "false") else value
