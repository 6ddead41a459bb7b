"""JSON Schemas of shoemon.yaml and shoes.yaml, for editors, made from the settings themselves.

`python -m shoemon.config.docs.schema` writes them and the one of alerts (alert_schema.py) into config/; a test fails if
they are stale.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Union

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from shoemon.config.docs.alert_schema import WithoutTitles, alert_schema
from shoemon.config.models import CorrectionEntry, DefaultEntry, MainFile, PlaceEntry, RuleEntry, ShoeEntry, ShoesFile
from shoemon.config.registry import NOTIFIERS, SOURCES, Types
from shoemon.config.written import Written

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DIRECTORY = Path(__file__).resolve().parents[3] / "config"


def main_schema() -> dict[str, Any]:
    """The schema of shoemon.yaml."""
    what = "Settings of shoemon: where runs come from, and when and how alerts are sent."
    items = {"sources": _list_of(SOURCES), "notify": _list_of(NOTIFIERS)}
    return _schema(MainFile, what, items)


def shoes_schema() -> dict[str, Any]:
    """The schema of shoes.yaml."""
    what = "The pairs, and which run was done in which."
    default_shoe = str | DefaultEntry | list[DefaultEntry]
    models = {"shoes": ShoeEntry, "rules": RuleEntry, "corrections": CorrectionEntry, "places": PlaceEntry}
    lists = {key: list[model] for key, model in models.items()}  # type: ignore[valid-type]
    return _schema(ShoesFile, what, {**lists, "default_shoe": default_shoe})


def files() -> dict[str, str]:
    """Name to content of the schemas in config/."""
    schemas = {
        "shoemon.schema.json": main_schema(),
        "shoes.schema.json": shoes_schema(),
        "alert.schema.json": {"$schema": DRAFT, **alert_schema()},
    }
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas.items()}


def _list_of(registry: Types) -> Any:
    """A list of settings of any built-in type, by `type`."""
    models = [registry.module_of(kind).Settings for kind in registry.built_in]
    item: Any = Annotated[Union[tuple(models)], Field(discriminator="type")]  # noqa: UP007 - made at run time
    return list[item]


def _schema(file: type[BaseModel], what: str, items: dict[str, Any]) -> dict[str, Any]:
    """The schema of `file`, with the types of `items` in the place of those that are checked one by one."""
    fields: dict[str, Any] = {
        name: (kind, Field(file.model_fields[name].default, description=file.model_fields[name].description))
        for name, kind in items.items()
    }
    model: type[BaseModel] = create_model(file.__name__, __base__=file, __doc__=what, **fields)
    schema = model.model_json_schema(schema_generator=_AsWritten)
    _mend(schema)
    return {"$schema": DRAFT, **schema}


class _AsWritten(WithoutTitles):
    """Defaults as they are written (`90%`, not 0.9)."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Without defaults that are none, empty, or a group of settings that has its own."""
        made = super().default_schema(schema)
        default = schema.get("default")
        made.pop("default", None)
        if not isinstance(default, BaseModel) and default not in (None, (), [], {}, ""):
            written = _written(schema["schema"])
            made["default"] = written.write(default) if written else self.encode_default(default)
        return made


def _written(schema: Any) -> Written | None:
    """How values of this core schema are written, if they are written as text."""
    while isinstance(schema, dict):
        reader = getattr(schema.get("function", {}).get("function"), "__self__", None)
        if isinstance(reader, Written):
            return reader
        schema = schema.get("schema")
    return None


def _mend(schema: Any) -> None:
    """Make the schema accept what the reader accepts, in every part of it."""
    if isinstance(schema, list):
        for part in schema:
            _mend(part)
    if not isinstance(schema, dict):
        return
    for limit in ("gt", "ge", "lt", "le"):  # about the value that was read, not about its text
        schema.pop(limit, None)
    if "patternProperties" in schema:
        schema.setdefault("additionalProperties", False)
    if schema.get("type") == "string" and not schema.keys() & {"pattern", "enum", "const"}:
        schema["type"] = ["string", "number"]  # a shoe may be called 1080
    properties = schema.get("properties", {})
    if "const" in properties.get("type", {}):
        schema["required"] = sorted({*schema.get("required", ()), "type"})
    for value in list(schema.values()):
        _mend(value)
    for name, setting in properties.items():
        if name not in schema.get("required", ()):
            properties[name] = _or_open(setting)


def _or_open(schema: dict[str, Any]) -> dict[str, Any]:
    """What may be missing may also be there without a value."""
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None], "type": [schema["type"], "null"]}
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return {**schema, "type": [*types, "null"]}
    if "anyOf" in schema:
        null = {"type": "null"}
        return schema if null in schema["anyOf"] else {**schema, "anyOf": [*schema["anyOf"], null]}
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return {**rest, "anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}]} if "$ref" in schema else schema


if __name__ == "__main__":
    for file_name, content in files().items():
        (DIRECTORY / file_name).write_text(content, encoding="utf-8")
