"""Which settings may hold a secret, by the annotations of their models, and the secrets that given settings hold."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from shoemon.config.kinds import Secret


def secret_settings(registry: ModuleType, kinds: Iterable[str]) -> set[str]:
    """Every setting of `kinds` that is a secret or may be one, as `kind.setting`; `*` stands for a name in a dict."""
    return {f"{kind}.{path}" for kind in kinds for path in _in_model(registry.module_of(kind).Settings)}


def _in_model(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield from (f"{field.alias or name}{rest}" for rest in _in_annotation(field.annotation))


def _in_annotation(annotation: Any) -> set[str]:
    if isinstance(annotation, type) and issubclass(annotation, Secret):
        return {""}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {f".{rest}" for rest in _in_model(annotation)}
    inner = {path for argument in get_args(annotation) for path in _in_annotation(argument)}
    return {f".*{path}" for path in inner} if get_origin(annotation) is dict else inner


def secrets_in(settings: Any, path: str = "") -> Iterator[tuple[str, Secret]]:
    """Every Secret that `settings` hold, with its place as in `secret_settings`."""
    if isinstance(settings, Secret):
        if getattr(settings, "text", None) is None:
            yield path, settings
    elif isinstance(settings, BaseModel):
        for name, field in type(settings).model_fields.items():
            yield from secrets_in(getattr(settings, name), f"{path}.{field.alias or name}")
    elif isinstance(settings, Mapping):
        for value in settings.values():
            yield from secrets_in(value, f"{path}.*")
    elif isinstance(settings, list | tuple):
        for value in settings:
            yield from secrets_in(value, path)


def refused(settings: Callable[..., Any], **given: Any) -> str:
    """What is wrong with what is `given`; no mistake may repeat a secret, which is called canary."""
    with pytest.raises(ValidationError) as caught:
        settings(**given)
    said = "\n".join(detail["msg"] for detail in caught.value.errors(include_url=False, include_input=False))
    assert "canary" not in said
    return said
