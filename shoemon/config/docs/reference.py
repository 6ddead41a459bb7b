"""The example files in config/: every setting, its default and what it is for, made from the settings themselves."""

import textwrap
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shoemon.config.checking import model_in
from shoemon.config.docs.examples import DISABLED, GIVEN, MAIN_HEAD, NOTES, SHOES_HEAD, SHORT
from shoemon.config.edit.insert import flow
from shoemon.config.models import CorrectionEntry, DefaultEntry, MainFile, PlaceEntry, RuleEntry, ShoeEntry, ShoesFile
from shoemon.config.registry import NOTIFIERS, SOURCES
from shoemon.config.written import Written

DocLine = tuple[str, str]
"""A line, and its comment."""
_COLUMN, _WIDTH = 40, 120


def main_yaml() -> str:
    """The example shoemon.yaml."""
    lists = {
        "sources": [SOURCES.module_of(kind).Settings for kind in SOURCES.built_in],
        "notify": [NOTIFIERS.module_of(kind).Settings for kind in NOTIFIERS.built_in],
    }
    return _file(MainFile, MAIN_HEAD, lists)


def shoes_yaml() -> str:
    """The example shoes.yaml."""
    lists: dict[str, list[type[BaseModel]]] = {
        "shoes": [ShoeEntry],
        "rules": [RuleEntry],
        "default_shoe": [DefaultEntry],
        "corrections": [CorrectionEntry],
        "places": [PlaceEntry],
    }
    return _file(ShoesFile, SHOES_HEAD, lists)


def _file(model: type[BaseModel], head: str, lists: Mapping[str, list[Any]]) -> str:
    lines = [head]
    for key, field in model.model_fields.items():
        models = lists.get(key)
        if models is None:
            setting = _setting(key, field, key)
        else:
            setting = [(f"{key}:", field.description or ""), *_items(key, models)]
        if len(setting) > 1:
            lines.append("")
        lines += [f"# {note}" for note in textwrap.wrap(NOTES.get(key, ""), _WIDTH - 2)]
        lines += [_one_line(*line) for line in setting]
    return "\n".join(lines) + "\n"


def _items(key: str, models: list[type[BaseModel]]) -> list[DocLine]:
    """One item of each of `models` with all its settings, and the short ones that show more."""
    lines: list[DocLine] = []
    for model in models:
        kind = get_args(model.model_fields["type"].annotation) if "type" in model.model_fields else ()
        where = ".".join((key, *kind))
        (code, about), *rest = _group(model, where)
        lines += [(f"  - {code}", about), *((f"    {code}", about) for code, about in rest)]
    return [*lines, *((f"  - {short}", "") for short in SHORT.get(key, ()))]


def _group(model: type[BaseModel], where: str) -> list[DocLine]:
    """All settings of `model` but former names; first those that must be given, because an item of a list must begin
    with one."""
    lines = []
    for name, field in sorted(model.model_fields.items(), key=lambda item: not _is_first(*item)):
        if field.json_schema_extra == {"deprecated": True}:
            continue
        key = field.alias or name
        lines += _setting(key, field, f"{where}.{key}")
    return lines


def _is_first(name: str, field: FieldInfo) -> bool:
    return field.is_required() or name == "type"


def _setting(key: str, field: FieldInfo, where: str) -> list[DocLine]:
    default = field.get_default(call_default_factory=True)
    about = field.description or ""
    shown = str(field.examples[0]) if field.examples else None
    if key == "name" and where.count(".") == 2:
        shown = where.split(".")[1]  # a source or notifier goes by its type where nothing better is given
    if where in GIVEN or (shown and field.is_required()):
        return _value(key, about, GIVEN.get(where, shown), where, field.annotation)
    if isinstance(default, BaseModel):
        return [(f"{key}:", about), *_deeper(_group(type(default), where))]
    if not field.is_required() and default not in (None, (), [], {}, ""):
        return [(f"{key}: {_default_text(field, default)}", about)]
    example = DISABLED.get(where, shown or DISABLED.get(key))
    if example is None:
        raise KeyError(f"{where} has no default and no example, neither in its Field nor in config/docs/examples.py")
    return [(f"#{_in_force(code)}", text) for code, text in _value(key, about, example, where, field.annotation)]


def _in_force(code: str) -> str:
    """Inside a group that is not in force one `#` is enough."""
    return code.replace("#", "", 1) if code.lstrip().startswith("#") else code


def _value(key: str, about: str, value: Any, where: str, annotation: Any) -> list[DocLine]:
    """A text as it is, a group with all its settings, or names with one of these each."""
    if isinstance(value, str):
        return [(f"{key}: {value}", about)]
    if value:
        named = (_value(name, "", item, f"{where}.{name}", annotation) for name, item in value.items())
        return [(f"{key}:", about), *_deeper([line for lines in named for line in lines])]
    model = model_in(annotation)
    return [(f"{key}:", about), *_deeper(_group(model, where) if model is not None else [])]


def _default_text(field: FieldInfo, default: Any) -> str:
    written = next((form for form in field.metadata if isinstance(form, Written)), None)
    if written is not None:
        return written.write(default)
    return flow(list(default) if isinstance(default, tuple) else default)


def _deeper(lines: list[DocLine]) -> list[DocLine]:
    return [(f"  {code}", about) for code, about in lines]


def _one_line(code: str, about: str) -> str:
    """`code  # comment`, or the comment above the code where both do not fit on a line."""
    if not about:
        return code
    if len(code) < _COLUMN and _COLUMN + len(about) + 2 <= _WIDTH:
        return f"{code:<{_COLUMN}}# {about}"
    if len(code) + len(about) + 4 <= _WIDTH:
        return f"{code}  # {about}"
    indent = " " * (len(code) - len(code.lstrip()))
    above = textwrap.wrap(about, _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")
    return "\n".join([*above, code])
