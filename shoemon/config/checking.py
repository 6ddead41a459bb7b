"""Holds plain values against a settings model and turns what pydantic says into mistakes a runner can act on."""

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shoemon.config.reading import Document, Path, write_path

Model = TypeVar("Model", bound=BaseModel)


def check(document: Document, model: type[Model], value: Any, path: Path) -> Model | None:
    """`value` as a `model`, or None with every mistake noted in `document` under `path`."""
    if value is None:
        value = {}
    if not isinstance(value, dict):
        document.mistake(path, f"must be settings (name: value), not {_kind(value)}")
        return None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            place, message = _place_and_message(model, detail)
            document.mistake((*path, *place), message)
        return None


def check_top(document: Document, model: type[Model]) -> Model:
    """The whole document as a `model`. Mistakes are noted, and what is sound by itself is taken all the same, so that
    the parts can be held against each other."""
    checked = check(document, model, document.value, ())
    if checked is not None:
        return checked
    sound = {}
    for key, value in document.value.items() if isinstance(document.value, dict) else ():
        try:
            model.model_validate({key: value})
        except ValidationError:
            continue
        sound[key] = value
    return model.model_validate(sound)


def check_items(document: Document, model: type[Model], values: Any, path: Path) -> list[tuple[Path, Model]]:
    """The good items of list `values` with their paths; every mistake in the others is noted."""
    if values is None:
        return []
    if not isinstance(values, list):
        document.mistake(path, f"must be a list (lines that begin with `- `), not {_kind(values)}")
        return []
    found = []
    for index, value in enumerate(values):
        place = (*path, index)
        if value is None:
            if not any(mistake.path == write_path(place) for mistake in document.mistakes):
                document.mistake(place, "is empty")
            continue
        item = check(document, model, value, place)
        if item is not None:
            found.append((place, item))
    return found


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` for the nearest of `known`, or the list of them."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known are {', '.join(names)}" if names else ""


def _place_and_message(model: type[BaseModel], detail: Any) -> tuple[Path, str]:
    place = tuple(step for step in detail["loc"] if not str(step).startswith("function-"))
    kind, message = detail["type"], str(detail["msg"])
    if kind == "extra_forbidden":
        return place, f"unknown setting{suggestion(str(place[-1]), _fields_at(model, place[:-1]))}"
    if kind == "missing":
        return place, f"is missing; add `{place[-1]}: ...`"
    if kind == "literal_error":
        return place, f"must be one of {detail['ctx']['expected']}"
    return place, message.removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _fields_at(model: type[BaseModel], path: Path) -> list[str]:
    """Names of the settings that stand at `path` inside `model`, as they are written in YAML."""
    here: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, int) or here is None:
            continue
        field = next((f for name, f in here.model_fields.items() if step in (name, f.alias)), None)
        here = _model_in(field.annotation) if field is not None else here
    return [field.alias or name for name, field in here.model_fields.items()] if here is not None else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if (found := _model_in(argument)) is not None:
            return found
    return None


def _kind(value: Any) -> str:
    return {str: "a text", int: "a number", float: "a number", bool: "true or false", list: "a list"}.get(
        type(value), "settings"
    )
