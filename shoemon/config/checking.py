"""Checks plain values against a settings model; what pydantic finds becomes mistakes a runner can act on."""

import difflib
import re
from collections.abc import Iterable
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from shoemon.config.kinds import Secret
from shoemon.config.models import FILES
from shoemon.config.reading import Document, KeyPath, write_path

Model = TypeVar("Model", bound=BaseModel)
_LISTED = 20
"""Known names are listed in a mistake if there are no more of them."""
_EXAMPLES = {
    "shoes": "{id: pegasus-40, name: Nike Pegasus 40}",
    "rules": "{when: {sport: trail-run}, shoe: pegasus-40}",
    "corrections": "{run: strava:123, shoe: pegasus-40}",
    "places": "{name: Stadium, at: [60.1871, 24.9270], radius: 120 m, surface: tartan}",
    "default_shoe": "{shoe: pegasus-40, from: 2024-03-01}",
    "sources": "{name: strava, type: strava-export, path: export_123.zip}",
    "notify": "{name: mail, type: email, to: me@example.org, host: smtp.example.org}",
}
"""An item of each list of the two files."""
_WORDS = {
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "tuple_type": "must be a list (lines that begin with `- `, or [a, b])",
    "dict_type": "must be settings (name: value)",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}


def check(document: Document, model: type[Model], value: Any, path: KeyPath) -> Model | None:
    """Check `value` as a `model`; None if it has mistakes, and all of them are noted in `document` under `path`."""
    if value is None:
        value = {}
    if not isinstance(value, dict):
        example = (
            f"such as `{_EXAMPLES[str(path[0])]}`" if path[:1] in [(key,) for key in _EXAMPLES] else "(name: value)"
        )
        document.mistake(path, f"must be settings {example}, not {_kind(value)}")
        return None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        for detail in details:
            if detail["type"] == "too_short" and any(other["loc"][:-1] == detail["loc"] for other in details):
                continue  # its items have mistakes, and were not counted for that
            place, message = _place_and_message(document, model, path, detail)
            place = _without_values(place)
            if not _follows_from_refused(document, write_path(place)):
                document.mistake(place, message)
        return None


def check_top(document: Document, model: type[Model]) -> Model:
    """Check the whole document as a `model`. Mistakes are noted; the valid parts are returned all the same, so that
    they can be checked against each other."""
    checked = check(document, model, document.value, ())
    if checked is not None:
        return checked
    valid = {}
    for key, value in document.value.items() if isinstance(document.value, dict) else ():
        try:
            model.model_validate({key: value})
        except ValidationError:
            continue
        valid[key] = value
    return model.model_validate(valid)


def check_items(document: Document, model: type[Model], values: Any, path: KeyPath) -> list[tuple[KeyPath, Model]]:
    """The valid items of list `values` with their paths; every mistake in the others is noted."""
    found = []
    for place, value in items(document, values, path):
        item = check(document, model, value, place)
        if item is not None:
            found.append((place, item))
    return found


def items(document: Document, values: Any, path: KeyPath) -> list[tuple[KeyPath, Any]]:
    """The items of list `values` with their paths. Empty items are noted, and a value that is no list."""
    if values is None:
        return []
    if not isinstance(values, list):
        if all(mistake.path != write_path(path) for mistake in document.mistakes):
            document.mistake(path, _list_words(path))
        return []
    found: list[tuple[KeyPath, Any]] = []
    for index, value in enumerate(values):
        place = (*path, index)
        if value is not None:
            found.append((place, value))
        elif write_path(place) not in document.refused:
            document.mistake(place, "is empty")
    return found


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` for what begins with `word` or is nearest to it in `known`, or the list of them."""
    names, word = sorted(known), word[:100].lower()
    lower = {name.lower(): name for name in names}
    begun = [name for name in names if len(word) > 2 and name.lower().startswith(word)]
    near = begun or [lower[name] for name in difflib.get_close_matches(word, lower, n=1, cutoff=0.6)]
    if near:
        return f"; did you mean `{'` or `'.join(near)}`?"
    return f"; known are {', '.join(names)}" if 0 < len(names) <= _LISTED else ""


def _place_and_message(document: Document, model: type[BaseModel], path: KeyPath, detail: Any) -> tuple[KeyPath, str]:
    kind, message = detail["type"], str(detail["msg"])
    place = _as_written(document, path, detail["loc"], ends_outside=kind == "missing")
    if kind == "extra_forbidden":
        around = _model_at(model, place[len(path) : -1])
        if around is not None and issubclass(around, Secret):
            # This may be the secret itself, and must not be repeated as the name of a setting.
            return place[:-1], "write {env: NAME} or {file: PATH}, and nothing else"
        owner = next((name for name, file in FILES.items() if place[-1] in file.model_fields), document.file)
        if len(place) == 1 and owner != document.file:
            return place, f"belongs in {owner}; move it there"
        return place, f"unknown setting{suggestion(str(place[-1]), _fields(around))}"
    if kind == "missing":
        if place in document.places:
            return (
                place,
                "has no value; indent what belongs to it, or put a text that begins with `#` or `~` in quotes",
            )
        return place, f"is missing; add `{place[-1]}: ...`"
    if kind == "literal_error":
        return place, f"must be one of {detail['ctx']['expected']}"
    if kind in ("model_type", "model_attributes_type"):
        known = _fields(_model_at(model, place[len(path) :]))
        return place, f"must be settings (name: value); known are {', '.join(known)}"
    if kind == "list_type":
        return place, _list_words(place)
    if kind == "value_error":
        return place, str(detail["ctx"]["error"])
    return place, _WORDS.get(kind, message.replace("Input should be", "must be"))


def _list_words(path: KeyPath) -> str:
    example = _EXAMPLES.get(str(path[-1]))
    return f"must be a list; begin each item with a dash, such as `- {example or '...'}`"


def _without_values(place: KeyPath) -> KeyPath:
    """`place` without the name of a header that is none: where its colon is missing, the name contains the secret."""
    for index, step in enumerate(place[:-1], 1):
        if step == "headers" and re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", str(place[index])) is None:
            return place[:index]
    return place


def _follows_from_refused(document: Document, path: str) -> bool:
    """Whether a mistake is about what was refused as YAML, which is not missing as well."""
    return any(refused == path or refused.startswith((f"{path}.", f"{path}[")) for refused in document.refused)


def _as_written(document: Document, path: KeyPath, steps: tuple[str | int, ...], *, ends_outside: bool) -> KeyPath:
    """`path` and those of pydantic's steps that the file has. The others are its own names for the members of a union,
    or the index of the one item that was written without a list. What is missing `ends_outside` the file."""
    for index, step in enumerate(steps):
        if (*path, step) in document.places or (ends_outside and index == len(steps) - 1):
            path = (*path, step)
    return path


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The settings at `path` inside `model`."""
    here: Any = model
    for step in path:
        if isinstance(step, int):
            continue
        group = model_in(here)
        if group is None or _is_dict(here):
            here = _value_of(here)
            continue
        here = next((f.annotation for name, f in group.model_fields.items() if step == (f.alias or name)), None)
    return model_in(here)


def _is_dict(annotation: Any) -> bool:
    return get_origin(annotation) is dict or any(_is_dict(argument) for argument in get_args(annotation))


def _value_of(annotation: Any) -> Any:
    """What the values of a dict are; the annotation may be optional."""
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    return next((_value_of(argument) for argument in get_args(annotation) if _is_dict(argument)), None)


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The settings in an annotation: optional, in a list, or as the values of a dict."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(model_in, get_args(annotation))), None)


def _fields(model: type[BaseModel] | None) -> list[str]:
    """Names of the settings in `model`, as they are written in YAML."""
    return [field.alias or name for name, field in model.model_fields.items()] if model is not None else []


def _kind(value: Any) -> str:
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "settings"
